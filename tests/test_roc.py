"""ROC curves: definitions, scikit-learn and scipy, closed forms, published numbers, and derived sampling errors."""

import numpy as np
import pytest
from scipy import integrate, optimize, spatial, stats
from sklearn import metrics
from sklearn.datasets import load_breast_cancer

from coursekit import roc

EPS = np.finfo(float).eps
BINORMAL = [(0.0, 1.0, 1.0, 1.0), (0.3, 1.6, 1.0, 1.7), (-2.0, 5.0, 4.0, 2.5), (1.0, 0.4, 0.2, 0.6)]

# Hanley and McNeil (1982), table I: CT images rated 1 (definitely normal) to 5 (definitely abnormal).
NORMAL = np.repeat(np.arange(1.0, 6.0), [33, 6, 6, 11, 2])
ABNORMAL = np.repeat(np.arange(1.0, 6.0), [3, 2, 2, 11, 33])


def sample(seed, n0=37, n1=24, levels=None):
    """Return scores of two overlapping classes, with ties if rounded to some levels."""
    rng = np.random.default_rng(seed)
    neg, pos = rng.normal(0, 1, n0), rng.normal(1, 1.5, n1)
    return (neg, pos) if levels is None else (np.round(neg * levels), np.round(pos * levels))


def joined(neg, pos, seed=0):
    """Return scores and labels in random order."""
    order = np.random.default_rng(seed).permutation(len(neg) + len(pos))
    return np.concatenate([neg, pos])[order], np.repeat([0, 1], [len(neg), len(pos)])[order]


# The curve


@pytest.mark.parametrize("levels", [None, 1, 3])
def test_points_follow_the_definition(levels):
    neg, pos = sample(1, levels=levels)
    fpr, tpr, thresholds = roc.points(*joined(neg, pos))
    np.testing.assert_array_equal(fpr, [(neg >= t).mean() for t in thresholds])
    np.testing.assert_array_equal(tpr, [(pos >= t).mean() for t in thresholds])
    np.testing.assert_array_equal(thresholds, [np.inf, *np.unique(np.append(neg, pos))[::-1]])


@pytest.mark.parametrize("seed", range(5))
def test_points_equal_scikit_learn(seed):
    scores, labels = joined(*sample(seed, levels=2), seed=seed)
    expected = metrics.roc_curve(labels, scores, drop_intermediate=False)
    for ours, theirs in zip(roc.points(scores, labels), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2 * EPS)


def test_points_do_not_depend_on_the_order_of_the_samples():
    neg, pos = sample(3, levels=1)
    first, second = (roc.points(*joined(neg, pos, seed)) for seed in (0, 1))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_points_take_the_two_zeros_for_equal():
    fpr, tpr, _ = roc.points([0.0, -0.0, 1.0], [1, 0, 0])
    np.testing.assert_array_equal([fpr, tpr], [[0, 0.5, 1], [0, 0, 1]])


def test_points_keep_extreme_scores_apart():
    # Their difference overflows; comparing them does not.
    _, tpr, thresholds = roc.points([-1.7e308, 1.7e308, 5e-324, 0.0], [0, 1, 1, 0])
    np.testing.assert_array_equal(tpr, [0, 0.5, 1, 1, 1])
    np.testing.assert_array_equal(thresholds, [np.inf, 1.7e308, 5e-324, 0.0, -1.7e308])


def test_points_are_unmoved_by_an_increasing_map():
    scores, labels = joined(*sample(4))
    plain, mapped = roc.points(scores, labels), roc.points(np.exp(scores), labels)
    np.testing.assert_array_equal(plain[:2], mapped[:2])


def test_points_of_reversed_scores_are_turned_by_half_a_turn():
    scores, labels = joined(*sample(5, levels=1))
    fpr, tpr, _ = roc.points(scores, labels)
    fpr_back, tpr_back, _ = roc.points(-scores, labels)
    # The fractions k/n and (n - k)/n are rounded apart, hence two roundings.
    np.testing.assert_allclose(fpr_back, 1 - fpr[::-1], atol=2 * EPS)
    np.testing.assert_allclose(tpr_back, 1 - tpr[::-1], atol=2 * EPS)


@pytest.mark.parametrize("seed", range(3))
def test_points_approach_the_fading_curve(seed):
    # Dvoretzky-Kiefer-Wolfowitz: each rate is within sqrt(ln(2 / p) / (2 n)) of its law everywhere, but for p = 1e-6.
    rng, n, snr = np.random.default_rng(seed), 20_001, 4.0
    scores, labels = joined(rng.exponential(1, n), rng.exponential(1 + snr, n))
    fpr, tpr, thresholds = roc.points(scores, labels)
    bound = np.sqrt(np.log(2e6) / (2 * n))
    law = np.exp(-thresholds)
    assert np.abs(fpr - law).max() < bound
    assert np.abs(tpr - roc.fading_tpr(law, snr)).max() < bound


