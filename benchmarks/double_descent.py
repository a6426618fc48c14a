"""The fits with the first 1, 2, ..., 400 features to 100 rows: one by one, or all prefixes from two factorisations."""

from collections.abc import Callable

import numpy as np

from benchmarks.timing import Row
from coursekit import double_descent

__all__ = ["ROWS"]

N, P = 100, 400
EPS = np.finfo(float).eps


def one_by_one(solve: Callable[[np.ndarray, np.ndarray], np.ndarray], A: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the solutions as one would compute them: a fresh fit for each number of columns."""
    solutions = np.zeros((P, P))
    for p in range(1, P + 1):
        solutions[p - 1, :p] = solve(A[:, :p], y)
    return solutions


def by_pinv(A: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the minimum-norm solution by the pseudo-inverse."""
    return np.linalg.pinv(A) @ y


def by_lstsq(A: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the minimum-norm solution by LAPACK's driver."""
    return np.linalg.lstsq(A, y, rcond=None)[0]


def against(solve: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[[], tuple]:
    """Return the `make` of a row; the error is relative to what the squared condition allows, for each p."""

    def make() -> tuple:
        rng = np.random.default_rng(3)
        A, y = rng.standard_normal((N, P)), rng.standard_normal(N)

        def error(theirs: np.ndarray, ours: np.ndarray) -> float:
            spectra = [np.linalg.svd(A[:, :p], compute_uv=False) for p in range(1, P + 1)]
            allowed = np.array([EPS * (s[0] / s[-1]) ** 2 for s in spectra]) * np.abs(theirs).max(axis=1)
            return float((np.abs(ours - theirs).max(axis=1) / allowed).max())

        return lambda: one_by_one(solve, A, y), lambda: double_descent.min_norm_prefixes(A, y), error

    return make


ROWS = [
    Row("minimum-norm fits, n = 100, p = 1..400 (error / eps cond²)", "pinv loop", against(by_pinv), 100, 120, 3),
    Row("minimum-norm fits, n = 100, p = 1..400 (error / eps cond²)", "lstsq loop", against(by_lstsq), 100, 80, 3),
]
