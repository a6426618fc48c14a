"""Oracles of `coursekit.standard_error`: closed forms, enumeration, scipy, exact covariances and laws."""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from coursekit import data, standard_error

EPS = np.finfo(float).eps
SAMPLES = {n: np.random.default_rng(n).normal(3.0, 2.0, n) for n in (2, 3, 10, 31)}
RHOS = (-0.9, -0.3, 0.0, 0.5, 0.8, 0.99)

each_sample = pytest.mark.parametrize("x", SAMPLES.values(), ids=lambda x: f"n{x.size}")
each_rho = pytest.mark.parametrize("rho", RHOS)


def covariance(rho, n):
    """The covariance matrix of an AR(1) series of SD 1."""
    t = np.arange(n)
    return rho ** np.abs(t[:, None] - t)


def binomial_se(p, n):
    return np.sqrt(p * (1 - p) / n)


# sd_and_se


@each_sample
def test_sd_and_se_match_scipy(x):
    sd, se = standard_error.sd_and_se(x)
    # n sums and a root: n eps is ample.
    assert sd == pytest.approx(stats.tstd(x), rel=x.size * EPS)
    assert se == pytest.approx(stats.sem(x), rel=x.size * EPS)


def test_sd_and_se_of_two_is_half_the_difference():
    sd, se = standard_error.sd_and_se([2.0, 5.0])
    assert se == pytest.approx(1.5, rel=2 * EPS)
    assert sd == pytest.approx(1.5 * np.sqrt(2), rel=2 * EPS)


def test_sd_and_se_are_equivariant():
    x = SAMPLES[31]
    base = np.array(standard_error.sd_and_se(x))
    order = np.random.default_rng(1).permutation(31)
    np.testing.assert_allclose(standard_error.sd_and_se(x[order]), base, rtol=31 * EPS)
    np.testing.assert_allclose(standard_error.sd_and_se(-8 * x), 8 * base, rtol=EPS)
    # Each x + 1000 is rounded by up to eps * 1000 / 2, against an SD near 2.
    np.testing.assert_allclose(standard_error.sd_and_se(x + 1000), base, rtol=1000 * EPS)


def test_sd_and_se_stay_and_shrink_as_n_grows():
    """Repeating the data many times keeps the population's SD and divides the SE by the root of the repetitions."""
    x = SAMPLES[10]
    sd, se = standard_error.sd_and_se(np.tile(x, 400))
    assert sd == pytest.approx(np.std(x) * np.sqrt(4000 / 3999), rel=4000 * EPS)
    assert se == pytest.approx(sd / np.sqrt(4000), rel=2 * EPS)


# ci_mean


@each_sample
@pytest.mark.parametrize("level", [0.1, 0.5, 0.95, 0.999])
def test_ci_mean_matches_scipy(x, level):
    expected = stats.t.interval(level, x.size - 1, loc=x.mean(), scale=stats.sem(x))
    # Two implementations of Student's quantile, which agree to some 1e-12.
    np.testing.assert_allclose(standard_error.ci_mean(x, level), expected, rtol=1e-10, atol=1e-10)


def test_ci_mean_of_two_at_one_half_is_their_range():
    """The median of their population lies between two samples with probability 1/2."""
    np.testing.assert_allclose(standard_error.ci_mean([5.0, 2.0], 0.5), (2.0, 5.0), rtol=1e-12)


def test_ci_mean_is_equivariant():
    x = SAMPLES[10]
    low, high = standard_error.ci_mean(x, 0.9)
    np.testing.assert_allclose(standard_error.ci_mean(7 - 4 * x, 0.9), (7 - 4 * high, 7 - 4 * low), rtol=50 * EPS)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ci_mean_covers_as_often_as_it_promises(seed):
    x = np.random.default_rng(seed).normal(-1.0, 3.0, (4000, 4))
    ends = np.array([standard_error.ci_mean(row, 0.8) for row in x])
    covered = np.mean((ends[:, 0] < -1) & (ends[:, 1] > -1))
    assert abs(covered - 0.8) < 4 * binomial_se(0.8, 4000)


# se_mean_finite and se_mean_shared


@pytest.mark.parametrize("n", range(1, 7))
def test_se_mean_finite_matches_all_subsets(n):
    population = np.array([1.0, 2.0, 2.0, 5.0, 7.0, 11.0])
    means = [np.mean(chosen) for chosen in itertools.combinations(population, n)]
    se = standard_error.se_mean_finite(np.std(population, ddof=1), n, 6)
    assert se == pytest.approx(np.std(means), rel=100 * EPS, abs=10 * EPS)


