"""Oracles of `coursekit.stein_shrinkage`: closed forms, quadrature, simulation with its error, published numbers."""

import itertools

import numpy as np
import pytest
import pywt
from scipy import integrate, optimize, special, stats

from coursekit import data
from coursekit import stein_shrinkage as ss

EPS = np.finfo(float).eps
Z = 4.5  # standard errors: about 7e-6 of all fair comparisons lie beyond


def observation(d=7, seed=3, sigma=1.0):
    return np.linspace(-1, 2, d) + sigma * np.random.default_rng(seed).normal(size=d)


def along_axis(d, norm):
    return np.append(norm, np.zeros(d - 1))


def js_factor(s, d):
    return 1 - (d - 2) / s


def plus_factor(s, d):
    return np.maximum(0, 1 - max(d - 2, 0) / s)


def chi_integral(f, d, lam):
    """Return E[f(s)] for s noncentral chi-squared, by adaptive quadrature over its density."""
    top = lam + d + 40 * np.sqrt(lam + d)
    return integrate.quad(lambda s: f(s) * stats.ncx2.pdf(s, d, lam), 0, top, limit=200)


def rounding_of_integral(d, norm):
    """The log-density has terms up to d log d + norm^2, whose rounding is exponentiated; what it weighs, d + norm^2."""
    return 4 * EPS * (d * np.log(d + 2) + norm**2 + 50) * (d + norm**2 + 1)


# james_stein, james_stein_plus, james_stein_mean


@pytest.mark.parametrize("estimator", [ss.james_stein, ss.james_stein_plus])
def test_estimators_are_rotation_equivariant(estimator):
    y = observation(6)
    turn = stats.ortho_group.rvs(6, random_state=np.random.default_rng(5))
    # A product of 6 terms, then the same again: some 20 roundings of numbers of the size of |y|.
    atol = 20 * EPS * np.linalg.norm(y)
    np.testing.assert_allclose(estimator(turn @ y, 0.8), turn @ estimator(y, 0.8), rtol=0, atol=atol)


@pytest.mark.parametrize("estimator", [ss.james_stein, ss.james_stein_plus, ss.james_stein_mean])
def test_estimators_follow_order_and_units(estimator):
    y, order = observation(9), np.random.default_rng(8).permutation(9)
    expected = estimator(y, 0.7)
    atol = 30 * EPS * np.abs(y).sum()  # sums of 9 terms in another order
    np.testing.assert_allclose(estimator(y[order], 0.7), expected[order], rtol=0, atol=atol)
    np.testing.assert_allclose(estimator(-3.7 * y, 3.7 * 0.7), -3.7 * expected, rtol=0, atol=4 * atol)


def test_james_stein_by_hand():
    # |y|^2 = 36 and d - 2 = 2, so the factor is 1 - 2 * 9 / 36.
    np.testing.assert_array_equal(ss.james_stein([4.0, -4.0, 2.0, 0.0], 3.0), [2.0, -2.0, 1.0, 0.0])


def test_james_stein_changes_all_signs_near_zero():
    y = np.array([0.5, -0.5, 0.25])
    assert (np.sign(ss.james_stein(y, 1.0)) == -np.sign(y)).all()


def test_james_stein_plus_is_james_stein_or_zero():
    for y in (observation(5), 0.2 * observation(5)):
        plain = ss.james_stein(y, 1.0)
        kept = (y @ plain) > 0  # the factor is positive
        np.testing.assert_array_equal(ss.james_stein_plus(y, 1.0), plain if kept else np.zeros(5))
    np.testing.assert_array_equal(ss.james_stein_plus(np.zeros(4), 1.0), np.zeros(4))


def test_james_stein_mean_shifts_with_the_data():
    y = observation(8)
    shifted = ss.james_stein_mean(y + 50.0, 1.3)
    np.testing.assert_allclose(shifted, ss.james_stein_mean(y, 1.3) + 50.0, rtol=0, atol=100 * EPS * 50)
    assert shifted.mean() == pytest.approx(y.mean() + 50.0, rel=10 * EPS)


def test_james_stein_mean_is_james_stein_in_the_rest():
    y = observation(6)
    ones_and_others = np.vander(np.arange(6.0), increasing=True)  # its first column is (1, ..., 1)
    rest = np.linalg.qr(ones_and_others)[0][:, 1:]  # (6, 5), orthonormal and orthogonal to the ones
    expected = y.mean() + rest @ ss.james_stein(rest.T @ y, 0.6)
    np.testing.assert_allclose(ss.james_stein_mean(y, 0.6), expected, rtol=0, atol=100 * EPS * np.abs(y).sum())


