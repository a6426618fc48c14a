"""The exercises of the lecture `kalman`."""

import numpy as np
from scipy import stats

from coursekit import kalman
from coursekit.checking import Exercise, Mistake, checker

__all__ = ["check"]


def covariance(rng, n):
    """Return a random covariance, well away from singular, so that every way to invert it agrees."""
    A = rng.normal(size=(n, n))
    return A @ A.T / n + 0.3 * np.eye(n)


# update: 12 points


def draw_update(rng):
    n, m = int(rng.integers(2, 5)), int(rng.integers(1, 3))
    return {
        "x": rng.normal(size=n),
        "P": covariance(rng, n),
        "z": rng.normal(size=m),
        "H": rng.normal(size=(m, n)),
        "R": covariance(rng, m),
    }


def gain(P, H, S):
    return np.linalg.solve(S, H @ P).T


def moves_away(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T + R)
    return x - K @ (z - H @ x), (np.eye(len(x)) - K @ H) @ P


def doubts_only_the_sensor(x, P, z, H, R):
    K = gain(P, H, R)
    return x + K @ (z - H @ x), (np.eye(len(x)) - K @ H) @ P


def perfect_sensor(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T)
    return x + K @ (z - H @ x), (np.eye(len(x)) - K @ H) @ P


def noise_squared(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T + R @ R)
    return x + K @ (z - H @ x), (np.eye(len(x)) - K @ H) @ P


def covariance_kept(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T + R)
    return x + K @ (z - H @ x), P


def covariance_grows(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T + R)
    return x + K @ (z - H @ x), (np.eye(len(x)) + K @ H) @ P


def sensor_noise_forgotten(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T + R)
    left = np.eye(len(x)) - K @ H
    return x + K @ (z - H @ x), left @ P @ left.T


def sensor_noise_subtracted(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T + R)
    left = np.eye(len(x)) - K @ H
    return x + K @ (z - H @ x), left @ P @ left.T - K @ R @ K.T


def adds_the_measurement(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T + R)
    return x + K @ z, (np.eye(len(x)) - K @ H) @ P


def covariance_from_one_side(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T + R)
    return x + K @ (z - H @ x), P @ (np.eye(len(x)) - K @ H)


def gain_multiplied(x, P, z, H, R):
    K = P @ H.T @ (H @ P @ H.T + R)
    return x + K @ (z - H @ x), (np.eye(len(x)) - K @ H) @ P


def covariance_first(x, P, z, H, R):
    K = gain(P, H, H @ P @ H.T + R)
    return (np.eye(len(x)) - K @ H) @ P, x + K @ (z - H @ x)


def short_form(x, P, z, H, R):
    K = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
    return x + K @ (z - H @ x), P - K @ H @ P


def adds_information(x, P, z, H, R):
    W = np.linalg.inv(R)
    cov = np.linalg.inv(np.linalg.inv(P) + H.T @ W @ H)
    return cov @ (np.linalg.solve(P, x) + H.T @ W @ z), cov


