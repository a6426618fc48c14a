"""The Laplacian as what a local average says about its centre, and what follows from that.

Estimating it from averages, stencils and their symbols, pixel discs, scale selection with Gaussians, the
heat equation in both directions of time, and filling holes. Images are (H, W), row = y, usually in [0, 1].
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage, special

from coursekit.validation import finite_array, generator, number, one_of, same_shape, whole_number

__all__ = [
    "FIVE_POINT",
    "NINE_POINT",
    "BallMeanResult",
    "HarmonicFillResult",
    "anisotropy",
    "ball_mean",
    "blob_scale",
    "blobs",
    "disc_constant",
    "disc_kernel",
    "disc_mean",
    "dog_filter",
    "dog_profile",
    "harmonic_fill",
    "heat_dt_max",
    "heat_flow",
    "heat_step",
    "laplacian5",
    "laplacian5_fast",
    "laplacian9",
    "laplacian_from_mean",
    "log_filter",
    "log_filter_fast",
    "log_profile",
    "plane_wave_mean",
    "scale_response",
    "sharpen",
    "stencil_symbol",
]

REGIONS = ("ball", "sphere")

FIVE_POINT = np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])
NINE_POINT = np.array([[1.0, 4.0, 1.0], [4.0, -20.0, 4.0], [1.0, 4.0, 1.0]]) / 6
FIVE_POINT.setflags(write=False)
NINE_POINT.setflags(write=False)


@dataclass(frozen=True)
class BallMeanResult:
    """A sampled average and its standard error, both in the units of the function."""

    mean: float
    se: float


@dataclass(frozen=True)
class HarmonicFillResult:
    """A filled image (H, W) and how the iteration went.

    `history` (n_iter,) is the largest |Laplacian| left in the hole after each step; `converged` says that it
    was at most `tol` when computed afresh from the final image.
    """

    image: np.ndarray
    converged: bool
    n_iter: int
    history: np.ndarray


# Averages over a ball or its surface


def ball_mean(
    f: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    r: float,
    d: int,
    n: int,
    region: str,
    *,
    rng: np.random.Generator,
) -> BallMeanResult:
    """Return the average of `f` over a ball or sphere around `x` and its standard error, from random points.

    Lecture `laplacian`, part 3.

    Parameters
    ----------
    f : callable             maps points (n, d) to real values (n,)
    x : (d,) array           the centre; a single number stands for (x, ..., x)
    r : float                > 0, the radius, in units of `x`
    d : int                  >= 1, the number of dimensions
    n : int                  the number of points, even and at least 4
    region : str             "ball" (the inside) or "sphere" (the surface)
    rng : Generator          where the points come from

    Returns
    -------
    BallMeanResult           mean, se

    Raises
    ------
    TypeError                a wrong type, `f` not callable, complex values
    ValueError               a value out of range, `x` or the values of `f` of a wrong shape, NaN

    Notes
    -----
    The points come in opposite pairs x + v, x - v, so that a linear function is averaged without error; the
    standard error is that of the mean of n/2 independent pairs. In one dimension the sphere is the two points
    x - r and x + r, and its average is exact.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> result = ball_mean(lambda p: (p**2).sum(axis=1), 0.0, 0.5, 3, 1000, "sphere", rng=rng)
    >>> round(result.mean, 12)
    0.25
    """
    if not callable(f):
        raise TypeError(f"f must be a function, got {f!r}")
    d = whole_number("d", d, least=1)
    x = finite_array("x", x, ndim=(0, 1))
    if x.ndim and x.shape != (d,):
        raise ValueError(f"x must have shape ({d},) for d = {d}, got {x.shape}")
    r = number("r", r, above=0)
    if whole_number("n", n, least=4) % 2:
        raise ValueError(f"n must be even, got {n}")
    one_of("region", region, REGIONS)
    generator("rng", rng)
    v = rng.standard_normal((n // 2, d))
    v *= r / np.linalg.norm(v, axis=1, keepdims=True)
    if region == "ball":
        v *= rng.random((n // 2, 1)) ** (1 / d)  # a shell's volume grows like radius^(d - 1)
    values = finite_array("the values of f", f(np.concatenate([x + v, x - v])))
    if values.shape != (n,):
        raise ValueError(f"f must map points {(n, d)} to values {(n,)}, got shape {values.shape}")
    pairs = (values[: n // 2] + values[n // 2 :]) / 2
    return BallMeanResult(mean=float(pairs.mean()), se=float(pairs.std(ddof=1) / np.sqrt(n // 2)))


def laplacian_from_mean(
    f0: float | np.ndarray, mean: float | np.ndarray, r: float, d: int, region: str
) -> float | np.ndarray:
    """Return the Laplacian at a point, estimated from the value there and the average around it.

    Lecture `laplacian`, part 3: mean = f0 + r^2 / (2 d) * Laplacian + O(r^4) over a sphere, and
    r^2 / (2 (d + 2)) in the place of r^2 / (2 d) over a ball.

    Parameters
    ----------
    f0 : float or array      the value at the centre
    mean : float or array    the average over the region around it, of a shape that fits `f0`
    r : float                > 0, the radius
    d : int                  >= 1, the number of dimensions
    region : str             "ball" (averaged over the inside) or "sphere" (over the surface)

    Returns
    -------
    float or array           in units of f per squared unit of `r`; the error is O(r^2)

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a value out of range, NaN

    Notes
    -----
    Source: Taylor's theorem; for harmonic functions it is the mean-value property of Evans, section 2.2.
    Oracle: for f(x) = |x|^2 at 0 the sphere's mean is r^2 and the Laplacian 2 d, without error.

    Examples
    --------
    >>> float(laplacian_from_mean(0.0, 0.25, 0.5, 3, "sphere"))
    6.0
    """
    f0 = finite_array("f0", f0)
    mean = finite_array("mean", mean)
    r = number("r", r, above=0)
    d = whole_number("d", d, least=1)
    region = one_of("region", region, REGIONS)
    if region == "sphere":
        constant = 2 * d
    else:
        constant = 2 * (d + 2)
    return constant * (mean - f0) / r**2


def plane_wave_mean(k: float | np.ndarray, r: float | np.ndarray, d: int, region: str) -> float | np.ndarray:
    """Return the factor by which averaging over a ball or sphere scales the wave exp(i k.x).

    Lecture `laplacian`, part 4. With z = k r the sphere's factor is Gamma(d/2) (2/z)^(d/2 - 1) J_{d/2-1}(z)
    and the ball's is Gamma(d/2 + 1) (2/z)^(d/2) J_{d/2}(z), the sphere's in d + 2 dimensions.

    Parameters
    ----------
    k : float or array       >= 0, the length of the wave vector, radians per unit of `r`
    r : float or array       > 0, the radius, of a shape that fits `k`
    d : int                  >= 1, the number of dimensions
    region : str             "ball" or "sphere"

    Returns
    -------
    float or array           in [-1, 1]; 1 at k = 0

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a value out of range, NaN

    Notes
    -----
    Computed as 0F1(; nu + 1; -z^2 / 4), the same function without the 0/0 at z = 0.

    Examples
    --------
    >>> round(float(plane_wave_mean(2.0, 1.5, 3, "sphere") - np.sin(3.0) / 3.0), 12)
    0.0
    """
    k = finite_array("k", k)
    r = finite_array("r", r)
    if (k < 0).any():
        raise ValueError(f"k must be >= 0, got {k.min():g}")
    if (r <= 0).any():
        raise ValueError(f"r must be > 0, got {r.min():g}")
    d = whole_number("d", d, least=1)
    one_of("region", region, REGIONS)
    order = d / 2 if region == "sphere" else d / 2 + 1
    return special.hyp0f1(order, -((k * r) ** 2) / 4)


# Stencils


def laplacian5(u: np.ndarray, h: float = 1.0) -> np.ndarray:
    """Return the five-point Laplacian of an image whose border pixels are their own mirror image.

    Lecture `laplacian`, part 6: (up + down + left + right - 4 centre) / h^2, where a neighbour outside
    the image has the value of the border pixel next to it. No heat leaves the image: the result sums to 0.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    h : float                > 0, the distance between pixels

    Returns
    -------
    (H, W) array             in units of `u` per squared unit of `h`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, h <= 0

    Notes
    -----
    The border is "edge" in numpy.pad and "nearest" in scipy.ndimage.

    Examples
    --------
    >>> y, x = np.mgrid[:4, :5].astype(float)
    >>> laplacian5(x**2 + y**2)[1:-1, 1:-1]
    array([[4., 4., 4.],
           [4., 4., 4.]])
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    h = number("h", h, above=0)
    p = np.pad(u, 1, mode="edge")
    neighbours = p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:]
    return (neighbours - 4 * u) / h**2