def test_se_mean_finite_tends_to_the_infinite_one():
    # sqrt(1 - f) = 1 - f/2 - ..., with f = 25 / 10^12.
    assert standard_error.se_mean_finite(3.0, 25, 10**12) == pytest.approx(0.6, rel=25e-12)


@pytest.mark.parametrize("n", [1, 5, 64])
def test_se_mean_shared_matches_covariance(n):
    both = 0.7**2 * np.eye(n) + 0.2**2
    weights = np.full(n, 1 / n)
    expected = np.sqrt(weights @ both @ weights)
    assert standard_error.se_mean_shared(0.7, 0.2, n) == pytest.approx(expected, rel=n * EPS)


def test_se_mean_shared_stops_at_the_shared_error():
    errors = [standard_error.se_mean_shared(0.7, 0.2, 10**k) for k in range(9)]
    assert (np.diff(errors) < 0).all()
    assert 0.2 < errors[-1] < 0.2 * (1 + 0.5 * (0.7 / 0.2) ** 2 / 1e8)


# c4 and se_of_sd


@pytest.mark.parametrize(("n", "value"), [(2, 0.7979), (5, 0.9400), (10, 0.9727), (100, 0.9975)])
def test_c4_matches_the_published_table(n, value):
    assert round(standard_error.c4(n), 4) == value


@pytest.mark.parametrize("n", [2, 3, 7, 50, 1001, 10**6])
def test_c4_recurrence(n):
    """The Gammas cancel: c4(n) c4(n + 1) = sqrt((n - 1) / n)."""
    product = standard_error.c4(n) * standard_error.c4(n + 1)
    # poch takes logarithms of numbers up to 1e4: eps times those.
    assert product == pytest.approx(np.sqrt((n - 1) / n), rel=1e-11)


@pytest.mark.parametrize("n", [2, 4, 9, 33])
def test_c4_is_the_mean_of_a_chi(n):
    assert standard_error.c4(n) == pytest.approx(stats.chi.mean(n - 1) / np.sqrt(n - 1), rel=1e-12)


@pytest.mark.parametrize("n", [5, 10, 100, 1000])
def test_se_of_sd_tends_to_the_exact_one(n):
    exact = np.sqrt(1 - standard_error.c4(n) ** 2)
    x = SAMPLES[3]
    first_order = standard_error.se_of_sd(np.tile(x, 2)) / np.std(np.tile(x, 2), ddof=1) * np.sqrt(5 / (n - 1))
    # By the series of c4, exact = first order * (1 - 1 / (8 n) + O(1 / n^2)).
    assert abs(exact / first_order - 1 + 1 / (8 * n)) < 1 / n**2


@each_sample
def test_se_of_sd_comes_from_the_error_of_the_variance(x):
    sd = np.std(x, ddof=1)
    se = standard_error.se_of_variance(sd, 3 * sd**4, x.size)
    assert standard_error.se_of_sd(x) == pytest.approx(se / (2 * sd), rel=20 * EPS)


def test_se_of_sd_is_equivariant():
    x = SAMPLES[10]
    assert standard_error.se_of_sd(5 - 8 * x) == pytest.approx(8 * standard_error.se_of_sd(x), rel=20 * EPS)


def test_se_of_sd_at_ten_is_24_per_cent():
    x = SAMPLES[10]
    assert round(standard_error.se_of_sd(x) / np.std(x, ddof=1), 2) == 0.24


@pytest.mark.parametrize("seed", [4, 5])
def test_se_of_sd_describes_repeated_samples(seed):
    s = np.random.default_rng(seed).normal(size=(20_000, 10)).std(axis=1, ddof=1)
    exact = np.sqrt(1 - standard_error.c4(10) ** 2)
    # The SD of nearly normal s has itself a relative error of 1 / sqrt(2 * 20 000).
    assert abs(s.std() / exact - 1) < 4 / np.sqrt(40_000)
    assert abs(s.mean() - standard_error.c4(10)) < 4 * exact / np.sqrt(20_000)


# se_of_variance and se_of_median


