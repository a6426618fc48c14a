"""Oracles of `coursekit.kalman`: one big Gaussian, Riccati solvers, least squares, published numbers and laws."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import linalg, optimize, stats

from coursekit import kalman
from coursekit.data import nile

EPS = np.finfo(float).eps


def covariance(rng, n):
    A = rng.normal(size=(n, n))
    return A @ A.T / n + 0.3 * np.eye(n)


def random_model(seed, n=3, m=2):
    """A stable motion: F has its eigenvalues inside the unit circle."""
    rng = np.random.default_rng(seed)
    F = rng.normal(size=(n, n))
    F *= 0.9 / np.abs(np.linalg.eigvals(F)).max()
    return kalman.LinearGaussian(
        F=F,
        H=rng.normal(size=(m, n)),
        Q=covariance(rng, n),
        R=covariance(rng, m),
        x0=rng.normal(size=n),
        P0=covariance(rng, n),
    )


def series(model, N, seed=0):
    return kalman.simulate(model, N, rng=np.random.default_rng(seed)).measurements


def agree(got, expected, rtol):
    """Compare arrays, the error relative to the largest magnitude."""
    np.testing.assert_allclose(got, expected, rtol=0, atol=rtol * np.abs(expected).max())


# update and predict


def conditioned(x, P, z, H, R):
    """Condition the joint Gaussian of (state, measurement), written down block by block."""
    n = len(x)
    joint = np.block([[P, P @ H.T], [H @ P, H @ P @ H.T + R]])
    to_state = joint[:n, n:] @ np.linalg.inv(joint[n:, n:])
    return x + to_state @ (z - H @ x), joint[:n, :n] - to_state @ joint[n:, :n]


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 2), (2, 5)])
def test_update_is_gaussian_conditioning(n, m):
    rng = np.random.default_rng(n)
    x, P, z, H, R = (
        rng.normal(size=n),
        covariance(rng, n),
        rng.normal(size=m),
        rng.normal(size=(m, n)),
        covariance(rng, m),
    )
    mean, cov = kalman.update(x, P, z, H, R)
    expected = conditioned(x, P, z, H, R)
    # The condition number of S is below 1e3, so that its inverse is known to 1e3 eps; some ten operations follow.
    agree(mean, expected[0], 1e4 * EPS)
    agree(cov, expected[1], 1e4 * EPS)


def test_update_weighs_by_inverse_variances():
    mean, cov = kalman.update([10.0], [[4.0]], [16.0], [[1.0]], [[2.0]])
    np.testing.assert_allclose(mean, [(10 / 4 + 16 / 2) / (1 / 4 + 1 / 2)], rtol=4 * EPS)
    np.testing.assert_allclose(cov, [[1 / (1 / 4 + 1 / 2)]], rtol=4 * EPS)


def test_update_by_one_sensor_after_the_other_is_the_same():
    rng = np.random.default_rng(5)
    x, P, z, H = rng.normal(size=4), covariance(rng, 4), rng.normal(size=3), rng.normal(size=(3, 4))
    R = np.diag([0.5, 1.0, 2.0])
    expected = kalman.update(x, P, z, H, R)
    for i in (2, 0, 1):
        x, P = kalman.update(x, P, z[[i]], H[[i]], R[[i]][:, [i]])
    agree(x, expected[0], 1e4 * EPS)
    agree(P, expected[1], 1e4 * EPS)


def test_update_without_trust_in_the_sensor_changes_nothing():
    x, P = np.array([1.0, -2.0]), np.array([[2.0, 0.5], [0.5, 1.0]])
    mean, cov = kalman.update(x, P, [7.0], [[1.0, 1.0]], [[1e20]])
    np.testing.assert_allclose(mean, x, rtol=4 * EPS)
    np.testing.assert_allclose(cov, P, rtol=4 * EPS)


def test_update_with_a_perfect_sensor_takes_its_word():
    mean, cov = kalman.update([1.0, -2.0], [[2.0, 0.5], [0.5, 1.0]], [7.0], [[1.0, 0.0]], [[0.0]])
    np.testing.assert_allclose(mean, [7.0, -2 + 6 * 0.25], rtol=4 * EPS)
    np.testing.assert_allclose(cov, [[0, 0], [0, 1 - 0.5**2 / 2]], atol=4 * EPS)


def test_update_equals_recursive_least_squares():
    rng = np.random.default_rng(8)
    A, weights = rng.normal(size=(23, 3)), rng.uniform(0.5, 2.0, size=23)
    y = A @ [1.0, -2.0, 0.5] + rng.normal(size=23)
    x, P = np.zeros(3), 1e2 * np.eye(3)
    for row, value, variance in zip(A, y, weights, strict=True):
        x, P = kalman.update(x, P, [value], row[None], [[variance]])
    # Ridge regression: the prior's inverse covariance is the penalty.
    normal = A.T / weights @ A + 1e-2 * np.eye(3)
    agree(x, np.linalg.solve(normal, A.T / weights @ y), 1e4 * EPS)
    agree(P, np.linalg.inv(normal), 1e4 * EPS)


def test_update_does_not_change_its_arguments():
    rng = np.random.default_rng(2)
    given = [rng.normal(size=2), covariance(rng, 2), rng.normal(size=1), rng.normal(size=(1, 2)), np.eye(1)]
    before = [array.copy() for array in given]
    kalman.update(*given)
    for array, old in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_predict_propagates_mean_and_covariance():
    rng = np.random.default_rng(3)
    x, P, F, Q = rng.normal(size=3), covariance(rng, 3), rng.normal(size=(3, 3)), covariance(rng, 3)
    mean, cov = kalman.predict(x, P, F, Q)
    agree(mean, np.einsum("ij,j->i", F, x), 8 * EPS)
    agree(cov, np.einsum("ij,jk,lk->il", F, P, F) + Q, 32 * EPS)


# The filter and the smoother against one big Gaussian


def with_gaps(z):
    """Leave out two whole rows, the last and single numbers."""
    z = z.copy()
    z[[4, 5, -1]] = np.nan
    z[2, 0] = z[7, -1] = np.nan
    return z


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize(("n", "m", "seed"), [(1, 1, 1), (3, 2, 2), (2, 3, 3), (4, 2, 4)])
def test_kalman_filter_and_rts_smoother_equal_batch_posterior(n, m, seed, gaps):
    model = random_model(seed, n, m)
    z = series(model, 37, seed)
    z = with_gaps(z) if gaps else z
    filtered = kalman.kalman_filter(model, z)
    smoothed, batch = kalman.rts_smoother(model, filtered), kalman.batch_posterior(model, z)
    # The batch solves with a matrix of up to 111 rows and a condition number below 1e4: 111 * 1e4 * eps < 1e-10.
    agree(smoothed.mean, batch.mean, 1e-10)
    agree(smoothed.cov, batch.cov, 1e-10)
    assert filtered.loglik == pytest.approx(batch.loglik, rel=1e-10)
    # The filter's answer at time k is the batch's for the measurements up to k.
    part = kalman.batch_posterior(model, z[:19])
    agree(filtered.mean[18], part.mean[-1], 1e-10)
    agree(filtered.cov[18], part.cov[-1], 1e-10)


def test_batch_posterior_loglik_is_that_of_scipy():
    model = random_model(6, 2, 1)
    z = series(model, 5)
    # The covariance of the measurements, entry by entry: H Cov(x_i, x_j) H' with Cov(x_i, x_j) = F^(i - j) P_j.
    P, F, H = [model.P0], model.F, model.H
    for _ in range(4):
        P.append(F @ P[-1] @ F.T + model.Q)
    cov = np.empty((5, 5))
    for i in range(5):
        for j in range(i + 1):
            cov[i, j] = cov[j, i] = (H @ np.linalg.matrix_power(F, i - j) @ P[j] @ H.T).item()
    mean = [(H @ np.linalg.matrix_power(F, k) @ model.x0).item() for k in range(5)]
    expected = stats.multivariate_normal(mean, cov + model.R[0, 0] * np.eye(5)).logpdf(z.ravel())
    # A 5 x 5 covariance with a condition number below 1e3.
    assert kalman.batch_posterior(model, z).loglik == pytest.approx(expected, rel=1e4 * EPS)


def test_kalman_filter_chains_predict_and_update():
    model = random_model(7)
    z = series(model, 6)
    result = kalman.kalman_filter(model, z)
    x, P = model.x0, model.P0
    for k in range(6):
        agree(result.predicted_mean[k], x, 1e3 * EPS)
        agree(result.innovation_cov[k], model.H @ P @ model.H.T + model.R, 1e3 * EPS)
        agree(result.innovation[k], z[k] - model.H @ x, 1e3 * EPS)
        x, P = kalman.update(x, P, z[k], model.H, model.R)
        agree(result.mean[k], x, 1e3 * EPS)
        agree(result.cov[k], P, 1e3 * EPS)
        x, P = kalman.predict(x, P, model.F, model.Q)


def test_rts_smoother_chains_rts_step():
    model = random_model(8)
    filtered = kalman.kalman_filter(model, series(model, 6))
    result = kalman.rts_smoother(model, filtered)
    x, P = filtered.mean[-1], filtered.cov[-1]
    for k in range(4, -1, -1):
        before = filtered.predicted_mean[k + 1], filtered.predicted_cov[k + 1]
        x, P = kalman.rts_step(filtered.mean[k], filtered.cov[k], *before, x, P, model.F)
        agree(result.mean[k], x, 1e3 * EPS)
        agree(result.cov[k], P, 1e3 * EPS)


def test_rts_smoother_leaves_the_last_state_and_never_adds_variance():
    model = random_model(9)
    filtered = kalman.kalman_filter(model, with_gaps(series(model, 25)))
    smoothed = kalman.rts_smoother(model, filtered)
    np.testing.assert_array_equal(smoothed.mean[-1], filtered.mean[-1])
    gained = np.linalg.eigvalsh(filtered.cov - smoothed.cov)
    assert gained.min() > -1e3 * EPS
    assert gained[:-2].max(axis=1).min() > 0.01  # every state with a measurement after it gains something


def test_kalman_filter_without_measurements_only_predicts():
    model = random_model(10)
    z = np.full((4, 2), np.nan)
    z[0] = 1.0
    result = kalman.kalman_filter(model, z)
    np.testing.assert_array_equal(result.mean[1:], result.predicted_mean[1:])
    np.testing.assert_array_equal(result.cov[1:], result.predicted_cov[1:])
    assert np.isnan(result.innovation[1:]).all()
    # The log-likelihood is that of the one row that was measured.
    S, nu = result.innovation_cov[0], result.innovation[0]
    assert result.loglik == pytest.approx(stats.multivariate_normal(cov=S).logpdf(nu), rel=1e3 * EPS)


def test_kalman_filter_of_a_constant_is_the_sample_mean():
    z = np.random.default_rng(11).normal(5, 2, size=41)
    still = kalman.LinearGaussian(F=1, H=1, Q=0, R=4, x0=0, P0=1e12)
    result = kalman.kalman_filter(still, z)
    k = np.arange(1, 42)
    # The prior counts as R / P0 = 4e-12 of a measurement; the first update cancels P0 to eps P0 / R, relatively.
    np.testing.assert_allclose(result.mean[:, 0], np.cumsum(z) / k, rtol=1e-10, atol=0)
    np.testing.assert_allclose(result.cov[:, 0, 0], 4 / k, rtol=1e-3)
    gain = result.cov[:, 0, 0] / 4
    np.testing.assert_allclose(gain[5:], 1 / k[5:], rtol=1e-3)


def test_kalman_filter_does_not_depend_on_coordinates():
    model, T = random_model(12), np.array([[2.0, 1, 0], [0, 1, -1], [1, 0, 3]])
    z, back = series(model, 31), np.linalg.inv([[2.0, 1, 0], [0, 1, -1], [1, 0, 3]])
    turned = kalman.LinearGaussian(
        F=T @ model.F @ back,
        H=model.H @ back,
        Q=T @ model.Q @ T.T,
        R=model.R,
        x0=T @ model.x0,
        P0=T @ model.P0 @ T.T,
    )
    one, other = kalman.kalman_filter(model, z), kalman.kalman_filter(turned, z)
    # T has a condition number of 4; 31 steps of a contracting recursion.
    agree(other.mean, one.mean @ T.T, 1e4 * EPS)
    agree(other.cov, T @ one.cov @ T.T, 1e4 * EPS)
    assert other.loglik == pytest.approx(one.loglik, rel=1e4 * EPS)
    agree(kalman.rts_smoother(turned, other).mean, kalman.rts_smoother(model, one).mean @ T.T, 1e5 * EPS)


@pytest.mark.slow
def test_kalman_filter_keeps_covariances_symmetric_and_positive():
    # A prior of 10^4 and a sensor of 10^-7 (standard deviations), 100 000 steps.
    model = kalman.constant_velocity(1, 1.0, 1e-3, 1e-7, [0, 0], 1e8 * np.eye(2))
    cov = kalman.kalman_filter(model, np.zeros(100_000)).cov
    scale = np.abs(cov).max(axis=(1, 2))
    assert (np.abs(cov[:, 0, 1] - cov[:, 1, 0]) <= 8 * EPS * scale).all()
    assert (np.linalg.eigvalsh(cov)[:, 0] > 0).all()
    # The short form (I - K H) P is as right on paper, and indefinite after two steps.
    P, H = model.P0, model.H
    for _ in range(2):
        short = P - P @ H.T / (H @ P @ H.T + model.R) @ H @ P
        P = model.F @ short @ model.F.T + model.Q
    assert np.linalg.eigvalsh((short + short.T) / 2)[0] < 0


# Steady states


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kalman_filter_settles_at_the_riccati_solution(seed):
    model = random_model(seed)
    P = kalman.kalman_filter(model, np.zeros((400, 2))).predicted_cov[-1]
    agree(P, linalg.solve_discrete_are(model.F.T, model.H.T, model.Q, model.R), 1e4 * EPS)


@pytest.mark.parametrize(("q", "r"), [(1.0, 1.0), (0.03, 5.0), (40.0, 0.2)])
def test_steady_gain_solves_the_riccati_equation(q, r):
    P = linalg.solve_discrete_are(np.eye(1), np.eye(1), [[q]], [[r]]).item()
    assert kalman.steady_gain(q, r) == pytest.approx(P / (P + r), rel=1e4 * EPS)


def test_steady_gain_is_golden_where_drift_equals_noise():
    golden = (1 + np.sqrt(5)) / 2
    gain = kalman.steady_gain(3.7, 3.7)
    assert gain == pytest.approx(golden - 1, rel=4 * EPS)
    assert gain / (1 - gain) == pytest.approx(golden, rel=16 * EPS)  # the predicted variance over r


def test_gains_on_the_way_there_are_fibonacci_ratios():
    model = kalman.LinearGaussian(F=1, H=1, Q=1, R=1, x0=0, P0=2)  # the first measurement is behind us
    cov = kalman.kalman_filter(model, np.zeros(6)).cov[:, 0, 0]
    K, fibonacci = Fraction(1), [1, 1]
    for gain in cov:  # with r = 1 the gain equals the variance after the measurement
        K = (K + 1) / (K + 2)
        fibonacci += [fibonacci[-1] + fibonacci[-2], fibonacci[-1] * 2 + fibonacci[-2]]
        assert Fraction(fibonacci[-2], fibonacci[-1]) == K
        assert gain == pytest.approx(float(K), rel=16 * EPS)


def test_steady_gain_limits():
    assert kalman.steady_gain(0, 2.0) == 0
    q = 1e-10
    assert kalman.steady_gain(q, 1.0) == pytest.approx(np.sqrt(q), rel=np.sqrt(q))  # next term: -q / 2
    assert kalman.steady_gain(1e10, 1.0) == pytest.approx(1, abs=1e-9)
    assert kalman.steady_gain(3.0, 7.0) == pytest.approx(kalman.steady_gain(300.0, 700.0), rel=8 * EPS)


def test_fixed_gain_variance_is_the_limit_of_the_recursion():
    q, r = 0.7, 2.0
    for K in (0.1, 0.5, 1.0, 1.6):
        P = 9.0
        for _ in range(400):  # the slowest, K = 0.1, forgets its start by 0.9^800 = 3e-37
            P = (1 - K) ** 2 * P + K**2 * r + q
        assert kalman.fixed_gain_variance(K, q, r) == pytest.approx(P, rel=100 * EPS)


def test_fixed_gain_variance_is_smallest_at_the_steady_gain():
    q, r = 0.7, 2.0
    best = optimize.minimize_scalar(lambda K: kalman.fixed_gain_variance(K, q, r), bounds=(0.01, 1.9), method="bounded")
    K = kalman.steady_gain(q, r)
    assert best.x == pytest.approx(K, abs=1e-4)  # a minimum is found to about the root of the tolerance 1e-5 of scipy
    assert kalman.fixed_gain_variance(K, q, r) <= best.fun
    assert kalman.fixed_gain_variance(K, q, r) == pytest.approx(K * r / (1 - K), rel=16 * EPS)
    np.testing.assert_array_equal(
        kalman.fixed_gain_variance(np.array([0.2, 1.0]), q, r),
        [kalman.fixed_gain_variance(0.2, q, r), kalman.fixed_gain_variance(1.0, q, r)],
    )


@pytest.mark.parametrize("K", [0.05, 0.3, 1.2])
def test_innovation_acf_is_what_the_two_step_covariances_say(K):
    q, r = 0.4, 1.5
    P = kalman.fixed_gain_variance(K, q, r)
    # State (error, noise v): e' = (1 - K) e - K v + w and v' is fresh; the innovation is e + v.
    A, cov, h = np.array([[1 - K, -K], [0, 0]]), np.diag([P, r]), np.ones(2)
    lags = [h @ np.linalg.matrix_power(A, lag) @ cov @ h / (P + r) for lag in range(1, 8)]
    np.testing.assert_allclose(kalman.innovation_acf(K, q, r, 7), lags, atol=16 * EPS)


def test_innovation_acf_vanishes_only_at_the_optimal_gain():
    K = kalman.steady_gain(0.1, 1.0)
    assert np.abs(kalman.innovation_acf(K, 0.1, 1.0, 5)).max() < 4 * EPS
    wrong = [kalman.innovation_acf(kalman.steady_gain(0.1 * f, 1.0), 0.1, 1.0, 1)[0] for f in (0.01, 100)]
    np.testing.assert_allclose(wrong, [0.591, -0.430], atol=5e-4)  # computed by hand, three digits


def test_exponential_smoothing_is_the_filter_in_its_steady_state():
    q, r = 0.3, 2.0
    K = kalman.steady_gain(q, r)
    z = np.random.default_rng(13).normal(size=57)
    model = kalman.LinearGaussian(F=1, H=1, Q=q, R=r, x0=0.5, P0=K * r / (1 - K))
    agree(kalman.exponential_smoothing(z, K, 0.5), kalman.kalman_filter(model, z).mean[:, 0], 1e3 * EPS)


def test_exponential_smoothing_weights_fall_geometrically():
    z = np.zeros(6)
    z[0] = 1.0
    np.testing.assert_allclose(kalman.exponential_smoothing(z, 0.25, 0.0), 0.25 * 0.75 ** np.arange(6), rtol=8 * EPS)
    np.testing.assert_array_equal(kalman.exponential_smoothing(z, 0.0, 3.0), np.full(6, 3.0))


@pytest.mark.parametrize("lam", [0.02, 1.0, 30.0])
def test_alpha_beta_gains_solve_the_riccati_equation(lam):
    T, sigma_v = 0.5, 3.0
    model = kalman.constant_velocity(1, T, lam * sigma_v / T**2, sigma_v, [0, 0], np.eye(2))
    P = linalg.solve_discrete_are(model.F.T, model.H.T, model.Q, model.R)
    K = (P @ model.H.T / (model.H @ P @ model.H.T + model.R)).ravel()
    gains = kalman.alpha_beta(lam)
    # The solver's own error grows with the spread of its eigenvalues; it is below 1e-11 here.
    assert [gains.alpha, gains.beta / T] == pytest.approx(K, rel=1e-9)
    # Kalata's relation, and the other form of beta.
    assert gains.beta**2 == pytest.approx(lam**2 * (1 - gains.alpha), rel=1e-12)
    assert gains.beta == pytest.approx(2 * (2 - gains.alpha) - 4 * np.sqrt(1 - gains.alpha), rel=1e-9)


def test_constant_velocity_moves_by_velocity_times_time():
    model = kalman.constant_velocity(2, 0.5, 0.2, 1.5, np.zeros(4), np.eye(4))
    np.testing.assert_array_equal(model.F @ [1.0, 2, 3, -4], [2, 2, 1, -4])
    np.testing.assert_array_equal(model.H @ [1.0, 2, 3, -4], [1, 3])
    np.testing.assert_array_equal(model.R, 2.25 * np.eye(2))
    # An acceleration a over the time T moves by a T^2 / 2 and speeds up by a T.
    push = 0.2 * np.array([0.125, 0.5])
    np.testing.assert_allclose(model.Q, linalg.block_diag(np.outer(push, push), np.outer(push, push)), rtol=4 * EPS)


# The Nile


def nile_filtered(q, r):
    """Filter from 1872 on, given the flow of 1871."""
    flow = nile()[1]
    model = kalman.LinearGaussian(F=1, H=1, Q=q, R=r, x0=flow[0], P0=r + q)
    return kalman.kalman_filter(model, flow[1:])


def test_fit_local_level_reproduces_the_textbook():
    fit = kalman.fit_local_level(nile()[1])
    # Durbin and Koopman (2012), section 2.10: 15099 and 1469.1, rounded there.
    assert round(fit.r) == 15099
    assert fit.q == pytest.approx(1469.1, abs=0.1)
    assert fit.loglik == pytest.approx(-632.546, abs=5e-4)
    # Their rounded values lie on the same summit: 1 part in 10^5 beside it costs less than 1e-6.
    assert nile_filtered(1469.1, 15099.0).loglik == pytest.approx(fit.loglik, abs=1e-6)


def test_nile_steady_state_is_the_textbooks():
    result = nile_filtered(1469.1, 15099.0)
    predicted = result.predicted_cov[-1, 0, 0]
    # P = (q + sqrt(q^2 + 4 q r)) / 2 by hand: 5501.26; the printed digits are those of the limit, reached by 1970.
    assert predicted == pytest.approx(5501.26, abs=0.005)
    assert result.cov[-1, 0, 0] / 15099 == pytest.approx(0.2670, abs=5e-5)
    assert result.cov[-1, 0, 0] == pytest.approx(4032.16, abs=0.005)


def test_nile_innovations_pass_the_textbooks_tests():
    result = nile_filtered(1469.1, 15099.0)
    nu = result.innovation[:, 0] / np.sqrt(result.innovation_cov[:, 0, 0])
    # Durbin and Koopman (2012), section 2.12: Q(9) = 8.84, skewness -0.03, excess kurtosis 0.09, H(33) = 0.61.
    assert kalman.whiteness(nu, 9).statistic == pytest.approx(8.84, abs=0.005)
    assert stats.skew(nu) == pytest.approx(-0.03, abs=0.005)
    assert stats.kurtosis(nu) == pytest.approx(0.09, abs=0.005)
    assert (nu[-33:] ** 2).sum() / (nu[:33] ** 2).sum() == pytest.approx(0.61, abs=0.005)


def test_fit_local_level_is_the_summit_of_the_filters_likelihood():
    z = np.random.default_rng(17).normal(size=61).cumsum() * 0.5 + np.random.default_rng(18).normal(size=61)
    fit = kalman.fit_local_level(z)

    def minus_loglik(logs):
        q, r = np.exp(logs)
        return -kalman.kalman_filter(kalman.LinearGaussian(F=1, H=1, Q=q, R=r, x0=z[0], P0=q + r), z[1:]).loglik

    found = optimize.minimize(minus_loglik, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
    assert fit.loglik == pytest.approx(-found.fun, abs=1e-8)
    # The summit is flat: a change of 1e-10 in height leaves the place open to about 1e-5.
    assert [fit.q, fit.r] == pytest.approx(np.exp(found.x), rel=1e-4)


def test_fit_local_level_of_two_pieces_adds_their_likelihoods():
    flow = nile()[1]
    before, after = flow[:40], flow[40:]
    fit = kalman.fit_local_level(before, after)
    total = 0.0
    for piece in (before, after):
        model = kalman.LinearGaussian(F=1, H=1, Q=fit.q, R=fit.r, x0=piece[0], P0=fit.q + fit.r)
        total += kalman.kalman_filter(model, piece[1:]).loglik
    assert fit.loglik == pytest.approx(total, abs=1e-9)


def test_fit_local_level_sees_one_break_in_1899_and_no_drift_besides():
    year, flow = nile()
    fits = {int(year[k]): kalman.fit_local_level(flow[:k], flow[k:]) for k in range(5, 96)}
    assert max(fits, key=lambda y: fits[y].loglik) == 1899
    assert fits[1899].q == 0
    # Without drift r is the pooled variance about the two means, with the divisor N - 2.
    halves = flow[:28], flow[28:]
    pooled = sum(((half - half.mean()) ** 2).sum() for half in halves) / 98
    assert fits[1899].r == pytest.approx(pooled, rel=1e-9)


def test_fit_local_level_does_not_depend_on_units():
    flow = nile()[1]
    fit, other = kalman.fit_local_level(flow), kalman.fit_local_level(-1e-3 * flow + 7)
    assert [other.q, other.r] == pytest.approx([1e-6 * fit.q, 1e-6 * fit.r], rel=1e-5)
    assert other.loglik == pytest.approx(fit.loglik + 99 * np.log(1e3), rel=1e-9)


# Simulation and the tests of the innovations


def test_simulate_has_the_moments_of_the_model():
    model = random_model(21, 2, 1)
    runs = [kalman.simulate(model, 3, rng=np.random.default_rng([21, i])) for i in range(4000)]
    states = np.array([run.states for run in runs])
    z = np.array([run.measurements for run in runs])[:, 2, 0]
    x, P = model.x0, model.P0
    for k in range(3):
        # 4.5 standard errors; that of a sample covariance is sqrt((P_ii P_jj + P_ij^2) / N).
        se = np.sqrt(np.diagonal(P) / 4000)
        assert (np.abs(states[:, k].mean(axis=0) - x) < 4.5 * se).all()
        d = np.diagonal(P)
        assert (np.abs(np.cov(states[:, k].T) - P) < 4.5 * np.sqrt((np.outer(d, d) + P**2) / 4000)).all()
        last = x, P
        x, P = kalman.predict(x, P, model.F, model.Q)
    S = (model.H @ last[1] @ model.H.T + model.R).item()
    assert abs(z.mean() - (model.H @ last[0]).item()) < 4.5 * np.sqrt(S / 4000)
    assert abs(z.var() - S) < 4.5 * S * np.sqrt(2 / 4000)


def test_simulate_with_singular_noise_stays_in_its_subspace():
    model = kalman.constant_velocity(1, 2.0, 0.3, 1.0, [0, 0], np.zeros((2, 2)))
    states = kalman.simulate(model, 50, rng=np.random.default_rng(3)).states
    noise = states[1:] - states[:-1] @ model.F.T
    # Each push is a (T^2 / 2, T) with T = 2: equal entries. The root of a rank-1 matrix is good to sqrt(eps).
    np.testing.assert_allclose(noise[:, 0], noise[:, 1], atol=1e-7 * np.abs(states).max())
    assert np.abs(noise).max() > 0.1


def test_simulate_repeats_with_the_same_generator():
    model = random_model(22)
    one, other = (kalman.simulate(model, 9, rng=np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one.measurements, other.measurements)
    assert one.states.shape == (9, 3)
    assert one.measurements.shape == (9, 2)


@pytest.mark.parametrize("seed", range(4))
def test_nis_of_the_true_model_lies_within_its_bounds(seed):
    model = random_model(30 + seed)
    result = kalman.kalman_filter(model, series(model, 300, seed))
    values = kalman.nis(result.innovation, result.innovation_cov)
    low, high = kalman.nis_bounds(300, 2, 1e-5)  # four seeds fail together once in 25 000 draws of seeds
    assert low < values.mean() < high
    assert stats.kstest(values, stats.chi2(2).cdf).pvalue > 1e-5


def test_nis_counts_only_what_was_measured():
    S = np.array([[[2.0, 1.0], [1.0, 3.0]]] * 4)
    nu = np.array([[1.0, -1.0], [2.0, np.nan], [np.nan, 3.0], [np.nan, np.nan]])
    full = nu[0] @ np.linalg.inv(S[0]) @ nu[0]
    np.testing.assert_allclose(kalman.nis(nu, S), [full, 2.0, 3.0, np.nan], rtol=8 * EPS)


def test_nis_bounds_of_an_exponential_law():
    # chi-squared with 2 degrees of freedom is exponential with mean 2.
    low, high = kalman.nis_bounds(1, 2, 0.1)
    assert low == pytest.approx(-2 * np.log(0.95), rel=1e-12)
    assert high == pytest.approx(-2 * np.log(0.05), rel=1e-12)
    low, high = kalman.nis_bounds(2, 1, 0.1)
    assert high == pytest.approx(-np.log(0.05), rel=1e-12)


@pytest.mark.parametrize(("N", "m", "alpha"), [(100, 1, 0.05), (7, 3, 0.2)])
def test_nis_bounds_leave_alpha_outside(N, m, alpha):
    low, high = kalman.nis_bounds(N, m, alpha)
    # The chi-squared distribution function is the regularised incomplete gamma function.
    law = stats.gamma(N * m / 2, scale=2 / N)
    assert law.cdf(low) == pytest.approx(alpha / 2, rel=1e-9)
    assert law.sf(high) == pytest.approx(alpha / 2, rel=1e-9)


def test_whiteness_of_a_short_series_by_hand():
    result = kalman.whiteness([3.0, 1.0, -1.0, -3.0], 3)  # mean 0, sum of squares 20
    np.testing.assert_allclose(result.acf, [(3 - 1 + 3) / 20, (-3 - 3) / 20, -9 / 20], rtol=4 * EPS)
    assert result.band == pytest.approx(1.96 / 2)
    expected = 4 * 6 * (0.25**2 / 3 + 0.3**2 / 2 + 0.45**2 / 1)
    assert result.statistic == pytest.approx(expected, rel=8 * EPS)
    assert result.p_value == pytest.approx(stats.chi2.sf(expected, 3), rel=1e-12)


def test_whiteness_leaves_missing_values_out():
    nu = np.array([1.0, 2.0, np.nan, -3.0, 2.0, -2.0])
    result = kalman.whiteness(nu, 2)  # mean 0, sum of squares 22
    np.testing.assert_allclose(result.acf, [(2 - 6 - 4) / 22, (-6 + 6) / 22], atol=4 * EPS)
    assert result.band == pytest.approx(1.96 / np.sqrt(5))


def test_whiteness_tells_right_tuning_from_wrong():
    # Lecture: q / r = 0.1, N = 20 000, and a filter that believes in 100 times less or more drift.
    N, q, r = 20_000, 0.1, 1.0
    for seed in (1, 2):
        model = kalman.LinearGaussian(F=1, H=1, Q=q, R=r, x0=0, P0=1)
        z = series(model, N, seed)[:, 0]
        for factor in (0.01, 1, 100):
            K = kalman.steady_gain(factor * q, r)
            level = kalman.exponential_smoothing(z, K, 0.0)
            result = kalman.whiteness((z[1:] - level[:-1])[1000:], 1)
            expected = kalman.innovation_acf(K, q, r, 400)
            # Bartlett: N var(r1) = sum over j of (rho_{j+1} + rho_{j-1} - 2 rho_1 rho_j)^2.
            rho = np.concatenate([[1.0], expected])
            bartlett = ((rho[2:] + rho[:-2] - 2 * rho[1] * rho[1:-1]) ** 2).sum()
            assert abs(result.acf[0] - expected[0]) < 4.5 * np.sqrt(bartlett / (N - 1000))


# Gaps and pictures


def test_on_grid_puts_values_at_their_times():
    times, values = np.array([3.0, 3.5, 5.0]), np.array([[1.0, 2], [3, 4], [5, 6]])
    expected = np.array([[1.0, 2], [3, 4], [np.nan, np.nan], [np.nan, np.nan], [5, 6]])
    np.testing.assert_array_equal(kalman.on_grid(times, values, 0.5), expected)


def test_on_grid_of_complete_years_changes_nothing():
    year, flow = nile()
    np.testing.assert_array_equal(kalman.on_grid(year, flow), flow)
    np.testing.assert_array_equal(kalman.on_grid(year / 7, flow, 1 / 7), flow)  # rounded times


def test_disc_frame_adds_the_discs_area():
    empty = np.zeros((41, 57))
    frame = kalman.disc_frame(empty, 20.3, 17.8, 9.0, 2.0)
    # A linear edge from radius - 1/2 to radius + 1/2 has the area pi (radius^2 + 1/12); pixels sample it, with an
    # error per edge pixel of at most 1/2, of which 2 pi 9 = 57 with random signs: 4 standard errors are 0.29 * 4 * 7.5.
    assert frame.sum() / 2 == pytest.approx(np.pi * (81 + 1 / 12), abs=8.7)
    assert frame[18, 20] == 2
    assert frame[0, 0] == 0
    assert empty.max() == 0


@pytest.mark.parametrize(("x", "y"), [(20.0, 17.0), (25.5, 12.5), (30.3, 20.8)])
def test_find_disc_finds_the_centre(x, y):
    background = np.random.default_rng(1).uniform(size=(37, 49))
    found = kalman.find_disc(kalman.disc_frame(background, x, y, 6.0, 0.5), background, 0.25)
    # 113 whole pixels, each in or out: about 38 on the edge, off by up to half a pixel at a distance of 6 pixels.
    np.testing.assert_allclose(found, [x, y], atol=4 * 0.29 * 6 * np.sqrt(38 / 2) / 113)


def test_find_disc_finds_nothing_in_an_empty_scene():
    background = np.ones((5, 9))
    assert np.isnan(kalman.find_disc(background, background, 0.1)).all()


# The faster ways


LONG = [random_model(41), random_model(42, 4, 1), kalman.constant_velocity(2, 1.0, 0.05, 1.0, np.zeros(4), np.eye(4))]


@pytest.mark.parametrize("N", [1, 2, 3, 50, 701])
@pytest.mark.parametrize("model", LONG)
def test_smooth_long_equals_the_reference(model, N):
    z = series(model, N)
    filtered, fast = kalman.kalman_filter(model, z), kalman.smooth_long(model, z)
    smoothed = kalman.rts_smoother(model, filtered)
    # Settled means equal to 1e-14; the largest memory here, that of a slow velocity, adds up some 20 such steps.
    for got, expected in [
        (fast.filtered_mean, filtered.mean),
        (fast.filtered_cov, filtered.cov),
        (fast.mean, smoothed.mean),
        (fast.cov, smoothed.cov),
    ]:
        agree(got, expected, 1e-12)
    assert fast.loglik == pytest.approx(filtered.loglik, rel=1e-12)


def test_smooth_long_of_a_state_that_never_settles():
    # A constant: its variance falls as 1 / k for ever, and the short cut is never taken.
    still = kalman.LinearGaussian(F=1, H=1, Q=0, R=4, x0=0, P0=9)
    z = np.random.default_rng(2).normal(size=90)
    fast = kalman.smooth_long(still, z)
    agree(fast.mean[:, 0], np.full(90, z.sum() / (90 + 4 / 9)), 1e-12)
    agree(fast.filtered_cov[:, 0, 0], 4 / (np.arange(1, 91) + 4 / 9), 1e-12)


def test_smooth_long_agrees_for_a_growing_state():
    # F has an eigenvalue beyond 1; what is measured holds the estimate on the track.
    model = kalman.LinearGaussian(F=[[1.02, 1], [0, 0.5]], H=[1, 0], Q=np.eye(2), R=2, x0=[0, 0], P0=np.eye(2))
    z = series(model, 300)
    filtered, fast = kalman.kalman_filter(model, z), kalman.smooth_long(model, z)
    agree(fast.filtered_mean, filtered.mean, 1e-12)
    agree(fast.mean, kalman.rts_smoother(model, filtered).mean, 1e-12)


@pytest.mark.parametrize("N", [1, 2, 5, 120])
@pytest.mark.parametrize("model", LONG)
def test_smooth_many_equals_the_reference_for_each_series(model, N):
    z = np.stack([series(model, N, seed) for seed in range(7)])
    fast = kalman.smooth_many(model, z)
    for i, one in enumerate(z):
        filtered = kalman.kalman_filter(model, one)
        smoothed = kalman.rts_smoother(model, filtered)
        agree(fast.filtered_mean[i], filtered.mean, 1e-12)
        agree(fast.mean[i], smoothed.mean, 1e-12)
        assert fast.loglik[i] == pytest.approx(filtered.loglik, rel=1e-12)
    agree(fast.filtered_cov, filtered.cov, 1e-12)
    agree(fast.cov, smoothed.cov, 1e-12)


def test_smooth_many_of_one_series_is_smooth_long():
    model = LONG[2]
    z = series(model, 400)
    one, many = kalman.smooth_long(model, z), kalman.smooth_many(model, z[None])
    agree(many.mean[0], one.mean, 1e-12)
    assert many.loglik[0] == pytest.approx(float(one.loglik), rel=1e-12)


# Bad input


GOOD = {"F": np.eye(2), "H": np.ones((1, 2)), "Q": np.eye(2), "R": 1.0, "x0": np.zeros(2), "P0": np.eye(2)}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"F": np.ones((2, 3))}, r"F must have shape \(3, 3\), got \(2, 3\)"),
        ({"H": np.ones((1, 3))}, r"H must have shape \(1, 2\), got \(1, 3\)"),
        ({"Q": np.diag([1.0, -0.5])}, r"Q must have no negative eigenvalue, its smallest is -0\.5"),
        ({"R": -2.0}, r"R must have no negative eigenvalue, its smallest is -2"),
        ({"R": np.eye(2)}, r"R must have shape \(1, 1\), got \(2, 2\)"),
        ({"Q": [[1.0, 0.5], [0.0, 1.0]]}, r"Q must be symmetric, got entries that differ by 0\.5"),
        ({"x0": np.zeros(3)}, r"x0 must have shape \(2,\), got \(3,\)"),
        ({"P0": 1.0}, r"P0 must have shape \(2, 2\), got \(1, 1\)"),
        ({"P0": np.diag([1.0, np.nan])}, "P0 must be finite, got 1 NaN or infinite of 4"),
        ({"F": np.zeros((2, 2, 2))}, "F must have 0 or 1 or 2 axes"),
    ],
)
def test_linear_gaussian_refuses(change, match):
    with pytest.raises(ValueError, match=match):
        kalman.LinearGaussian(**{**GOOD, **change})


def test_linear_gaussian_refuses_complex():
    with pytest.raises(TypeError, match="F must be real, got dtype complex128"):
        kalman.LinearGaussian(**{**GOOD, "F": 1j * np.eye(2)})


def test_linear_gaussian_keeps_its_own_copies():
    F = np.eye(2)
    model = kalman.LinearGaussian(**{**GOOD, "F": F})
    F[0, 0] = 5
    assert model.F[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        model.F[0, 0] = 5


MODEL = random_model(50)


@pytest.mark.parametrize("function", [kalman.kalman_filter, kalman.batch_posterior, kalman.smooth_long])
@pytest.mark.parametrize(
    ("z", "match"),
    [
        (np.zeros((4, 3)), r"z must have shape \(N, 2\), got \(4, 3\)"),
        (np.zeros(4), r"z must have shape \(N, 2\), got \(4, 1\)"),
        (np.full((4, 2), np.nan), "z must hold at least one measurement, got 8 NaN"),
        (np.full((4, 2), np.inf), "z must be finite, got 8 NaN or infinite of 8"),
        (np.zeros((0, 2)), "z needs at least 1 along each axis"),
        (np.zeros((1, 4, 2)), "z must have 1 or 2 axes"),
    ],
)
def test_series_are_refused(function, z, match):
    with pytest.raises(ValueError, match=match):
        function(MODEL, z)


@pytest.mark.parametrize(
    ("function", "arguments", "error", "match"),
    [
        (kalman.predict, ([0.0], [[1.0]], [[1.0, 2]], [[1.0]]), ValueError, r"F must have shape \(1, 1\)"),
        (kalman.predict, ([0.0], [[1.0]], [[1.0]], [[-1.0]]), ValueError, "Q must have no negative eigenvalue"),
        (kalman.update, (0.0, [[1.0]], [0.0], [[1.0]], [[1.0]]), ValueError, "x must have 1 axes"),
        (kalman.update, ([0.0], [[1.0]], [0.0], [[1.0, 2]], [[1.0]]), ValueError, r"H must have shape \(1, 1\)"),
        (kalman.update, ([0.0], [[1.0]], [np.nan], [[1.0]], [[1.0]]), ValueError, "z must be finite"),
        (kalman.update, ([0.0], [[0.0]], [1.0], [[1.0]], [[0.0]]), ValueError, r"S = H P H' \+ R must be invertible"),
        (kalman.update, ([0.0], [[1.0]], ["a"], [[1.0]], [[1.0]]), TypeError, "z must hold numbers"),
        (
            kalman.rts_step,
            ([0.0], [[1.0]], [0.0], [[0.0]], [0.0], [[0.0]], [[1.0]]),
            ValueError,
            "P_pred must be invertible, its smallest eigenvalue is 0",
        ),
        (
            kalman.rts_step,
            ([0.0], [[1.0]], [0.0, 1.0], [[1.0]], [0.0], [[1.0]], [[1.0]]),
            ValueError,
            r"x_pred must have shape \(1,\)",
        ),
        (kalman.steady_gain, (-1.0, 1.0), ValueError, "q must be >= 0, got -1"),
        (kalman.steady_gain, (1.0, 0.0), ValueError, "r must be > 0, got 0"),
        (kalman.steady_gain, ("1", 1.0), TypeError, "q must be a real number"),
        (kalman.fixed_gain_variance, (2.0, 1.0, 1.0), ValueError, "K must be between 0 and 2, got 2"),
        (
            kalman.fixed_gain_variance,
            (np.array([0.5, -1.0]), 1.0, 1.0),
            ValueError,
            "K must be between 0 and 2, got -1",
        ),
        (kalman.innovation_acf, (0.0, 1.0, 1.0, 3), ValueError, "K must be > 0, got 0"),
        (kalman.innovation_acf, (0.5, 1.0, 1.0, 0), ValueError, "lags must be at least 1, got 0"),
        (kalman.exponential_smoothing, ([1.0], 1.5, 0.0), ValueError, "gain must be <= 1, got 1.5"),
        (kalman.exponential_smoothing, ([1.0, np.nan], 0.5, 0.0), ValueError, "z must be finite"),
        (kalman.fit_local_level, (), ValueError, r"the pieces must have 3 values after their first, got \[\]"),
        (kalman.fit_local_level, ([1.0, 2.0, 3.0],), ValueError, r"after their first, got \[3\]"),
        (kalman.fit_local_level, ([1.0] * 6,), ValueError, "the pieces must vary"),
        (kalman.fit_local_level, ([1.0, 2, 3, 4], [1.0]), ValueError, "piece 2 needs at least 2"),
        (kalman.alpha_beta, (0.0,), ValueError, "lam must be > 0, got 0"),
        (kalman.constant_velocity, (0, 1.0, 1.0, 1.0, [0, 0], np.eye(2)), ValueError, "axes must be at least 1"),
        (kalman.constant_velocity, (1, -1.0, 1.0, 1.0, [0, 0], np.eye(2)), ValueError, "T must be > 0, got -1"),
        (kalman.nis, ([[1.0, 2.0]], [[[1.0]]]), ValueError, r"got \(1, 2\), \(1, 1, 1\)"),
        (kalman.nis, ([[1.0]], [[[np.nan]]]), ValueError, "innovation_cov must be finite"),
        (kalman.nis_bounds, (0, 1, 0.05), ValueError, "N must be at least 1, got 0"),
        (kalman.nis_bounds, (1.5, 1, 0.05), TypeError, "N must be a whole number"),
        (kalman.nis_bounds, (10, 1, 1.0), ValueError, "alpha must be < 1, got 1"),
        (kalman.whiteness, ([1.0, 2.0], 2), ValueError, "lags must be at most 1, got 2"),
        (kalman.whiteness, ([1.0, 1.0, 1.0], 1), ValueError, "nu must vary, got a constant"),
        (kalman.on_grid, ([1.0, 3.0, 2.0], [0.0, 0, 0]), ValueError, "times must increase, got 2 after 3"),
        (kalman.on_grid, ([1.0, 1.0], [0.0, 0]), ValueError, "times must increase, got 1 after 1"),
        (kalman.on_grid, ([1.0, 2.5], [0.0, 0]), ValueError, "times must be whole steps of 1 apart, got 2.5 after 1"),
        (kalman.on_grid, ([1.0, 2.0], [0.0]), ValueError, "times and values must be equally many, got 2 and 1"),
        (kalman.disc_frame, (np.zeros((3, 4)), 1.0, 1.0, 0.0, 1.0), ValueError, "radius must be > 0, got 0"),
        (kalman.find_disc, (np.zeros((3, 4)), np.zeros((4, 3)), 0.5), ValueError, "shapes must agree"),
        (kalman.smooth_many, (MODEL, np.zeros((3, 5, 4))), ValueError, r"z must have shape \(n_series, N, 2\)"),
        (kalman.smooth_many, (MODEL, np.full((3, 5, 2), np.nan)), ValueError, "z must be finite"),
    ],
)
def test_bad_input_is_refused(function, arguments, error, match):
    with pytest.raises(error, match=match):
        function(*arguments)


def test_smooth_long_refuses_gaps():
    z = np.zeros((5, 2))
    z[3] = np.nan
    with pytest.raises(ValueError, match="z must be finite, got 2 NaN"):
        kalman.smooth_long(MODEL, z)


@pytest.mark.parametrize("function", [kalman.kalman_filter, kalman.smooth_long])
def test_filters_name_the_step_where_the_innovation_is_certain(function):
    # Two perfect readings of a number that is known: nothing is left to be divided by.
    known = kalman.LinearGaussian(F=1, H=1, Q=0, R=0, x0=0, P0=1)
    with pytest.raises(ValueError, match="S at step 1 must be invertible"):
        function(known, [0.0, 0.0, 0.0])


def test_rts_smoother_refuses_the_result_of_another_model():
    other = kalman.kalman_filter(random_model(51, 2, 2), np.zeros((5, 2)))
    with pytest.raises(ValueError, match="filtered must have 3 states as the model has, got 2"):
        kalman.rts_smoother(MODEL, other)


def test_smoothers_refuse_a_certain_prediction():
    certain = kalman.LinearGaussian(F=[[0.0, 0], [0, 1]], H=[1, 1], Q=np.zeros((2, 2)), R=1, x0=[0, 0], P0=np.eye(2))
    with pytest.raises(ValueError, match="predicted_cov must be invertible, its smallest eigenvalue is 0"):
        kalman.rts_smoother(certain, kalman.kalman_filter(certain, np.zeros(5)))
    with pytest.raises(ValueError, match="predicted_cov must be invertible"):
        kalman.smooth_long(certain, np.zeros(5))


def test_simulate_refuses_a_seed():
    with pytest.raises(TypeError, match="rng must be a numpy Generator"):
        kalman.simulate(MODEL, 3, rng=0)
