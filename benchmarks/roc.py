"""ROC curves, the area under them and its error bar: scikit-learn and `confidenceinterval`."""

import numpy as np
from scipy import stats
from sklearn import metrics

from benchmarks.timing import Row
from coursekit import roc


def scores_and_labels(n):
    """Return n scores of two overlapping classes; rounded to six digits, a few are tied."""
    rng = np.random.default_rng(n)
    labels = (rng.random(n) < 0.4).astype(int)
    return np.round(rng.standard_normal(n) + labels, 6), labels


def curve(n):
    """Ask for every point of the curve, ties merged."""
    scores, labels = scores_and_labels(n)

    def error(theirs, ours):
        assert all(len(a) == len(b) for a, b in zip(theirs, ours, strict=True))
        assert theirs[2][0] == ours[2][0] == np.inf
        return max(float(np.abs(a[1:] - b[1:]).max()) for a, b in zip(theirs, ours, strict=True))

    def peer():
        return metrics.roc_curve(labels, scores, drop_intermediate=False)

    return peer, lambda: roc.points(scores, labels), error


def area(n):
    """Ask for the area alone; splitting the classes is part of our work."""
    scores, labels = scores_and_labels(n)

    def ours():
        return roc.auc_by_ranks(scores[labels == 0], scores[labels == 1])

    return lambda: metrics.roc_auc_score(labels, scores), ours, lambda a, b: abs(float(a) - b)


def interval(n):
    """Ask for the area and its error by DeLong's method; the peer, in single precision, is no oracle for it."""
    import confidenceinterval

    scores, labels = scores_and_labels(n)
    positive = labels == 1
    n1 = int(positive.sum())
    n0 = n - n1
    ranks = stats.rankdata(scores)
    v1 = (ranks[positive] - stats.rankdata(scores[positive])) / n0
    v0 = 1 - (ranks[~positive] - stats.rankdata(scores[~positive])) / n1
    expected = np.array([v1.mean(), np.sqrt(v1.var(ddof=1) / n1 + v0.var(ddof=1) / n0)])

    def error(theirs, ours):
        auc, (low, high) = theirs
        np.testing.assert_allclose([auc, (high - low) / 2 / stats.norm.ppf(0.975)], expected, rtol=1e-3)
        return float(np.abs(np.array([ours.auc, ours.se]) / expected - 1).max())

    def peer():
        return confidenceinterval.roc_auc_score(positive, scores)

    return peer, lambda: roc.auc_interval(scores[labels == 0], scores[labels == 1]), error


SKLEARN, DELONG = "scikit-learn", "confidenceinterval"

ROWS = [
    Row("roc_curve, 1e4 scores", SKLEARN, lambda: curve(10**4), 1e-12, 3.5),
    Row("roc_curve, 1e6 scores", SKLEARN, lambda: curve(10**6), 1e-12, 2.2, rounds=5),
    Row("AUC, 1e4 scores", SKLEARN, lambda: area(10**4), 1e-12, 8),
    Row("AUC, 1e6 scores", SKLEARN, lambda: area(10**6), 1e-12, 3, rounds=5),
    Row("DeLong interval, 1e4 scores", DELONG, lambda: interval(10**4), 1e-11, 10),
    Row("DeLong interval, 1e6 scores", DELONG, lambda: interval(10**6), 1e-11, 8, rounds=3),
]
