"""Shrinking many estimates at once: James-Stein, its exact risk, and Stein's unbiased estimate of a risk.

Throughout, y = theta + sigma * (standard normal noise) is a vector of d numbers, theta is unknown, and the
risk of an estimator is the expected sum of squared errors E|estimate - theta|^2, in squared units of `y`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from coursekit.validation import finite_array, generator, number, same_shape, whole_number

__all__ = [
    "DominanceResult",
    "RiskResult",
    "SureShrinkResult",
    "dominates",
    "inverse_moment",
    "james_stein",
    "james_stein_mean",
    "james_stein_plus",
    "js_coordinate_risks",
    "js_risk",
    "mc_radial_risks",
    "mc_risk",
    "radial_risk",
    "soft_threshold",
    "sure",
    "sure_shrink",
    "sure_soft",
    "tweedie",
]

Estimator = Callable[[np.ndarray], np.ndarray]
"""Maps an observation (d,) to an estimate (d,)."""

Factor = Callable[[np.ndarray, int], np.ndarray]
"""`factor(s, d)` is what multiplies y when s = |y|^2 / sigma^2; `s` is an array, the result has its shape."""


@dataclass(frozen=True)
class RiskResult:
    """A simulated risk and its standard error; arrays where several risks were simulated together."""

    risk: float | np.ndarray
    se: float | np.ndarray


@dataclass(frozen=True)
class DominanceResult:
    """What a simulation says about "a dominates b".

    `gain` (k,) is risk(b) - risk(a) at each theta, `se` (k,) its standard error. `holds` says that a was
    clearly better somewhere and clearly worse nowhere. That can refute dominance; it cannot prove it.
    """

    gain: np.ndarray
    se: np.ndarray
    holds: bool


@dataclass(frozen=True)
class SureShrinkResult:
    """The soft-thresholded `y`, the threshold chosen, and the estimate of the risk there (which may be < 0)."""

    estimate: np.ndarray
    threshold: float
    risk: float


# The estimators


def james_stein(y: np.ndarray, sigma: float) -> np.ndarray:
    """Return the James-Stein estimate: y times one factor, the same for every coordinate.

    Lecture `stein_shrinkage`, "one factor for all": (1 - (d - 2) sigma^2 / |y|^2) y.

    Parameters
    ----------
    y : (d,) array           d >= 3 numbers, each measured once with independent normal errors
    sigma : float            > 0, the standard deviation of each error, in units of `y`

    Returns
    -------
    (d,) array               in units of `y`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not one axis, d < 3, y = 0, sigma <= 0, NaN

    Notes
    -----
    Source: James and Stein (1961). The factor is negative where |y|^2 < (d - 2) sigma^2; `james_stein_plus`
    mends that.

    Examples
    --------
    >>> james_stein([2.0, 0.0, -1.0], 1.0)
    array([ 1.6,  0. , -0.8])
    """
    y = finite_array("y", y, ndim=1)
    sigma = number("sigma", sigma, above=0)
    d = y.size
    if d < 3:
        raise ValueError(f"y must have at least 3 entries, got {d}: with fewer, no shrinking wins everywhere")
    if y @ y == 0:
        raise ValueError(f"y must not be 0, got {d} zeros: the factor divides by |y|^2")
    return (1 - (d - 2) * sigma**2 / (y @ y)) * y


def james_stein_plus(y: np.ndarray, sigma: float) -> np.ndarray:
    """Return the positive-part James-Stein estimate: 0 where `james_stein` would change all signs.

    Lecture `stein_shrinkage`, "one factor for all": max(0, 1 - (d - 2) sigma^2 / |y|^2) y.

    Parameters
    ----------
    y : (d,) array           d >= 3 numbers, each measured once with independent normal errors
    sigma : float            > 0, the standard deviation of each error, in units of `y`

    Returns
    -------
    (d,) array               in units of `y`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not one axis, d < 3, sigma <= 0, NaN

    Notes
    -----
    Unlike `james_stein` it is defined at y = 0, where it is 0.

    Examples
    --------
    >>> james_stein_plus([0.5, 0.0, -0.5], 1.0)
    array([0., 0., 0.])
    """
    y = finite_array("y", y, ndim=1)
    sigma = number("sigma", sigma, above=0)
    d = y.size
    if d < 3:
        raise ValueError(f"y must have at least 3 entries, got {d}: with fewer, no shrinking wins everywhere")
    if y @ y <= (d - 2) * sigma**2:
        return np.zeros_like(y)
    return (1 - (d - 2) * sigma**2 / (y @ y)) * y


def james_stein_mean(y: np.ndarray, sigma: float) -> np.ndarray:
    """Return the James-Stein estimate that shrinks towards the mean of the observations.

    Lecture `stein_shrinkage`, "baseball": m + (1 - (d - 3) sigma^2 / S) (y - m) with m the mean of y and
    S = sum (y - m)^2.

    Parameters
    ----------
    y : (d,) array           d >= 4 numbers, each measured once with independent normal errors
    sigma : float            > 0, the standard deviation of each error, in units of `y`

    Returns
    -------
    (d,) array               in units of `y`; its mean is that of `y`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not one axis, d < 4, all entries equal, sigma <= 0, NaN

    Notes
    -----
    It is `james_stein` in the d - 1 dimensions orthogonal to (1, ..., 1). Source: Efron and Morris (1975).

    Examples
    --------
    >>> james_stein_mean([4.0, 1.0, 1.0, 2.0], 1.0).round(3)
    array([3.667, 1.167, 1.167, 2.   ])
    """
    y = finite_array("y", y, ndim=1)
    sigma = number("sigma", sigma, above=0)
    d = y.size
    if d < 4:
        raise ValueError(f"y must have at least 4 entries, got {d}: the mean takes one of the dimensions")
    mean = y.mean()
    spread = ((y - mean) ** 2).sum()
    if spread == 0 or (y == y[0]).all():
        raise ValueError(f"y must not have all entries equal, got {d} times {y[0]:g}")
    return mean + (1 - (d - 3) * sigma**2 / spread) * (y - mean)


# Exact risk


def inverse_moment(d: int, lam: float | np.ndarray) -> float | np.ndarray:
    """Return E[1/|y|^2] for y normal in d dimensions with unit variances and |theta|^2 = lam.

    Lecture `stein_shrinkage`, "the risk without knowing the truth": the mean of 1 / (d - 2 + 2 K) for K Poisson
    with mean lam / 2.

    Parameters
    ----------
    d : int                  >= 3; below that the mean is infinite
    lam : float or array     >= 0

    Returns
    -------
    float or array           between 1 / (d - 2 + lam) and 1 / (d - 2)

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               d < 3, lam < 0, NaN

    Notes
    -----
    Computed as 1F1(1; d/2; -lam/2) / (d - 2), which neither overflows nor cancels. Oracle: for d = 4 it is
    (1 - exp(-lam/2)) / lam, for any d the integral of v^(d-3) exp(-lam (1 - v^2) / 2) over [0, 1].

    Examples
    --------
    >>> float(inverse_moment(10, 0.0))
    0.125
    """
    d = whole_number("d", d, least=3)
    lam = finite_array("lam", lam)
    if (lam < 0).any():
        raise ValueError(f"lam must be >= 0, got {lam.min():g}")
    return special.hyp1f1(1, d / 2, -lam / 2) / (d - 2)


def js_risk(theta: np.ndarray, sigma: float) -> float:
    """Return the exact risk of `james_stein` at theta.

    Lecture `stein_shrinkage`, "the risk without knowing the truth": for sigma = 1, d - (d - 2)^2 E[1/|y|^2].

    Parameters
    ----------
    theta : (d,) array       the true values, d >= 3
    sigma : float            > 0, the standard deviation of each error, in units of `theta`

    Returns
    -------
    float                    in squared units of `theta`; from 2 sigma^2 at 0, whatever d, to d sigma^2 far away

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not one axis, d < 3, sigma <= 0, NaN

    Examples
    --------
    >>> round(float(js_risk(np.zeros(10), 1.0)), 12)
    2.0
    """
    theta = finite_array("theta", theta, ndim=1)
    sigma = number("sigma", sigma, above=0)
    d = theta.size
    if d < 3:
        raise ValueError(f"theta must have at least 3 entries, got {d}: with fewer the formula does not hold")
    lam = (theta @ theta) / sigma**2
    inverse = special.hyp1f1(1, d / 2, -lam / 2) / (d - 2)
    return sigma**2 * (d - (d - 2) ** 2 * inverse)


def js_coordinate_risks(theta: np.ndarray, sigma: float) -> np.ndarray:
    """Return the exact expected squared error of `james_stein` in each coordinate.

    Lecture `stein_shrinkage`, "who pays". They sum to `js_risk`; one alone may exceed sigma^2.

    Parameters
    ----------
    theta : (d,) array       the true values, d >= 3
    sigma : float            > 0, the standard deviation of each error, in units of `theta`

    Returns
    -------
    (d,) array               in squared units of `theta`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not one axis, d < 3, sigma <= 0, NaN

    Notes
    -----
    Stein's identity coordinate by coordinate, for sigma = 1 and c = d - 2: with s = |y|^2 the risk is
    1 - 2 c E[1/s] + (c^2 + 4 c) E[y_i^2 / s^2]; and E[y_i^2 f(s)] is the mean of f in d + 2 dimensions plus
    theta_i^2 times its mean in d + 4.

    Examples
    --------
    >>> js_coordinate_risks(np.zeros(4), 1.0).round(12)
    array([0.5, 0.5, 0.5, 0.5])
    """
    theta = finite_array("theta", theta, ndim=1)
    sigma = number("sigma", sigma, above=0)
    d, theta = theta.size, theta / sigma
    if d < 3:
        raise ValueError(f"theta must have at least 3 entries, got {d}: with fewer the formula does not hold")
    half = theta @ theta / 2

    def inverse_square(m: int) -> float:  # E[1 / s^2] in m dimensions
        return special.hyp1f1(2, m / 2, -half) / ((m - 2) * (m - 4))

    c = d - 2
    ratio = inverse_square(d + 2) + theta**2 * inverse_square(d + 4)  # E[y_i^2 / s^2]
    return sigma**2 * (1 - 2 * c * inverse_moment(d, 2 * half) + (c**2 + 4 * c) * ratio)


def radial_risk(factor: Factor, d: int, norm: float, *, breaks: Sequence[float] = ()) -> float:
    """Return the exact risk, at |theta| = norm and sigma = 1, of the estimator factor(|y|^2, d) * y.

    Lecture `stein_shrinkage`, "two numbers are too few". The risk depends on theta only through its norm, and is
    a single integral over r = |y|: with p_d the density of r in d dimensions, and because
    E[y f(|y|)] = theta E[f(r)] with r taken in d + 2 dimensions,

        risk = norm^2 + integral of p_d(r) h^2 r^2 - 2 norm^2 p_{d+2}(r) h,   h = factor(r^2, d).

    Parameters
    ----------
    factor : callable        `factor(s, d)` for an array s > 0
    d : int                  1 to 1000, the number of dimensions
    norm : float             >= 0, the length of theta in units of sigma
    breaks : sequence        values of s where the factor jumps or has a corner

    Returns
    -------
    float                    in units of sigma^2

    Raises
    ------
    TypeError                a wrong type, `factor` not callable, complex values
    ValueError               a value out of range, a wrong shape, NaN, or an integral that does not settle: an
                             infinite risk, or a corner that `breaks` does not name

    Notes
    -----
    Gauss-Legendre quadrature with 128 nodes between the breaks, checked against 192; the norm of y has a
    standard deviation of at most 1, so 10 on either side of its middle is all there is.

    Examples
    --------
    >>> round(radial_risk(lambda s, d: 1 - (d - 2) / s, 5, 0.0), 9)
    2.0
    """
    if not callable(factor):
        raise TypeError(f"factor must be a function, got {factor!r}")
    d = whole_number("d", d, least=1, most=1000)  # beyond that, Bessel functions of d underflow
    norm = number("norm", norm, least=0)
    corners = finite_array("breaks", breaks, ndim=1, min_size=0)
    if (corners < 0).any():
        raise ValueError(f"breaks must be >= 0, got {corners.min():g}")
    middle = np.sqrt(d + norm**2)
    low, high = max(0.0, middle - 10), middle + 10
    edges = np.unique(np.concatenate([[low, high], np.clip(np.sqrt(corners), low, high)]))
    settled, risk = (_radial_integral(factor, d, norm, edges, n) for n in (128, 192))
    if abs(risk - settled) > 1e-9 * max(1.0, abs(risk)):
        raise ValueError(
            f"factor must have a finite risk and corners only at breaks, got {settled:.9g} and then {risk:.9g} "
            f"from a finer quadrature (d = {d}, norm = {norm:g})"
        )
    return risk


_nodes = lru_cache(np.polynomial.legendre.leggauss)  # the slowest part, and always the same


def _radial_integral(factor: Factor, d: int, norm: float, edges: np.ndarray, n: int) -> float:
    """Return the integral of `radial_risk` with n nodes between neighbouring edges."""
    x, w = _nodes(n)
    half = np.diff(edges)[:, None] / 2
    r = (edges[:-1, None] + half * (1 + x)).ravel()
    weight = (half * w).ravel()
    h = finite_array("the values of factor", factor(r**2, d))
    if h.shape != r.shape:
        raise ValueError(f"factor must map shape {r.shape} to itself, got shape {h.shape}")
    mean_square = weight * _norm_density(r, d, norm) @ (h * r) ** 2
    return float(mean_square - 2 * norm**2 * (weight * _norm_density(r, d + 2, norm) @ h) + norm**2)


def _norm_density(r: np.ndarray, d: int, norm: float) -> np.ndarray:
    """Return the density of |y| at r > 0, where y is normal in d dimensions around a theta of length `norm`."""
    z = norm * r
    order = d / 2 - 1
    bessel = special.ive(order, z)
    usable = (z > 1) & (bessel > 1e-280)
    near, far = z[~usable], z[usable]
    angle = np.empty_like(z)  # the log of the mean of exp(theta.y - z) over the sphere |y| = r, in two forms
    angle[~usable] = np.log(special.hyp0f1(d / 2, near**2 / 4)) - near
    angle[usable] = special.gammaln(d / 2) - order * np.log(far / 2) + np.log(bessel[usable])
    log_density = (d - 1) * np.log(r) - (r - norm) ** 2 / 2 + angle
    return np.exp(log_density - special.gammaln(d / 2) - order * np.log(2))


# Risk by simulation


def mc_risk(estimator: Estimator, theta: np.ndarray, sigma: float, n: int, *, rng: np.random.Generator) -> RiskResult:
    """Return the average loss |estimate - theta|^2 over n simulated observations, and its standard error.

    Lecture `stein_shrinkage`, "five unrelated numbers".

    Parameters
    ----------
    estimator : callable     maps an observation (d,) to an estimate (d,)
    theta : (d,) array       the true values
    sigma : float            > 0, the standard deviation of each error, in units of `theta`
    n : int                  >= 2, the number of observations
    rng : Generator          where the noise comes from

    Returns
    -------
    RiskResult               risk, se: floats, in squared units of `theta`

    Raises
    ------
    TypeError                a wrong type, `estimator` not callable, complex values
    ValueError               a value out of range, an estimate of a wrong shape, NaN

    Notes
    -----
    The loss of `james_stein` has an infinite variance for d = 3 and 4, and then so has this average: its
    standard error means nothing. `js_risk` and `radial_risk` do not simulate.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> result = mc_risk(lambda y: 0 * y, np.array([3.0, 4.0]), 1.0, 10, rng=rng)
    >>> result.risk, result.se
    (25.0, 0.0)
    """
    theta, sigma = _design(theta, sigma, n, rng)
    losses = _losses(estimator, "estimator", theta, theta + sigma * rng.standard_normal((n, theta.size)))
    return RiskResult(risk=float(losses.mean()), se=float(losses.std(ddof=1) / np.sqrt(n)))


def mc_radial_risks(factor: Factor, d_max: int, norm: float, n: int, *, rng: np.random.Generator) -> RiskResult:
    """Return simulated risks of factor(|y|^2, d) * y at |theta| = norm and sigma = 1, for d = 1, ..., d_max.

    Lecture `stein_shrinkage`, "the data are too long". Turn the axes so that theta lies on the first: the loss
    then depends on y1 = norm + z and on rest, the squared length of the other d - 1 coordinates, alone. From d to
    d + 2 the rest grows by the square of two normals, which is twice one exponential. So a sample costs one
    exponential for each new d, where arrays of shape (n, d) cost d normals.

    Parameters
    ----------
    factor : callable        `factor(s, d)` for an array s > 0
    d_max : int              >= 1
    norm : float             >= 0, the length of theta in units of sigma
    n : int                  >= 2, the number of observations
    rng : Generator          where the noise comes from

    Returns
    -------
    RiskResult               risk (d_max,), se (d_max,) in units of sigma^2; the risks share their noise

    Raises
    ------
    TypeError                a wrong type, `factor` not callable
    ValueError               a value out of range

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> mc_radial_risks(lambda s, d: 0 * s, 3, 2.0, 10, rng=rng).risk
    array([4., 4., 4.])
    """
    if not callable(factor):
        raise TypeError(f"factor must be a function, got {factor!r}")
    d_max = whole_number("d_max", d_max, least=1)
    norm = number("norm", norm, least=0)
    n = whole_number("n", n, least=2)
    generator("rng", rng)
    y1 = norm + rng.standard_normal(n)
    # |y|^2 for odd d, and for even d: two chains, each longer by two coordinates at every step.
    chains = [y1**2, y1**2 + rng.standard_normal(n) ** 2]
    moments = np.empty((2, d_max))
    for i in range(d_max):
        s = chains[i % 2]
        h = factor(s, i + 1)
        loss = h * (h * s - 2 * norm * y1)  # |h y - theta|^2 - |theta|^2
        moments[:, i] = loss.mean(), loss.std(ddof=1)
        s += 2 * rng.standard_exponential(n)
    return RiskResult(risk=moments[0] + norm**2, se=moments[1] / np.sqrt(n))


def dominates(
    a: Estimator, b: Estimator, thetas: np.ndarray, sigma: float, n: int, *, rng: np.random.Generator, z: float = 4.0
) -> DominanceResult:
    """Compare the risks of two estimators at several theta, on the same simulated observations.

    Lecture `stein_shrinkage`, "when is an estimator worse": a dominates b if its risk is nowhere larger and
    somewhere smaller.

    Parameters
    ----------
    a : callable             maps an observation (d,) to an estimate (d,); said to be better
    b : callable             the same, said to be worse
    thetas : (k, d) array    where to compare
    sigma : float            > 0, the standard deviation of each error, in units of `thetas`
    n : int                  >= 2, the number of observations at each theta
    rng : Generator          where the noise comes from
    z : float                > 0, how many standard errors make a difference clear

    Returns
    -------
    DominanceResult          gain (k,), se (k,), holds

    Raises
    ------
    TypeError                a wrong type, `a` or `b` not callable, complex values
    ValueError               a value out of range, an estimate of a wrong shape, NaN

    Notes
    -----
    Both see the same noise, so what is common to the two losses cancels from their difference.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> dominates(lambda y: y, lambda y: y + 1, np.zeros((2, 3)), 1.0, 1000, rng=rng).holds
    True
    """
    thetas = finite_array("thetas", thetas, ndim=2)
    n = whole_number("n", n, least=2)
    z = number("z", z, above=0)
    differences = np.empty((len(thetas), n))
    for row, point in zip(differences, thetas, strict=True):
        theta, sigma = _design(point, sigma, n, rng)
        y = theta + sigma * rng.standard_normal((n, theta.size))
        row[:] = _losses(b, "b", theta, y) - _losses(a, "a", theta, y)
    gain, se = differences.mean(axis=1), differences.std(axis=1, ddof=1) / np.sqrt(n)
    return DominanceResult(gain, se, bool((gain > z * se).any() and (gain >= -z * se).all()))


def _design(theta: np.ndarray, sigma: float, n: int, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Check what a simulation needs."""
    whole_number("n", n, least=2)
    generator("rng", rng)
    return finite_array("theta", theta, ndim=1), number("sigma", sigma, above=0)