def test_james_stein_mean_risk_by_formula():
    theta, d = np.array([3.0, 1.0, -0.5, 2.5, 0.0, 1.0, 4.0]), 7
    found = ss.mc_risk(lambda y: ss.james_stein_mean(y, 1.0), theta, 1.0, 20_000, rng=np.random.default_rng(11))
    exact = d - (d - 3) ** 2 * ss.inverse_moment(d - 1, ((theta - theta.mean()) ** 2).sum())
    assert abs(found.risk - exact) < Z * found.se
    assert found.se < 0.05  # so that the line above says something


def test_estimators_keep_their_input():
    y = observation(5)
    before = y.copy()
    for estimator in (ss.james_stein, ss.james_stein_plus, ss.james_stein_mean):
        estimator(y, 1.0)
    np.testing.assert_array_equal(y, before)


# inverse_moment

LAMBDAS = np.array([0.0, 1e-6, 0.3, 2.0, 25.0, 300.0])


@pytest.mark.parametrize("d", [3, 4, 5, 8, 41])
def test_inverse_moment_three_forms(d):
    k = np.arange(600)
    weights = stats.poisson.pmf(k, LAMBDAS[:, None] / 2)
    np.testing.assert_allclose(ss.inverse_moment(d, LAMBDAS), weights @ (1 / (d - 2 + 2 * k)), rtol=1e-12)  # 600 terms
    x, w = np.polynomial.legendre.leggauss(200)
    v = (x + 1) / 2
    integrand = v ** (d - 3) * np.exp(-LAMBDAS[:, None] * (1 - v**2) / 2)
    np.testing.assert_allclose(ss.inverse_moment(d, LAMBDAS), integrand @ w / 2, rtol=1e-11)  # the nodes' own error
    positive = np.exp(-LAMBDAS / 2) * special.hyp1f1(d / 2 - 1, d / 2, LAMBDAS / 2) / (d - 2)
    np.testing.assert_allclose(ss.inverse_moment(d, LAMBDAS), positive, rtol=1e-12)


def test_inverse_moment_closed_forms():
    lam = LAMBDAS[1:]
    np.testing.assert_allclose(ss.inverse_moment(4, lam), -np.expm1(-lam / 2) / lam, rtol=50 * EPS)
    root = np.sqrt(lam / 2)
    np.testing.assert_allclose(ss.inverse_moment(3, lam), special.dawsn(root) / root, rtol=100 * EPS)
    assert ss.inverse_moment(11, 0.0) == 1 / 9


@pytest.mark.parametrize("d", [3, 6, 500])
def test_inverse_moment_between_its_bounds(d):
    lam = np.geomspace(1e-3, 1e8, 40)
    moment = ss.inverse_moment(d, lam)
    assert (moment >= (1 - 10 * EPS) / (d - 2 + lam)).all()  # Jensen over the Poisson mixture
    assert (moment <= 1 / (d - 2)).all()
    assert (np.diff(moment) < 0).all()


def test_inverse_moment_of_a_simulation():
    for seed, (d, lam) in enumerate([(5, 0.0), (7, 3.0), (12, 40.0)]):
        rng = np.random.default_rng(seed)
        y = rng.standard_normal((50_000, d)) + along_axis(d, np.sqrt(lam))
        inverse = 1 / (y**2).sum(axis=1)  # a finite variance for d >= 5
        assert abs(inverse.mean() - ss.inverse_moment(d, lam)) < Z * inverse.std() / np.sqrt(len(y))


# js_risk and js_coordinate_risks


@pytest.mark.parametrize("d", [3, 4, 10, 200])
def test_js_risk_is_two_at_the_origin(d):
    assert ss.js_risk(np.zeros(d), 1.0) == pytest.approx(2, rel=d * 4 * EPS)  # d - (d - 2) cancels
    assert ss.js_risk(np.zeros(d), 3.0) == pytest.approx(18, rel=d * 4 * EPS)


@pytest.mark.parametrize("d", [3, 5, 17])
def test_js_risk_rises_to_that_of_the_data(d):
    norms = np.linspace(0, 60, 50)
    risks = np.array([ss.js_risk(along_axis(d, norm), 1.0) for norm in norms])
    assert (np.diff(risks) > 0).all()
    assert (risks < d).all()
    # E[1/|y|^2] is 1 / norm^2 up to a relative d / norm^2.
    assert d - risks[-1] == pytest.approx((d - 2) ** 2 / 60**2, rel=2 * d / 60**2)


def test_js_risk_depends_on_the_norm_alone_and_scales():
    theta = np.array([1.0, -2.0, 0.5, 3.0])
    risk = ss.js_risk(theta, 0.8)
    assert ss.js_risk(along_axis(4, np.linalg.norm(theta)), 0.8) == pytest.approx(risk, rel=20 * EPS)
    assert ss.js_risk(2.5 * theta, 2.5 * 0.8) == pytest.approx(2.5**2 * risk, rel=20 * EPS)


