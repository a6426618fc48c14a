"""How sure a mean is: standard errors, their own errors, and what correlation does to them.

The spread of the data against the error of an estimate, intervals for small samples, the bootstrap, neighbours
that repeat each other, errors that averaging cannot remove, and what error bars on a plot say.
"""

from collections.abc import Callable

import numpy as np
from scipy import special

from coursekit.validation import finite_array, generator, number, one_of, whole_number

__all__ = [
    "ar1",
    "block_se",
    "bootstrap_se",
    "c4",
    "capture_probability",
    "ci_mean",
    "coverage",
    "density_outline",
    "effective_n",
    "middle_spread",
    "p_difference",
    "sd_and_se",
    "se_mean_ar1",
    "se_mean_finite",
    "se_mean_shared",
    "se_of_median",
    "se_of_sd",
    "se_of_variance",
    "tau_ar1",
]

QUANTILES = ("t", "z")
N_NODES = 256  # of Gauss and Legendre's rule in `coverage`: errors below 1e-8 for a level of 0.5 or more


# The mean and its error


def sd_and_se(x: np.ndarray) -> tuple[float, float]:
    """Return the standard deviation of the data and the standard error of their mean.

    Lecture `standard_error`, "repeat the experiment": SD = sqrt(sum (x - mean)^2 / (n - 1)), SE = SD / sqrt(n).

    Parameters
    ----------
    x : (n,) array           independent samples, n >= 2

    Returns
    -------
    (float, float)           SD and SE, in units of `x`

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               not one axis, fewer than 2 samples, NaN

    Examples
    --------
    >>> sd, se = sd_and_se([2.0, 4.0, 4.0, 6.0])
    >>> round(sd, 4), round(se, 4)
    (1.633, 0.8165)
    """
    x = finite_array("x", x, ndim=1, min_size=2)
    sd = np.std(x, ddof=1)
    return float(sd), float(sd / np.sqrt(x.size))


def ci_mean(x: np.ndarray, level: float) -> tuple[float, float]:
    """Return Student's confidence interval for the mean that the samples were drawn with.

    Lecture `standard_error`, "small samples": mean -+ t * SE, where t is the (1 + level)/2 quantile of Student's
    distribution with n - 1 degrees of freedom. Exact for independent normal data.

    Parameters
    ----------
    x : (n,) array           independent samples, n >= 2
    level : float            how often such an interval holds the true mean, in (0, 1)

    Returns
    -------
    (float, float)           its lower and upper end, in units of `x`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not one axis, fewer than 2 samples, NaN, a level outside (0, 1)

    Notes
    -----
    Source: Student (1908), Biometrika 6. Oracle: for n = 2 the 50 % interval is the range of the data.

    Examples
    --------
    >>> low, high = ci_mean([1.0, 3.0], 0.5)
    >>> round(low, 12), round(high, 12)
    (1.0, 3.0)
    """
    x = finite_array("x", x, ndim=1, min_size=2)
    level = number("level", level, above=0, below=1)
    n = x.size
    half_width = special.stdtrit(n - 1, (1 + level) / 2) * np.std(x, ddof=1) / np.sqrt(n)
    return float(np.mean(x) - half_width), float(np.mean(x) + half_width)


def se_mean_finite(sigma: float, n: int, n_population: int) -> float:
    """Return the standard error of the mean of `n` members drawn without replacement from a finite population.

    Lecture `standard_error`, "repeat the experiment": sigma / sqrt(n) * sqrt(1 - n / n_population).

    Parameters
    ----------
    sigma : float            >= 0, the population's SD (with n_population - 1 in its denominator)
    n : int                  >= 1, members drawn
    n_population : int       >= n, members in all

    Returns
    -------
    float                    in units of `sigma`; 0 if everybody was drawn

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Examples
    --------
    >>> se_mean_finite(2.0, 3, 4)
    0.5773502691896257
    """
    sigma = number("sigma", sigma, least=0)
    n_population = whole_number("n_population", n_population, least=1)
    n = whole_number("n", n, least=1, most=n_population)
    return float(sigma * np.sqrt((1 - n / n_population) / n))


