"""Detectors and their scores: the ROC curve, the area under it and its error bar, and the choice of a threshold.

A score is a number that should be higher for a positive (label 1, a target) than for a negative (label 0, none);
the alarm is raised where score >= threshold. FPR is the alarm rate of the negatives, TPR that of the positives.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from coursekit.validation import finite_array, number, one_of, same_shape, whole_number

__all__ = [
    "SE_METHODS",
    "IntervalResult",
    "auc_by_ranks",
    "auc_interval",
    "auc_mann_whitney",
    "auc_se",
    "auc_trapezoid",
    "bayes_threshold",
    "binormal_auc",
    "binormal_auc_se",
    "binormal_tpr",
    "curve",
    "energy_auc",
    "energy_detector",
    "expected_cost",
    "fading_tpr",
    "hull",
    "likelihood_ratio",
    "matched_filter",
    "optimal_slope",
    "points",
    "tail_probability",
]

SE_METHODS = ("delong", "hanley_mcneil", "binormal")


@dataclass(frozen=True)
class IntervalResult:
    """An area under the curve, its standard error, and the ends of its confidence interval; all in [0, 1]."""

    auc: float
    se: float
    low: float
    high: float


# From scores to the curve


def points(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the points of the empirical ROC curve: one for each distinct score, after a first one at (0, 0).

    Lecture `roc`, "every threshold": at the threshold t, FPR and TPR are the fractions of the negatives and
    of the positives with score >= t.

    Parameters
    ----------
    scores : (n,) array      higher means more like a positive
    labels : (n,) array      0 (negative) or 1 (positive), both present

    Returns
    -------
    tuple                    fpr (k + 1,), tpr (k + 1,), from (0, 0) to (1, 1), and thresholds (k + 1,), falling
                             from infinity; k is the number of distinct scores

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               other lengths, labels other than 0 and 1, one class only, NaN

    Notes
    -----
    Samples with equal scores cross the threshold together, so a tie of both classes is one slanted step and
    the order inside it cannot matter: any sort will do. Oracle: `sklearn.metrics.roc_curve`.

    Examples
    --------
    >>> fpr, tpr, thresholds = points([3, 1, 2, 2], [1, 0, 0, 1])
    >>> fpr, tpr, thresholds
    (array([0. , 0. , 0.5, 1. ]), array([0. , 0.5, 1. , 1. ]), array([inf,  3.,  2.,  1.]))
    """
    scores, positive = _scores_and_positive(scores, labels)
    order = np.argsort(-scores)
    score = scores[order]
    hits = np.cumsum(positive[order])  # positives with a score at least as high
    alarms = np.arange(1, len(score) + 1)
    last = np.append(score[1:] != score[:-1], True)  # the last one of each run of equal scores
    tpr = np.append(0.0, hits[last] / hits[-1])
    fpr = np.append(0.0, (alarms - hits)[last] / (alarms - hits)[-1])
    return fpr, tpr, np.append(np.inf, score[last])


def curve(neg: np.ndarray, pos: np.ndarray) -> np.ndarray:
    """Return the empirical ROC curve of two samples, to be drawn.

    Lecture `roc`, "every threshold": the first two parts of `points`.

    Parameters
    ----------
    neg : (n0,) array        scores of the negatives
    pos : (n1,) array        scores of the positives

    Returns
    -------
    (2, k + 1) array         FPR and TPR, from (0, 0) to (1, 1); k is the number of distinct scores

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               an empty class, more than one axis, NaN

    Examples
    --------
    >>> curve([1, 2], [2, 3])
    array([[0. , 0. , 0.5, 1. ],
           [0. , 0.5, 1. , 1. ]])
    """
    neg = finite_array("neg", neg, ndim=1)
    pos = finite_array("pos", pos, ndim=1)
    fpr, tpr, _ = points(np.concatenate([neg, pos]), np.repeat([0, 1], [len(neg), len(pos)]))
    return np.stack([fpr, tpr])


