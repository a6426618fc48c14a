"""Learning rates over the steps of a training, as factors."""

import math
from dataclasses import dataclass

from coursekit.validation import whole_number

__all__ = ["Warmup", "WarmupCosine", "warmup", "warmup_cosine"]


@dataclass(frozen=True)
class Warmup:
    """The schedule of `warmup`; its field is written into checkpoints."""

    steps: int

    def __call__(self, step: int) -> float:
        """Return the factor of the learning rate at a step, counted from 0."""
        return min(1.0, (step + 1) / self.steps)


def warmup(steps: int) -> Warmup:
    """Return a schedule that rises in a straight line to 1 and stays there.

    Parameters
    ----------
    steps : int              when 1 is reached, >= 1

    Returns
    -------
    Warmup                   step (from 0) -> factor in (0, 1]

    Raises
    ------
    TypeError                `steps` is not whole
    ValueError               `steps` < 1

    Notes
    -----
    Adam's first steps have full length in every weight, whatever the gradients' size; Ma and Yarats (2021).

    Examples
    --------
    >>> [round(warmup(4)(step), 2) for step in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    """
    return Warmup(whole_number("steps", steps, least=1))


@dataclass(frozen=True)
class WarmupCosine:
    """The schedule of `warmup_cosine`; its fields are written into checkpoints."""

    steps: int
    warmup: int

    def __call__(self, step: int) -> float:
        """Return the factor of the learning rate at a step, counted from 0."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - self.warmup) / (self.steps - self.warmup))))


def warmup_cosine(steps: int, warmup: int) -> WarmupCosine:
    """Return a schedule that rises in a straight line to 1 and falls to 0 along half a cosine.

    Parameters
    ----------
    steps : int              where it reaches 0
    warmup : int             the number of rising steps, below `steps`

    Returns
    -------
    WarmupCosine             step (from 0) -> factor in [0, 1]

    Raises
    ------
    TypeError                a number that is not whole
    ValueError               `steps` < 1, or `warmup` outside 0 to steps - 1

    Notes
    -----
    Loshchilov and Hutter (2017), one period.

    Examples
    --------
    >>> [round(warmup_cosine(6, 2)(step), 3) for step in range(7)]
    [0.5, 1.0, 1.0, 0.854, 0.5, 0.146, 0.0]
    """
    steps = whole_number("steps", steps, least=1)
    return WarmupCosine(steps, whole_number("warmup", warmup, least=0, most=steps - 1))
