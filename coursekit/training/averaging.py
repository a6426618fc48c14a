"""Exponential moving average of a network's weights."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from coursekit.validation import number

__all__ = ["EMA"]


class EMA:
    """The exponential moving average of a network's weights, kept beside it.

    Parameters
    ----------
    network : Module         already on the device where it will be trained
    decay : float            in [0, 1): about the last 1 / (1 - decay) updates count

    Raises
    ------
    TypeError                `network` is not a Module, or `decay` is not a number
    ValueError               `decay` outside [0, 1)

    Notes
    -----
    Update n = 1, 2, ... uses min(decay, n / (n + 9)), so that the average of a short training is not one of its
    random beginning. Buffers are copied as they are. Averages of weights: Polyak and Juditsky (1992).

    Examples
    --------
    >>> network = nn.Linear(1, 1, bias=False)
    >>> average = EMA(network, 0.9)
    >>> with torch.no_grad():
    ...     before = float(network.weight)
    ...     _ = network.weight.add_(1.0)
    >>> average.update()
    >>> with average.swap():
    ...     round(float(network.weight.detach()) - before, 6)  # decay min(.9, 1/10)
    0.9
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        if not isinstance(network, nn.Module):
            raise TypeError(f"network must be a torch Module, got {network!r}")
        self.decay = number("decay", decay, least=0, below=1)
        self.network = network
        self.n_updates = 0
        self.swapped = False
        self.weights = [weight.detach().clone() for weight in network.parameters()]
        self.buffers = [buffer.detach().clone() for buffer in network.buffers()]

    @torch.no_grad()
    def update(self) -> None:
        """Take in the network's present weights; `fit` does it after every step.

        Raises
        ------
        RuntimeError             the average is in the network's place at the moment
        """
        if self.swapped:
            raise RuntimeError("update() inside swap(): the network holds the average, there is nothing to take in")
        self.n_updates += 1
        decay = min(self.decay, self.n_updates / (self.n_updates + 9))
        torch._foreach_lerp_(self.weights, list(self.network.parameters()), 1 - decay)
        for mine, theirs in zip(self.buffers, self.network.buffers(), strict=True):
            mine.copy_(theirs)

    @contextmanager
    def swap(self) -> Iterator[nn.Module]:
        """Put the average into the network for the block, and the trained weights back after it.

        Yields
        ------
        Module                   the network itself

        Raises
        ------
        RuntimeError             already inside such a block
        """
        if self.swapped:
            raise RuntimeError("swap() inside swap(): the network holds the average already")
        self.exchange()
        try:
            yield self.network
        finally:
            self.exchange()

    @torch.no_grad()
    def exchange(self) -> None:
        """Exchange the average and the network's weights, in place."""
        theirs = [*self.network.parameters(), *self.network.buffers()]
        for one, other in zip([*self.weights, *self.buffers], theirs, strict=True):
            kept = one.clone()
            one.copy_(other)
            other.copy_(kept)
        self.swapped = not self.swapped

    def state_dict(self) -> dict[str, Any]:
        """Return the average and its number of updates."""
        return {"n_updates": self.n_updates, "weights": self.weights, "buffers": self.buffers}

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put back what `state_dict` returned.

        Parameters
        ----------
        state : mapping          of a network with the same shapes

        Raises
        ------
        ValueError               the shapes differ
        """
        mine = [*self.weights, *self.buffers]
        theirs = [*state["weights"], *state["buffers"]]
        if [one.shape for one in mine] != [one.shape for one in theirs]:
            raise ValueError("the average is of a network with other shapes")
        for one, other in zip(mine, theirs, strict=True):
            one.copy_(other)
        self.n_updates = int(state["n_updates"])