@pytest.mark.parametrize("theta", [np.zeros(6), np.linspace(-1, 2, 9), along_axis(5, 4.0)])
def test_js_risk_of_a_simulation(theta):
    for seed, sigma in [(1, 1.0), (2, 0.4)]:
        rng = np.random.default_rng(seed)
        found = ss.mc_risk(lambda y, sigma=sigma: ss.james_stein(y, sigma), theta, sigma, 20_000, rng=rng)
        assert abs(found.risk - ss.js_risk(theta, sigma)) < Z * found.se


@pytest.mark.parametrize("tau", [0.3, 1.0, 2.5])
def test_js_risk_averaged_over_a_normal_prior(tau):
    # |theta|^2 / tau^2 is chi-squared; the best linear estimator, which knows tau, has the first of the two terms.
    d = 6
    average, error = integrate.quad(
        lambda q: ss.js_risk(along_axis(d, tau * np.sqrt(q)), 1.0) * stats.chi2.pdf(q, d), 0, 150, epsabs=1e-11
    )
    exact = (d * tau**2 + 2) / (1 + tau**2)
    assert abs(average - exact) < error + 1e-11  # the chi-squared has less than 1e-25 of its mass beyond 150


def test_js_coordinate_risks_sum_to_the_risk():
    for theta in (np.zeros(3), np.array([0.5, -2.0, 0.0, 4.0]), along_axis(30, 12.0)):
        risks = ss.js_coordinate_risks(theta, 0.7)
        assert risks.sum() == pytest.approx(ss.js_risk(theta, 0.7), rel=theta.size**2 * 4 * EPS)


def test_js_coordinate_risks_of_a_simulation():
    theta, sigma = np.array([3.0, 0.0, -0.4, 1.0, 0.0, 0.2]), 0.9
    y = theta + sigma * np.random.default_rng(4).standard_normal((60_000, 6))
    losses = ((1 - 4 * sigma**2 / (y**2).sum(axis=1, keepdims=True)) * y - theta) ** 2
    error = losses.mean(axis=0) - ss.js_coordinate_risks(theta, sigma)
    assert (np.abs(error) < Z * losses.std(axis=0) / np.sqrt(len(y))).all()


def test_js_coordinate_risks_outlier_pays():
    # Published in the lecture: one coordinate of ten five standard deviations away.
    risks = ss.js_coordinate_risks(along_axis(10, 5.0), 1.0)
    assert round(risks[0], 2) == 2.68
    assert round(risks.sum(), 2) == 7.96
    assert (risks[1:] < 1).all()


# radial_risk


@pytest.mark.parametrize("d", [1, 2, 3, 10, 333])
@pytest.mark.parametrize("norm", [0.0, 1e-9, 0.7, 6.0, 80.0])
@pytest.mark.parametrize("factor", [0.0, 0.5, 1.0, 1.5])
def test_radial_risk_linear_estimators(factor, d, norm):
    # Bias (1 - factor) theta and variance factor^2 in each coordinate.
    exact = (1 - factor) ** 2 * norm**2 + factor**2 * d
    got = ss.radial_risk(lambda s, d: np.full_like(s, factor), d, norm)
    assert abs(got - exact) < rounding_of_integral(d, norm)


@pytest.mark.parametrize("d", [3, 4, 9, 200])
@pytest.mark.parametrize("norm", [0.0, 0.9, 5.0, 40.0])
def test_radial_risk_equals_js_risk(d, norm):
    exact = ss.js_risk(along_axis(d, norm), 1.0)
    assert abs(ss.radial_risk(js_factor, d, norm) - exact) < rounding_of_integral(d, norm)


@pytest.mark.parametrize(("d", "published"), [(3, 1.603), (5, 1.400), (10, 1.258), (50, 1.108)])
def test_radial_risk_positive_part_at_the_origin(d, published):
    got = ss.radial_risk(plus_factor, d, 0.0, breaks=[d - 2])
    # At 0 the loss is (s - c)^2 / s for s > c = d - 2, with s chi-squared: its upper moments are known.
    c = d - 2
    upper = [special.gammaincc(d / 2 + k, c / 2) for k in (1, 0, -1)] if d > 2 else []
    exact = d * upper[0] - 2 * c * upper[1] + c**2 / (d - 2) * upper[2]
    assert got == pytest.approx(exact, rel=1e-12)  # the rounding of densities, as above
    assert round(got, 3) == published