def hull(fpr: np.ndarray, tpr: np.ndarray) -> np.ndarray:
    """Return which points of a ROC curve are the corners of its upper concave hull.

    Lecture `roc`, "unequal spreads": the points between two corners are reached by tossing a coin between
    their two thresholds, and none of them lies below the curve.

    Parameters
    ----------
    fpr : (n,) array         not falling, from 0 to 1
    tpr : (n,) array         not falling, from 0 to 1

    Returns
    -------
    (m,) int array           rising indices, the first 0 and the last n - 1; a point on the line between two
                             corners is not one

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               other lengths, not a curve from (0, 0) to (1, 1), NaN

    Examples
    --------
    >>> hull([0.0, 0.1, 0.5, 1.0], [0.0, 0.6, 0.7, 1.0])
    array([0, 1, 3])
    """
    x, y = _curve(fpr, tpr)
    corners: list[int] = []
    for i in range(len(x)):
        while len(corners) > 1:
            a, b = corners[-2:]
            # > 0 if b lies above the chord from a to i; the last term is the rounding error of the products.
            if (x[i] - x[a]) * (y[b] - y[a]) - (x[b] - x[a]) * (y[i] - y[a]) > 8 * np.finfo(float).eps:
                break
            corners.pop()
        corners.append(i)
    return np.array(corners)


def _scores_and_positive(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return checked scores, and True where the label is 1."""
    scores = finite_array("scores", scores, ndim=1)
    labels = finite_array("labels", labels, ndim=1)
    same_shape(scores=scores, labels=labels)
    positive, negative = labels == 1, labels == 0
    if not (positive | negative).all():
        raise ValueError(f"labels must be 0 or 1, got {labels[~(positive | negative)][0]:g}")
    if not (positive.any() and negative.any()):
        raise ValueError(f"labels must hold both classes, got {labels[0]:g} only")
    return scores, positive


def _curve(fpr: np.ndarray, tpr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a checked curve."""
    fpr = finite_array("fpr", fpr, ndim=1, min_size=2)
    tpr = finite_array("tpr", tpr, ndim=1, min_size=2)
    same_shape(fpr=fpr, tpr=tpr)
    for name, rate in (("fpr", fpr), ("tpr", tpr)):
        if rate[0] != 0 or rate[-1] != 1:
            raise ValueError(f"{name} must run from 0 to 1, got {rate[0]:g} to {rate[-1]:g}")
        if (np.diff(rate) < 0).any():
            raise ValueError(f"{name} must not fall, got a step of {np.diff(rate).min():g}")
    return fpr, tpr


# The area under the curve


def auc_trapezoid(fpr: np.ndarray, tpr: np.ndarray) -> float:
    """Return the area under a ROC curve whose points are joined by straight lines.

    Lecture `roc`, "a game": with the points of `points` it equals `auc_mann_whitney`, ties included.

    Parameters
    ----------
    fpr : (n,) array         not falling, from 0 to 1
    tpr : (n,) array         not falling, from 0 to 1

    Returns
    -------
    float                    in [0, 1]

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               other lengths, not a curve from (0, 0) to (1, 1), NaN

    Examples
    --------
    >>> auc_trapezoid([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0])
    0.875
    """
    fpr, tpr = _curve(fpr, tpr)
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))


def auc_mann_whitney(neg: np.ndarray, pos: np.ndarray) -> float:
    """Return the probability that a positive outscores a negative, a tie counting one half.

    Lecture `roc`, "a game": P(T1 > T0) + P(T1 = T0) / 2 over all pairs of one positive and one negative.

    Parameters
    ----------
    neg : (n0,) array        scores of the negatives
    pos : (n1,) array        scores of the positives

    Returns
    -------
    float                    in [0, 1]; one half if the score knows nothing

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               an empty class, more than one axis, NaN

    Notes
    -----
    Looks at all n0 n1 pairs, in that much memory; `auc_by_ranks` gives the same number from two sorts.
    Oracle: U / (n0 n1) with U of `scipy.stats.mannwhitneyu` (Mann and Whitney, 1947).

    Examples
    --------
    >>> auc_mann_whitney([1, 2], [2, 3])
    0.875
    """
    neg = finite_array("neg", neg, ndim=1)
    pos = finite_array("pos", pos, ndim=1)
    wins = pos[:, None] > neg
    ties = pos[:, None] == neg
    return float(np.mean(wins + 0.5 * ties))


