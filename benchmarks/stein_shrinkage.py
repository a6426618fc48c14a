"""Risk of the positive-part James-Stein estimator in 1 to 50 dimensions: whole vectors, two numbers, or no draw."""

from collections.abc import Callable

import numpy as np

from benchmarks.timing import Row
from coursekit import stein_shrinkage

__all__ = ["ROWS"]

NORM, N, D_MAX = 3.0, 20_000, 50


def factor(s: np.ndarray, d: int) -> np.ndarray:
    """Return the positive part's factor; its losses have light tails, unlike the plain ones for d = 3 and 4."""
    return np.maximum(0, 1 - max(d - 2, 0) / s)


def exact() -> np.ndarray:
    """Return the risks by quadrature."""
    return np.array([stein_shrinkage.radial_risk(factor, d, NORM, breaks=[max(d - 2, 0)]) for d in range(1, D_MAX + 1)])


def whole_vectors(rng: np.random.Generator) -> np.ndarray:
    """Return the risks as one would write them: an array (N, d) of observations for each d."""
    risks = []
    for d in range(1, D_MAX + 1):
        theta = np.zeros(d)
        theta[0] = NORM
        y = theta + rng.standard_normal((N, d))
        estimate = factor((y**2).sum(axis=1, keepdims=True), d) * y
        risks.append(((estimate - theta) ** 2).sum(axis=1).mean())
    return np.array(risks)


def two_numbers() -> tuple[Callable[[], np.ndarray], Callable[[], np.ndarray], Callable[..., float]]:
    """Compare simulations of the same size for each dimension, and so of the same standard error."""
    rng = np.random.default_rng(1)

    def error(theirs: np.ndarray, ours: np.ndarray) -> float:
        result, right = stein_shrinkage.mc_radial_risks(factor, D_MAX, NORM, N, rng=rng), exact()
        # Both simulations scatter alike: their distance from the exact risks, in standard errors.
        assert np.abs(theirs - right).max() < 5 * result.se.max()
        return float(np.abs((ours - right) / result.se).max())

    return (
        lambda: whole_vectors(rng),
        lambda: np.asarray(stein_shrinkage.mc_radial_risks(factor, D_MAX, NORM, N, rng=rng).risk),
        error,
    )


def closed_form() -> np.ndarray:
    """Return the risks of plain James-Stein for d = 3, 4, ...: one confluent hypergeometric function each."""
    return np.array([stein_shrinkage.js_risk(np.append(NORM, np.zeros(d - 1)), 1.0) for d in range(3, D_MAX + 1)])


def no_draw() -> tuple[Callable[[], np.ndarray], Callable[[], np.ndarray], Callable[..., float]]:
    """Compare the closed form, checked by quadrature, with a simulation that is good to two digits."""
    rng = np.random.default_rng(2)

    def error(theirs: np.ndarray, ours: np.ndarray) -> float:
        assert np.abs(theirs / exact() - 1).max() < 0.05
        plain = [stein_shrinkage.radial_risk(lambda s, d: 1 - (d - 2) / s, d, NORM) for d in range(3, D_MAX + 1)]
        return float(np.abs(ours - plain).max())

    return lambda: whole_vectors(rng), closed_form, error


ROWS = [
    Row("James-Stein risk, d = 1..50, 2e4 draws", "arrays (N, d)", two_numbers, accuracy=5, target=30),
    Row("James-Stein risk, d = 3..50, exact", "arrays (2e4, d)", no_draw, accuracy=1e-10, target=30),
]