@pytest.mark.parametrize("norm", [0.0, 1.5, 2.9, 4.0, 9.0])
def test_radial_risk_smooth_shrinker_by_sure(norm):
    # SURE of (1 - a / (b + s)) y in two dimensions: 2 + (a^2 s - 4 a b) / (b + s)^2.
    a, b = 1.3, 0.7
    excess, error = chi_integral(lambda s: (a**2 * s - 4 * a * b) / (b + s) ** 2, 2, norm**2)
    got = ss.radial_risk(lambda s, d: 1 - a / (b + s), 2, norm)
    assert abs(got - 2 - excess) < error + 1e-8  # ncx2.pdf itself is good to about 1e-9


def test_radial_risk_two_dimensions_win_near_lose_far():
    def gain(norm):
        return ss.radial_risk(lambda s, d: 1 - 1 / (1 + s), 2, norm) - 2

    # E[(s - 4) / (1 + s)^2] at the origin, where s / 2 is exponential, in terms of the exponential integral E1.
    k = np.exp(0.5) * special.exp1(0.5)
    first, second = k / 2, (1 - k / 2) / 2  # E[1 / (1 + s)], E[1 / (1 + s)^2]
    assert gain(0.0) == pytest.approx(first - 5 * second, rel=1e-11)
    assert (round(gain(0.0), 3), round(gain(4.0), 3)) == (-0.885, 0.036)
    assert 2.9 < optimize.brentq(gain, 2, 4) < 3


@pytest.mark.parametrize("d", [3, 6])
@pytest.mark.parametrize("norm", [0.0, 2.0, 7.0])
def test_radial_risk_constant_dominates_below_twice(d, norm):
    def risk(c):
        return ss.radial_risk(lambda s, d: 1 - c / s, d, norm)

    tight = 1e-10  # quadrature
    assert risk(0.1) < d
    assert risk(2 * (d - 2) - 0.1) < d
    assert abs(risk(2 * (d - 2)) - d) < tight
    assert risk(2 * (d - 2) + 0.1) > d
    assert risk(d - 2) < min(risk(d - 2.1), risk(d - 1.9))


def test_radial_risk_positive_part_is_below_james_stein():
    for d, norm in itertools.product((3, 5, 20), (0.0, 1.0, 4.0, 8.0)):
        assert ss.radial_risk(plus_factor, d, norm, breaks=[d - 2]) < ss.radial_risk(js_factor, d, norm) + 1e-12


@pytest.mark.parametrize(("d", "norm"), [(1, 0.5), (2, 0.0), (2, 3.0)])
def test_radial_risk_refuses_an_infinite_risk(d, norm):
    with pytest.raises(ValueError, match="factor must have a finite risk"):
        ss.radial_risk(lambda s, d: 1 - 0.5 / s, d, norm)


def test_radial_risk_refuses_a_corner_unnamed():
    with pytest.raises(ValueError, match="corners only at breaks"):
        ss.radial_risk(plus_factor, 5, 1.0)


# mc_risk, mc_radial_risks, dominates


def test_mc_risk_of_known_losses():
    theta = np.array([3.0, -4.0, 0.5])
    nothing = ss.mc_risk(lambda y: 0 * y, theta, 2.0, 5, rng=np.random.default_rng(0))
    assert (nothing.risk, nothing.se) == ((theta**2).sum(), 0.0)
    seen = []
    ss.mc_risk(lambda y: seen.append(y) or y, theta, 2.0, 5, rng=np.random.default_rng(0))
    losses = ((np.array(seen) - theta) ** 2).sum(axis=1)
    found = ss.mc_risk(lambda y: y, theta, 2.0, 5, rng=np.random.default_rng(0))
    assert found.risk == pytest.approx(losses.mean(), rel=10 * EPS)
    assert found.se == pytest.approx(stats.sem(losses), rel=10 * EPS)


def test_mc_risk_error_matches_se():
    z = []
    for seed in range(100):
        found = ss.mc_risk(lambda y: y / 2, np.array([1.0, 2.0]), 1.5, 400, rng=np.random.default_rng(seed))
        z.append((found.risk - (2 * 1.5**2 + 5) / 4) / found.se)
    # Nearly standard normal, so the sum of squares is nearly chi-squared with 100 degrees of freedom.
    low, high = stats.chi2.ppf([0.0005, 0.9995], 100)
    assert low < np.sum(np.square(z)) < high


@pytest.mark.parametrize("norm", [0.0, 2.5])
def test_mc_radial_risks_agree_with_the_integral(norm):
    found = ss.mc_radial_risks(plus_factor, 31, norm, 20_000, rng=np.random.default_rng(7))
    exact = [ss.radial_risk(plus_factor, d, norm, breaks=[max(d - 2, 0)]) for d in range(1, 32)]
    assert found.risk.shape == found.se.shape == (31,)
    assert (np.abs(found.risk - exact) < Z * found.se).all()
    assert (found.se < 0.1).all()