def auc_by_ranks(neg: np.ndarray, pos: np.ndarray) -> float:
    """Return the same as `auc_mann_whitney` for samples too large to look at every pair.

    Lecture `roc`, "a game": with both classes sorted, the number of negatives below a positive is a position
    in a sorted list. Two sorts and a walk replace n0 n1 comparisons.

    Parameters
    ----------
    neg : (n0,) array        scores of the negatives
    pos : (n1,) array        scores of the positives

    Returns
    -------
    float                    in [0, 1]

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               an empty class, more than one axis, NaN

    Examples
    --------
    >>> auc_by_ranks([1, 2], [2, 3])
    0.875
    """
    neg = np.sort(finite_array("neg", neg, ndim=1))
    pos = np.sort(finite_array("pos", pos, ndim=1))
    return int(_beaten(neg, pos).sum()) / (2 * len(neg) * len(pos))


def _beaten(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return for each of `high` twice the number of `low` that it beats, ties counting 1; both are sorted."""
    return np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")


# The area's error bar


def auc_se(neg: np.ndarray, pos: np.ndarray, method: str) -> float:
    """Return the standard error of `auc_mann_whitney`, estimated from the two samples.

    Lecture `roc`, "how sure": a score takes part in many pairs, so pairs are not independent. With A the area,
    Q1 the chance that two positives both beat one negative and Q2 that one positive beats two negatives,

        var = (A (1 - A) + (n1 - 1) (Q1 - A^2) + (n0 - 1) (Q2 - A^2)) / (n0 n1).

    Parameters
    ----------
    neg : (n0,) array        scores of the negatives
    pos : (n1,) array        scores of the positives
    method : str             "delong": from the spread of the placement values, no model;
                             "hanley_mcneil": Q1 = A / (2 - A), Q2 = 2 A^2 / (1 + A), from exponential scores;
                             "binormal": `binormal_auc_se` with the means and SDs of the samples

    Returns
    -------
    float                    >= 0

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               an unknown method, NaN, an empty class; for "delong" and "binormal" fewer than two
                             scores in a class; for "binormal" a class whose scores are all equal

    Notes
    -----
    DeLong, DeLong and Clarke-Pearson (1988); Hanley and McNeil (1982). The placement value of a positive is the
    fraction of negatives that it beats. Where the classes do not overlap, "delong" gives 0: too good to be true.

    Examples
    --------
    >>> round(auc_se([0, 1, 2, 4], [1, 3, 5], "delong"), 4)
    0.2307
    """
    one_of("method", method, SE_METHODS)
    if method == "delong":
        return auc_interval(neg, pos).se
    if method == "hanley_mcneil":
        a = auc_by_ranks(neg, pos)
        return _standard_error(a, a / (2 - a), 2 * a**2 / (1 + a), np.size(neg), np.size(pos))
    neg = finite_array("neg", neg, ndim=1, min_size=2)
    pos = finite_array("pos", pos, ndim=1, min_size=2)
    for name, scores in (("neg", neg), ("pos", pos)):
        if scores.min() == scores.max():
            raise ValueError(f"{name} must vary for a binormal error bar, got {scores[0]:g} only")
    sd0, sd1 = float(neg.std(ddof=1)), float(pos.std(ddof=1))
    return binormal_auc_se(float(neg.mean()), float(pos.mean()), sd0, sd1, len(neg), len(pos))


def auc_interval(neg: np.ndarray, pos: np.ndarray, level: float = 0.95) -> IntervalResult:
    """Return the area, its standard error by DeLong's method and a confidence interval inside [0, 1].

    Lecture `roc`, "how sure". The interval is symmetric on the scale log(A / (1 - A)), where the area has no
    ends to run into; on the plain scale one around 0.98 would cross 1.

    Parameters
    ----------
    neg : (n0,) array        scores of the negatives, at least 2
    pos : (n1,) array        scores of the positives, at least 2
    level : float            the coverage aimed at, in (0, 1)

    Returns
    -------
    IntervalResult           auc, se, low, high

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               fewer than two scores in a class, NaN, level outside (0, 1)

    Notes
    -----
    Two sorts serve the area and both sets of placement values (Sun and Xu, 2014). Where the classes do not
    overlap the error is estimated as 0 and the interval has no width: believe neither.

    Examples
    --------
    >>> result = auc_interval([0, 1, 2, 4], [1, 3, 5])
    >>> round(result.auc, 4), round(result.low, 2), round(result.high, 2)
    (0.7083, 0.21, 0.96)
    """
    neg = np.sort(finite_array("neg", neg, ndim=1, min_size=2))
    pos = np.sort(finite_array("pos", pos, ndim=1, min_size=2))
    z = special.ndtri((1 + number("level", level, above=0, below=1)) / 2)
    n0, n1 = len(neg), len(pos)
    beaten = _beaten(neg, pos)
    a = int(beaten.sum()) / (2 * n0 * n1)
    spread1 = np.var(beaten / (2 * n0), ddof=1)  # of the positives' placement values
    spread0 = np.var(_beaten(pos, neg) / (2 * n1), ddof=1)
    se = float(np.sqrt(spread1 / n1 + spread0 / n0))
    if se == 0:
        return IntervalResult(a, se, a, a)
    half = z * se / (a * (1 - a))  # the derivative of log(A / (1 - A)) is 1 / (A (1 - A))
    low, high = special.expit(special.logit(a) + np.array([-half, half]))
    return IntervalResult(a, se, float(low), float(high))


def _standard_error(a: float, q1: float, q2: float, n0: int, n1: int) -> float:
    """Return the root of the variance in `auc_se`; at A = 0 or 1 rounding must not make it negative."""
    var = (a * (1 - a) + (n1 - 1) * (q1 - a**2) + (n0 - 1) * (q2 - a**2)) / (n0 * n1)
    return float(np.sqrt(max(var, 0.0)))


# Normal scores: N(mu0, sigma0^2) for the negatives, N(mu1, sigma1^2) for the positives


def tail_probability(threshold: float | np.ndarray, mu: float, sigma: float) -> float | np.ndarray:
    """Return P(T >= threshold) for a normal score: the FPR with the negatives' mu and sigma, else the TPR.

    Lecture `roc`, "every threshold".

    Parameters
    ----------
    threshold : float or array   in units of the score
    mu : float                   the mean
    sigma : float                > 0, the standard deviation

    Returns
    -------
    float or array               in [0, 1]

    Raises
    ------
    TypeError                    complex or not numeric
    ValueError                   sigma <= 0, NaN

    Examples
    --------
    >>> float(tail_probability(1.0, 1.0, 2.0))
    0.5
    """
    threshold = finite_array("threshold", threshold)
    return special.ndtr((number("mu", mu) - threshold) / number("sigma", sigma, above=0))


def binormal_tpr(fpr: float | np.ndarray, mu0: float, mu1: float, sigma0: float, sigma1: float) -> float | np.ndarray:
    """Return the height of the binormal ROC curve: Phi(a + b Phi^-1(FPR)).

    Lecture `roc`, "unequal spreads", with a = (mu1 - mu0) / sigma1 and b = sigma0 / sigma1.

    Parameters
    ----------
    fpr : float or array     in [0, 1]
    mu0 : float              the mean score of the negatives
    mu1 : float              the mean score of the positives
    sigma0 : float           > 0, the standard deviation of the negatives
    sigma1 : float           > 0, that of the positives

    Returns
    -------
    float or array           in [0, 1]

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               fpr outside [0, 1], a standard deviation <= 0, NaN

    Examples
    --------
    >>> round(float(binormal_tpr(0.99, 0.0, 1.3, 1.0, 1.7)), 4)
    0.9835
    """
    fpr = _rates("fpr", fpr)
    mu0, mu1, sigma0, sigma1 = _binormal(mu0, mu1, sigma0, sigma1)
    return special.ndtr((mu1 - mu0 + sigma0 * special.ndtri(fpr)) / sigma1)


def likelihood_ratio(
    threshold: float | np.ndarray, mu0: float, mu1: float, sigma0: float, sigma1: float
) -> float | np.ndarray:
    """Return f1(threshold) / f0(threshold): the slope of the binormal ROC curve at that threshold.

    Lecture `roc`, "the slope".

    Parameters
    ----------
    threshold : float or array   in units of the score
    mu0 : float                  the mean score of the negatives
    mu1 : float                  the mean score of the positives
    sigma0 : float               > 0, the standard deviation of the negatives
    sigma1 : float               > 0, that of the positives

    Returns
    -------
    float or array               >= 0; infinite where it exceeds the largest float

    Raises
    ------
    TypeError                    complex or not numeric
    ValueError                   a standard deviation <= 0, NaN

    Examples
    --------
    >>> float(likelihood_ratio(0.5, 0.0, 1.0, 1.0, 1.0))
    1.0
    """
    threshold = finite_array("threshold", threshold)
    mu0, mu1, sigma0, sigma1 = _binormal(mu0, mu1, sigma0, sigma1)
    z0, z1 = (threshold - mu0) / sigma0, (threshold - mu1) / sigma1
    with np.errstate(over="ignore"):
        return sigma0 / sigma1 * np.exp((z0**2 - z1**2) / 2)


def binormal_auc(mu0: float, mu1: float, sigma0: float, sigma1: float) -> float:
    """Return the area under the binormal ROC curve: Phi((mu1 - mu0) / sqrt(sigma0^2 + sigma1^2)).

    Lecture `roc`, "a game": the difference of two independent draws is normal, and its variances add.

    Parameters
    ----------
    mu0 : float              the mean score of the negatives
    mu1 : float              the mean score of the positives
    sigma0 : float           > 0, the standard deviation of the negatives
    sigma1 : float           > 0, that of the positives

    Returns
    -------
    float                    in [0, 1]; Phi(d' / sqrt(2)) for equal spreads, with d' = (mu1 - mu0) / sigma

    Raises
    ------
    TypeError                not numbers
    ValueError               a standard deviation <= 0, NaN

    Examples
    --------
    >>> round(binormal_auc(0.0, 1.0, 1.0, 1.0), 4)
    0.7602
    """
    mu0 = number("mu0", mu0)
    mu1 = number("mu1", mu1)
    sigma0 = number("sigma0", sigma0, above=0)
    sigma1 = number("sigma1", sigma1, above=0)
    return float(special.ndtr((mu1 - mu0) / np.sqrt(sigma0**2 + sigma1**2)))


def binormal_auc_se(mu0: float, mu1: float, sigma0: float, sigma1: float, n0: int, n1: int) -> float:
    """Return the exact standard error of `auc_mann_whitney` for normal scores.

    Lecture `roc`, "how sure". Two pairs that share a negative have differences with the correlation
    rho = sigma0^2 / (sigma0^2 + sigma1^2), so Q1 of `auc_se` is a bivariate normal probability; Q2 likewise.

    Parameters
    ----------
    mu0 : float              the mean score of the negatives
    mu1 : float              the mean score of the positives
    sigma0 : float           > 0, the standard deviation of the negatives
    sigma1 : float           > 0, that of the positives
    n0 : int                 >= 1, the number of negatives
    n1 : int                 >= 1, the number of positives

    Returns
    -------
    float                    >= 0

    Raises
    ------
    TypeError                a wrong type
    ValueError               a standard deviation <= 0, a class of size 0, NaN

    Notes
    -----
    Q = Phi(h) - 2 T(h, sqrt((1 - rho) / (1 + rho))) with Owen's T (Owen, 1956) and A = Phi(h).

    Examples
    --------
    >>> round(binormal_auc_se(0.0, 1.0, 1.0, 1.0, 50, 50), 4)
    0.0475
    """
    mu0, mu1, sigma0, sigma1 = _binormal(mu0, mu1, sigma0, sigma1)
    n0, n1 = whole_number("n0", n0, least=1), whole_number("n1", n1, least=1)
    h = (mu1 - mu0) / np.sqrt(sigma0**2 + sigma1**2)
    a = float(special.ndtr(h))
    q1 = a - 2 * float(special.owens_t(h, sigma1 / np.sqrt(2 * sigma0**2 + sigma1**2)))
    q2 = a - 2 * float(special.owens_t(h, sigma0 / np.sqrt(sigma0**2 + 2 * sigma1**2)))
    return _standard_error(a, q1, q2, n0, n1)


def _binormal(mu0: float, mu1: float, sigma0: float, sigma1: float) -> tuple[float, float, float, float]:
    """Return the four checked numbers of two normal scores."""
    sigma0, sigma1 = number("sigma0", sigma0, above=0), number("sigma1", sigma1, above=0)
    return number("mu0", mu0), number("mu1", mu1), sigma0, sigma1


def _rates(name: str, value: float | np.ndarray) -> np.ndarray:
    """Return checked rates."""
    rates = finite_array(name, value)
    if ((rates < 0) | (rates > 1)).any():
        raise ValueError(f"{name} must lie in [0, 1], got {rates.min():g} to {rates.max():g}")
    return rates


# Costs


def optimal_slope(pi1: float, c_fp: float, c_fn: float) -> float:
    """Return the slope of the lines of equal cost in the ROC plane: (1 - pi1) c_fp / (pi1 c_fn).

    Lecture `roc`, "costs and rarity": raise the alarm where the likelihood ratio is above it.

    Parameters
    ----------
    pi1 : float              in (0, 1), the fraction of positives
    c_fp : float             > 0, the cost of a false alarm
    c_fn : float             > 0, the cost of a miss, in the same unit

    Returns
    -------
    float                    > 0

    Raises
    ------
    TypeError                not numbers
    ValueError               out of range, NaN

    Examples
    --------
    >>> round(optimal_slope(0.1, 1.0, 5.0), 12)
    1.8
    """
    pi1 = number("pi1", pi1, above=0, below=1)
    return (1 - pi1) * number("c_fp", c_fp, above=0) / (pi1 * number("c_fn", c_fn, above=0))


def expected_cost(
    fpr: float | np.ndarray, tpr: float | np.ndarray, pi1: float, c_fp: float, c_fn: float
) -> float | np.ndarray:
    """Return the mean cost of a decision: (1 - pi1) c_fp FPR + pi1 c_fn (1 - TPR).

    Lecture `roc`, "costs and rarity".

    Parameters
    ----------
    fpr : float or array     in [0, 1]
    tpr : float or array     in [0, 1], of the shape of `fpr`
    pi1 : float              in (0, 1), the fraction of positives
    c_fp : float             > 0, the cost of a false alarm
    c_fn : float             > 0, the cost of a miss, in the same unit

    Returns
    -------
    float or array           in the unit of the costs

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               out of range, shapes disagree, NaN

    Examples
    --------
    >>> round(float(expected_cost(0.2, 0.9, 0.1, 1.0, 5.0)), 12)
    0.23
    """
    fpr, tpr = _rates("fpr", fpr), _rates("tpr", tpr)
    same_shape(fpr=fpr, tpr=tpr)
    pi1 = number("pi1", pi1, above=0, below=1)
    false_alarms = (1 - pi1) * number("c_fp", c_fp, above=0) * fpr
    return false_alarms + pi1 * number("c_fn", c_fn, above=0) * (1 - tpr)


def bayes_threshold(mu0: float, mu1: float, sigma: float, pi1: float, c_fp: float, c_fn: float) -> float:
    """Return the threshold of least expected cost for normal scores of equal spread.

    Lecture `roc`, "costs and rarity": where the likelihood ratio equals `optimal_slope`, which is at
    (mu0 + mu1) / 2 + sigma^2 ln(slope) / (mu1 - mu0).

    Parameters
    ----------
    mu0 : float              the mean score of the negatives
    mu1 : float              > mu0, the mean score of the positives
    sigma : float            > 0, the standard deviation of both
    pi1 : float              in (0, 1), the fraction of positives
    c_fp : float             > 0, the cost of a false alarm
    c_fn : float             > 0, the cost of a miss, in the same unit

    Returns
    -------
    float                    in units of the score

    Raises
    ------
    TypeError                not numbers
    ValueError               out of range, NaN

    Examples
    --------
    >>> round(bayes_threshold(0.0, 2.0, 1.0, 0.5, 1.0, 1.0), 12)
    1.0
    """
    mu0 = number("mu0", mu0)
    mu1 = number("mu1", mu1, above=mu0)
    sigma = number("sigma", sigma, above=0)
    pi1 = number("pi1", pi1, above=0, below=1)
    c_fp = number("c_fp", c_fp, above=0)
    c_fn = number("c_fn", c_fn, above=0)
    slope = (1 - pi1) * c_fp / (pi1 * c_fn)
    return float((mu0 + mu1) / 2 + sigma**2 * np.log(slope) / (mu1 - mu0))


# Detectors of a known and of an unknown signal in white noise


def matched_filter(x: np.ndarray, template: np.ndarray, sigma: float) -> np.ndarray:
    """Return the score <x, template> / (sigma ||template||) of each row.

    Lecture `roc`, "a known shape": in white noise of SD sigma the score has SD 1, mean 0 without a signal and
    mean d' = ||template|| / sigma when the row holds the template. No other score has a higher ROC curve.

    Parameters
    ----------
    x : (n, p) array         one measurement in each row
    template : (p,) array    the signal that is looked for, not all zero
    sigma : float            > 0, the SD of the noise, in units of `x`

    Returns
    -------
    (n,) array               in standard deviations of the noise

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               shapes that do not fit, a template of zeros, sigma <= 0, NaN

    Examples
    --------
    >>> matched_filter([[3.0, 4.0, 0.0], [0.0, 0.0, 7.0]], [3.0, 4.0, 0.0], 0.5)
    array([10.,  0.])
    """
    x = finite_array("x", x, ndim=2)
    template = finite_array("template", template, ndim=1)
    sigma = number("sigma", sigma, above=0)
    if x.shape[1] != len(template):
        raise ValueError(f"x must have {len(template)} columns like template, got shape {x.shape}")
    if not template.any():
        raise ValueError("template must not be zero everywhere, got zeros")
    return x @ template / (sigma * np.linalg.norm(template))


def energy_detector(x: np.ndarray, sigma: float) -> np.ndarray:
    """Return the score ||x||^2 / sigma^2 of each row, which needs no knowledge of the signal.

    Lecture `roc`, "a known shape": chi-square with p degrees of freedom without a signal, noncentral
    chi-square with noncentrality d'^2 with one.

    Parameters
    ----------
    x : (n, p) array         one measurement in each row
    sigma : float            > 0, the SD of the noise, in units of `x`

    Returns
    -------
    (n,) array               >= 0, without unit

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               not two axes, sigma <= 0, NaN

    Examples
    --------
    >>> energy_detector([[3.0, 4.0, 0.0], [0.0, 0.0, 7.0]], 0.5)
    array([100., 196.])
    """
    x = finite_array("x", x, ndim=2)
    return np.sum(x**2, axis=1) / number("sigma", sigma, above=0) ** 2


def energy_auc(d_prime: float, p: int) -> float:
    """Return the area under the ROC curve of `energy_detector`.

    Lecture `roc`, "a known shape". The ratio of the two scores has a noncentral F distribution, and the area is
    the chance that it exceeds 1.

    Parameters
    ----------
    d_prime : float          >= 0, the length of the signal over the SD of the noise
    p : int                  >= 1, the number of values in a measurement

    Returns
    -------
    float                    in [0.5, 1]

    Raises
    ------
    TypeError                a wrong type
    ValueError               out of range, NaN

    Examples
    --------
    >>> round(energy_auc(2.7, 32), 2)
    0.72
    """
    d_prime = number("d_prime", d_prime, least=0)
    p = whole_number("p", p, least=1)
    return float(1 - special.ncfdtr(p, p, d_prime**2, 1.0))


def fading_tpr(fpr: float | np.ndarray, snr: float) -> float | np.ndarray:
    """Return the height of the ROC curve of a fading target: FPR^(1 / (1 + snr)).

    Lecture `roc`, "every threshold": without a target the received power is exponential with mean 1, with one
    exponential with mean 1 + snr. The area is (1 + snr) / (2 + snr).

    Parameters
    ----------
    fpr : float or array     in [0, 1]
    snr : float              >= 0, mean power of the target over that of the noise

    Returns
    -------
    float or array           in [0, 1]

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               out of range, NaN

    Examples
    --------
    >>> round(float(fading_tpr(0.0625, 3.0)), 12)
    0.5
    """
    return _rates("fpr", fpr) ** (1 / (1 + number("snr", snr, least=0)))
