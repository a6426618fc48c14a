"""Who learns in a training, and everything that a training has to remember to go on."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from coursekit.training import parallel
from coursekit.training.averaging import EMA
from coursekit.training.checkpoints import load_checkpoint, save_checkpoint
from coursekit.training.seeds import random_state, restore_random_state

__all__ = ["Player", "Training"]

# Settings of an optimizer that say how, not what, it computes.
MANNER = {"capturable", "differentiable", "foreach", "fused"}


@dataclass
class Player:
    """A network, its loss and its optimizer.

    Attributes
    ----------
    network : Module         on its device
    loss : callable          `loss(network, generator)` draws a batch with the generator and returns a scalar tensor;
                             it is given the network as it is to be called (compiled, or wrapped for several GPUs)
    optimizer : Optimizer    over the network's parameters
    schedule : callable      step (from 0) -> factor of the learning rate; None to leave the rate alone
    average : EMA            of the network's weights, updated after each update
    updates : int            how often the player moves in one step
    autocast : dtype         in which the loss is computed (`fast_dtype`); None for the weights' own
    compiled : bool          compile the network: worth its minute on a GPU
    """

    network: nn.Module
    loss: Callable[[nn.Module, torch.Generator], torch.Tensor]
    optimizer: torch.optim.Optimizer
    _: KW_ONLY
    schedule: Callable[[int], float] | None = None
    average: EMA | None = None
    updates: int = 1
    autocast: torch.dtype | None = None
    compiled: bool = False

    @property
    def device(self) -> torch.device:
        """Where the network lies."""
        return next(self.network.parameters()).device

    def set_rate(self, step: int) -> None:
        """Set the learning rate for a step, counted from 0."""
        if self.schedule is not None:
            for group in self.optimizer.param_groups:
                group["lr"] = group.setdefault("initial_lr", group["lr"]) * self.schedule(step)

    def settings(self) -> dict[str, str]:
        """Return what a checkpoint must agree with, as texts."""
        shapes = [(name, tuple(weight.shape)) for name, weight in self.network.named_parameters()]
        shape = hashlib.sha256(f"{self.network!r}{shapes}".encode()).hexdigest()[:8]
        size = sum(weight.numel() for weight in self.network.parameters())
        chosen = {key: value for key, value in self.optimizer.defaults.items() if key not in MANNER}
        schedule = self.schedule
        told = getattr(schedule, "__qualname__", None) or repr(schedule)
        return {
            "network": f"{size} weights ({shape})",
            "optimizer": type(self.optimizer).__name__,
            **{key: str(value) for key, value in chosen.items()},
            "schedule": told,
            "average": "none" if self.average is None else str(self.average.decay),
            "updates": str(self.updates),
        }

    def state_dict(self) -> dict[str, Any]:
        """Return weights, the optimizer's state and the average."""
        average = {} if self.average is None else self.average.state_dict()
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "average": average}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put back what `state_dict` returned."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])


class Training:
    """The players of one call of `fit`, with what they have done so far.

    Parameters
    ----------
    players : mapping        name -> Player
    steps : int              how many there are to be
    generator : Generator    handed to the losses
    config : mapping         further settings that a checkpoint must agree with
    """

    def __init__(
        self, players: Mapping[str, Player], steps: int, generator: torch.Generator, config: Mapping[str, object]
    ) -> None:
        self.players, self.steps, self.generator, self.config = dict(players), steps, generator, config
        self.done = 0
        self.losses = {
            name: torch.zeros(steps, dtype=torch.float64, device=player.device) for name, player in players.items()
        }
        self.scalers = {
            name: torch.amp.GradScaler(player.device.type, enabled=player.autocast == torch.float16)
            for name, player in players.items()
        }
        self.networks: dict[str, Any] = {}
        for name, player in players.items():
            network = parallel.wrapped(player.network)
            self.networks[name] = torch.compile(network) if player.compiled else network
        self.trained = {
            name: [weight for weight in player.network.parameters() if weight.requires_grad]
            for name, player in players.items()
        }

    @contextmanager
    def moving(self, name: str) -> Iterator[None]:
        """For the block, let no weights but one player's need a gradient."""
        others = [weight for other, weights in self.trained.items() if other != name for weight in weights]
        try:
            for weight in others:
                weight.requires_grad_(False)
            yield
        finally:
            for weight in others:
                weight.requires_grad_(True)

    def history(self) -> dict[str, np.ndarray]:
        """Return the losses so far."""
        return {name: losses[: self.done].cpu().numpy() for name, losses in self.losses.items()}

    def settings(self) -> dict[str, str]:
        """Return what a checkpoint must agree with."""
        of_players = {f"{name}.{key}": v for name, one in self.players.items() for key, v in one.settings().items()}
        given = {f"config.{key}": str(value) for key, value in self.config.items()}
        return {**of_players, **given, "processes": str(parallel.world_size())}

    def save(self, path: str | Path) -> None:
        """Write a checkpoint, on the first process."""
        random = parallel.gathered(random_state(self.generator))
        if parallel.is_first():
            state = {
                "done": self.done,
                "losses": {name: losses[: self.done].clone() for name, losses in self.losses.items()},
                "players": {name: player.state_dict() for name, player in self.players.items()},
                "scalers": {name: scaler.state_dict() for name, scaler in self.scalers.items()},
                "random": random,
            }
            save_checkpoint(path, state, self.settings())
        parallel.gathered(None)  # nobody goes on before the file is there

    def load(self, path: str | Path) -> None:
        """Go on from a checkpoint."""
        state = load_checkpoint(path, self.settings())
        self.done = state["done"]
        for name, player in self.players.items():
            player.load_state_dict(state["players"][name])
            self.scalers[name].load_state_dict(state["scalers"][name])
            known = state["losses"][name].to(self.losses[name].device)
            self.losses[name] = torch.cat([known, self.losses[name][self.done :]])
        restore_random_state(state["random"][parallel.rank()], self.generator)
