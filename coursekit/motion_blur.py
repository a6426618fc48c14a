"""Motion blur: an average over the time that the shutter is open, in frequency, in pictures and in film.

Transfer functions, exposures of moving things, wheels on film, and how to undo a blur. Images are (H, W), row = y,
usually in [0, 1]; motion is along +x (to the right) where no angle is given. Speeds are in pixels per
second, exposure times T in seconds, spatial frequencies in cycles per pixel.
"""

import numpy as np
from scipy import fft, ndimage

from coursekit.validation import finite_array, number, same_shape, whole_number

__all__ = [
    "CODE",
    "apparent_rate",
    "blur",
    "blur_length",
    "box_blur",
    "box_kernel",
    "cepstrum",
    "coded_kernel",
    "expose",
    "expose_moving_object",
    "kernel_transfer",
    "mtf",
    "noise_gain",
    "render_wheel",
    "sampled_transfer",
    "spoke_exposure",
    "transfer",
    "wiener_deblur",
    "wiener_deblur_fast",
]

CODE = np.array([int(chip) for chip in "1010000111000001010000110011110111010111001001100111"])
"""The 52 chips of Raskar, Agrawal and Tumblin (2006): 1 where the shutter is open."""
CODE.setflags(write=False)


# Transfer functions


def transfer(f: float | np.ndarray, v: float | np.ndarray, T: float) -> complex | np.ndarray:
    """Return the factor by which an exposure multiplies the moving wave exp(2 pi i f x).

    Lecture `motion_blur`, "what a wave becomes": sinc(f v T) exp(-i pi f v T) with sinc(z) = sin(pi z) / (pi
    z), the shutter opening at time 0.

    Parameters
    ----------
    f : float or array       cycles per pixel
    v : float or array       pixels per second, of a shape that fits `f`
    T : float                > 0, the exposure time in seconds

    Returns
    -------
    complex or array         of magnitude at most 1; its phase is the shift by half the path

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               T <= 0, NaN

    Examples
    --------
    >>> np.round(np.abs(transfer([0.0, 0.125, 0.25], 8.0, 0.5)), 4)
    array([1.    , 0.6366, 0.    ])
    """
    path = finite_array("f", f) * finite_array("v", v) * number("T", T, above=0)
    return np.sinc(path) * np.exp(-1j * np.pi * path)


def mtf(f: float | np.ndarray, v: float | np.ndarray, T: float) -> float | np.ndarray:
    """Return the modulation transfer function of motion blur: the contrast that is left of a pattern.

    Lecture `motion_blur`, "what a wave becomes": |sin(pi f v T) / (pi f v T)|, and 1 where f v = 0.

    Parameters
    ----------
    f : float or array       cycles per pixel
    v : float or array       pixels per second, of a shape that fits `f`
    T : float                > 0, the exposure time in seconds

    Returns
    -------
    float or array           in [0, 1]; 0 where f v T is a whole number but not 0

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               T <= 0, NaN

    Examples
    --------
    >>> round(float(mtf(0.125, 8.0, 0.5)), 4)  # half a period goes by: 2 / pi
    0.6366
    """
    f = finite_array("f", f)
    v = finite_array("v", v)
    T = number("T", T, above=0)
    return np.abs(np.sinc(f * v * T))


def sampled_transfer(f: float | np.ndarray, v: float | np.ndarray, T: float, M: int) -> float | np.ndarray:
    """Return the factor, up to its phase, when `M` short frames spread over T are averaged in place of an exposure.

    Lecture `motion_blur`, "when it fails": sin(pi f v T) / (M sin(pi f v T / M)), the Dirichlet kernel. The
    frames are T / M apart.

    Parameters
    ----------
    f : float or array       cycles per pixel
    v : float or array       pixels per second, of a shape that fits `f`
    T : float                > 0, the exposure time in seconds
    M : int                  >= 1, the number of frames

    Returns
    -------
    float or array           in [-1, 1]; of magnitude 1 again where f v T is a multiple of M: ghosts

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               T <= 0, M < 1, NaN

    Examples
    --------
    >>> round(float(sampled_transfer(1.0, 4.0, 1.0, 4)), 12)
    -1.0
    """
    path = finite_array("f", f) * finite_array("v", v) * number("T", T, above=0)
    M = whole_number("M", M, least=1)
    times = (np.arange(M) - (M - 1) / 2) / M
    return np.cos(2 * np.pi * path[..., None] * times).mean(axis=-1)


