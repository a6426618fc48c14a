"""Kalman filter and smoother: one long series, and many short ones."""

from types import SimpleNamespace

import numpy as np

from benchmarks.timing import Row
from coursekit import kalman

# A point in the plane: n = 4 states, m = 2 measured numbers.
MODEL = kalman.constant_velocity(2, 1.0, 0.05, 1.0, np.zeros(4), 10 * np.eye(4))


def largest_error(theirs, ours):
    """Return the largest difference of means and covariances, each relative to its largest magnitude."""
    pairs = [(getattr(theirs, name), getattr(ours, name)) for name in ("filtered_mean", "mean", "filtered_cov", "cov")]
    return max(float(np.abs(a - b).max() / np.abs(a).max()) for a, b in pairs)


def by_filterpy(z):
    """Filter and smooth one series with filterpy's class."""
    from filterpy.kalman import KalmanFilter

    kf = KalmanFilter(dim_x=4, dim_z=2)
    kf.x, kf.P = MODEL.x0.copy(), MODEL.P0.copy()
    kf.F, kf.H, kf.Q, kf.R = MODEL.F, MODEL.H, MODEL.Q, MODEL.R
    # Our prior is for the first measurement's state: update before predict.
    mean, cov, _, _ = kf.batch_filter(z, update_first=True)
    return mean, cov, kf


def filterpy_both(z):
    """Return filterpy's filtered and smoothed results."""
    mean, cov, kf = by_filterpy(z)
    smoothed_mean, smoothed_cov, _, _ = kf.rts_smoother(mean, cov)
    return SimpleNamespace(filtered_mean=mean, filtered_cov=cov, mean=smoothed_mean, cov=smoothed_cov)


def by_statsmodels(z):
    """Return a function that filters and smooths one series with statsmodels, asking for no more than we return."""
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
    """Return a function that filters and smooths many series with simdkalman."""
    import simdkalman

    kf = simdkalman.KalmanFilter(
        state_transition=MODEL.F, process_noise=MODEL.Q, observation_model=MODEL.H, observation_noise=MODEL.R
    )

    def run():
        r = kf.compute(
            z, 0, initial_value=MODEL.x0, initial_covariance=MODEL.P0, filtered=True, smoothed=True, observations=False
        )
        return SimpleNamespace(
            filtered_mean=r.filtered.states.mean,
            filtered_cov=r.filtered.states.cov,
            mean=r.smoothed.states.mean,
            cov=r.smoothed.states.cov,
        )

    return run


def long_series():
    """Return 10 000 measurements of a stable motion's noise: the model's own would wander off to 10^4 pixels."""
    return kalman.simulate(MODEL, 10_000, rng=np.random.default_rng(5)).measurements


def many_series():
    """Return 1000 series of 100 measurements."""
    rng = np.random.default_rng(6)
    return np.stack([kalman.simulate(MODEL, 100, rng=rng).measurements for _ in range(1000)])
