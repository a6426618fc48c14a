"""The five-point Laplacian and the Laplacian of a Gaussian: scipy.ndimage, or strips and cosine waves.

scipy.ndimage cuts its Gaussian at 4 sigma unless told otherwise, and is wrong by about 1e-3; ours is exact. OpenCV's
compiled stencil, where it is installed, is several times faster than our strips: no claim is made there.
"""

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage

from benchmarks.timing import Row
from coursekit import laplacian

__all__ = ["ROWS"]

Pair = tuple[Callable[[], Any], Callable[[], Any], Callable[[Any, Any], float]]


def largest_difference(theirs: np.ndarray, ours: np.ndarray) -> float:
    return float(np.abs(theirs - ours).max())


def five_points() -> Pair:
    u = np.random.default_rng(1).random((1024, 1024))
    return lambda: ndimage.laplace(u, mode="nearest"), lambda: laplacian.laplacian5_fast(u), largest_difference


def opencv() -> Pair:
    import cv2

    u = np.random.default_rng(1).random((1024, 1024))
    cv2.setNumThreads(1)

    def theirs() -> np.ndarray:
        return np.asarray(cv2.Laplacian(u, cv2.CV_64F, borderType=cv2.BORDER_REPLICATE))

    return theirs, lambda: laplacian.laplacian5_fast(u), largest_difference


def blob_filter(size: int, s: float, truncate: float) -> Callable[[], Pair]:
    """Compare on a sum of mirrored waves of all lengths, whose answer is known."""

    def make() -> Pair:
        place = np.pi * (np.arange(size) + 0.5) / size
        u, exact = np.zeros((2, size, size))
        for m, n in [(0, 3), (5, 1), (40, 60), (size // 5, size // 3), (size - 1, size - 2)]:
            wave, w2 = np.outer(np.cos(m * place), np.cos(n * place)), (np.pi / size) ** 2 * (m**2 + n**2)
            u += wave
            exact -= s**2 * w2 * np.exp(-(s**2) * w2 / 2) * wave

        def theirs() -> np.ndarray:
            return ndimage.gaussian_laplace(u, s, mode="reflect", truncate=truncate)

        def error(theirs: np.ndarray, ours: np.ndarray) -> float:
            assert largest_difference(s**2 * theirs, exact) < 1e-2, "the two solve different problems"
            return largest_difference(exact, ours)

        return theirs, lambda: laplacian.log_filter_fast(u, s), error

    return make


LOG = "scipy.ndimage.gaussian_laplace"
EXACT = f"{LOG}, cut at 8 sigma"

ROWS = [
    Row("Laplacian, 1024 x 1024", "scipy.ndimage.laplace", five_points, accuracy=1e-14, target=4),
    Row("LoG, sigma 2, 1024 x 1024", LOG, blob_filter(1024, 2, 4), accuracy=1e-12, target=2.5),
    Row("LoG, sigma 5, 1024 x 1024", LOG, blob_filter(1024, 5, 4), accuracy=1e-12, target=4),
    Row("LoG, sigma 2, 512 x 512", LOG, blob_filter(512, 2, 4), accuracy=1e-12, target=None),
    Row("LoG, sigma 5, 512 x 512", LOG, blob_filter(512, 5, 4), accuracy=1e-12, target=None),
    Row("LoG, sigma 5, 1024 x 1024", EXACT, blob_filter(1024, 5, 8), accuracy=1e-12, target=None),
]
if importlib.util.find_spec("cv2"):
    ROWS.insert(1, Row("Laplacian, 1024 x 1024", "OpenCV", opencv, accuracy=1e-14, target=None))