# Kernels


def box_kernel(length: float, angle: float, shape: tuple[int, int]) -> np.ndarray:
    """Return the blur kernel of a uniform motion: a line segment, each pixel weighted by the length inside it.

    Lecture `motion_blur`, "follow one pixel". The segment is centred, so that the blur does not shift; its
    ends may lie inside pixels.

    Parameters
    ----------
    length : float           >= 0, in pixels
    angle : float            degrees from the x axis (columns) towards the y axis (rows, downwards)
    shape : (int, int)       rows and columns, both odd and large enough for the segment

    Returns
    -------
    (k, l) array             weights >= 0 of sum 1

    Raises
    ------
    TypeError                a wrong type
    ValueError               length < 0, an even or too small shape, NaN

    Examples
    --------
    >>> box_kernel(4, 0, (1, 5))
    array([[0.125, 0.25 , 0.25 , 0.25 , 0.125]])
    """
    length = number("length", length, least=0)
    angle = number("angle", angle) * np.pi / 180
    rows, cols = (whole_number("shape", size, least=1) for size in shape)
    if rows % 2 == 0 or cols % 2 == 0:
        raise ValueError(f"shape must be odd, got {(rows, cols)}")
    way = np.round([np.sin(angle), np.cos(angle)], 15)  # (y, x); 180 degrees is not a hair off the axis
    half = np.abs(way) * length / 2
    if (half > np.array([rows, cols]) / 2 + 1e-9).any():
        needed = f"{2 * half[0]:g} rows and {2 * half[1]:g} columns"
        raise ValueError(f"shape must hold a segment of {needed}, got {(rows, cols)}")
    kernel = np.zeros((rows, cols))
    if length == 0:
        kernel[rows // 2, cols // 2] = 1
        return kernel
    edges = np.arange(max(rows, cols)) - max(rows, cols) / 2
    crossings = np.concatenate([edges / w for w in way if w] + [[-length / 2, length / 2]])
    t = np.unique(np.clip(crossings, -length / 2, length / 2))
    y, x = np.rint(np.outer(way, (t[1:] + t[:-1]) / 2)).astype(int)  # the pixel of each piece's middle
    inside = np.clip(y + rows // 2, 0, rows - 1), np.clip(x + cols // 2, 0, cols - 1)  # rounding may err at the rim
    np.add.at(kernel, inside, np.diff(t) / length)
    return kernel


def coded_kernel(code: np.ndarray) -> np.ndarray:
    """Return the blur kernel of a shutter that opens and closes while the picture moves one pixel per chip.

    Lecture `motion_blur`, "open the shutter in a code". The weights add up to the fraction of the time that the
    shutter is open: a coded photograph is darker than an open one.

    Parameters
    ----------
    code : (n,) array        1 where the shutter is open, 0 where it is closed; the first chip is the first in time

    Returns
    -------
    (1, n) array             code / n

    Raises
    ------
    TypeError                a wrong type
    ValueError               not one axis, values other than 0 and 1, never open

    Examples
    --------
    >>> coded_kernel([1, 0, 1, 1])
    array([[0.25, 0.  , 0.25, 0.25]])
    """
    code = finite_array("code", code, ndim=1)
    if not np.isin(code, (0, 1)).all():
        raise ValueError(f"code must hold 0 and 1 only, got {code[~np.isin(code, (0, 1))][0]:g}")
    if not code.any():
        raise ValueError(f"code must open the shutter, got {code.size} zeros")
    return code[None, :] / code.size


def kernel_transfer(h: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return what the real Fourier transform of an image is multiplied by when `h` blurs the image periodically.

    Lecture `motion_blur`, "what a wave becomes". A small kernel needs no transform of a padded picture: two
    thin matrix products do.

    Parameters
    ----------
    h : (k, l) array         the kernel; its pixel (k // 2, l // 2) stays in place
    shape : (int, int)       rows H >= k and columns W >= l of the image

    Returns
    -------
    (H, W // 2 + 1) array    complex, in the order of numpy.fft.rfft2

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a wrong number of axes, a kernel larger than the image, NaN

    Examples
    --------
    >>> kernel_transfer([[0.25, 0.5, 0.25]], (1, 4)).real
    array([[1. , 0.5, 0. ]])
    """
    h = finite_array("h", h, ndim=2)
    H, W = (whole_number("shape", size, least=1) for size in shape)
    if h.shape[0] > H or h.shape[1] > W:
        raise ValueError(f"h must not be larger than the image {(H, W)}, got shape {h.shape}")
    i, j = (np.arange(size) - size // 2 for size in h.shape)
    along_y = _waves(H)[np.outer(np.arange(H), i) % H]
    along_x = _waves(W)[np.outer(j, np.arange(W // 2 + 1)) % W]
    return along_y @ (h @ along_x)


def _waves(size: int) -> np.ndarray:
    """Return exp(-2 pi i k / size) for k = 0, 1, ..., size - 1."""
    return np.exp(-2j * np.pi / size * np.arange(size))


def blur(u: np.ndarray, h: np.ndarray) -> np.ndarray:
    """Return the image blurred by a kernel, with periodic borders.

    Lecture `motion_blur`, "what a wave becomes": each wave of the image is multiplied by one number, whatever
    the size of `h`.

    Parameters
    ----------
    u : (H, W) array         the image
    h : (k, l) array         the kernel, no larger than `u`; its pixel (k // 2, l // 2) stays in place

    Returns
    -------
    (H, W) array             in units of `u`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a wrong number of axes, a kernel larger than the image, NaN

    Examples
    --------
    >>> np.round(blur([[0.0, 0.0, 8.0, 0.0]], [[0.25, 0.5, 0.25]]), 12)
    array([[0., 2., 4., 2.]])
    """
    u = finite_array("u", u, ndim=2)
    h = finite_array("h", h, ndim=2)
    return _multiply_waves(u, _compact_transfer(h, u.shape))


def _compact_transfer(h: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return `kernel_transfer`, but one row of it for a kernel of one row, where all rows are the same."""
    return kernel_transfer(h, (1 if h.shape[0] == 1 else shape[0], shape[1]))


def _multiply_waves(u: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return the image with its waves multiplied by `factor`; one row of it leaves the columns alone.

    The columns are transformed in place; irfft2 would ask for a second array, and fresh memory costs time.
    """
    both_axes = factor.shape[0] > 1
    waves = fft.rfft(u, axis=1)
    if both_axes:
        waves = fft.fft(waves, axis=0, overwrite_x=True)
    waves *= factor
    if both_axes:
        waves = fft.ifft(waves, axis=0, overwrite_x=True)
    return fft.irfft(waves, u.shape[1], axis=1)


def box_blur(u: np.ndarray, length: float) -> np.ndarray:
    """Return the image blurred by a uniform motion along x, with periodic borders and without a transform.

    Lecture `motion_blur`, "follow one pixel". A window slides along each row, and its sum is kept: one
    pixel enters, one leaves, whatever the length. The same as `blur` with `box_kernel(length, 0, ...)`.

    Parameters
    ----------
    u : (H, W) array         the image
    length : float           0 to W, in pixels; the ends of the centred window may lie inside pixels

    Returns
    -------
    (H, W) array             in units of `u`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a wrong number of axes, a length below 0 or above W, NaN

    Notes
    -----
    The sum keeps the rounding of each step: the error grows with W, to at most 2 W times that of one addition.

    Examples
    --------
    >>> box_blur([[0.0, 0.0, 8.0, 0.0, 0.0]], 4)
    array([[1., 2., 2., 2., 1.]])
    """
    u = finite_array("u", u, ndim=2).astype(float, copy=False)
    length = max(1.0, number("length", length, least=0, most=u.shape[1]))  # a shorter path stays inside its pixel
    steps = int((length - 1) // 2)
    inner = 2 * steps + 1  # the pixels that lie wholly inside the window; at each end a part of one more
    blurred = ndimage.uniform_filter1d(u, inner, axis=1, mode="wrap")
    part = (length - inner) / 2
    if part > 0:  # a box with ends inside pixels is a mix of the two with whole pixels
        outer = ndimage.uniform_filter1d(u, inner + 2, axis=1, mode="wrap")
        outer -= blurred
        outer *= part * (inner + 2) / length
        blurred += outer
    return blurred


# Exposures


def expose(frames: np.ndarray) -> np.ndarray:
    """Return what a shutter that stays open during all frames records: their mean.

    Lecture `motion_blur`, "one pixel".

    Parameters
    ----------
    frames : (M, ...) array  M >= 1 instants, each an image or any array

    Returns
    -------
    array                    of the shape of one frame

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               no axis, no frame, NaN

    Examples
    --------
    >>> expose([[0.0, 1.0], [1.0, 1.0]])
    array([0.5, 1. ])
    """
    frames = finite_array("frames", frames)
    if frames.ndim == 0:
        raise ValueError(f"frames must have an axis of time, got the number {frames:g}")
    return frames.mean(axis=0)


def expose_moving_object(B: np.ndarray, o: np.ndarray, m: np.ndarray, L: int) -> np.ndarray:
    """Return the photograph of an object that moves over a background at rest.

    Lecture `motion_blur`, "an object before a background": box(m o) + (1 - box(m)) B, where box is the mean
    over the shifts 0, 1, ..., L - 1 to the right. What leaves the picture is gone; nothing comes in from the
    left.

    Parameters
    ----------
    B : (H, W) array         the background
    o : (H, W) array         the object's grey values where it is when the shutter opens
    m : (H, W) array         its opacity there, 0 to 1
    L : int                  1 to W, the number of instants, one pixel of motion apart

    Returns
    -------
    (H, W) array             in units of `B` and `o`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes differ, opacity outside [0, 1], L out of range, NaN

    Notes
    -----
    Equals the mean of the L composed frames, m_k o_k + (1 - m_k) B, exactly: the mean is linear and B does not
    depend on k.

    Examples
    --------
    >>> expose_moving_object([[0.5, 0.5, 0.5]], [[1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]], 2)
    array([[0.75, 0.75, 0.5 ]])
    """
    B = finite_array("B", B, ndim=2)
    o = finite_array("o", o, ndim=2)
    m = finite_array("m", m, ndim=2)
    same_shape(B=B, o=o, m=m)
    if m.min() < 0 or m.max() > 1:
        raise ValueError(f"m must lie in [0, 1], got {m.min():g} to {m.max():g}")
    L = whole_number("L", L, least=1, most=m.shape[1])
    light = np.zeros(B.shape)
    alpha = np.zeros(B.shape)
    for k in range(L):
        light[:, k:] += (m * o)[:, : m.shape[1] - k] / L
        alpha[:, k:] += m[:, : m.shape[1] - k] / L
    return light + (1 - alpha) * B


# Wheels on film


def apparent_rate(n: int, R: float, fps: float) -> float:
    """Return how fast a wheel with identical spokes seems to turn on film.

    Lecture `motion_blur`, "backwards": the eye takes the smallest turn that explains two frames. With the alias
    a = ((n R + fps / 2) mod fps) - fps / 2 of the spoke rate n R, the wheel seems to turn at a / n.

    Parameters
    ----------
    n : int                  >= 1, identical spokes
    R : float                turns per second, of either sign
    fps : float              > 0, frames per second

    Returns
    -------
    float                    turns per second, in [-fps / (2 n), fps / (2 n))

    Raises
    ------
    TypeError                a wrong type
    ValueError               n < 1, fps <= 0, NaN

    Notes
    -----
    Half-way between two standstills both directions explain the film alike; the result is then negative.

    Examples
    --------
    >>> round(apparent_rate(8, 2.9, 24.0), 12)
    -0.1
    """
    n = whole_number("n", n, least=1)
    R = number("R", R)
    fps = number("fps", fps, above=0)
    alias = (n * R + fps / 2) % fps - fps / 2
    return alias / n


def spoke_exposure(
    theta: np.ndarray, n: int, R: float, T: float, *, duty: float | np.ndarray = 0.5, start: float = 0.0
) -> np.ndarray:
    """Return how much of the exposure each direction is covered by a spoke.

    Lecture `motion_blur`, "the shutter decides". At time 0 spokes are centred at the angles 2 pi k / n; the
    wheel turns towards larger angles.

    Parameters
    ----------
    theta : array            angles in radians
    n : int                  >= 1, the number of spokes
    R : float                turns per second
    T : float                > 0, the exposure time in seconds
    duty : float or array    0 to 1, the part of the angle that spokes cover, of a shape that fits `theta`
    start : float            seconds, when the shutter opens

    Returns
    -------
    array                    in [0, 1], of the shape of `theta`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a value out of range, NaN

    Notes
    -----
    No instants are sampled: the time average of a turning pattern is a difference of its antiderivative over
    angle. The fundamental's contrast is |sinc(n R T)| of that at rest.

    Examples
    --------
    >>> spoke_exposure(np.array([0.0, 0.1, 3.0]), 1, 1.0, 1.0)  # a whole turn: all directions alike
    array([0.5, 0.5, 0.5])
    """
    theta = finite_array("theta", theta)
    n = whole_number("n", n, least=1)
    R = number("R", R)
    T = number("T", T, above=0)
    start = number("start", start)
    duty = finite_array("duty", duty)
    if duty.min() < 0 or duty.max() > 1:
        raise ValueError(f"duty must lie in [0, 1], got {duty.min():g} to {duty.max():g}")
    late = n * (theta / (2 * np.pi) - R * start) + duty / 2  # in spokes, as the shutter opens; a spoke is [0, duty)
    early = late - n * R * T
    swept = n * R * T
    if abs(swept) < 1e-9:
        return (late % 1 < duty).astype(float)
    covered = np.floor(late) * duty + np.minimum(late % 1, duty)
    covered = covered - np.floor(early) * duty - np.minimum(early % 1, duty)
    return np.clip(covered / swept, 0, 1)


def render_wheel(
    n: int, R: float, fps: float, T: float, *, frame: int = 0, size: int = 129, width: float | None = None
) -> np.ndarray:
    """Return one frame of a film of a turning wheel: bright spokes, hub and rim before black.

    Lecture `motion_blur`, "the shutter decides". The wheel turns clockwise on the screen (row = y grows
    downwards). The exposure is exact in time; spokes are sampled at the pixels' centres.

    Parameters
    ----------
    n : int                  >= 1, the number of spokes
    R : float                turns per second, of either sign
    fps : float              > 0, frames per second
    T : float                > 0, the exposure time in seconds, at most 1 / fps
    frame : int              which frame of the film; the shutter opens at frame / fps
    size : int               >= 16, rows and columns of the picture
    width : float            of a spoke in pixels; None for wedges that cover half of the angle

    Returns
    -------
    (size, size) array       in [0, 1]

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range, a shutter open for longer than a frame, NaN

    Examples
    --------
    >>> render_wheel(8, 3.0, 24.0, 1 / 24)[64, 80:84]  # one spoke goes by in each frame: an even grey
    array([0.5, 0.5, 0.5, 0.5])
    """
    fps = number("fps", fps, above=0)
    T = number("T", T, above=0)
    if T * fps > 1 + 1e-12:
        raise ValueError(f"T must be <= 1 / fps = {1 / fps:g}, got {T:g}: a frame ends before its shutter closes")
    start = whole_number("frame", frame) / fps
    size = whole_number("size", size, least=16)
    x = (np.arange(size) - (size - 1) / 2) / (size / 2)
    r = np.hypot(x, x[:, None])
    duty: float | np.ndarray = 0.5
    if width is not None:
        thickness = number("width", width, above=0) / (size / 2)
        duty = np.minimum(1, n * thickness / (2 * np.pi * np.maximum(r, 1e-9)))
    wheel = spoke_exposure(np.arctan2(x[:, None], x), n, R, T, duty=duty, start=start)
    hub, rim, end = (np.clip((radius - r) * size / 2 + 0.5, 0, 1) for radius in (0.1, 0.86, 0.96))  # 1 inside each
    return np.maximum(np.maximum(wheel, hub), 1 - rim) * end


# Undoing it


def wiener_deblur(y: np.ndarray, h: np.ndarray, nsr: float) -> np.ndarray:
    """Return the image that a blurred and noisy one came from, as well as a linear filter can tell.

    Lecture `motion_blur`, "getting it back": each wave of `y` is multiplied by conj(H) / (|H|^2 + nsr), where H
    is the transform of `h`; borders are periodic.

    Parameters
    ----------
    y : (H, W) array         the blurred image
    h : (k, l) array         the kernel, no larger than `y`; its pixel (k // 2, l // 2) stays in place
    nsr : float              >= 0, the power of the noise over that of the picture

    Returns
    -------
    (H, W) array             in units of `y`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a wrong number of axes, a kernel larger than `y`, nsr < 0, NaN; nsr = 0 where H has
    zeros

    Notes
    -----
    Source: Wiener (1949), with one number for the noise-to-signal ratio of all frequencies.

    Examples
    --------
    >>> y = blur([[0.0, 1.0, 0.0, 3.0, 2.0]], [[0.25, 0.5, 0.25]])
    >>> np.abs(np.round(wiener_deblur(y, [[0.25, 0.5, 0.25]], 0.0), 12))
    array([[0., 1., 0., 3., 2.]])
    """
    y = finite_array("y", y, ndim=2)
    h = finite_array("h", h, ndim=2)
    nsr = number("nsr", nsr, least=0)
    if h.shape[0] > y.shape[0] or h.shape[1] > y.shape[1]:
        raise ValueError(f"h must not be larger than y {y.shape}, got shape {h.shape}")
    padded = np.zeros(y.shape)
    i = np.arange(h.shape[0]) - h.shape[0] // 2  # negative rows and columns wrap around, as they should
    j = np.arange(h.shape[1]) - h.shape[1] // 2
    padded[np.ix_(i, j)] = h
    H = np.fft.fft2(padded)
    power = np.abs(H) ** 2 + nsr
    if power.min() <= 1e-24 * power.max():
        raise ValueError(f"nsr must be > 0 for a blur with zeros, got {nsr:g}")
    return np.fft.ifft2(np.conj(H) / power * np.fft.fft2(y)).real


def wiener_deblur_fast(y: np.ndarray, h: np.ndarray, nsr: float) -> np.ndarray:
    """Return what `wiener_deblur` returns, with real transforms and no transform of the kernel.

    Lecture `motion_blur`, "getting it back". Half of a real picture's waves are the conjugates of the
    other half; `kernel_transfer` gives H without a third transform.

    Parameters
    ----------
    y : (H, W) array         the blurred image
    h : (k, l) array         the kernel, no larger than `y`; its pixel (k // 2, l // 2) stays in place
    nsr : float              > 0, the power of the noise over that of the picture

    Returns
    -------
    (H, W) array             in units of `y`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a wrong number of axes, a kernel larger than `y`, nsr <= 0, NaN

    Examples
    --------
    >>> y, h = np.eye(4, 5), [[0.25, 0.5, 0.25]]
    >>> bool(np.allclose(wiener_deblur_fast(y, h, 0.1), wiener_deblur(y, h, 0.1), rtol=0, atol=1e-14))
    True
    """
    y = finite_array("y", y, ndim=2)
    h = finite_array("h", h, ndim=2)
    nsr = number("nsr", nsr, above=0)
    H = _compact_transfer(h, y.shape)
    power = H.real**2
    power += H.imag**2
    power += nsr
    inverse = np.conj(H, out=H)
    inverse *= np.reciprocal(power, out=power)
    return _multiply_waves(y, inverse)


def noise_gain(h: np.ndarray, size: int) -> float:
    """Return by how much undoing a blur along the rows, without regularisation, multiplies the SD of white noise.

    Lecture `motion_blur`, "open the shutter in a code": the root of the mean of 1 / |H|^2 over `size` frequencies.

    Parameters
    ----------
    h : (1, l) array         the kernel
    size : int               >= l, the length of a row in pixels

    Returns
    -------
    float                    infinite where H is zero (to rounding) at one of the frequencies

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               more than one row, size < l, NaN

    Examples
    --------
    >>> round(noise_gain(coded_kernel(CODE), 4096), 1)
    17.6
    """
    h = finite_array("h", h, ndim=2)
    if h.shape[0] != 1:
        raise ValueError(f"h must have one row, got shape {h.shape}")
    size = whole_number("size", size, least=h.shape[1])
    power = np.abs(np.fft.fft(h[0], size)) ** 2
    if power.min() <= 1e-24 * power.max():
        return float("inf")
    return float(np.sqrt(np.mean(1 / power)))


def cepstrum(y: np.ndarray) -> np.ndarray:
    """Return the cepstrum of the rows: the Fourier transform of the logarithm of their power spectrum.

    Lecture `motion_blur`, "getting it back". Blur multiplies the spectrum by |sinc|^2, whose zeros are
    evenly spaced; in the logarithm that is a periodic dip, and its transform has a negative peak at the length
    of the blur.

    Parameters
    ----------
    y : (H, W) array         W >= 16, rows along the motion

    Returns
    -------
    (W - 1,) array           at lags of 0, 1, ..., W - 2 pixels

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a wrong number of axes, too small, rows all constant, NaN

    Examples
    --------
    >>> cepstrum(np.eye(16)).shape
    (15,)
    """
    y = finite_array("y", y, ndim=2)
    if y.shape[1] < 16:
        raise ValueError(f"y needs at least 16 columns, got shape {y.shape}")
    edges = np.diff(y, axis=1)
    power = np.mean(np.abs(np.fft.rfft(edges, 2 * edges.shape[1], axis=1)) ** 2, axis=0)
    if not power.max() > 0:
        raise ValueError("y must change along its rows, got constant rows")
    return np.fft.irfft(np.log(np.maximum(power, 1e-20 * power.max())))[: edges.shape[1]]


def blur_length(y: np.ndarray, least: int = 5) -> int:
    """Return the length of a blur along the rows, found from the spectrum of the picture alone.

    Lecture `motion_blur`, "getting it back": the lag of the deepest dip of `cepstrum`, up to a quarter of
    the width.

    Parameters
    ----------
    y : (H, W) array         the blurred picture, W > 4 * `least`
    least : int              >= 2, the shortest length looked for

    Returns
    -------
    int                      pixels

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a wrong number of axes, too small, rows all constant, NaN

    Notes
    -----
    Source: the idea of the cepstrum is that of Bogert, Healy and Tukey (1963). A picture that is not blurred
    gets a length too.

    Examples
    --------
    >>> u = np.random.default_rng(0).random((20, 100))
    >>> blur_length(blur(u, box_kernel(9, 0, (1, 9))))
    9
    """
    y = finite_array("y", y, ndim=2)
    least = whole_number("least", least, least=2)
    if y.shape[1] <= 4 * least:
        raise ValueError(f"y needs more than {4 * least} columns, got shape {y.shape}")
    return least + int(cepstrum(y)[least : y.shape[1] // 4 + 1].argmin())
