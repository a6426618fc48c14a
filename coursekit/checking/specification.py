"""What an exercise is: a library function, points, cases, known mistakes and known alternatives."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["Case", "Exercise", "Mistake"]

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One call: a label that a student can read, and the inputs by name.

    `inputs` holds arrays; with `tensors` the function is handed torch tensors in their place.
    """

    label: str
    inputs: Inputs
    tensors: bool = False


@dataclass(frozen=True)
class Mistake:
    """A wrong answer as code, with the hint it deserves (which never gives the answer away).

    A submission made this mistake if it agrees with `function` on every case, or on the cases named in
    `on` where the wrong formula is too unstable elsewhere to be compared.
    """

    function: Callable[..., Any]
    hint: str
    on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """Write `reference` yourself.

    Attributes
    ----------
    reference : callable     the library's function: its name and signature are the exercise's
    points : int             what it is worth
    draw : callable          `draw(rng)` returns random valid inputs by name
    edges : mapping          label -> inputs; the cases that random inputs let through
    mistakes : tuple         wrong answers, each with its hint
    alternatives : tuple     right answers written another way, which must pass
    rtol : float             accepted error in float64, relative to the largest expected magnitude
    atol : float             accepted absolute error, where the expected value may be exactly zero
    time_limit : float       seconds for one call
    memory_limit : int       bytes for the grade of record
    n_public : int           random cases in the self-check, besides the edges
    n_graded : int           random cases in the grade of record, besides the edges
    """

    reference: Callable[..., Any]
    points: int
    draw: Callable[[np.random.Generator], Inputs]
    edges: Mapping[str, Inputs]
    mistakes: tuple[Mistake, ...]
    alternatives: tuple[Callable[..., Any], ...] = field(default=())
    rtol: float = 1e-9
    atol: float = 1e-12
    time_limit: float = 2.0
    memory_limit: int = 1 << 30
    n_public: int = 3
    n_graded: int = 6

    @property
    def name(self) -> str:
        """The function's name, which is also the stub's."""
        return self.reference.__name__

    @property
    def slug(self) -> str:
        """The topic: the last part of the module's name."""
        return self.reference.__module__.rpartition(".")[2]

    @property
    def tensors(self) -> bool:
        """Whether the function works on torch tensors: those of the labs do."""
        return self.reference.__module__.startswith("coursekit.deep.")

    def cases(self, rng: np.random.Generator, n_random: int) -> list[Case]:
        """Return the named edge cases followed by `n_random` drawn ones."""
        edges = [Case(label, inputs, self.tensors) for label, inputs in self.edges.items()]
        return edges + [Case(f"random {i + 1}", self.draw(rng), self.tensors) for i in range(n_random)]

    def public_cases(self) -> list[Case]:
        """Return the cases of the self-check, the same on every machine."""
        seed = zlib.crc32(f"{self.slug}.{self.name}".encode())
        return self.cases(np.random.default_rng(seed), self.n_public)

    def graded_cases(self, rng: np.random.Generator) -> list[Case]:
        """Return cases for the grade of record, drawn from `rng`."""
        return self.cases(rng, self.n_graded)