@pytest.mark.parametrize("n", [2, 3, 6])
def test_se_of_variance_matches_enumeration(n):
    """A three-sided die, unequal chances, all 3^n outcomes."""
    values, chances = np.array([0.0, 1.0, 4.0]), np.array([0.5, 0.3, 0.2])
    mean = values @ chances
    sigma, mu4 = np.sqrt(chances @ (values - mean) ** 2), chances @ (values - mean) ** 4
    outcomes = np.array(list(itertools.product(range(3), repeat=n)))
    weight = chances[outcomes].prod(axis=1)
    variance = values[outcomes].var(axis=1, ddof=1)
    expected = np.sqrt(weight @ (variance - sigma**2) ** 2)
    assert weight @ variance == pytest.approx(sigma**2, rel=3**n * EPS)  # unbiased, so that this is its variance
    assert standard_error.se_of_variance(sigma, mu4, n) == pytest.approx(expected, rel=3**n * EPS)


def test_se_of_variance_of_a_fair_coin():
    # mu4 = sigma^4: Var = sigma^4 (1 - (n - 3) / (n - 1)) / n = 2 sigma^4 / (n (n - 1)).
    assert standard_error.se_of_variance(0.5, 0.0625, 5) == pytest.approx(0.25 * np.sqrt(2 / 20), rel=4 * EPS)


@pytest.mark.parametrize("n", [3, 11, 101])
def test_se_of_median_uniform(n):
    """The median of n = 2k + 1 uniform numbers is Beta(k + 1, k + 1): variance 1 / (4 (n + 2))."""
    exact = stats.beta((n + 1) / 2, (n + 1) / 2).std()
    assert exact == pytest.approx(standard_error.se_of_median(1.0, n) * np.sqrt(n / (n + 2)), rel=20 * EPS)


@pytest.mark.parametrize(("distribution", "expected"), [(stats.norm, np.sqrt(np.pi / 2)), (stats.cauchy, np.pi / 2)])
def test_se_of_median_of_known_densities(distribution, expected):
    se = standard_error.se_of_median(distribution.pdf(0.0), 49)
    assert se == pytest.approx(expected / 7, rel=10 * EPS)


@pytest.mark.parametrize("seed", [6, 7])
def test_se_of_median_describes_repeated_samples(seed):
    medians = np.median(np.random.default_rng(seed).standard_cauchy((10_000, 401)), axis=1)
    spread = stats.norm.cdf(1) - 0.5
    low, high = np.quantile(medians, [0.5 - spread, 0.5 + spread])
    # Half the width of the middle 68 %: each end errs by sqrt(p q / N) / (N's density there, 0.242 / SE).
    error = np.sqrt(0.1587 * 0.8413 / 10_000) / 0.242
    # The formula's own error at n = 401 is of order 1 / n.
    assert abs((high - low) / 2 / standard_error.se_of_median(1 / np.pi, 401) - 1) < 4 * error + 2 / 401


# bootstrap_se


def all_resamples(x):
    return np.array(list(itertools.product(x, repeat=len(x))))


def test_bootstrap_se_formula_for_the_mean_is_exact():
    x = np.array([0.3, 1.0, 2.2, 5.0])
    exact = all_resamples(x).mean(axis=1).std()
    assert exact == pytest.approx(np.sqrt(3 / 4) * standard_error.sd_and_se(x)[1], rel=256 * EPS)


@pytest.mark.parametrize("statistic", [np.mean, np.median, np.max])
@pytest.mark.parametrize("seed", [8, 9])
def test_bootstrap_se_matches_all_resamples(statistic, seed):
    x = np.array([0.3, 1.0, 2.2, 5.0, 5.5])
    values = statistic(all_resamples(x), axis=1)
    n_boot = 4000
    found = standard_error.bootstrap_se(x, statistic, n_boot, rng=np.random.default_rng(seed))
    mu4 = np.mean((values - values.mean()) ** 4)
    error = np.sqrt((mu4 / values.var() ** 2 - 1) / n_boot) / 2  # relative, delta method
    assert abs(found / values.std() - 1) < 4 * error


def test_bootstrap_se_is_the_sample_sd_over_the_draws():
    found = standard_error.bootstrap_se(
        [1.0, 2.0], lambda d, axis: np.array([3.0, 1.0]), 2, rng=np.random.default_rng(1)
    )
    assert found == pytest.approx(np.sqrt(2), rel=2 * EPS)


def test_bootstrap_se_is_reproducible_and_leaves_the_input():
    x = SAMPLES[10].copy()
    one, two = (standard_error.bootstrap_se(x, np.median, 50, rng=np.random.default_rng(3)) for _ in range(2))
    assert one == two
    np.testing.assert_array_equal(x, SAMPLES[10])


# ar1, se_mean_ar1, tau_ar1