def laplacian5_fast(u: np.ndarray, h: float = 1.0) -> np.ndarray:
    """Return what `laplacian5` returns, sooner.

    Lecture `laplacian`, part 6. The sums of `laplacian5` are as long as the image and travel to memory and back.
    Here a few rows at a time are finished while they are in the processor's cache, each neighbour added in place.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    h : float                > 0, the distance between pixels

    Returns
    -------
    (H, W) array             in units of `u` per squared unit of `h`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, h <= 0

    Examples
    --------
    >>> laplacian5_fast([[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 2]]).astype(int)
    array([[ 0,  1,  0,  0],
           [ 1, -4,  1,  2],
           [ 0,  1,  2, -4]])
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    h = number("h", h, above=0)
    n_rows, width = u.shape
    total = np.empty_like(u)
    strip = max(1, 2**15 // width)  # 2^15 numbers are 256 KiB
    for top in range(0, n_rows, strip):
        end = min(top + strip, n_rows)
        first, last = max(top, 1), min(end, n_rows - 1)  # the first row has none above, the last none below
        centre, here = u[top:end], total[top:end]
        np.multiply(centre, -4, out=here)
        total[first:end] += u[first - 1 : end - 1]
        total[top:last] += u[top + 1 : last + 1]
        here[:, 1:] += centre[:, :-1]
        here[:, :-1] += centre[:, 1:]
        here[:, [0, -1]] += centre[:, [0, -1]]
    total[[0, -1]] += u[[0, -1]]
    if h != 1:
        total /= h**2
    return total


def laplacian9(u: np.ndarray, h: float = 1.0) -> np.ndarray:
    """Return the nine-point Laplacian of an image, with the border of `laplacian5`.

    Lecture `laplacian`, part 6: [[1, 4, 1], [4, -20, 4], [1, 4, 1]] / (6 h^2). Its leading
    error h^2 / 12 * Laplacian^2 favours no direction. Source: Patra and Karttunen (2006).

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    h : float                > 0, the distance between pixels

    Returns
    -------
    (H, W) array             in units of `u` per squared unit of `h`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, h <= 0

    Examples
    --------
    >>> y, x = np.mgrid[:3, :4].astype(float)
    >>> np.round(laplacian9(x**2 - 3 * y**2)[1:-1, 1:-1], 12)
    array([[-4., -4.]])
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    h = number("h", h, above=0)
    p = np.pad(u, 1, mode="edge")
    sides = p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:]
    corners = p[:-2, :-2] + p[:-2, 2:] + p[2:, :-2] + p[2:, 2:]
    return (4 * sides + corners - 20 * u) / (6 * h**2)


