"""Rows of the table: accuracy first, then interleaved CPU times on one thread."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Measurement", "Row", "measure"]


@dataclass(frozen=True)
class Row:
    """One piece of work done by a peer and by us.

    `make()` returns (peer, ours, error): two functions without arguments, and a function of their two results that
    returns our error (or raises AssertionError if ours is not as accurate as `accuracy` asks). `target` is the
    ratio of the peer's time to ours that we hold ourselves to; None where no claim is made.
    """

    work: str
    peer: str
    make: Callable[[], tuple[Callable[[], Any], Callable[[], Any], Callable[[Any, Any], float]]]
    accuracy: float
    target: float | None
    rounds: int = 7


@dataclass(frozen=True)
class Measurement:
    """Median CPU seconds of both, the median of the per-round ratios, and our error."""

    row: Row
    peer_seconds: float
    our_seconds: float
    ratio: float
    error: float

    @property
    def holds(self) -> bool:
        """True if the accuracy and the target (if any) are reached."""
        return self.error <= self.row.accuracy and (self.row.target is None or self.ratio >= self.row.target)


def measure(row: Row, rounds: int | None = None) -> Measurement:
    """Check the accuracy on a first (warming) run, then time both in turn."""
    peer, ours, error = row.make()
    found = error(peer(), ours())
    pairs = [(cpu_seconds(peer), cpu_seconds(ours)) for _ in range(rounds or row.rounds)]
    return Measurement(
        row,
        peer_seconds=statistics.median(a for a, _ in pairs),
        our_seconds=statistics.median(b for _, b in pairs),
        ratio=statistics.median(a / b for a, b in pairs),
        error=found,
    )


def cpu_seconds(function: Callable[[], Any]) -> float:
    """Return the CPU seconds of one call, repeated where one call is too short for the clock."""
    calls, spent = 0, 0.0
    start = time.process_time()
    while spent < 0.02:
        function()
        calls += 1
        spent = time.process_time() - start
    return spent / calls