def test_mc_radial_risks_agree_with_whole_vectors():
    radial = ss.mc_radial_risks(plus_factor, 6, 3.0, 20_000, rng=np.random.default_rng(1))
    for d in (3, 6):
        theta, rng = along_axis(d, 3.0), np.random.default_rng(2)
        whole = ss.mc_risk(lambda y: ss.james_stein_plus(y, 1.0), theta, 1.0, 20_000, rng=rng)
        assert abs(radial.risk[d - 1] - whole.risk) < Z * np.hypot(radial.se[d - 1], whole.se)
        # Fourth moments of light-tailed losses: the two errors themselves agree to a few per cent.
        assert radial.se[d - 1] == pytest.approx(whole.se, rel=0.1)


def test_mc_radial_risks_error_matches_se():
    z = []
    for seed in range(100):
        found = ss.mc_radial_risks(lambda s, d: np.ones_like(s), 4, 1.0, 300, rng=np.random.default_rng(seed))
        z.append((found.risk - np.arange(1, 5)) / found.se)
    low, high = stats.chi2.ppf([0.0005, 0.9995], 100)
    for column in np.transpose(z):
        assert low < (column**2).sum() < high * 1.1  # skewed losses make 300 draws a little heavy-tailed


def test_dominates_known_pairs():
    thetas = np.array([[0.0, 0, 0, 0], [2.0, 0, -1, 0], [3.0, 3, -3, 3]])

    def verdict(a, b):
        return ss.dominates(a, b, thetas, 1.0, 4000, rng=np.random.default_rng(6)).holds

    def stein(y):
        return ss.james_stein_plus(y, 1.0)

    def half(y):
        return y / 2

    assert verdict(stein, np.copy)
    assert not verdict(np.copy, stein)
    assert not verdict(half, np.copy)  # better at the origin, worse far away
    assert not verdict(np.copy, half)
    assert not verdict(np.copy, np.copy)  # nowhere better


def test_dominates_gain_is_the_difference():
    thetas = np.array([[0.0, 0.0, 1.0], [2.0, -1.0, 4.0]])
    found = ss.dominates(lambda y: y / 2, lambda y: y, thetas, 0.9, 5000, rng=np.random.default_rng(9))
    exact = 3 * 0.81 - (3 * 0.81 + (thetas**2).sum(axis=1)) / 4
    assert (np.abs(found.gain - exact) < Z * found.se).all()
    assert (found.se > 0).all()
    assert not found.holds


# sure, soft_threshold, sure_soft, sure_shrink


def test_sure_of_a_linear_estimator_averages_to_its_risk():
    # y + g with g = -a y: E|g|^2 = a^2 (d sigma^2 + |theta|^2), so both sides are known.
    theta, a, sigma = np.array([1.0, 2.0, -1.0, 0.5]), 0.3, 1.7
    y = theta + sigma * np.random.default_rng(2).standard_normal((20_000, 4))
    values = np.array([ss.sure(row, -a * row, -a * 4, sigma) for row in y])
    exact = (1 - a) ** 2 * 4 * sigma**2 + a**2 * (theta @ theta)
    assert abs(values.mean() - exact) < Z * stats.sem(values)


@pytest.mark.parametrize("norm", [0.0, 3.0])
def test_sure_of_james_stein_averages_to_its_risk(norm):
    d, sigma = 8, 1.4

    def estimate_of_risk(s):
        y = along_axis(d, np.sqrt(s)) * sigma
        g = ss.james_stein(y, sigma) - y
        return ss.sure(y, g, -((d - 2) ** 2) * sigma**2 / (y @ y), sigma)

    mean, error = chi_integral(estimate_of_risk, d, norm**2)
    assert abs(mean - ss.js_risk(along_axis(d, norm * sigma), sigma)) < error + 1e-7  # ncx2.pdf, times 8 sigma^2


def test_sure_keeps_any_shape():
    y = observation(12).reshape(3, 4)
    assert ss.sure(y, -y, -12.0, 1.0) == pytest.approx((y**2).sum() - 12, rel=10 * EPS)  # the estimate 0


def test_soft_threshold_equals_pywavelets():
    y = np.append(observation(40).reshape(5, 8), np.full((1, 8), 0.5), axis=0)
    np.testing.assert_allclose(ss.soft_threshold(y, 0.5), pywt.threshold(y, 0.5, "soft"), rtol=0, atol=2 * EPS)
    np.testing.assert_array_equal(ss.soft_threshold(y, 0.0), y)


