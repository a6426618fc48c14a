"""Motion blur and Wiener's filter: padded convolution, rolled frames and scikit-image, or one transfer function.

Along x ours is `box_blur`, which leaves the sliding window to scipy.ndimage.uniform_filter1d: the win is the
idea's, over a convolution by transforms; against that filter itself there is none to be had.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import signal
from skimage import restoration

from benchmarks.timing import Row
from coursekit import motion_blur

__all__ = ["ROWS"]

Pair = tuple[Callable[[], Any], Callable[[], Any], Callable[[Any, Any], float]]


def largest_difference(theirs: np.ndarray, ours: np.ndarray) -> float:
    return float(np.abs(theirs - ours).max())


def motion(size: int, length: float, angle: float) -> Callable[[], Pair]:
    """Compare with fftconvolve, whose picture is 0 outside: inside, where both see the same, they agree."""

    def make() -> Pair:
        u = np.random.default_rng(1).random((size, size))
        h = motion_blur.box_kernel(length, angle, (15, 15) if angle else (1, 15))
        inside = np.s_[7:-7, 7:-7]

        def error(theirs: np.ndarray, ours: np.ndarray) -> float:
            return largest_difference(theirs[inside], ours[inside])

        def ours() -> np.ndarray:
            return motion_blur.blur(u, h) if angle else motion_blur.box_blur(u, length)

        return lambda: signal.fftconvolve(u, h, mode="same"), ours, error

    return make


def exposures() -> Pair:
    """Average 64 shifted frames, or multiply once."""
    u = np.random.default_rng(2).random((512, 512))
    h = np.full((1, 64), 1 / 64)
    total = np.empty_like(u)

    def rolled() -> np.ndarray:
        total[:] = 0
        for k in range(64):
            np.add(total, np.roll(u, k - 32, axis=1), out=total)
        return total / 64

    return rolled, lambda: motion_blur.blur(u, h), largest_difference


def wiener() -> Pair:
    """Compare with scikit-image's filter, its regulariser set to the identity so that both solve one problem."""
    u, h = np.random.default_rng(3).random((512, 512)), motion_blur.box_kernel(15, 20, (15, 15))
    identity = np.ones((1, 1))

    def theirs() -> np.ndarray:
        return restoration.wiener(u, h, 0.01, reg=identity, clip=False)

    return theirs, lambda: motion_blur.wiener_deblur_fast(u, h, 0.01), largest_difference


FFT = "scipy.signal.fftconvolve"

ROWS = [
    Row("15 px along x, sliding window, 256 x 256", FFT, motion(256, 15, 0), accuracy=1e-12, target=2.2),
    Row("15 px along x, sliding window, 512 x 512", FFT, motion(512, 15, 0), accuracy=1e-12, target=1.4),
    Row("14.4 px along x: ends inside pixels, 512 x 512", FFT, motion(512, 14.4, 0), accuracy=1e-12, target=None),
    Row("15 px at 20°, one transfer function, 256 x 256", FFT, motion(256, 15, 20), accuracy=1e-12, target=None),
    Row("15 px at 20°, one transfer function, 512 x 512", FFT, motion(512, 15, 20), accuracy=1e-12, target=1.4),
    Row("64 exposures, 512 x 512", "mean of rolled frames", exposures, accuracy=1e-12, target=7),
    Row("Wiener's filter, 512 x 512", "scikit-image", wiener, accuracy=1e-10, target=1.5),
]