def se_mean_shared(sigma: float, shared: float, n: int) -> float:
    """Return the standard error of a mean of samples that have an independent and a common error.

    Lecture `standard_error`, "burst": sqrt(sigma^2 / n + shared^2). Averaging removes the first term only.

    Parameters
    ----------
    sigma : float            >= 0, SD of the error that each sample draws anew
    shared : float           >= 0, SD of the error that all samples have in common
    n : int                  >= 1, samples

    Returns
    -------
    float                    in units of `sigma`, never below `shared`

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Examples
    --------
    >>> se_mean_shared(0.8, 0.3, 4)
    0.5
    """
    sigma = number("sigma", sigma, least=0)
    shared = number("shared", shared, least=0)
    n = whole_number("n", n, least=1)
    return float(np.hypot(sigma / np.sqrt(n), shared))


# The error of other statistics, the error bar among them


def c4(n: int) -> float:
    """Return the expected sample SD of `n` independent normal samples, as a fraction of the true one.

    Lecture `standard_error`, "the bar has its own bar": sqrt(2 / (n - 1)) Gamma(n / 2) / Gamma((n - 1) / 2).

    Parameters
    ----------
    n : int                  >= 2, samples

    Returns
    -------
    float                    in (0.79, 1); the SD of the sample SD is sigma * sqrt(1 - c4^2)

    Raises
    ------
    TypeError                not a whole number
    ValueError               n < 2

    Examples
    --------
    >>> round(c4(2), 4), round(c4(10), 4)
    (0.7979, 0.9727)
    """
    n = whole_number("n", n, least=2)
    # poch(a, 1/2) = Gamma(a + 1/2) / Gamma(a), without the overflow of either.
    return float(np.sqrt(2 / (n - 1)) * special.poch((n - 1) / 2, 0.5))


def se_of_sd(x: np.ndarray) -> float:
    """Return the standard error of the sample SD of normal data, to first order.

    Lecture `standard_error`, "the bar has its own bar": SD / sqrt(2 (n - 1)), from Var(SD^2) = 2 sigma^4 / (n - 1).

    Parameters
    ----------
    x : (n,) array           independent normal samples, n >= 2

    Returns
    -------
    float                    in units of `x`

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               not one axis, fewer than 2 samples, NaN

    Notes
    -----
    Oracle: sigma * sqrt(1 - c4(n)^2) is the exact value, and the ratio tends to 1.

    Examples
    --------
    >>> se_of_sd([1.0, 3.0, 5.0])
    1.0
    """
    x = finite_array("x", x, ndim=1, min_size=2)
    return float(np.std(x, ddof=1) / np.sqrt(2 * (x.size - 1)))


def se_of_variance(sigma: float, mu4: float, n: int) -> float:
    """Return the exact standard error of the sample variance, for data of any distribution.

    Lecture `standard_error`, "the bar has its own bar": sqrt((mu4 - sigma^4 (n - 3) / (n - 1)) / n).

    Parameters
    ----------
    sigma : float            > 0, the true SD
    mu4 : float              >= sigma^4, the fourth central moment (3 sigma^4 for a normal distribution)
    n : int                  >= 2, independent samples

    Returns
    -------
    float                    in squared units of `sigma`

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range; no distribution has mu4 < sigma^4

    Examples
    --------
    >>> se_of_variance(1.0, 3.0, 9)
    0.5
    """
    sigma = number("sigma", sigma, above=0)
    mu4 = number("mu4", mu4, least=sigma**4 * (1 - 1e-12))  # a fair coin has equality, up to rounding
    n = whole_number("n", n, least=2)
    return float(np.sqrt((mu4 - sigma**4 * (n - 3) / (n - 1)) / n))


def se_of_median(density: float, n: int) -> float:
    """Return the standard error of the median of a large sample.

    Lecture `standard_error`, "any other statistic": 1 / (2 f sqrt(n)), where f is the density of the data at their
    median. For normal data that is sqrt(pi / 2) = 1.2533 times the standard error of the mean.

    Parameters
    ----------
    density : float          > 0, per unit of the data
    n : int                  >= 1, independent samples

    Returns
    -------
    float                    in units of the data

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Examples
    --------
    >>> round(se_of_median(1 / np.sqrt(2 * np.pi), 1), 4)
    1.2533
    """
    density = number("density", density, above=0)
    n = whole_number("n", n, least=1)
    return float(1 / (2 * density * np.sqrt(n)))