UPDATE = Exercise(
    kalman.update,
    points=12,
    draw=draw_update,
    edges={
        "equal trust": {
            "x": np.array([10.0]),
            "P": np.array([[4.0]]),
            "z": np.array([14.0]),
            "H": np.array([[1.0]]),
            "R": np.array([[4.0]]),
        },
        "metres measured in feet": {
            "x": np.array([2.0]),
            "P": np.array([[0.5]]),
            "z": np.array([7.0]),
            "H": np.array([[3.25]]),
            "R": np.array([[2.0]]),
        },
        "position seen, velocity not": {
            "x": np.array([0.0, 1.0]),
            "P": np.array([[2.0, 0.6], [0.6, 1.0]]),
            "z": np.array([1.5]),
            "H": np.array([[1.0, 0.0]]),
            "R": np.array([[0.5]]),
        },
        "nothing new": {
            "x": np.array([1.0, -2.0, 0.5]),
            "P": np.diag([1.0, 2.0, 3.0]),
            "z": np.array([-1.0, 0.5]),
            "H": np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
            "R": np.array([[1.0, 0.5], [0.5, 2.0]]),
        },
        "a sensor that hardly knows": {
            "x": np.array([1.0, 2.0]),
            "P": np.array([[1.0, -0.5], [-0.5, 2.0]]),
            "z": np.array([30.0]),
            "H": np.array([[1.0, 1.0]]),
            "R": np.array([[400.0]]),
        },
        "two witnesses, one number": {
            "x": np.array([2.0]),
            "P": np.array([[4.0]]),
            "z": np.array([3.0, 7.0]),
            "H": np.array([[1.0], [1.0]]),
            "R": np.array([[1.0, 0.0], [0.0, 9.0]]),
        },
    },
    mistakes=(
        Mistake(moves_away, "If the measurement is larger than predicted, which way should the estimate move?"),
        Mistake(
            doubts_only_the_sensor, "You doubt only the sensor. What makes a measurement differ from its prediction?"
        ),
        Mistake(
            perfect_sensor,
            "You treat the sensor as perfect: with P tiny and R huge, what should the gain be?",
            # With more sensors than states this wrong S cannot be inverted.
            on=("equal trust", "metres measured in feet", "position seen, velocity not", "nothing new"),
        ),
        Mistake(noise_squared, "R is a covariance already, in squared units of z. Are you squaring it again?"),
        Mistake(covariance_kept, "The mean is right. But does a measurement leave you no surer than before?"),
        Mistake(covariance_grows, "Your P grows. Can a measurement make you less sure? Check a sign."),
        Mistake(
            sensor_noise_forgotten,
            "Overconfident: the sensor's noise went into the estimate through K. What does it add to P?",
        ),
        Mistake(sensor_noise_subtracted, "Two independent errors: do their covariances add up or cancel?"),
        Mistake(
            adds_the_measurement, "If the measurement is just what you predicted, x should not move. What is new in z?"
        ),
        Mistake(
            covariance_from_one_side, "Your covariance is not symmetric. On which side of P does the factor belong?"
        ),
        Mistake(gain_multiplied, "Your gain grows with the noise of the sensor. Is S a factor of it, or a divisor?"),
        Mistake(covariance_first, "Both are right, their order is not: the mean comes first, then the covariance."),
    ),
    alternatives=(short_form, adds_information),
)


# steady_gain: 8 points


def draw_variances(rng):
    q, r = np.exp(rng.uniform(-3, 3, size=2))
    return {"q": float(q), "r": float(r)}


def predicted_variance(q, r):
    return (q + np.sqrt(q**2 + 4 * q * r)) / 2


def ratio_of_noises(q, r):
    return q / (q + r)


def variance_returned(q, r):
    return predicted_variance(q, r)


def filtered_variance_used(q, r):
    K = predicted_variance(q, r) / (predicted_variance(q, r) + r)
    return K * r / (K * r + r)


def filtered_variance_returned(q, r):
    P = predicted_variance(q, r)
    return P * r / (P + r)


def units_mixed(q, r):
    P = (q + np.sqrt(q**2 + 4 * r)) / 2
    return P / (P + r)


def noises_swapped(q, r):
    P = predicted_variance(r, q)
    return P / (P + q)


def small_drift_only(q, r):
    return np.sqrt(q / r)


def weight_of_the_prediction(q, r):
    return r / (predicted_variance(q, r) + r)


def other_root(q, r):
    P = (q - np.sqrt(q**2 + 4 * q * r)) / 2
    return P / (P + r)


def half_forgotten(q, r):
    P = q + np.sqrt(q**2 + 4 * q * r)
    return P / (P + r)


def from_the_ratio(q, r):
    s = q / r
    return (np.sqrt(s * s + 4 * s) - s) / 2


def root_of_the_gain(q, r):
    """K^2 = (1 - K) q / r, solved by the library of polynomials."""
    return max(np.roots([1, q / r, -q / r]).real)