def test_soft_threshold_solves_its_problem():
    for y in (-1.7, -0.2, 0.0, 0.9, 2.6):
        best = optimize.minimize_scalar(lambda x, y=y: (x - y) ** 2 / 2 + 0.8 * abs(x), (-4, 4))
        # Brent's method finds a smooth minimum to the root of eps, about 1e-8.
        assert abs(best.x - ss.soft_threshold(y, 0.8)) < 1e-7


@pytest.mark.parametrize("theta", [0.0, 0.8, -3.0])
@pytest.mark.parametrize("t", [0.0, 0.7, 2.2])
def test_sure_soft_averages_to_the_risk(t, theta):
    def mean(f):
        points = sorted({-t, t, theta})
        return integrate.quad(lambda y: f(y) * stats.norm.pdf(y - theta), -14, 14, points=points, epsabs=1e-12)

    risk, risk_error = mean(lambda y: (ss.soft_threshold(y, t) - theta) ** 2)
    average, error = mean(lambda y: ss.sure_soft([y], t, 1.0))
    assert abs(average - risk) < error + risk_error


@pytest.mark.parametrize("t", [0.0, 0.4, 1.1, 9.0])
def test_sure_soft_is_sure(t):
    y, sigma = observation(15), 0.6
    shrunk = ss.soft_threshold(y, t)
    zeroed = np.count_nonzero(shrunk == 0)
    expected, rounding = ss.sure(y, shrunk - y, -zeroed, sigma), 20 * EPS * (y @ y + 15)
    assert abs(ss.sure_soft(y, t, sigma) - expected) < rounding
    assert abs(ss.sure_soft(5 * y, 5 * t, 5 * sigma) - 25 * expected) < 25 * rounding


def test_sure_soft_at_zero_is_that_of_the_data():
    assert ss.sure_soft(observation(11), 0.0, 0.5) == 11 * 0.25


def brute_force(y, sigma):
    thresholds = np.concatenate([[0.0], np.abs(y).ravel(), np.linspace(0, np.abs(y).max() + 1, 400)])
    return min(ss.sure_soft(y.ravel(), t, sigma) for t in thresholds)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", [(1,), (6,), (7, 5)])
def test_sure_shrink_finds_the_least(shape, seed):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=shape) + rng.choice([0.0, 0.0, 5.0], size=shape)
    result = ss.sure_shrink(y, 0.9)
    tolerance = 100 * EPS * ((y**2).sum() + y.size)
    assert abs(result.risk - brute_force(y, 0.9)) < tolerance
    assert abs(result.risk - ss.sure_soft(y.ravel(), result.threshold, 0.9)) < tolerance
    np.testing.assert_array_equal(result.estimate, ss.soft_threshold(y, result.threshold))


def test_sure_shrink_ties_and_zeros():
    y = np.array([0.0, 0.0, 1.0, -1.0, 1.0, 4.0])
    result = ss.sure_shrink(y, 1.0)
    assert result.risk == pytest.approx(brute_force(y, 1.0), rel=20 * EPS)
    assert result.threshold == 1.0
    assert ss.sure_shrink(np.zeros(3), 1.0).risk == -3.0


def test_sure_shrink_leaves_strong_signals_alone():
    y = 100 + np.arange(9.0)
    assert ss.sure_shrink(y, 1.0).threshold == 0.0


def test_sure_shrink_beats_the_data_on_sparse_means():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        theta = np.where(rng.random(2000) < 0.05, 6.0, 0.0)
        y = theta + rng.standard_normal(2000)
        result = ss.sure_shrink(y, 1.0)
        loss = ((result.estimate - theta) ** 2).sum()
        # Each term of SURE minus loss has a standard deviation below 4 here; 2000 of them, and a choice of t.
        assert abs(result.risk - loss) < Z * 4 * np.sqrt(2000)
        assert loss < 0.5 * ((y - theta) ** 2).sum()


# tweedie


def test_tweedie_normal_prior_is_linear():
    y, tau, sigma = observation(9), 1.6, 0.7
    shrunk = ss.tweedie(y, -y / (tau**2 + sigma**2), sigma)
    np.testing.assert_allclose(shrunk, tau**2 / (tau**2 + sigma**2) * y, rtol=8 * EPS)


def test_tweedie_two_spikes():
    # theta = -m or m: the marginal is a pair of normal bumps, the posterior mean m tanh(m y / sigma^2).
    y, m, sigma = np.linspace(-4, 4, 31), 1.5, 0.8
    up, down = stats.norm.pdf(y, m, sigma), stats.norm.pdf(y, -m, sigma)
    score = -((y - m) * up + (y + m) * down) / sigma**2 / (up + down)
    np.testing.assert_allclose(ss.tweedie(y, score, sigma), m * np.tanh(m * y / sigma**2), rtol=0, atol=1e-13)


