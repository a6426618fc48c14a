"""What nearest neighbours and labels tell: quality and coverage apart, copying, classes."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from coursekit.validation import finite_array, whole_number

__all__ = ["PrecisionRecallResult", "label_counts", "label_entropy", "neighbour_ratio", "precision_recall"]


@dataclass(frozen=True)
class PrecisionRecallResult:
    """The share of generated samples among the real ones, and of real samples among the generated ones."""

    precision: float
    recall: float


def precision_recall(real: np.ndarray, generated: np.ndarray, k: int = 3) -> PrecisionRecallResult:
    """Return how many generated samples look real, and how many real ones the generator reaches.

    Labs `gan` and `diffusion`. The support of a set is the union of balls around its samples, each as wide as the
    distance to the sample's k-th neighbour. Precision: the share of `generated` in the support of `real`. Recall:
    the share of `real` in the support of `generated`.

    Parameters
    ----------
    real : (n, d) array      feature vectors, n > k
    generated : (m, d) array feature vectors, m > k
    k : int                  >= 1

    Returns
    -------
    PrecisionRecallResult    precision, recall, in [0, 1]

    Raises
    ------
    TypeError                not real numbers, `k` not whole
    ValueError               shapes disagree, too few samples, NaN

    Notes
    -----
    Kynkaanniemi et al. (2019). One outlier with a wide ball can raise either share: read both beside the floor.

    Examples
    --------
    >>> real = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> precision_recall(real, np.array([[0.0], [0.25], [0.5], [9.0], [9.25]]), k=1)
    PrecisionRecallResult(precision=0.6, recall=0.25)
    """
    k = whole_number("k", k, least=1)
    real, generated = finite_array("real", real, ndim=2), finite_array("generated", generated, ndim=2)
    if real.shape[1] != generated.shape[1]:
        raise ValueError(f"real and generated must have as many features, got {real.shape} and {generated.shape}")
    if min(len(real), len(generated)) <= k:
        raise ValueError(f"k = {k} neighbours need more than {k} samples, got {len(real)} and {len(generated)}")
    across = cdist(real, generated)
    return PrecisionRecallResult(
        precision=float((across <= radii(real, k)[:, None]).any(axis=0).mean()),
        recall=float((across <= radii(generated, k)).any(axis=1).mean()),
    )


def radii(x: np.ndarray, k: int) -> np.ndarray:
    """Return each sample's distance to its k-th neighbour, itself not counted."""
    return np.partition(cdist(x, x), k, axis=1)[:, k]


def neighbour_ratio(generated: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> float:
    """Return how near samples lie to the training set, in units of how near they lie to data never seen.

    Labs `gan` and `diffusion`: the mean distance to the nearest of `train`, over that to the nearest of `held_out`.
    About 1: as near to either. Far below 1: copies.

    Parameters
    ----------
    generated : (n, ...) array   samples; what follows the first axis is taken as one vector
    train : (m, ...) array       what the generator was trained on
    held_out : (m', ...) array   other data; m' within one of m, since more points lie nearer

    Returns
    -------
    float                        >= 0; infinite if every sample is a held-out one

    Raises
    ------
    TypeError                    not real numbers
    ValueError                   shapes disagree, sizes differ by more than one, NaN

    Examples
    --------
    >>> train, held_out = np.array([[0.0], [4.0]]), np.array([[2.0], [6.0]])
    >>> neighbour_ratio(np.array([[0.5], [4.5]]), train, held_out)  # .5 away from train, 1.5 from held-out
    0.3333333333333333
    """
    sets = {"generated": generated, "train": train, "held_out": held_out}
    flat = [(a := finite_array(name, value)).reshape(len(a), -1) for name, value in sets.items()]
    if len({a.shape[1] for a in flat}) > 1:
        raise ValueError(f"samples must be of one size, got {', '.join(str(np.shape(a)) for a in sets.values())}")
    if abs(len(flat[1]) - len(flat[2])) > 1:
        raise ValueError(f"train and held_out must be as large, got {len(flat[1])} and {len(flat[2])}")
    to_train, to_held_out = (cdist(flat[0], other).min(axis=1).mean() for other in flat[1:])
    if to_held_out == 0:
        return float("inf")
    return float(to_train / to_held_out)


def label_counts(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return how many samples each class has.

    Parameters
    ----------
    labels : (n,) array      whole numbers from 0 to n_classes - 1
    n_classes : int          >= 1

    Returns
    -------
    (n_classes,) array       counts, whole numbers

    Raises
    ------
    TypeError                labels that are not whole numbers
    ValueError               no labels, or one that is no class

    Examples
    --------
    >>> label_counts(np.array([0, 2, 2]), 4)
    array([1, 0, 2, 0])
    """
    n_classes = whole_number("n_classes", n_classes, least=1)
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be whole numbers, got dtype {labels.dtype}")
    if labels.ndim != 1 or not labels.size:
        raise ValueError(f"labels must have one axis and not be empty, got shape {labels.shape}")
    if labels.min() < 0 or labels.max() >= n_classes:
        raise ValueError(f"labels must lie in 0 to {n_classes - 1}, got {labels.min()} to {labels.max()}")
    return np.bincount(labels, minlength=n_classes)


def label_entropy(labels: np.ndarray, n_classes: int) -> float:
    """Return the entropy of the classes, as a share of the largest possible: 1 for even classes, 0 for one class.

    Parameters
    ----------
    labels : (n,) array      whole numbers from 0 to n_classes - 1
    n_classes : int          >= 2

    Returns
    -------
    float                    in [0, 1]

    Raises
    ------
    TypeError                labels that are not whole numbers
    ValueError               no labels, one that is no class, fewer than two classes

    Examples
    --------
    >>> label_entropy(np.array([0, 0, 1, 1]), 4)
    0.5
    """
    share = label_counts(labels, whole_number("n_classes", n_classes, least=2)) / len(labels)
    share = share[share > 0]
    return float(-(share @ np.log(share)) / np.log(n_classes)) + 0.0