def stencil_symbol(kernel: np.ndarray, wx: float | np.ndarray, wy: float | np.ndarray) -> float | np.ndarray:
    """Return the factor by which a symmetric stencil scales the wave exp(i (wx x + wy y)).

    Lecture `laplacian`, part 6: sum over the stencil of kernel[i, j] cos(wy i + wx j), counted from its
    centre. The Laplacian itself has the symbol -(wx^2 + wy^2).

    Parameters
    ----------
    kernel : (m, n) array    m and n odd, equal to itself turned by 180 degrees
    wx : float or array      radians per pixel, along the rows' direction x
    wy : float or array      radians per pixel, along y, of a shape that fits `wx`

    Returns
    -------
    float or array           the symbol, real because of the symmetry

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               an even or unsymmetric kernel, NaN

    Examples
    --------
    >>> float(stencil_symbol(FIVE_POINT, np.pi, np.pi))
    -8.0
    """
    kernel = finite_array("kernel", kernel, ndim=2)
    wx = finite_array("wx", wx)
    wy = finite_array("wy", wy)
    if kernel.shape[0] % 2 == 0 or kernel.shape[1] % 2 == 0:
        raise ValueError(f"kernel must have an odd number of rows and columns, got shape {kernel.shape}")
    if not np.allclose(kernel, kernel[::-1, ::-1], rtol=1e-12, atol=0):
        raise ValueError("kernel must equal itself turned by 180 degrees, got an unsymmetric one")
    middle = (kernel.shape[0] // 2, kernel.shape[1] // 2)
    return sum(value * np.cos(wy * (i - middle[0]) + wx * (j - middle[1])) for (i, j), value in np.ndenumerate(kernel))


def anisotropy(kernel: np.ndarray, w: float | np.ndarray) -> float | np.ndarray:
    """Return by how much a Laplacian stencil answers a diagonal wave more than one along x.

    Lecture `laplacian`, part 6: the difference of the two symbols at the frequency `w`, as a fraction of
    w^2. It is close to w^2 / 24 for the five-point stencil.

    Parameters
    ----------
    kernel : (m, n) array    a stencil as in `stencil_symbol`, for pixels of size 1
    w : float or array       > 0, radians per pixel

    Returns
    -------
    float or array           0 if both directions are treated alike

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               w <= 0, an even or unsymmetric kernel, NaN

    Examples
    --------
    >>> round(float(anisotropy(FIVE_POINT, 0.5)), 4)
    0.0103
    """
    w = finite_array("w", w)
    if (w <= 0).any():
        raise ValueError(f"w must be > 0, got {w.min():g}")
    diagonal = stencil_symbol(kernel, w / np.sqrt(2), w / np.sqrt(2))
    return (stencil_symbol(kernel, w, np.zeros_like(w)) - diagonal) / w**2


# Discs made of pixels


def disc_kernel(r: float) -> np.ndarray:
    """Return equal weights, of sum 1, on the pixels with i^2 + j^2 <= r^2, and 0 elsewhere.

    Lecture `laplacian`, part 5.

    Parameters
    ----------
    r : float                >= 1, in pixels

    Returns
    -------
    (m, m) array             m = 2 floor(r) + 1

    Raises
    ------
    TypeError                not a number
    ValueError               r < 1: the disc would be its centre alone

    Examples
    --------
    >>> disc_kernel(1)
    array([[0. , 0.2, 0. ],
           [0.2, 0.2, 0.2],
           [0. , 0.2, 0. ]])
    """
    r = number("r", r, least=1)
    i = np.arange(-int(r), int(r) + 1)
    inside = i[:, None] ** 2 + i**2 <= r**2
    return inside / inside.sum()


def disc_constant(r: float) -> float:
    """Return c with: mean over the pixel disc = centre + c * Laplacian, to leading order.

    Lecture `laplacian`, part 5: c is half the mean of x^2 over the pixels. A true disc has r^2 / 8.

    Parameters
    ----------
    r : float                >= 1, in pixels

    Returns
    -------
    float                    in squared pixels

    Raises
    ------
    TypeError                not a number
    ValueError               r < 1

    Examples
    --------
    >>> round(disc_constant(1), 12)
    0.2
    """
    kernel = disc_kernel(r)
    x = np.arange(kernel.shape[1]) - kernel.shape[1] // 2
    return float((kernel * x**2).sum() / 2)


def disc_mean(u: np.ndarray, r: float) -> np.ndarray:
    """Return the average over the pixel disc around each pixel.

    Lecture `laplacian`, part 5. Outside the image, the nearest border pixel's value is taken.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    r : float                >= 1, in pixels

    Returns
    -------
    (H, W) array             in units of `u`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, r < 1

    Examples
    --------
    >>> disc_mean(np.eye(3), 1)[1, 1]
    np.float64(0.2)
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    return ndimage.correlate(u, disc_kernel(r), mode="nearest")


def sharpen(u: np.ndarray, r: float, amount: float) -> np.ndarray:
    """Return the image with its local contrast raised: u - amount * (disc mean - u).

    Lecture `laplacian`, part 8: for a small `amount` one step of the heat equation back in time.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    r : float                >= 1, in pixels
    amount : float           0 changes nothing; a negative one blurs, -1 gives the disc mean

    Returns
    -------
    (H, W) array             in units of `u`, not clipped: it may leave [0, 1]

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, r < 1

    Examples
    --------
    >>> sharpen(np.eye(3), 1, 0.5)[1, 1]
    np.float64(1.4)
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    amount = number("amount", amount)
    return u - amount * (disc_mean(u, r) - u)


# Gaussians and blobs


def log_profile(x: np.ndarray, s: float, d: int) -> np.ndarray:
    """Return s^2 times the Laplacian of a Gaussian, at distance `x` from its centre.

    Lecture `laplacian`, part 7: s^2 Laplacian(G_s) = (x^2 / s^2 - d) G_s.

    Parameters
    ----------
    x : array                distances (in one dimension, positions)
    s : float                > 0, the Gaussian's standard deviation, in units of `x`
    d : int                  >= 1, the number of dimensions

    Returns
    -------
    array                    of the shape of `x`, per unit of volume; its integral is 0

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a value out of range, NaN

    Examples
    --------
    >>> log_profile([0.0, 1.0, 2.0], 1.0, 1).round(3)
    array([-0.399,  0.   ,  0.162])
    """
    x = finite_array("x", x)
    s = number("s", s, above=0)
    d = whole_number("d", d, least=1)
    return (x**2 / s**2 - d) * np.exp(-(x**2) / (2 * s**2)) / (2 * np.pi * s**2) ** (d / 2)


def dog_profile(x: np.ndarray, s: float, k: float, d: int) -> np.ndarray:
    """Return the difference G_{k s} - G_s of two Gaussians, at distance `x` from their centre.

    Lecture `laplacian`, part 7: close to (k^2 - 1) / (k^2 + 1) times `log_profile` at the scale
    s sqrt((1 + k^2) / 2). Marr and Hildreth (1980) take k = 1.6; the smaller k, the closer.

    Parameters
    ----------
    x : array                distances (in one dimension, positions)
    s : float                > 0, the smaller standard deviation, in units of `x`
    k : float                > 1, the ratio of the two
    d : int                  >= 1, the number of dimensions

    Returns
    -------
    array                    of the shape of `x`, per unit of volume; its integral is 0

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a value out of range, NaN

    Examples
    --------
    >>> dog_profile([0.0, 2.0], 1.0, 2.0, 1).round(3)
    array([-0.199,  0.067])
    """
    x = finite_array("x", x)
    s = number("s", s, above=0)
    k = number("k", k, above=1)
    d = whole_number("d", d, least=1)

    def gaussian(s: float) -> np.ndarray:
        return np.exp(-(x**2) / (2 * s**2)) / (2 * np.pi * s**2) ** (d / 2)

    return gaussian(k * s) - gaussian(s)


def log_filter(u: np.ndarray, s: float) -> np.ndarray:
    """Return the image filtered with s^2 times the Laplacian of the Gaussian G_s.

    Lecture `laplacian`, part 7. The factor s^2 makes the answers of different scales comparable.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    s : float                > 0, in pixels

    Returns
    -------
    (H, W) array             in units of `u`; negative in a bright blob, 0 for a constant image

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, s <= 0

    Notes
    -----
    Each wave of frequency w in the mirrored image is multiplied by -(s w)^2 exp(-(s w)^2 / 2). Unlike a
    truncated kernel this is exact for every `s`, and constants give 0.

    Examples
    --------
    >>> bool(np.abs(log_filter(np.ones((3, 4)), 2.0)).max() < 1e-15)
    True
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    s = number("s", s, above=0)
    return _scale_waves(u, lambda w2: -(s**2) * w2 * np.exp(-(s**2) * w2 / 2))


def log_filter_fast(u: np.ndarray, s: float) -> np.ndarray:
    """Return what `log_filter` returns, sooner: waves shorter than 2 s / 3 are not worth computing.

    Lecture `laplacian`, part 7. A Gaussian leaves less than rounding of a wave with s w > 9.5, so for s above 3
    pixels the transforms along y need only the other columns: the wider the filter, the less work.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    s : float                > 0, in pixels

    Returns
    -------
    (H, W) array             in units of `u`; negative in a bright blob, 0 for a constant image

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, s <= 0

    Notes
    -----
    The factor -(a + b) exp(-a / 2) exp(-b / 2) with a = (s wy)^2 and b = (s wx)^2 is a product of two thin
    matrices, and the transforms along y work in place.

    Examples
    --------
    >>> bool(np.abs(log_filter_fast(np.ones((3, 4)), 2.0)).max() < 1e-15)
    True
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    s = number("s", s, above=0)
    n_rows, width = u.shape
    kept = int(min(width, 9.5 * width / (np.pi * s) + 1))
    a = (s * np.pi * np.arange(n_rows) / n_rows) ** 2
    b = (s * np.pi * np.arange(kept) / width) ** 2
    gaussian_y, gaussian_x = np.exp(-a / 2), np.exp(-b / 2)
    left, right = np.stack([-gaussian_y, -a * gaussian_y], axis=1), np.stack([b * gaussian_x, gaussian_x])
    # A column whose entries lie a power of two apart has few places in the cache: rows of 8 times an odd number.
    waves = np.empty((n_rows, 8 * (width // 8 + 1 | 1)), u.dtype)[:, :width]
    waves[:] = u
    waves = fft.dct(waves, axis=1, overwrite_x=True)[:, :kept]
    waves = fft.dct(waves, axis=0, overwrite_x=True)
    for top in range(0, n_rows, 32):
        waves[top : top + 32] *= left[top : top + 32] @ right
    waves = fft.idct(waves, axis=0, overwrite_x=True)
    return fft.idct(waves, n=width, axis=1)  # the columns left out are 0


def dog_filter(u: np.ndarray, s: float, k: float) -> np.ndarray:
    """Return the difference of two Gaussian blurs, that of `k * s` minus that of `s`.

    Lecture `laplacian`, part 7: centre against surround, close to a multiple of `log_filter`.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    s : float                > 0, the smaller standard deviation, in pixels
    k : float                > 1, the ratio of the two

    Returns
    -------
    (H, W) array             in units of `u`; negative in a bright blob, 0 for a constant image

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, s <= 0, k <= 1

    Examples
    --------
    >>> bool(np.abs(dog_filter(np.ones((3, 4)), 2.0, 1.6)).max() < 1e-15)
    True
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    s = number("s", s, above=0)
    k = number("k", k, above=1)
    return _scale_waves(u, lambda w2: np.exp(-((k * s) ** 2) * w2 / 2) - np.exp(-(s**2) * w2 / 2))


def _scale_waves(u: np.ndarray, factor: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Multiply each cosine wave of the mirrored image by `factor(wx^2 + wy^2)`."""
    wy, wx = (np.pi * np.arange(n) / n for n in u.shape)
    return fft.idctn(factor(wy[:, None] ** 2 + wx**2) * fft.dctn(u))


def blob_scale(kind: str, size: float, d: int) -> float:
    """Return the scale `s` at which s^2 |Laplacian(G_s) * f| is largest in the middle of a blob f.

    Lecture `laplacian`, part 7. Set to 0 the derivative by s of s^2 / (size^2 + s^2)^(d/2 + 1) for a bump,
    and of s^-d exp(-size^2 / (2 s^2)) for a ball.

    Parameters
    ----------
    kind : str               "gauss" (a Gaussian bump) or "ball" (constant inside, 0 outside)
    size : float             > 0, the bump's standard deviation or the ball's radius
    d : int                  >= 1, the number of dimensions

    Returns
    -------
    float                    in units of `size`

    Raises
    ------
    TypeError                a wrong type
    ValueError               an unknown kind, size <= 0, d < 1

    Notes
    -----
    Source: Lindeberg (1998), section 5, for the Gaussian bump in two dimensions; here for every `d`.

    Examples
    --------
    >>> round(float(blob_scale("ball", 10.0, 2)), 3)
    7.071
    """
    kind = one_of("kind", kind, ("gauss", "ball"))
    size = number("size", size, above=0)
    d = whole_number("d", d, least=1)
    if kind == "gauss":
        return size * np.sqrt(2 / d)
    return size / np.sqrt(d)


def scale_response(u: np.ndarray, row: int, col: int, scales: np.ndarray) -> np.ndarray:
    """Return how strongly one pixel looks like the middle of a bright blob, at each scale.

    Lecture `laplacian`, part 7: minus `log_filter` at the pixel.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    row : int                0 <= row < H
    col : int                0 <= col < W
    scales : (n,) array      > 0, in pixels

    Returns
    -------
    (n,) array               in units of `u`; positive in a bright blob

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a value out of range, NaN

    Examples
    --------
    >>> u = np.zeros((5, 7))
    >>> u[2, 3] = 1
    >>> scale_response(u, 2, 3, [0.5, 1.0]).round(2)
    array([0.59, 0.31])
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    row = whole_number("row", row, least=0, most=u.shape[0] - 1)
    col = whole_number("col", col, least=0, most=u.shape[1] - 1)
    return np.array([-log_filter(u, s)[row, col] for s in _scales(scales)])


def blobs(u: np.ndarray, scales: np.ndarray, threshold: float) -> np.ndarray:
    """Return the bright blobs of an image: the largest responses among their neighbours in space and scale.

    Lecture `laplacian`, part 7; the response is minus `log_filter`.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    scales : (n,) array      > 0, in pixels, increasing, at least 3
    threshold : float        > 0, the least response, in units of `u`

    Returns
    -------
    (m, 4) array             row, column, scale, response; the strongest first

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a value out of range, scales that do not increase, NaN

    Notes
    -----
    A maximum at the smallest or the largest scale is none: the response may go on rising beyond it. The 26
    neighbours are compared; at the border of the image there are fewer.

    Examples
    --------
    >>> y, x = np.mgrid[:31, :41]
    >>> u = np.exp(-((y - 12) ** 2 + (x - 25) ** 2) / (2 * 3.0**2))
    >>> blobs(u, [2.0, 3.0, 4.0], 0.1).round(3)
    array([[12. , 25. ,  3. ,  0.5]])
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    scales = _scales(scales)
    if scales.size < 3 or (np.diff(scales) <= 0).any():
        raise ValueError(f"scales must increase and be at least 3, got {scales}")
    threshold = number("threshold", threshold, above=0)
    response = np.stack([-log_filter(u, s) for s in scales])  # (n, H, W)
    peak = (response == ndimage.maximum_filter(response, size=3, mode="nearest")) & (response >= threshold)
    peak[[0, -1]] = False
    level, row, col = np.nonzero(peak)
    found = np.column_stack([row, col, scales[level], response[peak]])
    return found[np.argsort(-found[:, 3], kind="stable")]


def _scales(value: np.ndarray) -> np.ndarray:
    """Return checked scales."""
    scales = finite_array("scales", value, ndim=1)
    if (scales <= 0).any():
        raise ValueError(f"scales must be > 0, got {scales.min():g}")
    return scales


# The heat equation


def heat_step(u: np.ndarray, dt: float, h: float = 1.0) -> np.ndarray:
    """Return the image one explicit step of the heat equation later: u + dt * Laplacian.

    Lecture `laplacian`, part 8.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    dt : float               the time step; the steps explode above `heat_dt_max(h, 2)`, and below 0, which is
                             time backwards
    h : float                > 0, the distance between pixels

    Returns
    -------
    (H, W) array             in units of `u`; the sum over all pixels is kept

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, h <= 0

    Examples
    --------
    >>> heat_step(np.eye(3), 0.25)[1]
    array([0.5, 0. , 0.5])
    """
    dt = number("dt", dt)
    return u + dt * laplacian5(u, h)


def heat_flow(u: np.ndarray, dt: float, n_steps: int, h: float = 1.0) -> np.ndarray:
    """Return the image after `n_steps` steps of `heat_step`.

    Lecture `laplacian`, part 8. A Gaussian blob's variance grows by 2 dt along each axis.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3
    dt : float               the time step, as in `heat_step`
    n_steps : int            >= 0
    h : float                > 0, the distance between pixels

    Returns
    -------
    (H, W) array             in units of `u`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, too small, NaN, h <= 0, n_steps < 0

    Examples
    --------
    >>> float(heat_flow(np.eye(3), 0.2, 50).round(6)[0, 2])
    0.333333
    """
    u = finite_array("u", u, ndim=2, min_size=3).copy()
    for _ in range(whole_number("n_steps", n_steps, least=0)):
        u = heat_step(u, dt, h)
    return u


def heat_dt_max(h: float, d: int) -> float:
    """Return the largest stable time step of the explicit heat equation with the (2 d + 1)-point stencil.

    Lecture `laplacian`, part 8: the fastest wave, +1 and -1 in turn along each axis, is
    multiplied by 1 - 4 d dt / h^2 in each step, which must not be below -1.

    Parameters
    ----------
    h : float                > 0, the distance between grid points
    d : int                  >= 1, the number of dimensions

    Returns
    -------
    float                    in squared units of `h` (the heat equation has no other constant)

    Raises
    ------
    TypeError                a wrong type
    ValueError               h <= 0, d < 1

    Examples
    --------
    >>> heat_dt_max(1.0, 2)
    0.25
    """
    h = number("h", h, above=0)
    d = whole_number("d", d, least=1)
    return h**2 / (2 * d)


# Filling holes


def harmonic_fill(u: np.ndarray, mask: np.ndarray, tol: float = 1e-8, max_iter: int = 10_000) -> HarmonicFillResult:
    """Return the image with the masked pixels replaced so that each is the mean of its neighbours.

    Lecture `laplacian`, part 9. Repeated averaging has the same limit; conjugate gradients reach it
    in a number of steps that grows with the width of the hole, not with its square.

    Parameters
    ----------
    u : (H, W) array         at least 3 x 3; what stands under the mask is not used
    mask : (H, W) bool array True where the image is to be filled in, with at least one False
    tol : float              > 0, the largest accepted |Laplacian| in the hole, in units of `u`
    max_iter : int           >= 1

    Returns
    -------
    HarmonicFillResult       image (H, W), converged, n_iter, history (n_iter,)

    Raises
    ------
    TypeError                a wrong type, complex input, a mask that is not bool
    ValueError               shapes disagree, the mask covers everything, NaN, a value out of range

    Notes
    -----
    Not converged: the result says so, and a RuntimeWarning. A Laplacian of at most `tol` means an
    error of at most tol / 2 times the mean number of steps of a random walk from the pixel out of the hole.

    Examples
    --------
    >>> y, x = np.mgrid[:6, :7].astype(float)
    >>> hole = (abs(y - 2) < 2) & (abs(x - 3) < 2)
    >>> result = harmonic_fill(np.where(hole, 0, x * y), hole)
    >>> result.converged, bool(np.abs(result.image - x * y).max() < 1e-7)
    (True, True)
    """
    u = finite_array("u", u, ndim=2, min_size=3)
    mask = np.asarray(mask)
    if mask.dtype != bool:
        raise TypeError(f"mask must be an array of True and False, got dtype {mask.dtype}")
    same_shape(u=u, mask=mask)
    if mask.all():
        raise ValueError("mask must leave a pixel that is known, got True everywhere")
    tol = number("tol", tol, above=0)
    max_iter = whole_number("max_iter", max_iter, least=1)
    image = np.where(mask, u[~mask].mean(), u)
    history: list[float] = []
    if mask.any():
        box = _box(mask)
        image[box] = _conjugate_gradients(image[box], mask[box], tol, max_iter, history)
    converged = bool(np.abs(laplacian5(image)[mask]).max(initial=0.0) <= tol)
    if not converged:
        warnings.warn(
            f"harmonic_fill did not reach tol = {tol:g} in {len(history)} steps", RuntimeWarning, stacklevel=2
        )
    return HarmonicFillResult(image, converged, len(history), np.array(history))


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    """Return the smallest box around the True pixels, wider by two pixels where the image goes on.

    One known pixel on each side is needed; the second keeps the box at three pixels or more.
    """
    spans = [np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0)]
    rows, cols = (slice(max(span[0] - 2, 0), span[-1] + 3) for span in spans)
    return rows, cols


def _conjugate_gradients(
    u: np.ndarray, mask: np.ndarray, tol: float, max_iter: int, history: list[float]
) -> np.ndarray:
    """Change `u` in the mask until its Laplacian there is at most `tol`; append what is left to `history`.

    Minus the Laplacian, kept to images that are 0 outside the mask, is symmetric and positive definite.
    """
    rest = np.where(mask, laplacian5(u), 0.0)
    step = rest
    for _ in range(max_iter):
        if np.abs(rest).max() <= tol:
            break
        image = np.where(mask, -laplacian5(step), 0.0)
        length = (rest * rest).sum() / (step * image).sum()
        u = u + length * step
        before, rest = rest, rest - length * image
        step = rest + (rest * rest).sum() / (before * before).sum() * step
        history.append(float(np.abs(rest).max()))
    return u