def test_points_bad_input():
    with pytest.raises(ValueError, match=r"labels must hold both classes, got 1 only"):
        roc.points([0.1, 0.2, 0.3], [1, 1, 1])
    with pytest.raises(ValueError, match=r"labels must be 0 or 1, got -1"):
        roc.points([0.1, 0.2, 0.3], [1, -1, -1])
    with pytest.raises(ValueError, match=r"scores must be finite, got 1 NaN or infinite of 3"):
        roc.points([0.1, np.nan, 0.3], [1, 0, 0])
    with pytest.raises(ValueError, match=r"shapes must agree, got scores \(3,\), labels \(2,\)"):
        roc.points([0.1, 0.2, 0.3], [1, 0])
    with pytest.raises(ValueError, match=r"scores must have 1 axes, got shape \(1, 2\)"):
        roc.points([[0.1, 0.2]], [[1, 0]])
    with pytest.raises(TypeError, match="labels must hold numbers"):
        roc.points([0.1, 0.2], ["face", "other"])
    with pytest.raises(TypeError, match="scores must be real"):
        roc.points([0.1j, 0.2], [0, 1])


def test_points_take_labels_of_true_and_false():
    scores, labels = joined(*sample(6))
    for a, b in zip(roc.points(scores, labels), roc.points(scores, labels == 1), strict=True):
        np.testing.assert_array_equal(a, b)


def test_curve_is_points_of_the_joined_samples():
    neg, pos = sample(15, levels=1)
    np.testing.assert_array_equal(roc.curve(neg, pos), roc.points(*joined(neg, pos))[:2])
    assert roc.auc_trapezoid(*roc.curve(NORMAL, ABNORMAL)) == pytest.approx(roc.auc_mann_whitney(NORMAL, ABNORMAL))


def test_curve_of_two_samples_bad_input():
    with pytest.raises(ValueError, match="pos needs at least 1"):
        roc.curve([1.0], [])
    with pytest.raises(ValueError, match="neg must be finite"):
        roc.curve([np.nan], [1.0])


def upper_hull(fpr, tpr):
    """Return the corners of the upper concave hull by scipy: (1, 0) closes it below."""
    corners = spatial.ConvexHull(np.column_stack([np.append(fpr, 1.0), np.append(tpr, 0.0)])).vertices
    return sorted(int(i) for i in corners if i < len(fpr))


@pytest.mark.parametrize("seed", range(6))
def test_hull_equals_scipy(seed):
    fpr, tpr, _ = roc.points(*joined(*sample(seed)))
    np.testing.assert_array_equal(roc.hull(fpr, tpr), upper_hull(fpr, tpr))


@pytest.mark.parametrize("seed", range(3))
def test_hull_lies_above_the_curve_and_is_concave(seed):
    fpr, tpr, _ = roc.points(*joined(*sample(seed, levels=1)))
    corner = roc.hull(fpr, tpr)
    x, y = fpr[corner], tpr[corner]
    angle = np.arctan2(np.diff(y), np.diff(x))  # a vertical first step has no slope, but an angle
    assert (np.diff(angle) < 0).all()
    assert (np.interp(fpr, x, y) >= tpr - 4 * EPS).all()
    assert roc.auc_trapezoid(x, y) >= roc.auc_trapezoid(fpr, tpr)


def test_hull_leaves_out_points_on_a_side():
    # Thirds are not exact in binary: the middle points are on the diagonal up to rounding.
    x = np.arange(4) / 3
    np.testing.assert_array_equal(roc.hull(x, x), [0, 3])
    np.testing.assert_array_equal(roc.hull([0, 0, 0, 1], [0, 0.5, 1, 1]), [0, 2, 3])
    np.testing.assert_array_equal(roc.hull([0, 1, 1], [0, 0, 1]), [0, 2])


@pytest.mark.parametrize("function", [roc.hull, roc.auc_trapezoid])
def test_curve_bad_input(function):
    with pytest.raises(ValueError, match=r"fpr must run from 0 to 1, got 0\.1 to 1"):
        function([0.1, 1.0], [0.0, 1.0])
    with pytest.raises(ValueError, match=r"tpr must run from 0 to 1, got 0 to 0\.9"):
        function([0.0, 1.0], [0.0, 0.9])
    with pytest.raises(ValueError, match=r"tpr must not fall, got a step of -0\.25"):
        function([0.0, 0.2, 0.5, 1.0], [0.0, 0.75, 0.5, 1.0])
    with pytest.raises(ValueError, match=r"shapes must agree, got fpr \(2,\), tpr \(3,\)"):
        function([0.0, 1.0], [0.0, 0.5, 1.0])
    with pytest.raises(ValueError, match="fpr needs at least 2"):
        function([0.0], [0.0])


