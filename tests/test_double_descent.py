"""Oracles of `coursekit.double_descent`: other solvers, refits, closed forms, simulation with its error."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats
from sklearn.datasets import load_digits

from coursekit import double_descent as dd

EPS = np.finfo(float).eps
Z = 4.0  # standard errors; seeds are fixed, so this decides once
N, B, VAR = 40, 1.0, 0.25
PUBLISHED = {5: 0.0368, 20: 0.2632, 34: 1.7000, 46: 2.1304, 60: 0.8596, 120: 0.7932, 400: 0.9279}
SHAPES = [(11, 4), (4, 11), (7, 7), (8, 7), (7, 8), (2, 1), (1, 3)]


def problem(n, p, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, p)), rng.standard_normal(n)


def low_rank(n, p, rank, seed=2):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, rank)) @ rng.standard_normal((rank, p)), rng.standard_normal(n)


def condition(A):
    s = np.linalg.svd(A, compute_uv=False)
    return s[0] / s[-1]


def size(x):
    return float(np.abs(x).max())


def agree_on_average(values, expected, z=Z):
    """Tell whether independent values have this mean, within z standard errors."""
    se = values.std(ddof=1) / np.sqrt(len(values))
    return abs(values.mean() - expected) < z * se


# min_norm_lstsq


@pytest.mark.parametrize(("n", "p"), SHAPES)
def test_min_norm_lstsq_equals_pinv(n, p):
    A, y = problem(n, p)
    expected = np.linalg.pinv(A) @ y
    # Both SVDs are exact for a matrix some 10 eps away, which moves the solution by the condition (squared for p < n).
    np.testing.assert_allclose(dd.min_norm_lstsq(A, y), expected, rtol=0, atol=100 * EPS * condition(A) ** 2)


@pytest.mark.parametrize(("n", "p", "rank"), [(9, 5, 3), (5, 9, 3), (6, 6, 1)])
def test_min_norm_lstsq_any_rank(n, p, rank):
    A, y = low_rank(n, p, rank)
    x = dd.min_norm_lstsq(A, y)
    np.testing.assert_allclose(x, np.linalg.pinv(A, rcond=1e-10) @ y, rtol=0, atol=1e4 * EPS * size(x))
    # What defines it: the residual is orthogonal to the columns, and x lies in the span of the rows.
    np.testing.assert_allclose(A.T @ (A @ x - y), 0, rtol=0, atol=1e3 * EPS * size(A) * size(y) * n)
    null = np.eye(p) - np.linalg.pinv(A, rcond=1e-10) @ A
    np.testing.assert_allclose(null @ x, 0, rtol=0, atol=1e4 * EPS * size(x))


def test_min_norm_lstsq_is_the_shortest_interpolant():
    A, y = problem(5, 13)
    x, other = dd.min_norm_lstsq(A, y), np.random.default_rng(4).standard_normal((13, 20))
    others = x[:, None] + other - np.linalg.pinv(A) @ (A @ other)  # all interpolate
    np.testing.assert_allclose(A @ others, np.tile(y[:, None], 20), rtol=0, atol=1e3 * EPS * size(others))
    assert (np.linalg.norm(others, axis=0) > np.linalg.norm(x)).all()


def test_min_norm_lstsq_several_targets():
    A, _ = problem(6, 9)
    Y = np.random.default_rng(5).standard_normal((6, 4))
    columns = np.column_stack([dd.min_norm_lstsq(A, y) for y in Y.T])
    np.testing.assert_allclose(dd.min_norm_lstsq(A, Y), columns, rtol=0, atol=100 * EPS * size(columns))


def test_min_norm_lstsq_rcond_cuts_small_singular_values():
    A, y = np.diag([4.0, 1.0, 0.1])[:, :3], np.array([4.0, 3.0, 2.0])
    np.testing.assert_allclose(dd.min_norm_lstsq(A, y, 0.1), [1, 3, 0], rtol=4 * EPS)
    np.testing.assert_allclose(dd.min_norm_lstsq(A, y), [1, 3, 20], rtol=4 * EPS)


def test_min_norm_lstsq_of_zero_is_zero():
    np.testing.assert_array_equal(dd.min_norm_lstsq(np.zeros((3, 5)), [1.0, 2.0, 3.0]), np.zeros(5))


# ridge


@pytest.mark.parametrize(("n", "p"), SHAPES)
def test_ridge_equals_augmented_least_squares(n, p):
    A, y = problem(n, p)
    lam = 0.7
    stacked = np.vstack([A, np.sqrt(lam) * np.eye(p)])
    expected = np.linalg.lstsq(stacked, np.append(y, np.zeros(p)), rcond=None)[0]
    np.testing.assert_allclose(dd.ridge(A, y, lam), expected, rtol=0, atol=100 * EPS * condition(stacked) ** 2)


def test_ridge_equals_its_dual_form():
    A, y = problem(5, 8)
    Y = np.column_stack([y, y**2])
    expected = A.T @ np.linalg.solve(A @ A.T + 0.3 * np.eye(5), Y)
    np.testing.assert_allclose(dd.ridge(A, Y, 0.3), expected, rtol=0, atol=100 * EPS * condition(A) ** 2)


@pytest.mark.parametrize(("n", "p"), [(9, 5), (5, 9)])
def test_ridge_tends_to_the_minimum_norm(n, p):
    A, y = low_rank(n, p, 3)
    x = dd.min_norm_lstsq(A, y)
    np.testing.assert_array_equal(dd.ridge(A, y, 0.0), x)
    smallest = np.linalg.svd(A, compute_uv=False)[2]
    lam = 1e-6 * smallest**2
    # Each component shrinks by s^2 / (s^2 + lam), so by at most the fraction lam / smallest^2.
    assert np.linalg.norm(dd.ridge(A, y, lam) - x) <= 1.01e-6 * np.linalg.norm(x)


# gradient_descent


@pytest.mark.parametrize(("n", "p"), [(7, 4), (4, 7)])
@pytest.mark.parametrize("step", [None, 0.01])
def test_gradient_descent_equals_its_closed_form(n, p, step):
    A, y = problem(n, p)
    x0 = np.random.default_rng(7).standard_normal(p)
    limit = x0 + np.linalg.pinv(A) @ (y - A @ x0)
    values, vectors = np.linalg.eigh(A.T @ A)
    rate = 1 - (1 / values[-1] if step is None else step) * values
    for k in (0, 1, 5, 60):
        expected = limit + vectors @ (rate**k * (vectors.T @ (x0 - limit)))
        got = dd.gradient_descent(A, y, x0, k, step)
        np.testing.assert_allclose(got, expected, rtol=0, atol=(k + 10) * 100 * EPS * size(limit))


def test_gradient_descent_limit_depends_on_its_start():
    A, y = problem(6, 17)
    x0 = 3 * np.random.default_rng(8).standard_normal(17)
    s = np.linalg.svd(A, compute_uv=False)
    n_steps = int(np.ceil(40 / (s[-1] / s[0]) ** 2))  # the slowest part is left with less than e^-40
    from_zero, from_x0 = (dd.gradient_descent(A, y, start, n_steps) for start in (np.zeros(17), x0))
    shortest = dd.min_norm_lstsq(A, y)
    np.testing.assert_allclose(from_zero, shortest, rtol=0, atol=1e4 * EPS * size(shortest))
    expected = x0 + np.linalg.pinv(A) @ (y - A @ x0)
    np.testing.assert_allclose(from_x0, expected, rtol=0, atol=1e4 * EPS * size(expected))
    assert np.linalg.norm(from_x0) > 2 * np.linalg.norm(shortest)


def test_gradient_descent_leaves_its_start_alone():
    A, y = problem(3, 5)
    x0 = np.ones(5)
    result = dd.gradient_descent(A, y, x0, 0)
    result += 1
    np.testing.assert_array_equal(x0, np.ones(5))


# min_norm_prefixes


@pytest.mark.parametrize(("n", "P"), [(9, 5), (9, 9), (9, 10), (9, 11), (7, 31), (1, 4), (3, 1)])
def test_min_norm_prefixes_equal_single_fits(n, P):
    A, y = problem(n, P, seed=11)
    solutions = dd.min_norm_prefixes(A, y)
    assert solutions.shape == (P, P)
    for p in range(1, P + 1):
        single = np.linalg.pinv(A[:, :p]) @ y
        tolerance = 100 * EPS * condition(A[:, :p]) ** 2 * size(single)
        np.testing.assert_allclose(solutions[p - 1, :p], single, rtol=0, atol=tolerance)
        np.testing.assert_array_equal(solutions[p - 1, p:], 0)


def test_min_norm_prefixes_bad_condition_at_the_peak_does_not_spread():
    A, y = problem(30, 90, seed=12)
    A[:, 29] = A[:, 28] + 1e-5 * A[:, 29]  # at p = n the condition is beyond 1e6, its square beyond 1e12
    solutions = dd.min_norm_prefixes(A, y)
    assert condition(A[:, :30]) > 1e6
    for p in (60, 75, 90):
        single = dd.min_norm_lstsq(A[:, :p], y)
        tolerance = 100 * EPS * condition(A[:, :p]) ** 2 * size(single)
        np.testing.assert_allclose(solutions[p - 1, :p], single, rtol=0, atol=tolerance)


# excess_risk


@pytest.mark.parametrize(("p", "published"), PUBLISHED.items())
def test_excess_risk_published_values(p, published):
    assert dd.excess_risk(N, p, B, VAR) == pytest.approx(published, abs=5.1e-5)  # rounded to four decimals


@pytest.mark.parametrize("p", PUBLISHED)
def test_excess_risk_within_the_error_of_a_simulation(p):
    losses = dd.excess_losses(N, p, B, VAR, 2000 if p < 100 else 200, rng=np.random.default_rng(p))
    assert agree_on_average(losses, dd.excess_risk(N, p, B, VAR))


@pytest.mark.parametrize("m", [4, 9])
def test_excess_risk_of_one_column_or_row_by_integration(m):
    mean_inverse = integrate.quad(lambda t: stats.chi2.pdf(t, m) / t, 0, np.inf)[0]  # E of 1 / |a|^2
    # quad's own target is 1.5e-8, absolute or relative.
    assert dd.excess_risk(m, 1, 3.0, 0.7) == pytest.approx(0.7 * mean_inverse, rel=0, abs=3e-8)
    expected = 3.0 * (1 - 1 / m) + 0.7 * mean_inverse  # |a'x|^2 / |a|^2 has the mean |x|^2 / m
    assert dd.excess_risk(1, m, 3.0, 0.7) == pytest.approx(expected, rel=0, abs=3e-8)


def test_excess_risk_infinite_at_interpolation():
    assert [dd.excess_risk(12, p, 1.0, 0.1) for p in (11, 12, 13)] == [np.inf] * 3
    assert np.isfinite([dd.excess_risk(12, p, 1.0, 0.1) for p in (10, 14)]).all()


def test_excess_losses_at_the_peak_have_a_median_but_no_mean():
    losses = dd.excess_losses(N, N, B, VAR, 4000, rng=np.random.default_rng(3))
    # The median of 4000 lies, 4 standard errors wide, between these two ranks; published 21.9.
    low, high = np.sort(losses)[[int(2000 - 4 * np.sqrt(1000)), int(2000 + 4 * np.sqrt(1000))]]
    assert low < 21.9 < high
    assert losses.max() > 1e4 * np.median(losses)


def test_excess_risk_least_beyond_interpolation():
    widths = np.arange(N + 2, 400)
    risks = np.array([dd.excess_risk(N, int(p), B, VAR) for p in widths])
    best = int(widths[risks.argmin()])
    assert N * np.sqrt(B) / (np.sqrt(B) - np.sqrt(VAR)) == 80  # the limit's argmin
    assert best == 82
    assert risks.min() == pytest.approx(0.756, abs=5e-4)
    for var in (1.0, 1.5):
        assert min(dd.excess_risk(N, p, B, var) for p in range(N + 2, 4000)) > B


def test_training_error_is_zero_beyond_interpolation_and_known_before():
    rng = np.random.default_rng(5)
    for n, p in [(15, 6), (6, 15)]:
        rss = []
        for _ in range(400):
            A = rng.standard_normal((n, p))
            y = A.sum(axis=1) + 0.5 * rng.standard_normal(n)
            rss.append(((A @ dd.min_norm_lstsq(A, y) - y) ** 2).sum())
        if p < n:
            assert agree_on_average(np.array(rss), 0.25 * (n - p))
        else:
            assert max(rss) < 1e-20  # (1000 roundings of numbers of size 10) squared


# weak_features_risk


@pytest.mark.parametrize("p", [1, 3, 9, 23, 40])
def test_weak_features_risk_within_the_error_of_a_simulation(p):
    rng, n = np.random.default_rng(p + 1), 14
    beta, losses = rng.standard_normal(40) / 4, []
    for _ in range(1000):
        A = rng.standard_normal((n, 40))
        y = A @ beta + 0.6 * rng.standard_normal(n)
        error = np.array(beta)
        error[:p] -= np.linalg.lstsq(A[:, :p], y, rcond=None)[0]
        losses.append(error @ error + 0.36)  # rows are standard normal: the mean over new rows is known
    assert agree_on_average(np.array(losses), dd.weak_features_risk(n, p, beta, 0.36))


def test_weak_features_risk_with_all_features_is_excess_risk_plus_noise():
    beta = np.array([1.0, -2.0, 0.5, 0.0, 3.0, 1.5, -1.0])
    for n in (2, 3, 4, 9, 30):
        expected = dd.excess_risk(n, 7, beta @ beta, 0.3) + 0.3
        assert dd.weak_features_risk(n, 7, beta, 0.3) == pytest.approx(expected, rel=10 * EPS)


def test_weak_features_risk_without_features_is_the_variance_of_y():
    beta = np.array([1.0, -2.0, 0.5])
    assert [dd.weak_features_risk(n, 0, beta, 0.3) for n in (2, 9)] == pytest.approx([5.55, 5.55], rel=4 * EPS)


def test_weak_features_risk_infinite_at_interpolation():
    beta = np.ones(9)
    assert [dd.weak_features_risk(5, p, beta, 1.0) for p in (4, 5, 6)] == [np.inf] * 3
    assert np.isfinite([dd.weak_features_risk(5, p, beta, 1.0) for p in (3, 7)]).all()


# optimal_ridge and spectrum_risk


def exact_risk(A, truth, var, lam):
    """Bias and variance of ridge for one design and one truth, from the linear algebra and not from the spectrum."""
    p = A.shape[1]
    inverse = np.linalg.inv(A.T @ A + lam * np.eye(p))
    bias = lam * inverse @ truth
    return bias @ bias + var * np.trace(inverse @ A.T @ A @ inverse)


@pytest.mark.parametrize(("n", "p"), [(7, 4), (4, 7)])
@pytest.mark.parametrize("lam", [0.2, 3.0])
def test_spectrum_risk_is_the_mean_over_directions(n, p, lam):
    A, _ = problem(n, p)
    s = np.linalg.svd(A, compute_uv=False)
    # The mean of a quadratic form over all directions is its mean over any orthogonal axes.
    axes = np.sqrt(2.5) * np.eye(p)
    mean = np.mean([exact_risk(A, truth, 0.4, lam) for truth in axes])
    assert dd.spectrum_risk(s, p, 2.5, 0.4, lam) == pytest.approx(mean, rel=100 * EPS * (s[0] ** 2 / lam + 1))


@pytest.mark.parametrize(("n", "p"), [(19, 7), (7, 19)])
def test_spectrum_risk_averages_to_excess_risk(n, p):
    designs = np.random.default_rng(6).standard_normal((2000, n, p))
    spectra = np.linalg.svd(designs, compute_uv=False)
    risks = np.array([dd.spectrum_risk(s, p, 2.0, 0.5) for s in spectra])
    assert agree_on_average(risks, dd.excess_risk(n, p, 2.0, 0.5))


@pytest.mark.parametrize(("n", "p"), [(9, 5), (5, 9), (6, 6)])
def test_optimal_ridge_minimises_the_risk_of_every_design(n, p):
    s = np.linalg.svd(problem(n, p)[0], compute_uv=False)
    best = optimize.minimize_scalar(
        lambda log: dd.spectrum_risk(s, p, 1.7, 0.6, np.exp(log)),
        bounds=(-5, 6),
        method="bounded",
        options={"xatol": 1e-9},
    )
    # A minimum is located to the root of the rounding of the function: about 1e-8 times its flatness.
    assert np.exp(best.x) == pytest.approx(dd.optimal_ridge(n, p, 1.7, 0.6), rel=1e-6)


@pytest.mark.parametrize(("n", "p"), [(20, 8), (20, 20), (20, 33)])
@pytest.mark.parametrize("factor", [0.25, 4.0])
def test_optimal_ridge_beats_its_neighbours_in_simulation(n, p, factor):
    lam = dd.optimal_ridge(n, p, 1.0, 0.5)
    best, other = (
        dd.excess_losses(n, p, 1.0, 0.5, 2000, value, rng=np.random.default_rng(9)) for value in (lam, factor * lam)
    )
    gain = other - best  # paired: the same data
    assert gain.mean() > Z * gain.std(ddof=1) / np.sqrt(len(gain))


def test_optimal_ridge_has_no_peak():
    p, rng = 30, np.random.default_rng(10)
    lam = dd.optimal_ridge(1, p, 1.0, 0.5)
    rows = rng.standard_normal((100, 80, p))  # the first n rows of each: more data, nothing else changed
    means = []
    for n in range(5, 81, 5):
        spectra = np.linalg.svd(rows[:, :n], compute_uv=False)
        means.append(np.mean([dd.spectrum_risk(s, p, 1.0, 0.5, lam) for s in spectra]))
    # Not by chance: with the best lam a further row lowers the risk of each design (Bayes risk for a normal prior).
    assert (np.diff(means) < 0).all()
    assert dd.excess_risk(25, p, 1.0, 0.5) > 3 * means[4]


# excess_losses


@pytest.mark.parametrize(("n", "p"), [(6, 4), (4, 6), (5, 5)])
@pytest.mark.parametrize("lam", [0.0, 0.8])
def test_excess_losses_equal_single_fits(n, p, lam, monkeypatch):
    monkeypatch.setattr(dd, "CHUNK", 3 * n * p)  # chunks of 3 and 2 data sets
    losses = dd.excess_losses(n, p, 2.0, 0.3, 5, lam, rng=np.random.default_rng(13))
    rng, expected, tolerances = np.random.default_rng(13), [], []
    truth = np.full(p, np.sqrt(2.0 / p))
    for count in (3, 2):
        designs = rng.standard_normal((count, n, p))
        noise = rng.standard_normal((count, n))
        for A, e in zip(designs, noise, strict=True):
            x = dd.ridge(A, A @ truth + np.sqrt(0.3) * e, lam)
            expected.append(((x - truth) ** 2).sum())
            tolerances.append(100 * EPS * condition(A) ** 2 * (1 + expected[-1]))
    assert losses.shape == (5,)
    assert (np.abs(losses - expected) < tolerances).all()


# loo_residuals


@pytest.mark.parametrize(("n", "p"), [(11, 4), (4, 11), (7, 7), (8, 6), (7, 9), (2, 1), (2, 5)])
def test_loo_residuals_equal_refits(n, p):
    A, y = problem(n, p, seed=14)
    refits = []
    for i in range(n):
        others = np.arange(n) != i
        refits.append(y[i] - A[i] @ (np.linalg.pinv(A[others]) @ y[others]))
    tolerance = 100 * EPS * condition(A) ** 2 * size(refits)
    np.testing.assert_allclose(dd.loo_residuals(A, y), refits, rtol=0, atol=tolerance)


def test_loo_residuals_mean_square_is_the_risk_with_one_row_less():
    rng, n, p = np.random.default_rng(15), 12, 30
    means = []
    for _ in range(1000):
        A = rng.standard_normal((n, p))
        y = A.sum(axis=1) / np.sqrt(p) + 0.5 * rng.standard_normal(n)
        means.append(np.mean(dd.loo_residuals(A, y) ** 2))
    assert agree_on_average(np.array(means), dd.excess_risk(n - 1, p, 1.0, 0.25) + 0.25)


# random_relu_features


def test_random_relu_features_moments():
    x = np.array([[3.0, -4.0, 0.0, 12.0], [1.0, 0.0, 0.0, 0.0]])
    features = dd.random_relu_features(x, 40_000, rng=np.random.default_rng(16))
    assert features.shape == (2, 40_000)
    for row, norm in zip(features, (13.0, 1.0), strict=True):  # w'x / sqrt(4) is normal with SD |x| / 2
        assert agree_on_average(row, norm / 2 / np.sqrt(2 * np.pi))
        assert agree_on_average(row**2, (norm / 2) ** 2 / 2)
        assert agree_on_average((row > 0).astype(float), 0.5)


def test_random_relu_features_scale_with_their_input_and_share_their_weights():
    X = np.random.default_rng(17).standard_normal((5, 3))
    stacked = dd.random_relu_features(np.vstack([X, 2 * X]), 7, rng=np.random.default_rng(18))
    np.testing.assert_allclose(stacked[5:], 2 * stacked[:5], rtol=4 * EPS)


def test_random_relu_features_on_digits_descend_twice():
    X, label = load_digits(return_X_y=True)
    rng = np.random.default_rng(19)
    order = rng.permutation(len(X))
    train, test = order[:300], order[300:]
    noisy = np.where(rng.random(len(X)) < 0.15, rng.integers(0, 10, len(X)), label)
    features = dd.random_relu_features(X / 16, 4000, rng=rng)
    error = {}
    for p in (100, 300, 4000):
        x = dd.min_norm_lstsq(features[train, :p], np.eye(10)[noisy[train]])
        error[p] = ((features[test, :p] @ x - np.eye(10)[label[test]]) ** 2).sum(axis=1).mean()
    # Published .7, over 100, .42: the order, and ratios that leave a factor of 3.
    assert error[300] > 30 * error[100]
    assert error[4000] < error[100]


# Bad input

A35, Y3, RNG = np.ones((3, 5)), np.ones(3), np.random.default_rng(0)
DEPENDENT = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 1.0], [3.0, 6.0, 5.0], [0.0, 0.0, 1.0]])

BAD = [
    (lambda: dd.min_norm_lstsq(A35, np.ones(4)), ValueError, r"as many rows, got shapes \(3, 5\) and \(4,\)"),
    (lambda: dd.min_norm_lstsq(np.ones(3), Y3), ValueError, r"A must have 2 axes, got shape \(3,\)"),
    (lambda: dd.min_norm_lstsq(A35, 1.0), ValueError, r"y must have 1 or 2 axes, got shape \(\)"),
    (lambda: dd.min_norm_lstsq(np.ones((0, 5)), np.ones(0)), ValueError, r"A needs at least 1 .* got shape \(0, 5\)"),
    (lambda: dd.min_norm_lstsq(np.ones((3, 0)), Y3), ValueError, r"A needs at least 1 .* got shape \(3, 0\)"),
    (lambda: dd.min_norm_lstsq(np.nan * A35, Y3), ValueError, "A must be finite, got 15 NaN or infinite of 15"),
    (lambda: dd.min_norm_lstsq(A35, [1, np.inf, 2]), ValueError, "y must be finite, got 1 NaN or infinite of 3"),
    (lambda: dd.min_norm_lstsq(1j * A35, Y3), TypeError, "A must be real, got dtype complex128"),
    (lambda: dd.min_norm_lstsq(A35, 1j * Y3), TypeError, "y must be real, got dtype complex128"),
    (lambda: dd.min_norm_lstsq(A35, Y3, -1e-3), ValueError, "rcond must be >= 0, got -0.001"),
    (lambda: dd.ridge(A35, np.ones(5), 1.0), ValueError, r"as many rows, got shapes \(3, 5\) and \(5,\)"),
    (lambda: dd.ridge(A35, Y3, -1.0), ValueError, "lam must be >= 0, got -1"),
    (lambda: dd.ridge(A35, Y3, np.nan), ValueError, "lam must be finite, got nan"),
    (lambda: dd.ridge(1j * A35, Y3, 1.0), TypeError, "A must be real"),
    (lambda: dd.gradient_descent(A35, Y3, np.ones(3), 1), ValueError, r"got \(3, 5\), \(3,\) and \(3,\)"),
    (lambda: dd.gradient_descent(A35, np.ones(4), np.ones(5), 1), ValueError, r"got \(3, 5\), \(4,\) and \(5,\)"),
    (lambda: dd.gradient_descent(A35, Y3, np.ones(5), -1), ValueError, "n_steps must be at least 0, got -1"),
    (lambda: dd.gradient_descent(A35, Y3, np.ones(5), 1.5), TypeError, "n_steps must be a whole number, got 1.5"),
    (lambda: dd.gradient_descent(A35, Y3, np.ones(5), 1, 0.2), ValueError, "step must be < 0.133333, got 0.2"),
    (lambda: dd.gradient_descent(A35, Y3, np.ones(5), 1, 0.0), ValueError, "step must be > 0, got 0"),
    (lambda: dd.gradient_descent(0 * A35, Y3, np.ones(5), 1), ValueError, "A must not be zero everywhere"),
    (lambda: dd.gradient_descent(A35, Y3, 1j * np.ones(5), 1), TypeError, "x0 must be real"),
    (lambda: dd.min_norm_prefixes(A35, np.ones(5)), ValueError, r"as many rows, got shapes \(3, 5\) and \(5,\)"),
    (lambda: dd.min_norm_prefixes(DEPENDENT, np.ones(4)), ValueError, "independent columns up to p = 3, .* at p = 2"),
    (lambda: dd.min_norm_prefixes(A35, np.ones((3, 2))), ValueError, r"y must have 1 axes, got shape \(3, 2\)"),
    (lambda: dd.min_norm_prefixes(1j * A35, Y3), TypeError, "A must be real"),
    (lambda: dd.excess_risk(0, 5, 1.0, 1.0), ValueError, "n must be at least 1, got 0"),
    (lambda: dd.excess_risk(5, 0, 1.0, 1.0), ValueError, "p must be at least 1, got 0"),
    (lambda: dd.excess_risk(5, 2.0, 1.0, 1.0), TypeError, "p must be a whole number, got 2.0"),
    (lambda: dd.excess_risk(5.5, 2, 1.0, 1.0), TypeError, "n must be a whole number, got 5.5"),
    (lambda: dd.excess_risk(5, 2, -1.0, 1.0), ValueError, "B must be >= 0, got -1"),
    (lambda: dd.excess_risk(5, 2, 1.0, 0.0), ValueError, "var must be > 0, got 0"),
    (lambda: dd.excess_risk(5, 2, 1j, 1.0), TypeError, "B must be a real number, got 1j"),
    (lambda: dd.weak_features_risk(5, 4, np.ones(3), 1.0), ValueError, "p must be at most 3, got 4"),
    (lambda: dd.weak_features_risk(5, -1, np.ones(3), 1.0), ValueError, "p must be at least 0, got -1"),
    (lambda: dd.weak_features_risk(0, 1, np.ones(3), 1.0), ValueError, "n must be at least 1, got 0"),
    (lambda: dd.weak_features_risk(5, 1, [np.nan], 1.0), ValueError, "beta must be finite"),
    (lambda: dd.weak_features_risk(5, 1, np.ones((3, 3)), 1.0), ValueError, "beta must have 1 axes"),
    (lambda: dd.weak_features_risk(5, 1, np.ones(3), -1.0), ValueError, "var must be > 0, got -1"),
    (lambda: dd.optimal_ridge(0, 2, 1.0, 1.0), ValueError, "n must be at least 1, got 0"),
    (lambda: dd.optimal_ridge(5, 2.5, 1.0, 1.0), TypeError, "p must be a whole number, got 2.5"),
    (lambda: dd.optimal_ridge(5, 2, 0.0, 1.0), ValueError, "B must be > 0, got 0"),
    (lambda: dd.optimal_ridge(5, 2, 1.0, -2.0), ValueError, "var must be > 0, got -2"),
    (lambda: dd.spectrum_risk([1.0, 0.0], 3, 1.0, 1.0), ValueError, "s must be > 0, got 0"),
    (lambda: dd.spectrum_risk([1.0, 2.0], 1, 1.0, 1.0), ValueError, "s must have at most p = 1 entries, got 2"),
    (lambda: dd.spectrum_risk([1.0], 0, 1.0, 1.0), ValueError, "p must be at least 1, got 0"),
    (lambda: dd.spectrum_risk([1.0], 3, -1.0, 1.0), ValueError, "B must be >= 0, got -1"),
    (lambda: dd.spectrum_risk([1.0], 3, 1.0, -1.0), ValueError, "var must be >= 0, got -1"),
    (lambda: dd.spectrum_risk([1.0], 3, 1.0, 1.0, -1.0), ValueError, "lam must be >= 0, got -1"),
    (lambda: dd.excess_losses(0, 2, 1.0, 1.0, 5, rng=RNG), ValueError, "n must be at least 1, got 0"),
    (lambda: dd.excess_losses(3, 2.0, 1.0, 1.0, 5, rng=RNG), TypeError, "p must be a whole number, got 2.0"),
    (lambda: dd.excess_losses(3, 2, -1.0, 1.0, 5, rng=RNG), ValueError, "B must be >= 0, got -1"),
    (lambda: dd.excess_losses(3, 2, 1.0, -1.0, 5, rng=RNG), ValueError, "var must be >= 0, got -1"),
    (lambda: dd.excess_losses(3, 2, 1.0, 1.0, 0, rng=RNG), ValueError, "n_draws must be at least 1, got 0"),
    (lambda: dd.excess_losses(3, 2, 1.0, 1.0, 5, -1.0, rng=RNG), ValueError, "lam must be >= 0, got -1"),
    (lambda: dd.excess_losses(3, 2, 1.0, 1.0, 5, rng=3), TypeError, "rng must be a numpy Generator"),
    (lambda: dd.loo_residuals(A35, np.ones(5)), ValueError, r"as many rows, got shapes \(3, 5\) and \(5,\)"),
    (lambda: dd.loo_residuals([[1.0]], [1.0]), ValueError, "A must have at least 2 rows, got 1"),
    (lambda: dd.loo_residuals(A35, Y3), ValueError, r"rank min\(n, p\) = 3, got rank 1"),
    (lambda: dd.loo_residuals([[0, 1], [1, 0], [1, 0]], Y3), ValueError, "leverages below 1, got 1 at row 0"),
    (lambda: dd.loo_residuals(A35, [1, np.nan, 2]), ValueError, "y must be finite"),
    (lambda: dd.loo_residuals(1j * A35, Y3), TypeError, "A must be real"),
    (lambda: dd.random_relu_features(np.ones(3), 2, rng=RNG), ValueError, r"X must have 2 axes, got shape \(3,\)"),
    (lambda: dd.random_relu_features(A35, 0, rng=RNG), ValueError, "p must be at least 1, got 0"),
    (lambda: dd.random_relu_features(A35, 2.0, rng=RNG), TypeError, "p must be a whole number, got 2.0"),
    (lambda: dd.random_relu_features(A35, 2, rng=None), TypeError, "rng must be a numpy Generator"),
    (lambda: dd.random_relu_features(1j * A35, 2, rng=RNG), TypeError, "X must be real"),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD)
def test_bad_input_is_named(call, error, match):
    with pytest.raises(error, match=match):
        call()