def _losses(estimator: Estimator, name: str, theta: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the squared errors (n,) of an estimator on the observations y (n, d)."""
    if not callable(estimator):
        raise TypeError(f"{name} must be a function, got {estimator!r}")
    estimates = finite_array(f"what {name} returns", [estimator(row) for row in y])
    if estimates.shape != y.shape:
        raise ValueError(f"{name} must map shape {theta.shape} to itself, got shape {estimates.shape[1:]}")
    return ((estimates - theta) ** 2).sum(axis=1)


# Risk without knowing theta


def sure(y: np.ndarray, g: np.ndarray, div: float, sigma: float) -> float:
    """Return Stein's unbiased estimate of the risk of y + g(y).

    Lecture `stein_shrinkage`, "the risk without knowing the truth": d sigma^2 + |g|^2 + 2 sigma^2 div g.

    Parameters
    ----------
    y : array                the observation, d numbers
    g : array                what the estimator adds to it, of the same shape
    div : float              the divergence of g at y: the sum of the derivatives of g_i by y_i
    sigma : float            > 0, the standard deviation of each error, in units of `y`

    Returns
    -------
    float                    in squared units of `y`; it may be negative, only its mean is the risk

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes differ, sigma <= 0, NaN

    Notes
    -----
    Source: Stein (1981). g must be continuous (corners are allowed) and not blow up: no jumps.

    Examples
    --------
    >>> sure(np.ones(3), np.zeros(3), 0.0, 2.0)
    12.0
    """
    y = finite_array("y", y)
    g = finite_array("g", g)
    same_shape(y=y, g=g)
    div = number("div", div)
    sigma = number("sigma", sigma, above=0)
    return float(y.size * sigma**2 + (g**2).sum() + 2 * sigma**2 * div)


def soft_threshold(y: np.ndarray, t: float) -> np.ndarray:
    """Return each number moved towards 0 by `t`, and 0 where it would cross.

    Lecture `stein_shrinkage`, "a threshold for a photograph".

    Parameters
    ----------
    y : array                any shape
    t : float                >= 0, in units of `y`

    Returns
    -------
    array                    of the shape of `y`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               t < 0, NaN

    Examples
    --------
    >>> soft_threshold([-3.0, 0.5, 1.5], 1.0)
    array([-2. ,  0. ,  0.5])
    """
    y = finite_array("y", y)
    t = number("t", t, least=0)
    return np.sign(y) * np.maximum(np.abs(y) - t, 0)


def sure_soft(y: np.ndarray, t: float, sigma: float) -> float:
    """Return Stein's unbiased estimate of the risk of soft thresholding at `t`.

    Lecture `stein_shrinkage`, "a threshold for a photograph": with d numbers, of which N satisfy |y_i| <= t,
    d sigma^2 - 2 sigma^2 N + sum min(|y_i|, t)^2.

    Parameters
    ----------
    y : (d,) array           the observation
    t : float                >= 0, in units of `y`; an entry with |y_i| = t counts as set to 0
    sigma : float            > 0, the standard deviation of each error, in units of `y`

    Returns
    -------
    float                    the estimate of the total risk, in squared units of `y`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not one axis, t < 0, sigma <= 0, NaN

    Notes
    -----
    Source: Donoho and Johnstone (1995). It is `sure` with g = soft_threshold(y, t) - y and div g = -N.

    Examples
    --------
    >>> float(sure_soft([-3.0, 0.5, 1.5], 1.0, 1.0))
    3.25
    """
    y = finite_array("y", y, ndim=1)
    t = number("t", t, least=0)
    sigma = number("sigma", sigma, above=0)
    size = np.abs(y)
    n_zeroed = (size <= t).sum()
    return y.size * sigma**2 - 2 * sigma**2 * n_zeroed + (np.minimum(size, t) ** 2).sum()


def sure_shrink(y: np.ndarray, sigma: float) -> SureShrinkResult:
    """Soft-threshold at the threshold where `sure_soft` is least, found exactly by one sort.

    Lecture `stein_shrinkage`, "a threshold for a photograph". Between two neighbouring |y_i| the estimate only
    grows with t, and at each |y_i| it drops: the minimum is at 0 or at one of them.

    Parameters
    ----------
    y : array                any shape, for instance the wavelet coefficients of one band
    sigma : float            > 0, the standard deviation of each error, in units of `y`

    Returns
    -------
    SureShrinkResult         estimate (of the shape of `y`), threshold, risk

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               empty, sigma <= 0, NaN

    Notes
    -----
    Differs from Donoho and Johnstone (1995): they take a fixed threshold where the band looks too sparse for the
    estimate to be trusted.

    Examples
    --------
    >>> result = sure_shrink([0.1, 0.2, -9.0], 1.0)
    >>> result.threshold, round(result.risk, 2), result.estimate
    (0.2, -0.91, array([ 0. ,  0. , -8.8]))
    """
    y = finite_array("y", y)
    sigma = number("sigma", sigma, above=0)
    size = np.concatenate([[0.0], np.sort(np.abs(y), axis=None)])
    n_zeroed = np.arange(size.size)
    n_zeroed[0] = (size[1:] == 0).sum()
    risks = y.size * sigma**2 - 2 * sigma**2 * n_zeroed + np.cumsum(size**2) + (y.size - n_zeroed) * size**2
    best = int(np.argmin(risks))
    threshold = float(size[best])
    return SureShrinkResult(soft_threshold(y, threshold), threshold, float(risks[best]))


def tweedie(y: np.ndarray, score: np.ndarray, sigma: float) -> np.ndarray:
    """Return the posterior mean E[theta | y] from the slope of the log-density of the observations.

    Lecture `stein_shrinkage`, "a door": y + sigma^2 * d/dy log p(y), whatever the prior.

    Parameters
    ----------
    y : array                observations
    score : array            the derivative of log p at `y`, of a shape that fits; p is the density of the noisy `y`
    sigma : float            > 0, the standard deviation of the noise, in units of `y`

    Returns
    -------
    array                    in units of `y`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes differ, sigma <= 0, NaN

    Notes
    -----
    Oracle: a normal prior of variance tau^2 has the score -y / (tau^2 + sigma^2), and y is multiplied by
    tau^2 / (tau^2 + sigma^2). Source: Robbins (1956), who credits M. C. K. Tweedie; Efron (2011).

    Examples
    --------
    >>> tweedie([1.0, 2.0], [-0.25, -0.5], 1.0)
    array([0.75, 1.5 ])
    """
    y = finite_array("y", y)
    score = finite_array("score", score)
    same_shape(y=y, score=score)
    sigma = number("sigma", sigma, above=0)
    return y + sigma**2 * score