# The area


@pytest.mark.parametrize("levels", [None, 1, 2])
def test_auc_mann_whitney_equals_scipy_and_scikit_learn(levels):
    neg, pos = sample(8, levels=levels)
    area = roc.auc_mann_whitney(neg, pos)
    u = stats.mannwhitneyu(pos, neg, method="asymptotic").statistic
    # All are sums of halves, exact, divided once or twice.
    assert area == pytest.approx(u / (len(neg) * len(pos)), rel=4 * EPS)
    scores, labels = joined(neg, pos)
    assert area == pytest.approx(metrics.roc_auc_score(labels, scores), rel=100 * EPS)


@pytest.mark.parametrize("levels", [None, 1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_auc_trapezoid_of_points_is_auc_mann_whitney(levels, seed):
    neg, pos = sample(seed, levels=levels)
    fpr, tpr, _ = roc.points(*joined(neg, pos))
    # A sum of at most 61 products below 1, each rounded.
    assert roc.auc_trapezoid(fpr, tpr) == pytest.approx(roc.auc_mann_whitney(neg, pos), rel=64 * EPS)


@pytest.mark.parametrize("levels", [None, 1, 2])
@pytest.mark.parametrize(("n0", "n1"), [(1, 1), (1, 5), (37, 24), (203, 1001)])
def test_auc_by_ranks_equals_auc_mann_whitney(n0, n1, levels):
    # Both divide an exact count of half pairs once.
    neg, pos = sample(9, n0, n1, levels)
    assert roc.auc_by_ranks(neg, pos) == roc.auc_mann_whitney(neg, pos)


@pytest.mark.parametrize("function", [roc.auc_mann_whitney, roc.auc_by_ranks])
def test_auc_laws(function):
    neg, pos = sample(10, levels=2)
    assert function(neg, pos) + function(pos, neg) == pytest.approx(1, rel=2 * EPS)
    assert function(-pos, -neg) == function(neg, pos)
    assert function(np.arctan(neg), np.arctan(pos)) == function(neg, pos)
    assert function(np.full(5, 2.0), np.full(3, 2.0)) == 0.5
    assert function([0, 1], [2, 3, 4]) == 1


@pytest.mark.parametrize("function", [roc.auc_mann_whitney, roc.auc_by_ranks])
def test_auc_bad_input(function):
    with pytest.raises(ValueError, match=r"neg needs at least 1 along each axis, got shape \(0,\)"):
        function([], [1.0])
    with pytest.raises(ValueError, match="pos must be finite, got 1 NaN"):
        function([0.0], [1.0, np.nan])
    with pytest.raises(ValueError, match=r"pos must have 1 axes, got shape \(\)"):
        function([0.0], 1.0)
    with pytest.raises(TypeError, match="neg must be real"):
        function([1j], [1.0])


def test_auc_and_se_published_for_rated_images():
    # Hanley and McNeil (1982): area .893, standard error .032.
    assert round(roc.auc_mann_whitney(NORMAL, ABNORMAL), 3) == 0.893
    assert round(roc.auc_se(NORMAL, ABNORMAL, "hanley_mcneil"), 3) == 0.032


def test_auc_of_the_best_feature_of_breast_cancer():
    # In scikit-learn's copy 1 is benign: a large tumour speaks against it, so the score is minus the value.
    data = load_breast_cancer()
    scores = dict(zip(data.feature_names, -data.data.T, strict=True))
    areas = {name: metrics.roc_auc_score(data.target, score) for name, score in scores.items()}
    best = max(areas, key=areas.__getitem__)
    assert best == "worst perimeter"
    area = roc.auc_by_ranks(scores[best][data.target == 0], scores[best][data.target == 1])
    assert area == pytest.approx(areas[best], rel=1000 * EPS)
    assert round(area, 3) == 0.975


# Its error bar


def delong_by_pairs(neg, pos):
    """Return DeLong's standard error from the table of all pairs."""
    wins = (pos[:, None] > neg) + 0.5 * (pos[:, None] == neg)
    v1, v0 = wins.mean(axis=1), wins.mean(axis=0)
    return np.sqrt(np.cov(v1) / len(pos) + np.cov(v0) / len(neg))


@pytest.mark.parametrize("levels", [None, 1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_auc_se_delong_equals_all_pairs(seed, levels):
    neg, pos = sample(seed, levels=levels)
    assert roc.auc_se(neg, pos, "delong") == pytest.approx(delong_by_pairs(neg, pos), rel=100 * EPS)


def test_auc_se_hanley_mcneil_is_exact_for_exponential_scores():
    # A = 3/4 belongs to mean ratio 3. P(two positives beat y) = E exp(-2y/3), P(x beats two) = E (1 - exp(-x))^2.
    neg, pos = np.array([0.0, 2.0]), np.array([1.0, 3.0])
    q1, q2 = 1 / (1 + 2 / 3), 1 - 2 / (1 + 3) + 1 / (1 + 2 * 3)
    var = (0.75 * 0.25 + (q1 - 0.75**2) + (q2 - 0.75**2)) / 4
    assert roc.auc_se(neg, pos, "hanley_mcneil") == pytest.approx(np.sqrt(var), rel=10 * EPS)


def test_auc_se_binormal_is_exact_formula_at_the_sample_moments():
    neg, pos = sample(11)
    moments = (neg.mean(), pos.mean(), neg.std(ddof=1), pos.std(ddof=1))
    assert roc.auc_se(neg, pos, "binormal") == roc.binormal_auc_se(*map(float, moments), len(neg), len(pos))


@pytest.mark.parametrize("parameters", BINORMAL)
@pytest.mark.parametrize(("n0", "n1"), [(50, 50), (7, 31), (1, 1)])
def test_binormal_auc_se_equals_the_bivariate_normal(parameters, n0, n1):
    mu0, mu1, sigma0, sigma1 = parameters
    var = sigma0**2 + sigma1**2
    h = (mu1 - mu0) / np.sqrt(var)
    a = stats.norm.cdf(h)

    def both(shared):
        return stats.multivariate_normal.cdf([h, h], cov=[[1, shared / var], [shared / var, 1]])

    expected = (a * (1 - a) + (n1 - 1) * (both(sigma0**2) - a**2) + (n0 - 1) * (both(sigma1**2) - a**2)) / (n0 * n1)
    # scipy's bivariate normal is good to 1e-12 or so; the variance is a difference of such numbers.
    assert roc.binormal_auc_se(*parameters, n0, n1) ** 2 == pytest.approx(expected, rel=1e-9)


def test_binormal_auc_se_does_not_care_which_class_is_which():
    assert roc.binormal_auc_se(0.0, 1.0, 1.0, 1.7, 9, 14) == pytest.approx(
        roc.binormal_auc_se(-1.0, 0.0, 1.7, 1.0, 14, 9), rel=100 * EPS
    )


def simulated(parameters, n0, n1, n, seed):
    """Return n pairs of samples."""
    mu0, mu1, sigma0, sigma1 = parameters
    rng = np.random.default_rng(seed)
    return rng.normal(mu0, sigma0, (n, n0)), rng.normal(mu1, sigma1, (n, n1))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("parameters", "n0", "n1"), [(BINORMAL[0], 50, 50), (BINORMAL[1], 13, 30)])
def test_binormal_auc_se_is_the_spread_of_simulated_areas(seed, parameters, n0, n1):
    n = 4000
    areas = [roc.auc_by_ranks(neg, pos) for neg, pos in zip(*simulated(parameters, n0, n1, n, seed), strict=True)]
    spread = np.std(areas, ddof=1)
    # The relative SE of an SD is sqrt((kurtosis + 2) / (4 n)); z = 4.
    bound = 4 * np.sqrt((stats.kurtosis(areas) + 2) / (4 * n))
    assert abs(spread / roc.binormal_auc_se(*parameters, n0, n1) - 1) < bound


def test_auc_se_hanley_mcneil_has_the_published_value_at_the_true_area():
    # d' = 1, 50 + 50: exact .0475, Hanley-McNeil .0480.
    a = roc.binormal_auc(*BINORMAL[0])
    at_truth = (a * (1 - a) + 49 * (a / (2 - a) + 2 * a**2 / (1 + a) - 2 * a**2)) / 2500
    assert round(np.sqrt(at_truth), 4) == 0.0480
    assert round(roc.binormal_auc_se(*BINORMAL[0], 50, 50), 4) == 0.0475


@pytest.mark.parametrize(("d_prime", "n0", "n1"), [(1.0, 50, 50), (0.5, 5, 9)])
def test_auc_se_delong_has_its_exact_mean_square(d_prime, n0, n1):
    """Each placement is itself an average over the other class, which adds (x11 - x10 - x01) / (n0 n1)."""
    parameters, n = (0.0, d_prime, 1.0, 1.0), 2000
    a = roc.binormal_auc(*parameters)
    x11 = a * (1 - a)  # variance of one pair; x10 = x01 is the covariance of two pairs that share a member
    x10 = roc.binormal_auc_se(*parameters, 1, 2) ** 2 * 2 - x11
    mean = roc.binormal_auc_se(*parameters, n0, n1) ** 2 + (x11 - 2 * x10) / (n0 * n1)
    if n0 == 50:
        assert round(np.sqrt(mean), 4) == 0.0478  # as published with the values above
    samples = zip(*simulated(parameters, n0, n1, n, 5), strict=True)
    squares = np.array([roc.auc_se(neg, pos, "delong") for neg, pos in samples]) ** 2
    assert abs(squares.mean() - mean) < 4 * squares.std() / np.sqrt(n)


def test_auc_se_naive_count_of_pairs_is_far_too_small():
    a = roc.binormal_auc(*BINORMAL[0])
    naive = np.sqrt(a * (1 - a) / 2500)
    assert round(naive, 3) == 0.009
    assert roc.binormal_auc_se(*BINORMAL[0], 50, 50) > 5 * naive


def test_auc_se_bad_input():
    with pytest.raises(ValueError, match="method must be one of 'delong', 'hanley_mcneil', 'binormal', got 'exact'"):
        roc.auc_se([0.0, 1.0], [1.0, 2.0], "exact")
    with pytest.raises(ValueError, match=r"neg needs at least 2 along each axis, got shape \(1,\)"):
        roc.auc_se([0.0], [1.0, 2.0], "delong")
    with pytest.raises(ValueError, match=r"pos needs at least 2 along each axis, got shape \(1,\)"):
        roc.auc_se([0.0, 1.0], [2.0], "binormal")
    with pytest.raises(ValueError, match="pos must vary for a binormal error bar, got 2 only"):
        roc.auc_se([0.0, 1.0], [2.0, 2.0], "binormal")
    with pytest.raises(ValueError, match="neg must be finite"):
        roc.auc_se([np.inf, 1.0], [2.0, 2.0], "hanley_mcneil")
    with pytest.raises(ValueError, match="n1 must be at least 1, got 0"):
        roc.binormal_auc_se(0.0, 1.0, 1.0, 1.0, 3, 0)
    with pytest.raises(TypeError, match="n0 must be a whole number"):
        roc.binormal_auc_se(0.0, 1.0, 1.0, 1.0, 3.5, 2)


def test_auc_interval_is_symmetric_in_the_logit_and_ordered():
    neg, pos = sample(12)
    result = roc.auc_interval(neg, pos, level=0.9)
    assert result.auc == roc.auc_by_ranks(neg, pos)
    assert 0 < result.low < result.auc < result.high < 1
    logit = np.log([result.low, result.auc, result.high]) - np.log1p(-np.array([result.low, result.auc, result.high]))
    half = stats.norm.ppf(0.95) * result.se / (result.auc * (1 - result.auc))
    np.testing.assert_allclose(np.diff(logit), half, rtol=1000 * EPS)  # logarithms of numbers near 1 lose digits


def test_auc_interval_turns_with_the_classes():
    neg, pos = sample(13, levels=1)
    there, back = roc.auc_interval(neg, pos), roc.auc_interval(pos, neg)
    assert (there.low, there.high) == (pytest.approx(1 - back.high), pytest.approx(1 - back.low))
    assert there.se == pytest.approx(back.se)


def test_auc_interval_of_separated_classes_has_no_width():
    result = roc.auc_interval([0, 1, 2], [3, 4])
    assert (result.auc, result.se, result.low, result.high) == (1, 0, 1, 1)
    assert roc.auc_interval([1, 1], [1, 1, 1]) == roc.IntervalResult(0.5, 0.0, 0.5, 0.5)


@pytest.mark.parametrize(("d_prime", "n0", "n1"), [(1.0, 40, 41), (2.5, 30, 45)])
def test_auc_interval_covers(d_prime, n0, n1):
    n, truth = 2000, roc.binormal_auc(0.0, d_prime, 1.0, 1.0)
    samples = zip(*simulated((0.0, d_prime, 1.0, 1.0), n0, n1, n, 1), strict=True)
    results = [roc.auc_interval(neg, pos) for neg, pos in samples]
    covered = np.mean([r.low <= truth <= r.high for r in results])
    # Binomial error at z = 4, and one per cent for what is asymptotic about the interval.
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / n) + 0.01


def test_auc_interval_bad_input():
    with pytest.raises(ValueError, match="level must be < 1, got 1"):
        roc.auc_interval([0.0, 1.0], [1.0, 2.0], level=1.0)
    with pytest.raises(ValueError, match="level must be > 0, got 0"):
        roc.auc_interval([0.0, 1.0], [1.0, 2.0], level=0.0)
    with pytest.raises(ValueError, match="pos needs at least 2"):
        roc.auc_interval([0.0, 1.0], [1.0])


# Normal scores


@pytest.mark.parametrize("parameters", BINORMAL)
def test_binormal_tpr_passes_through_the_tail_probabilities(parameters):
    mu0, mu1, sigma0, sigma1 = parameters
    threshold = np.linspace(mu0 - 2 * sigma0, mu0 + 3 * sigma0, 23)
    fpr = roc.tail_probability(threshold, mu0, sigma0)
    np.testing.assert_allclose(fpr, stats.norm.sf(threshold, mu0, sigma0), rtol=1e-13)
    expected = stats.norm.sf(threshold, mu1, sigma1)
    np.testing.assert_allclose(roc.binormal_tpr(fpr, *parameters), expected, rtol=1e-10)  # inverts a rounded fpr
    np.testing.assert_array_equal(roc.binormal_tpr([0.0, 1.0], *parameters), [0, 1])


@pytest.mark.parametrize("parameters", BINORMAL)
def test_likelihood_ratio_is_the_slope_of_binormal_tpr(parameters):
    mu0, _, sigma0, _ = parameters
    threshold = np.linspace(mu0 - sigma0, mu0 + 2 * sigma0, 17)
    h = 1e-4 * sigma0
    ends = [roc.tail_probability(threshold + side, mu0, sigma0) for side in (-h, h)]
    rise = roc.binormal_tpr(ends[0], *parameters) - roc.binormal_tpr(ends[1], *parameters)
    # The chord's error is (h / scale)^2 / 6 times a few; the scale is the smaller SD, here at least sigma0 / 2.
    ratio = roc.likelihood_ratio(threshold, *parameters)
    np.testing.assert_allclose(rise / (ends[0] - ends[1]), ratio, rtol=1e-6)


@pytest.mark.parametrize("parameters", BINORMAL)
def test_likelihood_ratio_equals_the_densities(parameters):
    mu0, mu1, sigma0, sigma1 = parameters
    threshold = np.linspace(-3.0, 6.0, 19)
    expected = stats.norm.logpdf(threshold, mu1, sigma1) - stats.norm.logpdf(threshold, mu0, sigma0)
    # The exponent, up to some hundreds here, is rounded before it is raised.
    np.testing.assert_allclose(np.log(roc.likelihood_ratio(threshold, *parameters)), expected, atol=1e-11)


def test_likelihood_ratio_of_itself_is_itself():
    # The log likelihood ratio of N(0, 1) and N(d, 1) is N(-d^2/2, d^2) and N(d^2/2, d^2): its own slope is exp(score).
    d, score = 1.3, np.linspace(-2, 3, 11)
    ratio = roc.likelihood_ratio(score, -(d**2) / 2, d**2 / 2, d, d)
    np.testing.assert_allclose(ratio, np.exp(score), rtol=100 * EPS)


def test_likelihood_ratio_far_out_is_infinite_without_a_warning():
    assert roc.likelihood_ratio(1e3, 0.0, 1.0, 1.0, 2.0) == np.inf


@pytest.mark.parametrize("parameters", BINORMAL)
def test_binormal_auc_is_the_area_under_binormal_tpr(parameters):
    area, error = integrate.quad(lambda x: float(roc.binormal_tpr(x, *parameters)), 0, 1, limit=200)
    assert abs(roc.binormal_auc(*parameters) - area) < 10 * error


def test_binormal_auc_closed_forms():
    assert roc.binormal_auc(0.0, 1.0, 1.0, 1.0) == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), rel=4 * EPS)
    assert roc.binormal_auc(3.0, 3.0, 0.5, 2.0) == 0.5
    assert roc.binormal_auc(0.0, 5.0, 3.0, 4.0) == pytest.approx(stats.norm.cdf(1), rel=4 * EPS)