@each_rho
def test_ar1_covariance_is_exact(rho):
    """The unit impulses in, the linear map out: x = e @ response, so its covariance is response' response."""
    response = standard_error.ar1(np.eye(7), rho)
    np.testing.assert_allclose(response.T @ response, covariance(rho, 7), atol=20 * EPS)


def test_ar1_leaves_its_noise_and_any_leading_axes():
    noise = np.random.default_rng(2).normal(size=(3, 2, 5))
    kept = noise.copy()
    x = standard_error.ar1(noise, 0.7)
    np.testing.assert_array_equal(noise, kept)
    np.testing.assert_array_equal(x[2, 1], standard_error.ar1(noise[2, 1], 0.7))
    np.testing.assert_array_equal(standard_error.ar1(noise, 0.0), noise)


@each_rho
@pytest.mark.parametrize("n", [1, 2, 9, 120])
def test_se_mean_ar1_matches_all_pairs_and_closed_form(rho, n):
    se = standard_error.se_mean_ar1(1.7, rho, n)
    pairs = 1.7 * np.sqrt(covariance(rho, n).sum()) / n
    tau = (1 + rho) / (1 - rho) - 2 * rho * (1 - rho**n) / (n * (1 - rho) ** 2)
    # Sums of n^2 terms; in the closed form 2 rho / (n (1 - rho)^2), up to 2e4 / n, cancels down to tau >= 0.05.
    assert se == pytest.approx(pairs, rel=n**2 * EPS + 20 * EPS)
    assert se == pytest.approx(1.7 * np.sqrt(tau / n), rel=4e5 * EPS)


def test_se_mean_ar1_asymptotic_is_29_per_cent_off_at_ten():
    assert round(np.sqrt(9 / 10) / standard_error.se_mean_ar1(1.0, 0.8, 10) - 1, 2) == 0.29


def test_tau_ar1_published_numbers():
    tau = standard_error.tau_ar1(0.8, 100)
    # (1 + rho) / (1 - rho) - 2 rho / (n (1 - rho)^2) = 9 - 0.4, and rho^100 = 2e-10 of the second term.
    assert tau == pytest.approx(8.6, abs=0.4 * 0.8**100 + 100 * EPS)
    assert round(100 / tau, 1) == 11.6


def test_tau_ar1_of_one_and_two_samples():
    assert standard_error.tau_ar1(0.3, 1) == 1
    assert standard_error.tau_ar1(0.3, 2) == pytest.approx(1.3, rel=4 * EPS)


@each_rho
def test_tau_ar1_tends_to_its_limit(rho):
    limit = (1 + rho) / (1 - rho)
    n = 10**5
    assert abs(standard_error.tau_ar1(rho, n) - limit) <= 2 * abs(rho) / (n * (1 - rho) ** 2) + 1e5 * EPS * limit


@each_rho
@pytest.mark.parametrize("n", [2, 5, 30])
def test_tau_ar1_gives_the_bias_of_the_sample_variance(rho, n):
    """E SD^2 = (n - tau) / (n - 1): the trace of the covariance without its mean."""
    centred = np.eye(n) - 1 / n
    expected = np.trace(centred @ covariance(rho, n)) / (n - 1)
    tau = standard_error.tau_ar1(rho, n)
    # At rho = 0.99 all but a hundredth of n cancels in n - tau.
    assert (n - tau) / (n - 1) == pytest.approx(expected, abs=10 * n * EPS)


# effective_n and block_se


@pytest.mark.parametrize("max_lag", [1, 4, 15])
def test_effective_n_matches_correlate(max_lag):
    x = standard_error.ar1(np.random.default_rng(5).normal(size=31), 0.6)
    d = x - x.mean()
    c = np.correlate(d, d, "full") / 31
    expected = 31 * c[30] / c[30 - max_lag : 31 + max_lag].sum()
    assert standard_error.effective_n(x, max_lag) == pytest.approx(expected, rel=31**2 * EPS)


def test_effective_n_is_invariant_to_shift_scale_and_direction_of_time():
    x = SAMPLES[31]
    n = standard_error.effective_n(x, 3)
    assert standard_error.effective_n(100 - 7 * x[::-1], 3) == pytest.approx(n, rel=1000 * EPS)


@pytest.mark.parametrize(("rho", "max_lag"), [(0.0, 5), (0.8, 40), (-0.4, 5)])
@pytest.mark.parametrize("seed", [1, 2])
def test_effective_n_recovers_ar1(rho, max_lag, seed):
    n = 40_000
    x = standard_error.ar1(np.random.default_rng(seed).normal(size=n), rho)
    # A spectral estimate at frequency 0 with 2 L + 1 lags has the relative variance 2 (2 L + 1) / n.
    error = np.sqrt(2 * (2 * max_lag + 1) / n)
    assert abs(standard_error.effective_n(x, max_lag) * standard_error.tau_ar1(rho, n) / n - 1) < 4 * error