def test_tweedie_equals_the_posterior_mean():
    # theta uniform on [-1, 2]: the marginal is a difference of normal distribution functions.
    sigma, low, high = 0.6, -1.0, 2.0
    for y in (-1.4, 0.3, 2.2):
        density = stats.norm.cdf((y - low) / sigma) - stats.norm.cdf((y - high) / sigma)
        slope = stats.norm.pdf((y - low) / sigma) / sigma - stats.norm.pdf((y - high) / sigma) / sigma
        mean = integrate.quad(lambda t, y=y: t * stats.norm.pdf((y - t) / sigma), low, high)[0]
        mass = integrate.quad(lambda t, y=y: stats.norm.pdf((y - t) / sigma), low, high)[0]
        assert ss.tweedie(y, slope / density, sigma) == pytest.approx(mean / mass, rel=1e-7)  # quad's own accuracy


# Baseball, 1970


def test_baseball_published_numbers():
    early, late = data.baseball_1970()
    level = early.mean()
    shrunk = ss.james_stein_mean(early, np.sqrt(level * (1 - level) / 45))
    before, after = ((early - late) ** 2).sum(), ((shrunk - late) ** 2).sum()
    assert (round(before, 4), round(after, 4), round(before / after, 2)) == (0.0754, 0.0213, 3.54)
    assert np.count_nonzero(abs(shrunk - late) < abs(early - late)) == 16


def test_baseball_arcsine_scale():
    early, late = (np.sqrt(45) * np.arcsin(2 * p - 1) for p in data.baseball_1970())
    shrunk = ss.james_stein_mean(early, 1.0)
    before, after = ((early - late) ** 2).sum(), ((shrunk - late) ** 2).sum()
    assert (round(before, 2), round(after, 2)) == (17.58, 5.00)
    # Efron and Morris print 17.56 and 5.01, from averages rounded otherwise.
    assert abs(before - 17.56) < 0.03
    assert abs(after - 5.01) < 0.03


# Bad input

Y = [1.0, 2.0, -1.0, 0.5]
RNG = np.random.default_rng(0)


def same(y):
    return y