def test_binormal_tpr_published_dip_below_chance():
    # Spreads in the ratio 1.7, means 1.3 apart: .9835 where chance gives .99.
    assert round(float(roc.binormal_tpr(0.99, 0.0, 1.3, 1.0, 1.7)), 4) == 0.9835


def test_binormal_bad_input():
    with pytest.raises(ValueError, match="sigma1 must be > 0, got 0"):
        roc.binormal_auc(0.0, 1.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="sigma0 must be > 0, got -1"):
        roc.binormal_tpr(0.5, 0.0, 1.0, -1.0, 1.0)
    with pytest.raises(ValueError, match="mu1 must be finite, got nan"):
        roc.likelihood_ratio(0.5, 0.0, np.nan, 1.0, 1.0)
    with pytest.raises(TypeError, match="mu0 must be a real number"):
        roc.binormal_auc([0.0], 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"fpr must lie in \[0, 1\], got 0\.5 to 1\.5"):
        roc.binormal_tpr([0.5, 1.5], 0.0, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="sigma must be > 0, got 0"):
        roc.tail_probability(0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="threshold must be finite"):
        roc.tail_probability(np.nan, 0.0, 1.0)


@pytest.mark.parametrize("snr", [0.0, 1.0, 9.0])
def test_fading_tpr_has_the_closed_area(snr):
    area, error = integrate.quad(lambda x: float(roc.fading_tpr(x, snr)), 0, 1)
    assert abs(area - (1 + snr) / (2 + snr)) < 10 * error + 2 * EPS