def test_effective_n_refuses_a_variance_of_zero():
    with pytest.raises(ValueError, match=r"max_lag must leave a positive variance, got 1 with tau = -0\.667"):
        standard_error.effective_n([1.0, -1.0, 1.0, -1.0, 1.0, -1.0], 1)


@each_sample
def test_block_se_of_single_samples_is_the_naive_one(x):
    assert standard_error.block_se(x, 1) == standard_error.sd_and_se(x)[1]


@pytest.mark.parametrize(("block", "n_blocks"), [(2, 15), (7, 4), (15, 2)])
def test_block_se_matches_a_loop(block, n_blocks):
    x = SAMPLES[31]
    means = [sum(x[i * block : (i + 1) * block]) / block for i in range(n_blocks)]
    assert standard_error.block_se(x, block) == pytest.approx(stats.sem(means), rel=100 * EPS)


def test_block_se_ignores_the_order_of_blocks_and_inside_them():
    x = SAMPLES[31][:30].reshape(6, 5)
    rng = np.random.default_rng(3)
    shuffled = rng.permuted(x[rng.permutation(6)], axis=1)
    expected = standard_error.block_se(x.ravel(), 5)
    assert standard_error.block_se(shuffled.ravel(), 5) == pytest.approx(expected, rel=100 * EPS)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_block_se_of_ar1_finds_the_true_error(seed):
    n, block = 20_000, 200
    x = standard_error.ar1(np.random.default_rng(seed).normal(size=n), 0.8)
    # 100 block means give a relative error of 1 / sqrt(2 * 99); the blocks' ends cost 2 rho / (block (1 - rho^2)).
    bias = 2 * 0.8 / (block * (1 - 0.8**2))
    assert abs(standard_error.block_se(x, block) / standard_error.se_mean_ar1(1.0, 0.8, n) - 1) < 4 / 198**0.5 + bias


@pytest.mark.parametrize(("block", "se"), [(1, 16.9), (20, 46.7)])
def test_block_se_nile(block, se):
    assert round(standard_error.block_se(data.nile()[1], block), 1) == se


@pytest.mark.parametrize(("block", "se"), [(1, 2.3), (11, 3.4), (22, 4.5), (33, 5.4)])
def test_block_se_sunspots(block, se):
    assert round(standard_error.block_se(data.sunspots()[1], block), 1) == se


def test_sunspots_and_nile_are_the_published_series():
    year, number = data.sunspots()
    assert year.tolist() == list(range(1700, 2009))
    assert round(number.mean(), 2) == 49.75
    assert (year[number.argmax()], number.max()) == (1957, 190.2)  # the strongest cycle on record
    _, flow = data.nile()
    d = flow - flow.mean()
    assert round(d[1:] @ d[:-1] / (d @ d), 2) == 0.50


# coverage, p_difference, capture_probability


@pytest.mark.parametrize("n", [2, 3, 10, 77])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_coverage_of_independent_samples_is_students(n, level):
    z = stats.norm.ppf((1 + level) / 2)
    # The error of the quadrature, as measured on finer rules.
    assert standard_error.coverage(n, level) == pytest.approx(level, abs=1e-8)
    assert standard_error.coverage(n, level, quantile="z") == pytest.approx(2 * stats.t.cdf(z, n - 1) - 1, abs=1e-8)


def test_coverage_published_numbers():
    small = [round(100 * standard_error.coverage(n, 0.95, quantile="z")) for n in (2, 5, 10)]
    assert small == [70, 88, 92]
    assert round(100 * standard_error.coverage(100, 0.95, 0.8)) == 48
    assert round(100 * standard_error.coverage(100, 0.95, 0.8, "z")) == 47


def imhof(n, level, rho, quantile):
    """Imhof's (1961) formula for the chance that a quadratic form is negative, by adaptive quadrature."""
    q = stats.norm.ppf((1 + level) / 2) if quantile == "z" else stats.t.ppf((1 + level) / 2, n - 1)
    centred = np.eye(n) - 1 / n
    form = np.full((n, n), 1 / n) - q**2 / (n - 1) * centred
    weights = np.linalg.eigvals(form @ covariance(rho, n)).real

    def integrand(u):
        angle = np.arctan(weights * u).sum() / 2
        return np.sin(angle) / (u * np.exp(np.log1p((weights * u) ** 2).sum() / 4))

    value, _ = integrate.quad(integrand, 0, np.inf, limit=400, epsabs=1e-10)
    return 0.5 - value / np.pi