@np.errstate(divide="ignore")
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ss.james_stein(Y[:2], 1.0), ValueError, "y must have at least 3 entries, got 2.*wins everywhere"),
        (lambda: ss.james_stein(np.zeros(4), 1.0), ValueError, "y must not be 0, got 4 zeros"),
        (lambda: ss.james_stein([1.0, np.nan, 2.0], 1.0), ValueError, "y must be finite, got 1"),
        (lambda: ss.james_stein([Y, Y], 1.0), ValueError, "y must have 1 axes"),
        (lambda: ss.james_stein([1j, 2, 3], 1.0), TypeError, "y must be real"),
        (lambda: ss.james_stein(Y, 0.0), ValueError, "sigma must be > 0, got 0"),
        (lambda: ss.james_stein(Y, -1.0), ValueError, "sigma must be > 0, got -1"),
        (lambda: ss.james_stein(Y, Y), TypeError, "sigma must be a real number"),
        (lambda: ss.james_stein_plus(Y[:2], 1.0), ValueError, "y must have at least 3 entries, got 2"),
        (lambda: ss.james_stein_plus(Y, 0.0), ValueError, "sigma must be > 0"),
        (lambda: ss.james_stein_mean(Y[:3], 1.0), ValueError, "y must have at least 4 entries, got 3.*mean takes one"),
        (lambda: ss.james_stein_mean([0.1] * 7, 1.0), ValueError, "y must not have all entries equal, got 7 times 0.1"),
        (lambda: ss.james_stein_mean(Y, np.nan), ValueError, "sigma must be finite"),
        (lambda: ss.inverse_moment(2, 1.0), ValueError, "d must be at least 3, got 2"),
        (lambda: ss.inverse_moment(3.0, 1.0), TypeError, "d must be a whole number"),
        (lambda: ss.inverse_moment(3, [1.0, -0.5]), ValueError, "lam must be >= 0, got -0.5"),
        (lambda: ss.js_risk(Y[:2], 1.0), ValueError, "theta must have at least 3 entries, got 2"),
        (lambda: ss.js_risk(Y, 0), ValueError, "sigma must be > 0"),
        (lambda: ss.js_coordinate_risks(Y[:2], 1.0), ValueError, "theta must have at least 3 entries, got 2"),
        (lambda: ss.js_coordinate_risks(Y, 0), ValueError, "sigma must be > 0"),
        (lambda: ss.radial_risk(0.5, 3, 1.0), TypeError, "factor must be a function"),
        (lambda: ss.radial_risk(js_factor, 0, 1.0), ValueError, "d must be at least 1"),
        (lambda: ss.radial_risk(js_factor, 1001, 1.0), ValueError, "d must be at most 1000"),
        (lambda: ss.radial_risk(js_factor, 3, -1.0), ValueError, "norm must be >= 0, got -1"),
        (lambda: ss.radial_risk(js_factor, 3, 1.0, breaks=[-1.0]), ValueError, "breaks must be >= 0, got -1"),
        (lambda: ss.radial_risk(lambda s, d: s[:2], 3, 1.0), ValueError, "factor must map shape"),
        (lambda: ss.radial_risk(lambda s, d: s * np.nan, 3, 1.0), ValueError, "the values of factor must be finite"),
        (lambda: ss.mc_risk(same, Y, 1.0, 1, rng=RNG), ValueError, "n must be at least 2, got 1"),
        (lambda: ss.mc_risk(same, Y, 1.0, 5, rng=0), TypeError, "rng must be a numpy Generator"),
        (lambda: ss.mc_risk("same", Y, 1.0, 5, rng=RNG), TypeError, "estimator must be a function"),
        (lambda: ss.mc_risk(np.sum, Y, 1.0, 5, rng=RNG), ValueError, r"estimator must map shape \(4,\) to itself"),
        (lambda: ss.mc_risk(lambda y: y / 0, Y, 1.0, 5, rng=RNG), ValueError, "what estimator returns must be finite"),
        (lambda: ss.mc_risk(same, Y, -1.0, 5, rng=RNG), ValueError, "sigma must be > 0"),
        (lambda: ss.mc_radial_risks(None, 3, 1.0, 5, rng=RNG), TypeError, "factor must be a function"),
        (lambda: ss.mc_radial_risks(plus_factor, 0, 1.0, 5, rng=RNG), ValueError, "d_max must be at least 1"),
        (lambda: ss.mc_radial_risks(plus_factor, 3, -1.0, 5, rng=RNG), ValueError, "norm must be >= 0"),
        (lambda: ss.mc_radial_risks(plus_factor, 3, 1.0, 1, rng=RNG), ValueError, "n must be at least 2"),
        (lambda: ss.mc_radial_risks(plus_factor, 3, 1.0, 5, rng=None), TypeError, "rng must be a numpy Generator"),
        (lambda: ss.dominates(same, same, Y, 1.0, 5, rng=RNG), ValueError, "thetas must have 2 axes"),
        (lambda: ss.dominates(1, same, [Y], 1.0, 5, rng=RNG), TypeError, "a must be a function, got 1"),
        (lambda: ss.dominates(same, np.sum, [Y], 1.0, 5, rng=RNG), ValueError, "b must map shape"),
        (lambda: ss.dominates(same, same, [Y], 1.0, 5.0, rng=RNG), TypeError, "n must be a whole number"),
        (lambda: ss.dominates(same, same, [Y], 1.0, 5, rng=RNG, z=0), ValueError, "z must be > 0"),
        (lambda: ss.sure(Y, Y[:3], 0.0, 1.0), ValueError, r"shapes must agree, got y \(4,\), g \(3,\)"),
        (lambda: ss.sure(Y, Y, np.inf, 1.0), ValueError, "div must be finite"),
        (lambda: ss.sure(Y, Y, 0.0, 0.0), ValueError, "sigma must be > 0"),
        (lambda: ss.soft_threshold(Y, -0.1), ValueError, "t must be >= 0, got -0.1"),
        (lambda: ss.soft_threshold(["a"], 0.1), TypeError, "y must hold numbers"),
        (lambda: ss.sure_soft(Y, -0.1, 1.0), ValueError, "t must be >= 0, got -0.1"),
        (lambda: ss.sure_soft([Y], 0.1, 1.0), ValueError, "y must have 1 axes"),
        (lambda: ss.sure_soft(Y, 0.1, 0.0), ValueError, "sigma must be > 0"),
        (lambda: ss.sure_shrink([], 1.0), ValueError, "y needs at least 1"),
        (lambda: ss.sure_shrink(Y, 0.0), ValueError, "sigma must be > 0"),
        (lambda: ss.tweedie(Y, Y[:2], 1.0), ValueError, "shapes must agree"),
        (lambda: ss.tweedie(Y, Y, 0.0), ValueError, "sigma must be > 0"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_results_are_frozen():
    for result in (ss.RiskResult(1.0, 0.1), ss.sure_shrink(Y, 1.0)):
        with pytest.raises(AttributeError, match="risk"):
            result.risk = 0.0