def test_fading_tpr_bad_input():
    with pytest.raises(ValueError, match="snr must be >= 0, got -1"):
        roc.fading_tpr(0.5, -1)
    with pytest.raises(ValueError, match=r"fpr must lie in \[0, 1\]"):
        roc.fading_tpr(-0.1, 1)


# Costs

COSTS = [(0.5, 1.0, 1.0), (0.01, 1.0, 1.0), (0.2, 3.0, 100.0), (0.9, 7.0, 2.0)]


@pytest.mark.parametrize("costs", COSTS)
def test_bayes_threshold_minimises_the_expected_cost(costs):
    mu0, mu1, sigma = -0.5, 1.5, 0.8

    def cost(threshold):
        rates = [roc.tail_probability(threshold, mu, sigma) for mu in (mu0, mu1)]
        return float(roc.expected_cost(*rates, *costs))

    best = optimize.minimize_scalar(cost, bounds=(-6, 8), method="bounded", options={"xatol": 1e-9})
    # A minimum is flat: its place is known to the root of the precision of the cost.
    assert roc.bayes_threshold(mu0, mu1, sigma, *costs) == pytest.approx(best.x, abs=1e-6)


@pytest.mark.parametrize("costs", COSTS)
def test_bayes_threshold_is_where_the_likelihood_ratio_is_the_slope(costs):
    threshold = roc.bayes_threshold(-0.5, 1.5, 0.8, *costs)
    ratio = roc.likelihood_ratio(threshold, -0.5, 1.5, 0.8, 0.8)
    assert ratio == pytest.approx(roc.optimal_slope(*costs), rel=1000 * EPS)