STEADY_GAIN = Exercise(
    kalman.steady_gain,
    points=8,
    draw=draw_variances,
    edges={
        "drift as large as noise": {"q": 2.5, "r": 2.5},
        "no drift": {"q": 0.0, "r": 3.0},
        "hardly any drift": {"q": 1e-3, "r": 2.0},
        "drift dominates": {"q": 80.0, "r": 0.5},
        "the Nile": {"q": 1469.1, "r": 15099.0},
    },
    mistakes=(
        Mistake(ratio_of_noises, "The variance before the measurement is more than q: what was left from last time?"),
        Mistake(variance_returned, "A gain has no units, yours has those of q. What is the gain, given this P?"),
        Mistake(filtered_variance_used, "Which variance enters S: the one before the measurement, or after it?"),
        Mistake(
            filtered_variance_returned,
            "That is the variance after the measurement. The gain is a number without units.",
        ),
        Mistake(units_mixed, "Multiply q and r by 100: the gain must not change. Check the units under the root."),
        Mistake(noises_swapped, "As q goes to 0 the gain must go to 0. Which of the two noises moves the level?"),
        Mistake(small_drift_only, "Right for small q only. What does it give when q is larger than r?"),
        Mistake(weight_of_the_prediction, "This is the weight of the prediction. The gain is that of the measurement."),
        Mistake(other_root, "A quadratic equation has two roots. Can a variance be negative?"),
        Mistake(half_forgotten, "Put your P into the quadratic equation that it should solve: does it?"),
    ),
    alternatives=(from_the_ratio, root_of_the_gain),
)


# rts_step: 10 points


def draw_step(rng):
    n = int(rng.integers(2, 5))
    x, P, F = rng.normal(size=n), covariance(rng, n), rng.normal(size=(n, n))
    return seen_later(x, P, F, covariance(rng, n), covariance(rng, n), rng.normal(size=n))


def seen_later(x, P, F, Q, R, z):
    """Return the arguments of a step after which the next state was measured as z, with covariance R."""
    x_pred, P_pred = F @ x, F @ P @ F.T + Q
    K = np.linalg.solve(P_pred + R, P_pred).T
    P_next = P_pred - K @ P_pred
    x_next = x_pred + K @ (z - x_pred)
    return {
        "x": x,
        "P": P,
        "x_pred": x_pred,
        "P_pred": P_pred,
        "x_next": x_next,
        "P_next": (P_next + P_next.T) / 2,
        "F": F,
    }


def back(P, P_pred, F):
    return P @ F.T @ np.linalg.inv(P_pred)


def F_not_transposed(x, P, x_pred, P_pred, x_next, P_next, F):
    C = P @ F @ np.linalg.inv(P_pred)
    return x + C @ (x_next - x_pred), P + C @ (P_next - P_pred) @ C.T


def C_not_transposed(x, P, x_pred, P_pred, x_next, P_next, F):
    C = back(P, P_pred, F)
    return x + C @ (x_next - x_pred), P + C @ (P_next - P_pred) @ C


def C_on_its_side(x, P, x_pred, P_pred, x_next, P_next, F):
    C = back(P, P_pred, F).T
    return x + C @ (x_next - x_pred), P + C @ (P_next - P_pred) @ C.T


def another_time(x, P, x_pred, P_pred, x_next, P_next, F):
    C = back(P, P_pred, F)
    return x + C @ (x_next - x), P + C @ (P_next - P_pred) @ C.T


def variance_added(x, P, x_pred, P_pred, x_next, P_next, F):
    C = back(P, P_pred, F)
    return x + C @ (x_next - x_pred), P - C @ (P_next - P_pred) @ C.T


def prediction_not_taken_off(x, P, x_pred, P_pred, x_next, P_next, F):
    C = back(P, P_pred, F)
    return x + C @ (x_next - x_pred), P + C @ P_next @ C.T