@pytest.mark.parametrize(
    ("n", "level", "rho", "quantile"),
    [(3, 0.9, 0.5, "t"), (10, 0.95, 0.8, "z"), (100, 0.95, 0.8, "t"), (31, 0.5, -0.6, "z"), (60, 0.99, 0.95, "t")],
)
def test_coverage_matches_imhof(n, level, rho, quantile):
    # 1e-7: what the adaptive rule reports as its own error.
    found = standard_error.coverage(n, level, rho, quantile)
    assert found == pytest.approx(imhof(n, level, rho, quantile), abs=1e-7)


@pytest.mark.parametrize(("n", "rho"), [(5, 0.9), (40, 0.6), (12, -0.5)])
def test_coverage_describes_repeated_series(n, rho):
    x = standard_error.ar1(np.random.default_rng(n).normal(size=(20_000, n)), rho)
    half_width = stats.t.ppf(0.95, n - 1) * x.std(axis=1, ddof=1) / np.sqrt(n)
    p = standard_error.coverage(n, 0.9, rho)
    assert abs(np.mean(np.abs(x.mean(axis=1)) < half_width) - p) < 4 * binomial_se(p, 20_000)


def test_coverage_falls_with_correlation():
    falling = [standard_error.coverage(20, 0.95, rho) for rho in (-0.5, 0.0, 0.3, 0.6, 0.9)]
    assert (np.diff(falling) < 0).all()


def test_p_difference_of_touching_bars():
    assert round(standard_error.p_difference(0, 1, 2, 1), 3) == 0.157  # bars of one SE
    assert round(standard_error.p_difference(0, 1, 2 * 1.96, 1), 4) == 0.0056  # 95 % intervals


def test_p_difference_matches_scipy_and_its_symmetries():
    p = standard_error.p_difference(3.0, 0.4, 1.5, 0.9)
    assert p == pytest.approx(2 * stats.norm.sf(1.5 / np.sqrt(0.4**2 + 0.9**2)), rel=1e-13)
    assert standard_error.p_difference(1.5, 0.9, 3.0, 0.4) == p
    assert standard_error.p_difference(-13.0, 0.4, -11.5, 0.9) == p
    assert standard_error.p_difference(2.0, 0.1, 2.0, 5.0) == 1


def test_capture_probability_published_numbers():
    assert round(standard_error.capture_probability(1), 2) == 0.52
    assert round(standard_error.capture_probability(1.96), 2) == 0.83
    assert standard_error.capture_probability(0) == 0


def test_capture_probability_is_the_complement_of_the_p_value():
    for k in (0.3, 1.0, 2.5):
        p = standard_error.p_difference(0.0, 1.0, k, 1.0)
        assert standard_error.capture_probability(k) == pytest.approx(1 - p, abs=10 * EPS)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_capture_probability_describes_replications(seed):
    yours, theirs = np.random.default_rng(seed).normal(size=(2, 50_000))
    p = standard_error.capture_probability(1)
    assert abs(np.mean(np.abs(yours - theirs) < 1) - p) < 4 * binomial_se(p, 50_000)


# density_outline and middle_spread


def test_density_outline_counts_what_lies_outside():
    values = np.array([0.0, 0.5, 0.9, 1.0, 3.5, 4.0, -7.0, 99.0])
    middles, density = standard_error.density_outline(values, [0.0, 1.0, 3.0, 4.0])
    np.testing.assert_array_equal(middles, [0.5, 2.0, 3.5])
    # 3, 1 and 2 of 8 values, in bins 1, 2 and 1 wide.
    np.testing.assert_allclose(density, [3 / 8, 1 / 16, 2 / 8], rtol=2 * EPS)


