"""The one training loop of the labs: one player learns, or several take turns."""

import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from coursekit.training import parallel
from coursekit.training.players import Player, Training
from coursekit.training.progress import Progress
from coursekit.validation import whole_number

__all__ = ["FitResult", "fit"]

# On a GPU the losses are looked at every so many steps: each look waits until the GPU has caught up.
STEPS_BETWEEN_LOOKS = 50
# What the allocators say; on a CPU it is a RuntimeError like any other.
NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


@dataclass(frozen=True)
class FitResult:
    """What came of a training.

    `history` maps a player's name ("loss" if there is one player) to its loss at each step, (n_steps,), the mean
    over its updates; steps before a checkpoint are included. `seconds` are those of this call.
    """

    history: dict[str, np.ndarray]
    n_steps: int
    seconds: float
    interrupted: bool


def fit(
    players: Player | Mapping[str, Player],
    steps: int,
    *,
    generator: torch.Generator,
    checkpoint: str | Path | None = None,
    every: int | None = None,
    config: Mapping[str, object] | None = None,
    label: str = "",
    progress: bool = True,
) -> FitResult:
    """Train: in each step every player moves, in their order, while the others' weights stay.

    Parameters
    ----------
    players : Player, or mapping   one, or name -> Player
    steps : int              how many in all, those of a checkpoint included
    generator : Generator    handed to the losses; from `seed_all`
    checkpoint : path        written at the end, on interrupt and every `every` steps; if it is there, go on from it
    every : int              None to write at the end only
    config : mapping         settings that the losses hold (batch, data), to be compared with the checkpoint's
    label : str              what is trained, for the progress
    progress : bool          False to show none (see the module `progress` for where it is shown)

    Returns
    -------
    FitResult                the networks themselves are changed, and left in evaluation mode

    Raises
    ------
    FloatingPointError       a loss is NaN or infinite; says whose, and at which step
    MemoryError              says which number to lower
    TypeError                a number is not whole, or a loss is no tensor
    ValueError               a number below 1; no player; a loss that is no scalar; a checkpoint that does not fit

    Notes
    -----
    An interrupt (the stop button of a notebook, Ctrl-C) ends the training after the step in hand, a second one at
    once. Either way the networks can be used, and the result says so.
    """
    named = {"loss": players} if isinstance(players, Player) else dict(players)
    steps = whole_number("steps", steps, least=1)
    every = steps if every is None else whole_number("every", every, least=1)
    if not named:
        raise ValueError("players must hold at least one player, got none")
    for name, player in named.items():
        whole_number(f"updates of {name!r}", player.updates, least=1)
    parallel.join()
    parallel.require_own_draws(generator)
    training = Training(named, steps, generator, config or {})
    if checkpoint is not None and Path(checkpoint).exists():
        training.load(checkpoint)
    bar = Progress(label, steps, done=training.done, shown=progress and parallel.is_first())
    start = time.monotonic()
    with in_training_mode(named), stopping_after_the_step() as stop:
        try:
            while training.done < steps and not stop.is_set():
                take_step(training)
                look(training, bar)
                if checkpoint is not None and (training.done % every == 0 or training.done == steps or stop.is_set()):
                    training.save(checkpoint)
        except KeyboardInterrupt:  # the second one, or the first where it cannot be held back
            stop.set()
        finally:
            bar.close()
    interrupted = stop.is_set() and training.done < steps
    return FitResult(training.history(), training.done, time.monotonic() - start, interrupted)


@contextmanager
def in_training_mode(players: Mapping[str, Player]) -> Iterator[None]:
    """Switch dropout and the like on for the block."""
    try:
        for player in players.values():
            player.network.train()
            player.optimizer.zero_grad()
        yield
    finally:
        for player in players.values():
            player.network.eval()
            player.optimizer.zero_grad()


@contextmanager
def stopping_after_the_step() -> Iterator[threading.Event]:
    """For the block, let the first interrupt set the event, so that no step is left half done; the second raises.

    Off the main thread, and where several processes would stop at different steps, interrupts are left alone.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread() or parallel.world_size() > 1:
        yield stop
        return

    def interrupted(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def take_step(training: Training) -> None:
    """Let every player move."""
    for name, player in training.players.items():
        player.set_rate(training.done)
        for _ in range(player.updates):
            with training.moving(name):
                loss = update(training, name, player)
            training.losses[name][training.done] += loss.double() / player.updates
    training.done += 1


def update(training: Training, name: str, player: Player) -> torch.Tensor:
    """Move one player once; return its loss, the mean over all processes."""
    try:
        with torch.autocast(player.device.type, dtype=player.autocast, enabled=player.autocast is not None):
            loss = player.loss(training.networks[name], training.generator)
        require_scalar(name, loss)
        value = parallel.average(loss.detach())
        if value.device.type == "cpu":  # where looking costs nothing, before the weights are spoilt
            require_finite(name, value, training.done, training.steps)
        scaler = training.scalers[name]
        scaler.scale(loss).backward()
        scaler.step(player.optimizer)
        scaler.update()
    except RuntimeError as error:
        if not any(text in str(error) for text in NO_MEMORY):
            raise
        step = f"step {training.done + 1} of {training.steps}"
        raise MemoryError(
            f"out of memory in the update of {name!r}, {step}: lower the batch first, then the network's width"
        ) from error
    player.optimizer.zero_grad()
    if player.average is not None:
        player.average.update()
    return value


def require_scalar(name: str, loss: object) -> None:
    """Refuse what has no gradient."""
    if not isinstance(loss, torch.Tensor):
        raise TypeError(f"the loss of {name!r} must return a tensor, got {type(loss).__name__}")
    if loss.ndim or not loss.requires_grad:
        told = f"shape {tuple(loss.shape)}" if loss.ndim else "one that depends on none of its weights"
        raise ValueError(f"the loss of {name!r} must return a scalar with a gradient, got {told}")


def require_finite(name: str, values: torch.Tensor, first: int, steps: int) -> None:
    """Stop at the first NaN or infinity among the losses of consecutive steps."""
    fine = torch.isfinite(values.reshape(-1))
    if not bool(fine.all()):
        at = int((~fine).nonzero()[0])
        found = values.reshape(-1)[at].item()
        raise FloatingPointError(
            f"the loss of {name!r} is {found} at step {first + at + 1} of {steps}: "
            "lower the learning rate, or look for 0/0 and logarithms of 0 in the loss"
        )


def look(training: Training, bar: Progress) -> None:
    """Look at the losses from time to time: stop if one is not finite, and show the last ones."""
    done, due = training.done, bar.due(training.done)
    if not (due or done == training.steps or done % STEPS_BETWEEN_LOOKS == 0):
        return
    last = {}
    for name, losses in training.losses.items():
        first = max(done - STEPS_BETWEEN_LOOKS, 0)
        require_finite(name, losses[first:done], first, training.steps)
        last[name] = losses[done - 1].item()
    if due:
        bar.show(done, last)