def smoothed_variance_inverted(x, P, x_pred, P_pred, x_next, P_next, F):
    C = back(P, P_next, F)
    return x + C @ (x_next - x_pred), P + C @ (P_next - P_pred) @ C.T


def filtered_variance_inverted(x, P, x_pred, P_pred, x_next, P_next, F):
    C = P @ F.T @ np.linalg.inv(P)
    return x + C @ (x_next - x_pred), P + C @ (P_next - P_pred) @ C.T


def without_F(x, P, x_pred, P_pred, x_next, P_next, F):
    C = P @ np.linalg.inv(P_pred)
    return x + C @ (x_next - x_pred), P + C @ (P_next - P_pred) @ C.T


def covariance_from_one_side_only(x, P, x_pred, P_pred, x_next, P_next, F):
    C = back(P, P_pred, F)
    return x + C @ (x_next - x_pred), P + C @ (P_next - P_pred)


def as_two_covariances(x, P, x_pred, P_pred, x_next, P_next, F):
    """Know the next state exactly, then put back what is not known of it."""
    C = back(P, P_pred, F)
    left = np.eye(len(x)) - C @ F
    return x - C @ x_pred + C @ x_next, left @ P @ left.T + C @ (P_pred - F @ P @ F.T + P_next) @ C.T


RTS_STEP = Exercise(
    kalman.rts_step,
    points=10,
    draw=draw_step,
    edges={
        "one number": seen_later(
            np.array([3.0]), np.array([[2.0]]), np.array([[0.5]]), np.eye(1), np.array([[1.5]]), np.array([4.0])
        ),
        "position and velocity": seen_later(
            np.array([0.0, 1.0]),
            np.array([[2.0, 0.6], [0.6, 1.0]]),
            np.array([[1.0, 2.0], [0.0, 1.0]]),
            np.diag([0.1, 0.2]),
            np.diag([0.5, 3.0]),
            np.array([3.0, 0.0]),
        ),
        "nothing learnt later": {
            "x": np.array([1.0, -1.0]),
            "P": np.array([[1.0, 0.2], [0.2, 0.5]]),
            "x_pred": np.array([0.0, -1.0]),
            "P_pred": np.array([[2.0, 0.7], [0.7, 1.0]]),
            "x_next": np.array([0.0, -1.0]),
            "P_next": np.array([[2.0, 0.7], [0.7, 1.0]]),
            "F": np.array([[1.0, 1.0], [0.0, 1.0]]),
        },
        "a state that stands still": {
            "x": np.array([1.0, 5.0, 2.0]),
            "P": np.diag([1.0, 2.0, 3.0]),
            "x_pred": np.array([1.0, 5.0, 2.0]),
            "P_pred": np.diag([1.0, 2.0, 3.0]),
            "x_next": np.array([1.5, 4.0, 2.0]),
            "P_next": np.diag([0.5, 0.5, 1.0]),
            "F": np.eye(3),
        },
    },
    mistakes=(
        Mistake(F_not_transposed, "Write down Cov(x_k, x_{k+1}) for x_{k+1} = F x_k + w. On which side is F, and how?"),
        Mistake(C_not_transposed, "Your covariance is not symmetric. What is the covariance of C e?"),
        Mistake(C_on_its_side, "C maps an error of the next state to one of this state. Is yours the other way round?"),
        Mistake(
            another_time, "You subtract estimates of two different times. What was thought of the next state before?"
        ),
        Mistake(variance_added, "Smoothing must not increase the variance: is P_next or P_pred the larger one?"),
        Mistake(
            prediction_not_taken_off,
            "If nothing is learnt later, P must stay as it is. What must be compared with P_next?",
        ),
        Mistake(
            smoothed_variance_inverted,
            "A regression divides by the variance of its predictor, as it was before looking ahead. Which one is that?",
        ),
        Mistake(
            filtered_variance_inverted, "C regresses this state on the next one: whose variance does it divide by?"
        ),
        Mistake(without_F, "What links this state to the next one? Look for it in your C."),
        Mistake(covariance_from_one_side_only, "C e has a covariance with two factors. Where is the second one?"),
    ),
    alternatives=(as_two_covariances,),
)