def test_density_outline_matches_numpy_where_all_is_inside():
    x, edges = SAMPLES[31], np.linspace(-10, 20, 14)
    np.testing.assert_allclose(
        standard_error.density_outline(x, edges)[1], np.histogram(x, edges, density=True)[0], rtol=10 * EPS
    )


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_middle_spread_of_exact_quantiles(axis):
    """Evenly spaced probabilities give the quantiles of the distribution, up to interpolation."""
    p = np.clip(np.linspace(0, 1, 20_001), 1e-6, 1 - 1e-6)  # the ends are finite, and far from the middle
    x = np.stack([stats.norm.ppf(p), 3 * stats.cauchy.ppf(p)], axis=1 - axis % 2)
    spread = standard_error.middle_spread(x, axis=axis)
    # Cauchy: F(x) = 1/2 + arctan(x / 3) / pi. Linear interpolation on a grid of 5e-5 errs by its square.
    np.testing.assert_allclose(spread, [1.0, 3 * np.tan(np.pi * (stats.norm.cdf(1) - 0.5))], rtol=1e-7)


def test_middle_spread_looks_along_the_last_axis():
    x = np.random.default_rng(5).normal(size=(3, 2, 7))
    expected = [[standard_error.middle_spread(row) for row in rows] for rows in x]
    np.testing.assert_array_equal(standard_error.middle_spread(x), expected)


def test_middle_spread_is_equivariant():
    x = np.random.default_rng(4).standard_cauchy(101)
    assert standard_error.middle_spread(5 - 3 * x) == pytest.approx(3 * standard_error.middle_spread(x), rel=100 * EPS)


# Bad input