def test_bayes_threshold_lies_in_the_middle_for_equal_costs_and_classes():
    assert roc.bayes_threshold(1.0, 4.0, 2.0, 0.5, 3.0, 3.0) == 2.5


@pytest.mark.parametrize("costs", COSTS)
def test_expected_cost_is_the_mean_over_people(costs):
    pi1, c_fp, c_fn = costs
    neg, pos = sample(14, 90, 10)
    false_alarms, misses = sum(neg >= 0.7), sum(pos < 0.7)
    counted = (1 - pi1) * c_fp * false_alarms / 90 + pi1 * c_fn * misses / 10
    cost = roc.expected_cost((neg >= 0.7).mean(), (pos >= 0.7).mean(), *costs)
    assert cost == pytest.approx(counted, rel=100 * EPS)


def test_expected_cost_is_constant_along_the_optimal_slope():
    slope = roc.optimal_slope(0.2, 3.0, 16.0)
    x = np.array([0.1, 0.2, 0.35])
    cost = roc.expected_cost(x, 0.3 + slope * (x - 0.1), 0.2, 3.0, 16.0)
    np.testing.assert_allclose(cost, cost[0], rtol=10 * EPS)


@pytest.mark.parametrize(
    "function",
    [
        roc.optimal_slope,
        lambda *costs: roc.expected_cost(0.1, 0.9, *costs),
        lambda *costs: roc.bayes_threshold(0.0, 1.0, 1.0, *costs),
    ],
)
def test_costs_bad_input(function):
    with pytest.raises(ValueError, match="pi1 must be > 0, got 0"):
        function(0.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="pi1 must be < 1, got 1"):
        function(1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="c_fp must be > 0, got 0"):
        function(0.5, 0.0, 1.0)
    with pytest.raises(ValueError, match="c_fn must be > 0, got -2"):
        function(0.5, 1.0, -2.0)


