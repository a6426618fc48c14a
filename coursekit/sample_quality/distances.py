"""Distances between two sets of feature vectors: Frechet's, and one by a kernel."""

import numpy as np

from coursekit.validation import finite_array

__all__ = ["frechet_distance", "gaussian_frechet_distance", "kernel_distance"]


def gaussian_frechet_distance(mean1: np.ndarray, cov1: np.ndarray, mean2: np.ndarray, cov2: np.ndarray) -> float:
    """Return the squared Frechet distance of two Gaussians.

    Labs `gan` and `diffusion`: |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)).

    Parameters
    ----------
    mean1 : (d,) array       mean of the first
    cov1 : (d, d) array      its covariance: symmetric, no negative eigenvalue
    mean2 : (d,) array       mean of the second
    cov2 : (d, d) array      its covariance

    Returns
    -------
    float                    >= 0, in squared units of the means

    Raises
    ------
    TypeError                not real numbers
    ValueError               shapes disagree, NaN

    Notes
    -----
    Dowson and Landau (1982). With R = S1^(1/2), (S1 S2)^(1/2) and (R S2 R)^(1/2) have one trace, and the second
    matrix is symmetric: two calls of eigh, no complex numbers, singular covariances welcome.

    Examples
    --------
    >>> gaussian_frechet_distance([0.0], [[4.0]], [1.0], [[9.0]])  # (0 - 1)^2 + (2 - 3)^2
    2.0
    """
    m1, m2 = finite_array("mean1", mean1, ndim=1), finite_array("mean2", mean2, ndim=1)
    S1, S2 = finite_array("cov1", cov1, ndim=2), finite_array("cov2", cov2, ndim=2)
    if not (S1.shape == S2.shape == 2 * m1.shape and m1.shape == m2.shape):
        raise ValueError(
            f"means (d,) and covariances (d, d) must agree, got {m1.shape}, {S1.shape} and {m2.shape}, {S2.shape}"
        )
    values, vectors = np.linalg.eigh(S1)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ S2 @ root), 0)).sum()
    return max(float(np.sum((m1 - m2) ** 2) + np.trace(S1) + np.trace(S2) - 2 * cross), 0.0)


def frechet_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Return the squared Frechet distance of the Gaussians fitted to two sets of samples.

    Labs `gan` and `diffusion`.

    Parameters
    ----------
    x : (n, d) array         samples, n >= 2
    y : (m, d) array         samples, m >= 2

    Returns
    -------
    float                    >= 0, in squared units of the samples

    Raises
    ------
    TypeError                not real numbers
    ValueError               shapes disagree, fewer than two samples, NaN

    Notes
    -----
    Biased upwards: for n samples of N(0, I_d) on both sides the expectation is near (2 d + d (d + 1) / 2) / n and
    not 0. So quote n, and the value that real data reach against real data at the same n (`quality_report`).
    With Inception features this is the FID of Heusel et al. (2017).

    Examples
    --------
    >>> x = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    >>> round(frechet_distance(x, x + 3), 9)  # a shift by (3, 3)
    18.0
    """
    x, y = two_samples(x, y)
    first, second = (np.atleast_2d(np.cov(z, rowvar=False)) for z in (x, y))
    return gaussian_frechet_distance(x.mean(axis=0), first, y.mean(axis=0), second)


def kernel_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Return the unbiased squared maximum mean discrepancy with the kernel (x.y / d + 1)^3.

    Labs `gan` and `diffusion`.

    Parameters
    ----------
    x : (n, d) array         samples, n >= 2
    y : (m, d) array         samples, m >= 2

    Returns
    -------
    float                    near 0, of either sign, when both come from one distribution

    Raises
    ------
    TypeError                not real numbers
    ValueError               shapes disagree, fewer than two samples, NaN

    Notes
    -----
    The "kernel inception distance" of Binkowski et al. (2018), without its averaging over blocks. Its expectation
    does not depend on n, unlike Frechet's.

    Examples
    --------
    >>> kernel_distance(np.zeros((2, 1)), np.ones((3, 1)))  # k: 1 at 0, 8 at 1, 1 between
    7.0
    """
    x, y = two_samples(x, y)

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a @ b.T / x.shape[1] + 1) ** 3

    def mean_of_pairs(a: np.ndarray) -> float:
        k, n = kernel(a, a), len(a)
        return float(k.sum() - np.trace(k)) / (n * (n - 1))

    return float(mean_of_pairs(x) + mean_of_pairs(y) - 2 * kernel(x, y).mean())


def two_samples(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two sets of samples as float64 arrays, or say what is wrong with them."""
    x, y = finite_array("x", x, ndim=2).astype(float), finite_array("y", y, ndim=2).astype(float)
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"x and y must have as many features, got shapes {x.shape} and {y.shape}")
    if min(len(x), len(y)) < 2:
        raise ValueError(f"x and y need at least 2 samples each, got {len(x)} and {len(y)}")
    return x, y
