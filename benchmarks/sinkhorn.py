"""Balancing and entropic transport against POT and two-sided Sinkhorn-Knopp."""

import warnings

import numpy as np
import ot

from benchmarks.timing import Row
from coursekit import sinkhorn

__all__ = ["ROWS"]


def clouds(n):
    """Return uniform weights and the squared distances of two random clouds in the unit square."""
    rng = np.random.default_rng(n)
    x, y = rng.uniform(size=(n, 2)), rng.uniform(size=(n, 2))
    return np.full(n, 1 / n), np.full(n, 1 / n), ((x[:, None] - y) ** 2).sum(axis=2)


def marginal_error(plan, a, b):
    """Return the error by the peer's own measure, the Euclidean norm of a marginal's error."""
    return max(np.linalg.norm(plan.sum(axis=1) - a), np.linalg.norm(plan.sum(axis=0) - b))


def plan_row(n, eps, method="sinkhorn", ours=sinkhorn.entropic_plan_fast, tol=1e-9):
    a, b, cost = clouds(n)

    def peer():
        with warnings.catch_warnings():  # the peer warns where it stops before its tolerance
            warnings.simplefilter("ignore")
            return ot.sinkhorn(a, b, cost, eps, method=method, stopThr=tol, numItermax=100_000)

    # Our tolerance is for the largest error of n sums, the peer's for their Euclidean norm.
    return peer, lambda: ours(a, b, cost, eps, tol / np.sqrt(n)), lambda _, own: marginal_error(own.plan, a, b)


def balance_row(n, ours):
    """Nodes in the plane, a bandwidth of a twentieth of the square's side."""
    K = sinkhorn.gaussian_affinity(np.random.default_rng(n).uniform(size=(n, 2)), 0.05)

    def peer():
        rows, columns = np.ones(n), np.ones(n)
        while True:
            columns = 1 / (K @ rows)  # K is symmetric, and read in its best order
            sums = K @ columns
            if np.abs(rows * sums - 1).max() <= 1e-6:
                return rows, columns
            rows = 1 / sums

    def error(_, own):
        return float(np.abs(own.c * (K @ own.c) - 1).max())

    return peer, lambda: ours(K, 1e-6), error


def grid_row(eps):
    rng = np.random.default_rng(45)
    shape = (45, 45)
    a, b = rng.uniform(0.5, 1.5, shape), rng.uniform(0.5, 1.5, shape)
    a, b = a / a.sum(), b / b.sum()
    y, x = (part.ravel() / 45 for part in np.mgrid[:45, :45])
    cost = (y[:, None] - y) ** 2 + (x[:, None] - x) ** 2

    def peer():
        return ot.sinkhorn(a.ravel(), b.ravel(), cost, eps, stopThr=1e-9, numItermax=100_000)

    def error(_, own):
        kernel = np.exp(-cost / eps)  # not from the result's own sums
        plan = own.u.ravel()[:, None] * kernel * own.v.ravel()
        return marginal_error(plan, a.ravel(), b.ravel())

    return peer, lambda: sinkhorn.transport_on_grid(a, b, eps, 1e-9 / 20), error


# Entropic plans: between points of the unit square, for their squared distances.
ROWS = [
    Row("entropic plan, unit square, n 1000, eps .01", "POT sinkhorn", lambda: plan_row(1000, 0.01), 1e-9, 4, rounds=3),
    Row("the same, eps .002", "POT sinkhorn", lambda: plan_row(1000, 0.002), 1e-9, 7, rounds=1),
    Row("the same, n 2000, eps .01", "POT sinkhorn", lambda: plan_row(2000, 0.01), 1e-9, 5, rounds=1),
    Row("the same, n 2000, eps .002", "POT sinkhorn", lambda: plan_row(2000, 0.002), 1e-9, 6, rounds=1),
    Row(
        "the same, n 500, eps .001",
        "POT sinkhorn_stabilized",
        lambda: plan_row(500, 0.001, "sinkhorn_stabilized"),
        1e-9,
        5,
        rounds=1,
    ),
    Row(
        "the same, n 500, eps .001",
        "POT sinkhorn_log",
        lambda: plan_row(500, 0.001, "sinkhorn_log"),
        1e-9,
        150,
        rounds=1,
    ),
    Row("histograms, 45 x 45, eps .002", "POT sinkhorn", lambda: grid_row(0.002), 1e-9, 150, rounds=1),
    Row(
        "balancing, n 1000, to 1e-6",
        "two-sided Sinkhorn-Knopp",
        lambda: balance_row(1000, sinkhorn.balance_chebyshev),
        1e-6,
        15,
    ),
    Row("the same", "plain: balance", lambda: swap(balance_row(1000, sinkhorn.balance)), 1e-6, None),
    Row(
        "balancing, n 4000, to 1e-6",
        "two-sided Sinkhorn-Knopp",
        lambda: balance_row(4000, sinkhorn.balance_chebyshev),
        1e-6,
        20,
        rounds=1,
    ),
]


def swap(row):
    """Compare the Chebyshev iteration with our own short function in the peer's place."""
    _, plain, error = row
    _, fast, _ = balance_row(1000, sinkhorn.balance_chebyshev)
    return plain, fast, error