def bootstrap_se(
    x: np.ndarray, statistic: Callable[..., np.ndarray], n_boot: int, *, rng: np.random.Generator
) -> float:
    """Return the standard error of any statistic, estimated by drawing from the sample itself.

    Lecture `standard_error`, "any other statistic": draw n of the n samples with replacement, `n_boot` times, and take
    the SD of the statistic over the draws.

    Parameters
    ----------
    x : (n,) array           independent samples, n >= 2
    statistic : callable     maps samples (n_boot, n) to values (n_boot,) when called with axis=1, as np.median
    n_boot : int             >= 2, draws
    rng : Generator          where the draws come from

    Returns
    -------
    float                    in units of the statistic; its own relative error is about 1 / sqrt(2 n_boot)

    Raises
    ------
    TypeError                a wrong type, `statistic` not callable, complex values
    ValueError               a value out of range, NaN, values of a wrong shape

    Notes
    -----
    Source: Efron (1979), Annals of Statistics 7. Oracle: for the mean it tends to sqrt((n - 1) / n) SD / sqrt(n),
    for the resampled spread has n in its denominator.

    Examples
    --------
    >>> bootstrap_se([3.0, 3.0, 3.0], np.median, 20, rng=np.random.default_rng(1))
    0.0
    """
    x = finite_array("x", x, ndim=1, min_size=2)
    if not callable(statistic):
        raise TypeError(f"statistic must be a function, got {statistic!r}")
    n_boot = whole_number("n_boot", n_boot, least=2)
    draws = generator("rng", rng).choice(x, size=(n_boot, x.size))
    values = finite_array("the values of statistic", statistic(draws, axis=1))
    if values.shape != (n_boot,):
        raise ValueError(f"statistic must map {draws.shape} to ({n_boot},) along axis 1, got shape {values.shape}")
    return float(np.std(values, ddof=1))


# Neighbours that repeat each other


def ar1(noise: np.ndarray, rho: float) -> np.ndarray:
    """Return stationary series of SD 1 in which neighbours have the correlation `rho`.

    Lecture `standard_error`, "neighbours": x[0] = e[0], x[t] = rho x[t-1] + sqrt(1 - rho^2) e[t].

    Parameters
    ----------
    noise : (..., n) array   independent standard normal values e, time last
    rho : float              in (-1, 1)

    Returns
    -------
    (..., n) array           corr(x[t], x[t+k]) = rho^k

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               no axis, NaN, |rho| >= 1

    Examples
    --------
    >>> ar1([1.0, 0.0, 5.0], 0.6)
    array([1.  , 0.6 , 4.36])
    """
    noise = finite_array("noise", noise)
    if noise.ndim == 0:
        raise ValueError(f"noise must have at least 1 axis, got shape {noise.shape}")
    rho = number("rho", rho, above=-1, below=1)
    x = noise.copy()
    for t in range(1, x.shape[-1]):
        x[..., t] = rho * x[..., t - 1] + np.sqrt(1 - rho**2) * noise[..., t]
    return x


def se_mean_ar1(sigma: float, rho: float, n: int) -> float:
    """Return the exact standard error of the mean of `n` neighbours in an AR(1) series.

    Lecture `standard_error`, "neighbours": sigma sqrt(tau / n) with tau = 1 + 2 sum_k (1 - k/n) rho^k over the lags
    k = 1 .. n - 1; there are n - k pairs at lag k.

    Parameters
    ----------
    sigma : float            >= 0, the SD of a single sample
    rho : float              in (-1, 1), the correlation of neighbours
    n : int                  >= 1, samples

    Returns
    -------
    float                    in units of `sigma`

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Examples
    --------
    >>> round(se_mean_ar1(1.0, 0.8, 100), 4)
    0.2933
    """
    sigma = number("sigma", sigma, least=0)
    rho = number("rho", rho, above=-1, below=1)
    n = whole_number("n", n, least=1)
    k = np.arange(1, n)
    tau = 1 + 2 * np.sum((1 - k / n) * rho**k)
    return float(sigma * np.sqrt(tau / n))


def tau_ar1(rho: float, n: int) -> float:
    """Return how many samples of an AR(1) series are worth one independent sample, for their mean.

    Lecture `standard_error`, "neighbours": Var(mean) = sigma^2 tau / n; tau tends to (1 + rho) / (1 - rho).

    Parameters
    ----------
    rho : float              in (-1, 1), the correlation of neighbours
    n : int                  >= 1, samples

    Returns
    -------
    float                    in (0, n); the effective number of samples is n / tau

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Examples
    --------
    >>> round(tau_ar1(0.8, 100), 6)
    8.6
    """
    return whole_number("n", n, least=1) * se_mean_ar1(1.0, rho, n) ** 2