def test_bayes_threshold_and_expected_cost_bad_input():
    with pytest.raises(ValueError, match="mu1 must be > 1, got 0"):
        roc.bayes_threshold(1.0, 0.0, 1.0, 0.5, 1.0, 1.0)
    with pytest.raises(ValueError, match="sigma must be > 0, got 0"):
        roc.bayes_threshold(0.0, 1.0, 0.0, 0.5, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"tpr must lie in \[0, 1\]"):
        roc.expected_cost(0.5, 1.5, 0.5, 1.0, 1.0)
    with pytest.raises(ValueError, match="shapes must agree"):
        roc.expected_cost([0.5, 0.6], 0.5, 0.5, 1.0, 1.0)


# Detectors


def pulse(p, d_prime, sigma):
    """Return a signal of p values with ||s|| = d' sigma."""
    shape = np.sin(np.arange(p) * 1.1) + 0.4
    return shape * d_prime * sigma / np.linalg.norm(shape)


@pytest.mark.parametrize("seed", range(3))
def test_matched_filter_has_unit_noise_and_mean_d_prime(seed):
    n, p, d_prime, sigma = 5000, 31, 2.7, 0.3
    noise = sigma * np.random.default_rng(seed).standard_normal((n, p))
    template = pulse(p, d_prime, sigma)
    scores = roc.matched_filter(noise + template, template, sigma)
    assert abs(scores.mean() - d_prime) < 4 / np.sqrt(n)
    assert abs(scores.std() - 1) < 4 / np.sqrt(2 * n)
    np.testing.assert_allclose(roc.matched_filter(noise + template, 7 * template, sigma), scores, atol=100 * EPS)