# nis_bounds: 10 points


def draw_bounds(rng):
    return {
        "N": int(rng.integers(5, 300)),
        "m": int(rng.integers(2, 6)),
        "alpha": float(rng.uniform(0.005, 0.3)),
    }


def bounds(alpha, df):
    return stats.chi2.ppf([alpha / 2, 1 - alpha / 2], df)


def of_one_step(N, m, alpha):
    return tuple(bounds(alpha, m))


def only_from_above(N, m, alpha):
    return 0.0, stats.chi2.ppf(1 - alpha, N * m) / N


def alpha_on_each_side(N, m, alpha):
    return tuple(stats.chi2.ppf([alpha, 1 - alpha], N * m) / N)


def alpha_inside(N, m, alpha):
    return tuple(bounds(1 - alpha, N * m) / N)


def of_the_sum(N, m, alpha):
    return tuple(bounds(alpha, N * m))


def of_a_mean_over_all_numbers(N, m, alpha):
    return tuple(bounds(alpha, N * m) / (N * m))


def one_degree_lost(N, m, alpha):
    return tuple(bounds(alpha, (N - 1) * m) / N)


def one_step_lost(N, m, alpha):
    return tuple(bounds(alpha, (N - 1) * m) / np.float64(N - 1))


def one_number_a_step(N, m, alpha):
    return tuple(bounds(alpha, N) / N)


def high_before_low(N, m, alpha):
    return tuple(bounds(alpha, N * m)[::-1] / N)


def as_if_normal(N, m, alpha):
    reach = stats.norm.ppf(1 - alpha / 2) * np.sqrt(2 * m / N)
    return m - reach, m + reach


def from_the_gamma_law(N, m, alpha):
    law = stats.gamma(N * m / 2, scale=2 / N)
    return law.ppf(alpha / 2), law.isf(alpha / 2)


def by_interval(N, m, alpha):
    low, high = stats.chi2.interval(1 - alpha, N * m)
    return low / N, high / N


NIS_BOUNDS = Exercise(
    kalman.nis_bounds,
    points=10,
    draw=draw_bounds,
    edges={
        "a hundred steps, one number each": {"N": 100, "m": 1, "alpha": 0.05},
        "one step, two numbers": {"N": 1, "m": 2, "alpha": 0.1},
        "forty steps, three numbers each": {"N": 40, "m": 3, "alpha": 0.01},
        "even odds": {"N": 6, "m": 4, "alpha": 0.5},
    },
    mistakes=(
        Mistake(of_one_step, "An average over many steps stays closer to its mean than one step does."),
        Mistake(only_from_above, "Too small is a fault too: then the filter doubts itself more than it should."),
        Mistake(alpha_on_each_side, "How much probability lies outside in all? There are two sides."),
        Mistake(alpha_inside, "alpha is the probability to lie outside the bounds, not inside."),
        Mistake(of_the_sum, "These are bounds for a sum over the steps. The statistic is a mean."),
        Mistake(
            of_a_mean_over_all_numbers, "A right model has a mean NIS of m, not of 1: over what is the mean taken?"
        ),
        Mistake(one_degree_lost, "Degrees of freedom are lost to what was estimated. Was anything estimated here?"),
        Mistake(one_step_lost, "N - 1 belongs to a sample variance about its own mean. Was a mean subtracted here?"),
        Mistake(one_number_a_step, "Each step brings m numbers. How many squares are in the sum?"),
        Mistake(high_before_low, "The numbers are right, their order is not: the lower bound comes first."),
        Mistake(as_if_normal, "Close for many steps. But a sum of few squares is skewed: which law has it exactly?"),
    ),
    alternatives=(from_the_gamma_law, by_interval),
)

check = checker(UPDATE, STEADY_GAIN, RTS_STEP, NIS_BOUNDS)