def effective_n(x: np.ndarray, max_lag: int) -> float:
    """Return the number of independent samples whose mean would be as sure as the mean of this series.

    Lecture `standard_error`, "neighbours": n / tau with tau = 1 + 2 sum_k c_k / c_0 over the lags k = 1 .. max_lag,
    where c_k = sum_t (x[t] - mean)(x[t+k] - mean) / n.

    Parameters
    ----------
    x : (n,) array           a stationary series, n >= 2
    max_lag : int            from 1 to n / 2, beyond which correlations are taken for 0

    Returns
    -------
    float                    above n if neighbours tend to lie on opposite sides of the mean

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not one axis, too short, NaN, constant; a lag out of range, or with tau <= 0

    Notes
    -----
    c_k has n - k terms but n in its denominator: that is the weight (1 - k/n) of the exact formula. Summed over all
    lags tau would be 0 whatever the data, which is why `max_lag` is asked for.

    Examples
    --------
    >>> round(effective_n([0.0, 0.0, 1.0, 1.0], 1), 4)
    2.6667
    """
    x = finite_array("x", x, ndim=1, min_size=2)
    n = x.size
    max_lag = whole_number("max_lag", max_lag, least=1, most=n // 2)
    if (x == x[0]).all():
        raise ValueError(f"x must vary, got {n} times {x[0]:g}")
    d = x - x.mean()
    tau = 1 + 2 * sum(d[:-k] @ d[k:] for k in range(1, max_lag + 1)) / (d @ d)
    if tau <= 0:
        raise ValueError(f"max_lag must leave a positive variance, got {max_lag} with tau = {tau:.3g}")
    return float(n / tau)


def block_se(x: np.ndarray, block: int) -> float:
    """Return the standard error of a series' mean, from the means of blocks of neighbours.

    Lecture `standard_error`, "when nobody tells you": the blocks' means are taken for independent samples.
    What does not fill a block at the end is left out.

    Parameters
    ----------
    x : (n,) array           a stationary series, n >= 2
    block : int              samples in a block, from 1 to n / 2; should be longer than the memory of the series

    Returns
    -------
    float                    in units of `x`; its own relative error is about 1 / sqrt(2 (n_blocks - 1))

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not one axis, too short, NaN, block out of range

    Notes
    -----
    Source: Flyvbjerg and Petersen (1989), J. Chem. Phys. 91, who double the block until the answer stops growing.

    Examples
    --------
    >>> block_se([1.0, 3.0, 5.0, 7.0, 100.0], 2)
    2.0
    """
    x = finite_array("x", x, ndim=1, min_size=2)
    block = whole_number("block", block, least=1, most=x.size // 2)
    n_blocks = x.size // block
    means = x[: n_blocks * block].reshape(n_blocks, block).mean(axis=1)
    return float(np.std(means, ddof=1) / np.sqrt(n_blocks))


# What error bars say


def coverage(n: int, level: float, rho: float = 0.0, quantile: str = "t") -> float:
    """Return how often the interval mean -+ quantile * SD / sqrt(n) holds the true mean of an AR(1) series.

    Lecture `standard_error`, "small samples" (rho = 0) and "neighbours". Exact for normal data, no simulation.

    Parameters
    ----------
    n : int                  >= 2, samples
    level : float            what the interval promises, in (0, 1)
    rho : float              in (-1, 1), the correlation of neighbours, which the interval ignores
    quantile : str           "t" (Student's, n - 1 degrees of freedom) or "z" (the normal distribution's)

    Returns
    -------
    float                    in (0, 1)

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Notes
    -----
    The interval misses when x'Bx > 0 for a matrix B with one positive eigenvalue. With L L' = Cov(x) and L'BL's
    eigenvalues lambda_0 > 0 > -lambda_i, Craig's formula for the normal tail (1991, IEEE MILCOM) gives the chance
    (2 / pi) * integral over 0 < a < pi / 2 of prod_i (1 + lambda_i / (lambda_0 sin^2 a))^(-1/2).
    Oracle: for rho = 0 it is 2 F(quantile) - 1 with Student's distribution function F.

    Examples
    --------
    >>> round(coverage(10, 0.95, quantile="z"), 4), round(coverage(100, 0.95, rho=0.8), 4)
    (0.9184, 0.478)
    """
    n = whole_number("n", n, least=2)
    upper = (1 + number("level", level, above=0, below=1)) / 2
    rho = number("rho", rho, above=-1, below=1)
    one_of("quantile", quantile, QUANTILES)
    q = special.stdtrit(n - 1, upper) if quantile == "t" else special.ndtri(upper)
    t = np.arange(n)
    factor = np.linalg.cholesky(rho ** np.abs(t[:, None] - t))
    average = np.full((n, n), 1 / n)
    b = average - q**2 / (n - 1) * (np.eye(n) - average)
    eigenvalues = np.linalg.eigvalsh(factor.T @ b @ factor)  # in increasing order
    node, weight = special.roots_legendre(N_NODES)
    ratio = -eigenvalues[:-1] / eigenvalues[-1] / np.sin(np.pi / 4 * (1 + node))[:, None] ** 2
    return float(1 - weight @ np.exp(-np.log1p(ratio).sum(axis=1) / 2) / 2)


def p_difference(mean_a: float, se_a: float, mean_b: float, se_b: float) -> float:
    """Return the two-sided p-value of the difference of two independent means.

    Lecture `standard_error`, "reading bars": independent errors add in squares, z = |a - b| / sqrt(se_a^2 + se_b^2).

    Parameters
    ----------
    mean_a : float           the first mean
    se_a : float             > 0, its standard error
    mean_b : float           the second mean, in the same units
    se_b : float             > 0, its standard error

    Returns
    -------
    float                    in [0, 1]; for large samples, the chance of such a difference if there is none

    Raises
    ------
    TypeError                a wrong type
    ValueError               NaN, a standard error <= 0

    Examples
    --------
    >>> round(p_difference(0.0, 1.0, 2.0, 1.0), 3)
    0.157
    """
    mean_a, mean_b = number("mean_a", mean_a), number("mean_b", mean_b)
    se_a, se_b = number("se_a", se_a, above=0), number("se_b", se_b, above=0)
    return float(2 * special.ndtr(-abs(mean_a - mean_b) / np.hypot(se_a, se_b)))


def capture_probability(multiple: float) -> float:
    """Return the chance that a repetition's mean falls within `multiple` standard errors of yours.

    Lecture `standard_error`, "reading bars": both means err, so their difference has sqrt(2) times the SE of one.

    Parameters
    ----------
    multiple : float         >= 0, half the length of the bar in standard errors (1.96 for a 95 % interval)

    Returns
    -------
    float                    in [0, 1), for large samples

    Raises
    ------
    TypeError                not a number
    ValueError               NaN, multiple < 0

    Examples
    --------
    >>> round(capture_probability(1), 2), round(capture_probability(1.96), 2)
    (0.52, 0.83)
    """
    return float(special.erf(number("multiple", multiple, least=0) / 2))


# What repeated experiments look like


def density_outline(values: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the outline of a histogram as a curve: the middle of each bin, and the density in it.

    Lecture `standard_error`, "repeat the experiment".

    Parameters
    ----------
    values : (n,) array      what to count
    edges : (m + 1,) array   of the bins, increasing, in units of `values`

    Returns
    -------
    (m,) array, (m,) array   the bins' middles; the share of all values for each unit of length

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               not one axis, fewer than 2 edges, NaN, edges that do not increase

    Notes
    -----
    Values outside the edges count too, so heavy tails lower the curve; numpy's density=True leaves them out.

    Examples
    --------
    >>> middles, density = density_outline([0.1, 0.2, 1.5, 9.0], [0.0, 1.0, 2.0])
    >>> middles.tolist(), density.tolist()
    ([0.5, 1.5], [0.5, 0.25])
    """
    values = finite_array("values", values, ndim=1)
    edges = finite_array("edges", edges, ndim=1, min_size=2)
    if (np.diff(edges) <= 0).any():
        raise ValueError(f"edges must increase, got a step of {np.diff(edges).min():g}")
    counts, _ = np.histogram(values, edges)
    return (edges[1:] + edges[:-1]) / 2, counts / (values.size * np.diff(edges))


def middle_spread(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return half the length of the interval that holds the middle 68.27 % of the values.

    Lecture `standard_error`, "averaging that never helps": the SD where data are normal, and a spread that
    exists where the SD does not.

    Parameters
    ----------
    values : array           at least one value
    axis : int               along which to look

    Returns
    -------
    array                    of the shape of `values` without `axis`, in units of `values`

    Raises
    ------
    TypeError                complex or not numeric, `axis` not a whole number
    ValueError               no such axis, NaN

    Examples
    --------
    >>> round(float(middle_spread(np.linspace(0.0, 1.0, 1001))), 4)
    0.3413
    """
    values = finite_array("values", values)
    axis = whole_number("axis", axis, least=-values.ndim, most=values.ndim - 1)
    low, high = np.quantile(values, special.ndtr([-1.0, 1.0]), axis=axis)
    return (high - low) / 2