OK = [1.0, 2.0, 4.0]
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "function",
    [
        standard_error.sd_and_se,
        standard_error.se_of_sd,
        lambda x: standard_error.ci_mean(x, 0.95),
        lambda x: standard_error.bootstrap_se(x, np.mean, 5, rng=RNG),
        lambda x: standard_error.effective_n(x, 1),
        lambda x: standard_error.block_se(x, 1),
    ],
)
@pytest.mark.parametrize(
    ("x", "error", "match"),
    [
        ([1.0], ValueError, r"x needs at least 2 along each axis, got shape \(1,\)"),
        ([1.0, np.nan, 2.0, np.nan], ValueError, "x must be finite, got 2 NaN or infinite of 4"),
        ([[1.0, 2.0], [3.0, 4.0]], ValueError, r"x must have 1 axes, got shape \(2, 2\)"),
        ([1.0, 2.0j], TypeError, "x must be real, got dtype complex128"),
        (["a", "b"], TypeError, "x must hold numbers"),
    ],
)
def test_samples_are_checked(function, x, error, match):
    with pytest.raises(error, match=match):
        function(x)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: standard_error.ci_mean(OK, 0.0), ValueError, "level must be > 0, got 0"),
        (lambda: standard_error.ci_mean(OK, 1.0), ValueError, "level must be < 1, got 1"),
        (lambda: standard_error.ci_mean(OK, 95), ValueError, "level must be < 1, got 95"),
        (lambda: standard_error.ci_mean(OK, "95 %"), TypeError, "level must be a real number"),
        (lambda: standard_error.se_mean_finite(-1, 2, 5), ValueError, "sigma must be >= 0, got -1"),
        (lambda: standard_error.se_mean_finite(1, 6, 5), ValueError, "n must be at most 5, got 6"),
        (lambda: standard_error.se_mean_finite(1, 0, 5), ValueError, "n must be at least 1, got 0"),
        (lambda: standard_error.se_mean_finite(1, 2, 0), ValueError, "n_population must be at least 1, got 0"),
        (lambda: standard_error.se_mean_shared(-1, 0, 5), ValueError, "sigma must be >= 0, got -1"),
        (lambda: standard_error.se_mean_shared(1, -0.5, 5), ValueError, "shared must be >= 0, got -0.5"),
        (lambda: standard_error.se_mean_shared(1, 0, 0), ValueError, "n must be at least 1, got 0"),
        (lambda: standard_error.c4(1), ValueError, "n must be at least 2, got 1"),
        (lambda: standard_error.c4(5.0), TypeError, "n must be a whole number, got 5.0"),
        (lambda: standard_error.se_of_variance(0, 1, 5), ValueError, "sigma must be > 0, got 0"),
        (lambda: standard_error.se_of_variance(2, 15, 5), ValueError, "mu4 must be >= 16, got 15"),
        (lambda: standard_error.se_of_variance(1, 3, 1), ValueError, "n must be at least 2, got 1"),
        (lambda: standard_error.se_of_median(0, 5), ValueError, "density must be > 0, got 0"),
        (lambda: standard_error.se_of_median(1, 0), ValueError, "n must be at least 1, got 0"),
        (lambda: standard_error.bootstrap_se(OK, "mean", 5, rng=RNG), TypeError, "statistic must be a function"),
        (lambda: standard_error.bootstrap_se(OK, np.mean, 1, rng=RNG), ValueError, "n_boot must be at least 2, got 1"),
        (lambda: standard_error.bootstrap_se(OK, np.mean, 5, rng=3), TypeError, "rng must be a numpy Generator"),
        (
            lambda: standard_error.bootstrap_se(OK, np.cumsum, 5, rng=RNG),
            ValueError,
            r"statistic must map \(5, 3\) to \(5,\) along axis 1, got shape \(5, 3\)",
        ),
        (
            lambda: standard_error.bootstrap_se(OK, lambda d, axis: d.mean(axis) * np.nan, 5, rng=RNG),
            ValueError,
            "the values of statistic must be finite, got 5",
        ),
        (lambda: standard_error.ar1(1.0, 0.5), ValueError, "noise must have at least 1 axis"),
        (lambda: standard_error.ar1([1.0, np.nan], 0.5), ValueError, "noise must be finite, got 1"),
        (lambda: standard_error.ar1(OK, 1.0), ValueError, "rho must be < 1, got 1"),
        (lambda: standard_error.se_mean_ar1(1, 1.0, 5), ValueError, "rho must be < 1, got 1"),
        (lambda: standard_error.se_mean_ar1(1, -1.0, 5), ValueError, "rho must be > -1, got -1"),
        (lambda: standard_error.se_mean_ar1(1, np.nan, 5), ValueError, "rho must be finite, got nan"),
        (lambda: standard_error.se_mean_ar1(-1, 0.5, 5), ValueError, "sigma must be >= 0, got -1"),
        (lambda: standard_error.se_mean_ar1(1, 0.5, 0), ValueError, "n must be at least 1, got 0"),
        (lambda: standard_error.tau_ar1(0.5, 0), ValueError, "n must be at least 1, got 0"),
        (lambda: standard_error.tau_ar1(1.5, 5), ValueError, "rho must be < 1, got 1.5"),
        (lambda: standard_error.tau_ar1(0.5, 2.5), TypeError, "n must be a whole number, got 2.5"),
        (lambda: standard_error.effective_n(OK, 2), ValueError, "max_lag must be at most 1, got 2"),
        (lambda: standard_error.effective_n(OK, 0), ValueError, "max_lag must be at least 1, got 0"),
        (lambda: standard_error.effective_n([3, 3, 3], 1), ValueError, "x must vary, got 3 times 3"),
        (lambda: standard_error.block_se([1, 2, 3, 4, 5], 3), ValueError, "block must be at most 2, got 3"),
        (lambda: standard_error.block_se(OK, 0), ValueError, "block must be at least 1, got 0"),
        (lambda: standard_error.coverage(1, 0.95), ValueError, "n must be at least 2, got 1"),
        (lambda: standard_error.coverage(5, 0.0), ValueError, "level must be > 0, got 0"),
        (lambda: standard_error.coverage(5, 1.0), ValueError, "level must be < 1, got 1"),
        (lambda: standard_error.coverage(5, 0.95, -1.0), ValueError, "rho must be > -1, got -1"),
        (lambda: standard_error.coverage(5, 0.95, 0.0, "x"), ValueError, "quantile must be one of 't', 'z', got 'x'"),
        (lambda: standard_error.p_difference(0, 1, 1, "1"), TypeError, "se_b must be a real number"),
        (lambda: standard_error.p_difference(0, 0, 1, 1), ValueError, "se_a must be > 0, got 0"),
        (lambda: standard_error.p_difference(0, 1, 1, -1), ValueError, "se_b must be > 0, got -1"),
        (lambda: standard_error.p_difference(np.inf, 1, 1, 1), ValueError, "mean_a must be finite, got inf"),
        (lambda: standard_error.p_difference(0, 1, np.nan, 1), ValueError, "mean_b must be finite, got nan"),
        (lambda: standard_error.density_outline(OK, [0, 1, 1]), ValueError, "edges must increase, got a step of 0"),
        (lambda: standard_error.density_outline(OK, [0]), ValueError, "edges needs at least 2"),
        (lambda: standard_error.density_outline([OK], [0, 1]), ValueError, "values must have 1 axes"),
        (lambda: standard_error.middle_spread(OK, 1), ValueError, "axis must be at most 0, got 1"),
        (lambda: standard_error.middle_spread([1.0, np.nan]), ValueError, "values must be finite, got 1"),
        (lambda: standard_error.capture_probability(-1), ValueError, "multiple must be >= 0, got -1"),
    ],
)
def test_bad_input_is_named(call, error, match):
    with pytest.raises(error, match=match):
        call()