@pytest.mark.parametrize("seed", range(3))
def test_detectors_have_the_areas_of_their_closed_forms(seed):
    n, p, d_prime, sigma = 2000, 32, 2.7, 0.3
    rng = np.random.default_rng(seed)
    template = pulse(p, d_prime, sigma)
    noise, echo = sigma * rng.standard_normal((2, n, p))
    echo = echo + template
    expected = [roc.binormal_auc(0.0, d_prime, 1.0, 1.0), roc.energy_auc(d_prime, p)]
    assert [round(e, 2) for e in expected] == [0.97, 0.72]
    matched = [roc.matched_filter(x, template, sigma) for x in (noise, echo)]
    energy = [roc.energy_detector(x, sigma) for x in (noise, echo)]
    for (neg, pos), truth in zip([matched, energy], expected, strict=True):
        result = roc.auc_interval(neg, pos)
        assert abs(result.auc - truth) < 4 * result.se


def test_matched_filter_equals_the_log_likelihood_ratio_up_to_a_line():
    rng, sigma = np.random.default_rng(2), 0.7
    x, template = rng.standard_normal((9, 5)), pulse(5, 1.8, sigma)
    ratio = stats.norm.logpdf(x, template, sigma).sum(axis=1) - stats.norm.logpdf(x, 0, sigma).sum(axis=1)
    expected = 1.8 * roc.matched_filter(x, template, sigma) - 1.8**2 / 2
    np.testing.assert_allclose(ratio, expected, atol=1e-12)


@pytest.mark.parametrize("d_prime", [0.0, 0.5, 1.0, 2.7])
def test_energy_auc_of_one_value_has_a_closed_form(d_prime):
    # |d + z1| > |z0| where d + z1 - z0 and d + z1 + z0, which are independent N(d, 2), have the same sign.
    a = stats.norm.cdf(d_prime / np.sqrt(2))
    assert roc.energy_auc(d_prime, 1) == pytest.approx(a**2 + (1 - a) ** 2, rel=1e-10)


@pytest.mark.parametrize("p", [2, 7, 32, 129])
def test_energy_auc_limits(p):
    assert roc.energy_auc(0.0, p) == pytest.approx(0.5, rel=1e-10)
    areas = [roc.energy_auc(d, p) for d in (0.5, 1.0, 2.0, 4.0, 40.0)]
    assert (np.diff(areas) > 0).all()
    assert areas[-1] <= 1
    assert areas[3] < roc.binormal_auc(0.0, 4.0, 1.0, 1.0)


@pytest.mark.parametrize(("d_prime", "p"), [(2.7, 32), (1.2, 5)])
def test_energy_auc_is_the_integral_over_the_two_chi_squares(d_prime, p):
    area, error = integrate.quad(
        lambda t: stats.chi2.pdf(t, p) * stats.ncx2.sf(t, p, d_prime**2), 0, np.inf, epsabs=1e-12, limit=200
    )
    assert roc.energy_auc(d_prime, p) == pytest.approx(area, abs=10 * error + 1e-10)


def test_energy_detector_is_chi_square():
    scores = roc.energy_detector(0.3 * np.random.default_rng(0).standard_normal((4001, 5)), 0.3)
    assert stats.kstest(scores, stats.chi2(5).cdf).pvalue > 1e-4


def test_detectors_bad_input():
    with pytest.raises(ValueError, match=r"x must have 3 columns like template, got shape \(4, 2\)"):
        roc.matched_filter(np.ones((4, 2)), np.ones(3), 1.0)
    with pytest.raises(ValueError, match="template must not be zero everywhere"):
        roc.matched_filter(np.ones((4, 3)), np.zeros(3), 1.0)
    with pytest.raises(ValueError, match="sigma must be > 0, got 0"):
        roc.matched_filter(np.ones((4, 3)), np.ones(3), 0.0)
    with pytest.raises(ValueError, match="x must be finite"):
        roc.energy_detector([[np.nan, 1.0]], 1.0)
    with pytest.raises(ValueError, match=r"x must have 2 axes, got shape \(3,\)"):
        roc.energy_detector(np.ones(3), 1.0)
    with pytest.raises(ValueError, match="sigma must be > 0, got -1"):
        roc.energy_detector(np.ones((2, 3)), -1.0)
    with pytest.raises(ValueError, match="d_prime must be >= 0, got -1"):
        roc.energy_auc(-1.0, 3)
    with pytest.raises(ValueError, match="p must be at least 1, got 0"):
        roc.energy_auc(1.0, 0)
