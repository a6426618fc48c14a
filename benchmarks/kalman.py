"""Kalman filter and smoother: one long series, and many short ones.

Four states, two measured numbers; every run returns filtered and smoothed means and covariances.
"""

from types import SimpleNamespace

import numpy as np

from benchmarks.timing import Row
from coursekit import kalman

# A point in the plane. The prior is for the state of the first measurement: the peers update before they predict.
MODEL = kalman.constant_velocity(2, 1.0, 0.05, 1.0, np.zeros(4), 10 * np.eye(4))


def largest_error(expected, got):
    """Return the largest difference of means and covariances, each relative to its largest magnitude."""
    names = ("filtered_mean", "filtered_cov", "mean", "cov")
    pairs = [(getattr(expected, name), getattr(got, name)) for name in names]
    return max(float(np.abs(a - b).max() / np.abs(a).max()) for a, b in pairs)


def by_filterpy(z):
    """Filter and smooth one series."""
    from filterpy.kalman import KalmanFilter

    kf = KalmanFilter(dim_x=4, dim_z=2)
    kf.x, kf.P = MODEL.x0.copy(), MODEL.P0.copy()
    kf.F, kf.H, kf.Q, kf.R = MODEL.F, MODEL.H, MODEL.Q, MODEL.R
    filtered_mean, filtered_cov, _, _ = kf.batch_filter(z, update_first=True)
    mean, cov, _, _ = kf.rts_smoother(filtered_mean, filtered_cov)
    return SimpleNamespace(filtered_mean=filtered_mean, filtered_cov=filtered_cov, mean=mean, cov=cov)


def by_statsmodels(z):
    """Return a function that filters and smooths one series, asked for no more than we return."""
    from statsmodels.tsa.statespace.kalman_smoother import SMOOTHER_STATE, SMOOTHER_STATE_COV, KalmanSmoother

    ssm = KalmanSmoother(k_endog=2, k_states=4, k_posdef=4, smoother_output=SMOOTHER_STATE | SMOOTHER_STATE_COV)
    ssm.bind(np.asfortranarray(z.T))
    ssm["design"], ssm["obs_cov"], ssm["transition"] = MODEL.H, MODEL.R, MODEL.F
    ssm["selection"], ssm["state_cov"] = np.eye(4), MODEL.Q
    ssm.initialize_known(MODEL.x0, MODEL.P0)

    def run():
        r = ssm.smooth()
        return SimpleNamespace(
            filtered_mean=r.filtered_state.T,
            filtered_cov=r.filtered_state_cov.transpose(2, 0, 1),
            mean=r.smoothed_state.T,
            cov=r.smoothed_state_cov.transpose(2, 0, 1),
        )

    return run


def by_simdkalman(z):
    """Return a function that filters and smooths many series."""
    import simdkalman

    kf = simdkalman.KalmanFilter(MODEL.F, MODEL.Q, MODEL.H, MODEL.R)
    start = {"initial_value": MODEL.x0, "initial_covariance": MODEL.P0}

    def run():
        r = kf.compute(z, 0, **start, filtered=True, smoothed=True, observations=False)
        return SimpleNamespace(
            filtered_mean=r.filtered.states.mean,
            filtered_cov=r.filtered.states.cov,
            mean=r.smoothed.states.mean,
            cov=r.smoothed.states.cov,
        )

    return run


def many_by_filterpy(z):
    """Filter and smooth each of many series."""
    each = [by_filterpy(one) for one in z]
    names = ("filtered_mean", "filtered_cov", "mean", "cov")
    return SimpleNamespace(**{name: np.stack([getattr(one, name) for one in each]) for name in names})


def by_the_short_functions(z):
    """Filter and smooth one series with the reference: the oracle of the long row, and the plain way."""
    filtered = kalman.kalman_filter(MODEL, z)
    smoothed = kalman.rts_smoother(MODEL, filtered)
    return SimpleNamespace(filtered_mean=filtered.mean, filtered_cov=filtered.cov, mean=smoothed.mean, cov=smoothed.cov)


def long_row(peer):
    """Compare on 10 000 measurements."""
    z = kalman.simulate(MODEL, 10_000, rng=np.random.default_rng(5)).measurements
    exact = by_the_short_functions(z)
    ways = {"filterpy": lambda: by_filterpy(z), "plain": lambda: by_the_short_functions(z)}
    run = ways[peer] if peer in ways else by_statsmodels(z)

    def error(theirs, ours):
        # statsmodels stops its Riccati recursion early and is 3e-9 off: no oracle, but the same work.
        assert largest_error(exact, theirs) < 1e-7
        return largest_error(exact, ours)

    return run, lambda: kalman.smooth_long(MODEL, z), error


def many_row(peer):
    """Compare on 1000 series of 100 measurements."""
    rng = np.random.default_rng(6)
    z = np.stack([kalman.simulate(MODEL, 100, rng=rng).measurements for _ in range(1000)])
    run = by_simdkalman(z) if peer == "simdkalman" else lambda: many_by_filterpy(z)
    return run, lambda: kalman.smooth_many(MODEL, z), largest_error


ROWS = [
    Row("Kalman + RTS, d 4, m 2, T 10 000", "filterpy", lambda: long_row("filterpy"), 1e-11, 20, rounds=3),
    Row("the same", "statsmodels (Cython)", lambda: long_row("statsmodels"), 1e-11, 2.2),
    Row("the same", "plain: kalman_filter, rts_smoother", lambda: long_row("plain"), 1e-11, None, rounds=3),
    Row("1000 series, d 4, m 2, T 100", "simdkalman", lambda: many_row("simdkalman"), 1e-11, 25),
    Row("the same", "filterpy", lambda: many_row("filterpy"), 1e-11, 300, rounds=1),
]
