"""Oracles of `coursekit.laplacian`: closed forms, scipy, direct solves and laws."""

import itertools

import numpy as np
import pytest
from scipy import fft, integrate, ndimage, optimize, sparse, special, stats

from coursekit import laplacian
from coursekit.laplacian import FIVE_POINT, NINE_POINT

EPS = np.finfo(float).eps
REGIONS = ("ball", "sphere")


def image(shape=(7, 5), seed=3):
    return np.random.default_rng(seed).normal(size=shape)


def grid(shape, h=1.0):
    y, x = np.mgrid[: shape[0], : shape[1]] * h
    return y, x


def cosine_mode(shape, m, n):
    """A wave of the mirrored image: every reflecting filter only scales it."""
    y, x = grid(shape)
    return np.cos(np.pi * m * (y + 0.5) / shape[0]) * np.cos(np.pi * n * (x + 0.5) / shape[1])


# ball_mean


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("d", [1, 2, 5])
def test_ball_mean_linear_is_exact(d, region):
    slope, x = np.arange(1.0, d + 1), np.linspace(-1, 2, d)
    result = laplacian.ball_mean(lambda p: p @ slope + 3, x, 0.7, d, 31 * 2, region, rng=np.random.default_rng(1))
    # Opposite points cancel but for the rounding of d products and sums of size |slope| (|x| + r).
    size = np.abs(slope).sum() * 3 + 3
    assert abs(result.mean - (x @ slope + 3)) < 4 * d * EPS * size
    assert result.se < 4 * d * EPS * size


@pytest.mark.parametrize("d", [1, 3, 4])
def test_ball_mean_points_on_sphere(d):
    seen = []

    def radius(p):
        seen.append(p)
        return np.linalg.norm(p - 2.0, axis=1)

    result = laplacian.ball_mean(radius, 2.0, 0.7, d, 10, "sphere", rng=np.random.default_rng(2))
    assert [p.shape for p in seen] == [(10, d)]
    # Subtracting the centre 2 costs up to eps * 2.7 on each of d coordinates.
    assert abs(result.mean - 0.7) < 4 * d * EPS * 2.7


@pytest.mark.parametrize("d", [1, 2, 5])
def test_ball_mean_radii_fill_the_ball(d):
    def radius(p):
        return np.linalg.norm(p, axis=1)

    radii = []
    laplacian.ball_mean(
        lambda p: radii.append(radius(p)) or radii[-1], 0.0, 1.5, d, 2000, "ball", rng=np.random.default_rng(3)
    )
    assert radii[0].max() <= 1.5 * (1 + 4 * EPS)
    # The volume inside radius t is t^d; one of each pair, so that the sample is independent.
    assert stats.kstest((radii[0][:1000] / 1.5) ** d, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("d", [2, 3, 5])
def test_ball_mean_error_matches_se(d, region):
    k = np.full(d, 2.0 / np.sqrt(d))
    exact = float(laplacian.plane_wave_mean(2.0, 0.8, d, region))
    z = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        result = laplacian.ball_mean(lambda p: np.cos(p @ k), np.zeros(d), 0.8, d, 400, region, rng=rng)
        z.append((result.mean - exact) / result.se)
    # The z are nearly standard normal, so their sum of squares is nearly chi-squared with 100 degrees.
    low, high = stats.chi2.ppf([0.0005, 0.9995], 100)
    assert low < np.sum(np.square(z)) < high
    assert abs(np.mean(z)) < 3.5 / np.sqrt(100)


def test_ball_mean_se_of_two_pairs():
    seen = []

    def record(p):
        seen.append(np.exp(p[:, 0]))
        return seen[-1]

    result = laplacian.ball_mean(record, 0.0, 1.0, 3, 4, "ball", rng=np.random.default_rng(6))
    (values,) = seen
    first, second = (values[0] + values[2]) / 2, (values[1] + values[3]) / 2
    # The SD of two numbers is |a - b| / sqrt 2, and that of their mean smaller by sqrt 2 once more.
    assert result.se == pytest.approx(abs(first - second) / 2, rel=8 * EPS)
    assert result.mean == pytest.approx((first + second) / 2, rel=8 * EPS)


def test_ball_mean_one_dimensional_sphere_is_two_points():
    result = laplacian.ball_mean(lambda p: np.exp(p[:, 0]), [0.3], 0.5, 1, 14, "sphere", rng=np.random.default_rng(5))
    assert result.mean == pytest.approx((np.exp(-0.2) + np.exp(0.8)) / 2, rel=8 * EPS)
    assert result.se < 8 * EPS


def test_ball_mean_result_is_frozen():
    result = laplacian.BallMeanResult(1.0, 0.1)
    with pytest.raises(AttributeError, match="mean"):
        result.mean = 2.0


# laplacian_from_mean


@pytest.mark.parametrize("d", [1, 2, 3, 7])
@pytest.mark.parametrize(("region", "second_moment"), [("sphere", lambda d: 1 / d), ("ball", lambda d: 1 / (d + 2))])
def test_laplacian_from_mean_quadratic_is_exact(d, region, second_moment):
    h = image((d, d), seed=d)
    trace, r = np.trace(h + h.T) / 2, 0.3
    # The mean of x^T H x / 2 is trace(H) / 2 times that of x1^2, which is r^2 / d or r^2 / (d + 2).
    mean = 1.5 + trace / 2 * second_moment(d) * r**2
    # Forming mean - f0 loses eps * |mean|, which is then multiplied by 2 (d + 2) / r^2.
    assert laplacian.laplacian_from_mean(1.5, mean, r, d, region) == pytest.approx(trace, abs=50 * d * EPS / r**2)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("d", [1, 2, 3])
def test_laplacian_from_mean_error_is_second_order(d, region):
    # exp(i k.x) has the Laplacian -k^2; the next term of its mean is k^4 r^2 / (4 (d + 2)) or / (4 (d + 4)).
    k, r = 1.7, 0.1
    error = laplacian.laplacian_from_mean(1.0, laplacian.plane_wave_mean(k, r, d, region), r, d, region) + k**2
    first = k**4 * r**2 / (4 * (d + 2 if region == "sphere" else d + 4))
    assert error == pytest.approx(first, rel=(k * r) ** 2)  # the series alternates with a ratio below (k r)^2


def test_laplacian_from_mean_takes_arrays():
    f0, mean = image((3, 5)), image((3, 5), seed=4)
    got = laplacian.laplacian_from_mean(f0, mean, 2.0, 3, "ball")
    assert got.shape == (3, 5)
    assert got[1, 2] == laplacian.laplacian_from_mean(f0[1, 2], mean[1, 2], 2.0, 3, "ball")


def test_laplacian_from_mean_sampled_agrees():
    # All parts together: sampled mean, its error, and the constant; f = |x|^2 + 3 x_1 has the Laplacian 2 d.
    for region, seed in itertools.product(REGIONS, range(5)):
        rng = np.random.default_rng(seed)
        x, r, d = np.array([1.0, -2.0, 0.5]), 0.4, 3
        result = laplacian.ball_mean(lambda p: (p**2).sum(axis=1) + 3 * p[:, 0], x, r, d, 4000, region, rng=rng)
        estimate = laplacian.laplacian_from_mean((x**2).sum() + 3 * x[0], result.mean, r, d, region)
        allowed = 4.5 * result.se * 2 * (d + 2) / r**2 + 1e3 * EPS / r**2
        assert abs(estimate - 2 * d) < allowed


# plane_wave_mean

Z = np.array([0.0, 1e-3, 0.4, 1.0, 2.4, 7.3, 20.0])


@pytest.mark.parametrize(
    ("d", "region", "exact"),
    [
        (1, "sphere", np.cos),
        (1, "ball", lambda z: np.sinc(z / np.pi)),
        (2, "sphere", special.j0),
        (2, "ball", lambda z: np.where(z > 0, 2 * special.j1(z) / np.where(z > 0, z, 1), 1)),
        (3, "sphere", lambda z: np.sinc(z / np.pi)),
        (3, "ball", lambda z: np.where(z > 0, 3 * special.spherical_jn(1, z) / np.where(z > 0, z, 1), 1)),
    ],
)
def test_plane_wave_mean_closed_forms(d, region, exact):
    # An oscillating value of argument z carries a rounding error of about eps * z.
    np.testing.assert_allclose(laplacian.plane_wave_mean(Z, 1.0, d, region), exact(Z), rtol=0, atol=100 * EPS * 20)


@pytest.mark.parametrize("d", [1, 2, 4, 9])
def test_plane_wave_mean_bessel_formula(d):
    k, r = Z[1:, None], np.array([0.5, 2.0])
    z = k * r
    for region, nu in [("sphere", d / 2 - 1), ("ball", d / 2)]:
        bessel = special.gamma(nu + 1) * (2 / z) ** nu * special.jv(nu, z)
        got = laplacian.plane_wave_mean(k, r, d, region)
        assert got.shape == (6, 2)
        np.testing.assert_allclose(got, bessel, rtol=0, atol=100 * EPS * 40)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_plane_wave_mean_ball_integrates_spheres(d):
    def shell(t):
        return d * t ** (d - 1) * laplacian.plane_wave_mean(3.0, t, d, "sphere") if t > 0 else float(d == 1)

    integral, error = integrate.quad(shell, 0, 1)
    assert abs(laplacian.plane_wave_mean(3.0, 1.0, d, "ball") - integral) < error + 100 * EPS


@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_plane_wave_mean_first_two_terms(d):
    z = 0.3
    for region, e in [("sphere", d), ("ball", d + 2)]:
        series = 1 - z**2 / (2 * e) + z**4 / (8 * e * (e + 2))
        rest = laplacian.plane_wave_mean(z, 1.0, d, region) - series
        # An alternating series of falling terms: the rest lies between 0 and the next one.
        assert -(z**6) / (48 * e * (e + 2) * (e + 4)) - EPS < rest < 0


# Stencils


@pytest.mark.parametrize("h", [1.0, 0.5, 3.0])
@pytest.mark.parametrize("stencil", [laplacian.laplacian5, laplacian.laplacian9])
def test_stencils_quadratic_is_exact_inside(stencil, h):
    y, x = grid((6, 9), h)
    got = stencil(x**2 + y**2 - 5 * x * y + 2 * x - y + 7, h)[1:-1, 1:-1]
    np.testing.assert_allclose(got, 4.0, rtol=0, atol=20 * EPS * 1000 / h**2)  # values up to about 1000 h^2


@pytest.mark.parametrize("stencil", [laplacian.laplacian5, laplacian.laplacian9])
def test_stencils_constant_gives_zero(stencil):
    assert np.abs(stencil(np.full((3, 8), 0.7))).max() < 20 * EPS


@pytest.mark.parametrize("stencil", [laplacian.laplacian5, laplacian.laplacian9])
def test_stencils_sum_to_zero(stencil):
    u = image((7, 12))
    assert abs(stencil(u, 0.5).sum()) < 4 * u.size * EPS * np.abs(u).max() * 8 * 4


@pytest.mark.parametrize("stencil", [laplacian.laplacian5, laplacian.laplacian9])
def test_stencils_are_self_adjoint(stencil):
    u, v = image((6, 9)), image((6, 9), seed=8)
    left, right = (stencil(u) * v).sum(), (u * stencil(v)).sum()
    assert abs(left - right) < u.size * EPS * 8 * np.abs(u).max() * np.abs(v).max()
    assert (stencil(u) * u).sum() < 0


@pytest.mark.parametrize("shape", [(3, 3), (4, 11), (9, 3)])
def test_laplacian5_equals_scipy(shape):
    u = image(shape)
    np.testing.assert_allclose(laplacian.laplacian5(u), ndimage.laplace(u, mode="nearest"), rtol=0, atol=1e2 * EPS)
    np.testing.assert_allclose(
        laplacian.laplacian5(u, 0.25), 16 * ndimage.correlate(u, FIVE_POINT, mode="nearest"), rtol=0, atol=2e3 * EPS
    )


# Widths of which a strip takes 3 rows, 1 row, or all: whole strips, a shorter last one, one row left over.
@pytest.mark.parametrize("shape", [(3, 3), (9, 4), (6, 10_900), (8, 10_901), (7, 10_922), (4, 33_000), (75, 1030)])
def test_laplacian5_fast_equals_the_short_one(shape):
    whole = np.random.default_rng(5).integers(-99, 99, shape)
    np.testing.assert_array_equal(laplacian.laplacian5_fast(whole), laplacian.laplacian5(whole))
    u = image(shape)
    # Both round five sums or products of at most 8 max|u|, each by half an eps.
    allowed = 5 * EPS * 8 * np.abs(u).max()
    np.testing.assert_allclose(laplacian.laplacian5_fast(u), laplacian.laplacian5(u), rtol=0, atol=allowed)
    np.testing.assert_allclose(
        laplacian.laplacian5_fast(u, 0.25), laplacian.laplacian5(u, 0.25), rtol=0, atol=16 * allowed
    )


@pytest.mark.parametrize("shape", [(3, 3), (4, 11), (9, 3)])
def test_laplacian9_equals_scipy(shape):
    u = image(shape)
    expected = ndimage.correlate(u, NINE_POINT, mode="nearest")
    np.testing.assert_allclose(laplacian.laplacian9(u), expected, rtol=0, atol=1e2 * EPS)
    np.testing.assert_allclose(laplacian.laplacian9(u, 2.0), expected / 4, rtol=0, atol=1e2 * EPS)


def test_laplacian9_error_is_the_bilaplacian():
    h = 0.5
    y, x = grid((7, 8), h)
    for u, exact in [
        (x**4, 12 * x**2 + h**2 / 12 * 24),
        (x**2 * y**2, 2 * x**2 + 2 * y**2 + h**2 / 12 * 8),
        (x**4 - 6 * x**2 * y**2 + y**4, np.zeros_like(x)),  # harmonic: no error at all
    ]:
        got = laplacian.laplacian9(u, h)[1:-1, 1:-1]
        np.testing.assert_allclose(got, exact[1:-1, 1:-1], rtol=0, atol=50 * EPS * np.abs(u).max() / h**2)


def test_laplacian5_error_depends_on_direction():
    y, x = grid((7, 8))
    # The same harmonic function: the five points see the fourth derivatives along the axes only, (24 + 24) / 12.
    got = laplacian.laplacian5(x**4 - 6 * x**2 * y**2 + y**4)[1:-1, 1:-1]
    np.testing.assert_array_equal(got, 4.0)  # whole numbers: no rounding


@pytest.mark.parametrize("function", [laplacian.laplacian5, laplacian.laplacian5_fast, laplacian.laplacian9])
def test_stencils_keep_input_and_precision(function):
    u = image().astype(np.float32)
    before = u.copy()
    assert function(u, 2.0).dtype == np.float32
    np.testing.assert_array_equal(u, before)
    np.testing.assert_array_equal(
        function([[0, 0, 0], [0, 6, 0], [0, 0, 0]]), 6 * function(np.eye(3)[1:2].T @ np.eye(3)[1:2])
    )


@pytest.mark.parametrize("kernel", [FIVE_POINT, NINE_POINT])
def test_stencil_symbol_scales_a_wave(kernel):
    y, x = grid((5, 8))
    wx, wy = 0.7, -1.9
    wave = np.cos(wx * x + wy * y + 0.3)
    symbol = laplacian.stencil_symbol(kernel, wx, wy)
    filtered = ndimage.correlate(wave, kernel)
    np.testing.assert_allclose(filtered[1:-1, 1:-1], symbol * wave[1:-1, 1:-1], rtol=0, atol=1e2 * EPS)


def test_stencil_symbol_closed_forms():
    a, b = np.linspace(-np.pi, np.pi, 9)[:, None], np.linspace(0, np.pi, 6)
    five = 2 * np.cos(a) + 2 * np.cos(b) - 4
    nine = (8 * np.cos(a) + 8 * np.cos(b) + 4 * np.cos(a) * np.cos(b) - 20) / 6
    np.testing.assert_allclose(laplacian.stencil_symbol(FIVE_POINT, a, b), five, rtol=0, atol=50 * EPS)
    np.testing.assert_allclose(laplacian.stencil_symbol(NINE_POINT, a, b), nine, rtol=0, atol=50 * EPS)
    # The longest stable heat step is 2 over the largest size: 1/4 for five points, 3/8 for nine.
    assert 2 / np.abs(five).max() == pytest.approx(1 / 4, rel=8 * EPS)
    assert 2 / np.abs(nine).max() == pytest.approx(3 / 8, rel=8 * EPS)


def test_stencil_symbol_axes_are_x_and_y():
    across = np.array([[0.5, 0.0, 0.5]])  # a mean along x
    wx = np.array([0.3, 1.1])
    np.testing.assert_allclose(laplacian.stencil_symbol(across, wx, 2.0), np.cos(wx), rtol=4 * EPS)
    np.testing.assert_allclose(laplacian.stencil_symbol(across.T, 2.0, wx), np.cos(wx), rtol=4 * EPS)
    assert laplacian.stencil_symbol(np.array([[3.0]]), 1.0, 2.0) == 3.0


def test_stencil_symbol_of_a_slanted_kernel():
    # Symmetric under a half turn only, and 5 x 7: the symbol is the Fourier sum from the centre.
    kernel = image((5, 7)) + image((5, 7))[::-1, ::-1]
    wx, wy = 0.8, -1.3
    i, j = np.mgrid[-2:3, -3:4]
    expected = (kernel * np.exp(1j * (wy * i + wx * j))).sum()
    assert abs(expected.imag) < 100 * EPS
    assert laplacian.stencil_symbol(kernel, wx, wy) == pytest.approx(expected.real, rel=0, abs=100 * EPS)


def test_anisotropy_compares_x_with_the_diagonal():
    along_x = np.array([[1.0, -2.0, 1.0]])
    w = 0.7
    expected = (2 * np.cos(w) - 2 * np.cos(w / np.sqrt(2))) / w**2
    assert laplacian.anisotropy(along_x, w) == pytest.approx(expected, rel=20 * EPS / w**2)


def test_anisotropy_closed_form_and_order():
    w = np.array([0.25, 0.5, 1.0])
    five = (2 * np.cos(w) - 2 - (4 * np.cos(w / np.sqrt(2)) - 4)) / w**2
    np.testing.assert_allclose(laplacian.anisotropy(FIVE_POINT, w), five, rtol=0, atol=50 * EPS / 0.25**2)
    # Leading terms w^2 / 24 and w^4 / 720; the series go on with factors -w^2 / 20 and -w^2 / 16, and alternate.
    five, nine = laplacian.anisotropy(FIVE_POINT, w) * 24 / w**2, laplacian.anisotropy(NINE_POINT, w) * 720 / w**4
    assert ((1 - w**2 / 20 < five) & (five < 1)).all()
    assert ((1 - w**2 / 16 < nine) & (nine < 1)).all()


def test_anisotropy_numbers_of_the_lecture():
    assert f"{laplacian.anisotropy(FIVE_POINT, 0.5):.1e}" == "1.0e-02"
    assert f"{abs(laplacian.anisotropy(NINE_POINT, 0.5)):.1e}" == "8.5e-05"


@pytest.mark.parametrize("stencil", [FIVE_POINT, NINE_POINT])
def test_stencil_constants_cannot_be_changed(stencil):
    with pytest.raises(ValueError, match="read-only"):
        stencil[1, 1] = 0.0


# Pixel discs


@pytest.mark.parametrize(("r", "count"), [(1, 5), (1.5, 9), (2, 13), (3, 29), (4, 49), (5, 81), (6.9, 145), (7, 149)])
def test_disc_kernel_counts_lattice_points(r, count):
    # Gauss's circle problem: the number of lattice points in a disc, for whole r known as 5, 13, 29, 49, 81, 113, 149.
    kernel = laplacian.disc_kernel(r)
    assert kernel.shape == (2 * int(r) + 1,) * 2
    assert np.count_nonzero(kernel) == count
    np.testing.assert_allclose(kernel[kernel > 0], 1 / count, rtol=2 * EPS)


@pytest.mark.parametrize("r", [1, 2.5, 4])
def test_disc_constant_is_the_response_to_a_parabola(r):
    _, x = grid((11, 15))
    gain = (laplacian.disc_mean(x**2, r) - x**2)[5, 7]
    assert laplacian.disc_constant(r) == pytest.approx(gain / 2, rel=1e3 * EPS)  # x^2 has the Laplacian 2


def test_disc_constant_numbers_of_the_lecture():
    assert laplacian.disc_constant(1) == pytest.approx(0.2, rel=4 * EPS)
    assert laplacian.disc_constant(2) == pytest.approx((2 * 4 * 1 + 2 * 1 * 3) / 13 / 2, rel=4 * EPS)  # by columns


def test_disc_constant_tends_to_that_of_the_disc():
    for r in (20, 50.5, 120):
        # Pixels that the circle cuts are at most a ring of width sqrt 2: 2 sqrt 2 / r of the area, twice that of x^2.
        assert abs(laplacian.disc_constant(r) / (r**2 / 8) - 1) < 6 * np.sqrt(2) / r


@pytest.mark.parametrize("r", [1, 2.3])
def test_disc_mean_is_the_mean_over_the_disc(r):
    u = image((6, 9))
    padded = np.pad(u, 2, mode="edge")
    got = laplacian.disc_mean(u, r)
    for row, col in [(0, 0), (3, 4), (5, 8)]:
        values = [
            padded[row + 2 + i, col + 2 + j]
            for i, j in itertools.product(range(-2, 3), repeat=2)
            if i**2 + j**2 <= r**2
        ]
        assert got[row, col] == pytest.approx(np.mean(values), rel=0, abs=20 * EPS)


def test_sharpen_limits():
    u = image((5, 8))
    np.testing.assert_array_equal(laplacian.sharpen(u, 2, 0.0), u)
    np.testing.assert_allclose(laplacian.sharpen(u, 2, -1.0), laplacian.disc_mean(u, 2), rtol=0, atol=8 * EPS)


def test_sharpen_is_a_heat_step_backwards():
    # The disc of radius 1 is the five-point stencil: mean - centre = Laplacian / 5, at the border too.
    u = image((5, 8))
    np.testing.assert_allclose(laplacian.sharpen(u, 1, 0.6), laplacian.heat_step(u, -0.6 / 5), rtol=0, atol=50 * EPS)


# Gaussians and blobs


def gaussian(x, s, d):
    return np.exp(-(x**2) / (2 * s**2)) / (2 * np.pi * s**2) ** (d / 2)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_log_profile_is_the_derivative_by_scale(d):
    x, s = np.linspace(0, 6, 13), 1.3
    # dG/ds = s * Laplacian(G); an imaginary step of 1e-30 differentiates without rounding or truncation.
    slope = gaussian(x, s + 1e-30j, d).imag / 1e-30
    np.testing.assert_allclose(laplacian.log_profile(x, s, d), s * slope, rtol=100 * EPS, atol=10 * EPS)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_profiles_integrate_to_zero(d):
    for profile in (lambda x: laplacian.log_profile(x, 0.8, d), lambda x: laplacian.dog_profile(x, 0.8, 1.6, d)):
        integral, error = integrate.quad(lambda x, f=profile: x ** (d - 1) * float(f(x)), 0, 20, limit=200)
        assert abs(integral) < error + 100 * EPS


@pytest.mark.parametrize("d", [1, 2, 3])
def test_dog_profile_is_a_difference_of_densities(d):
    points = image((11, d))
    wide, narrow = (stats.multivariate_normal(np.zeros(d), np.eye(d) * s**2) for s in (0.9 * 1.4, 0.9))
    got = laplacian.dog_profile(np.linalg.norm(points, axis=1), 0.9, 1.4, d)
    np.testing.assert_allclose(got, wide.pdf(points) - narrow.pdf(points), rtol=0, atol=50 * EPS)


def dog_error(k, d):
    """Relative L2 error of the matched LoG, as a fraction of the DoG."""
    x = np.linspace(0, 30, 6001)
    dog = laplacian.dog_profile(x, 1.0, k, d)
    log = (k**2 - 1) / (k**2 + 1) * laplacian.log_profile(x, np.sqrt((1 + k**2) / 2), d)
    weight = x ** (d - 1)
    return np.sqrt((weight * (dog - log) ** 2).sum() / (weight * dog**2).sum())


@pytest.mark.parametrize(
    ("k", "d", "printed"), [(1.6, 1, "12 %"), (1.2, 1, "2.0 %"), (1.6, 2, "16 %"), (1.2, 2, "2.6 %")]
)
def test_dog_profile_is_nearly_log(k, d, printed):
    digits = 1 if "." in printed else 0
    assert f"{100 * dog_error(k, d):.{digits}f} %" == printed


def test_dog_profile_error_is_second_order():
    # Halving k^2 - 1 quarters the error, but for terms of relative order k^2 - 1.
    errors = [dog_error(np.sqrt(1 + step), 2) for step in (0.02, 0.01)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize("s", [0.4, 1.0, 3.0])
def test_log_filter_scales_a_wave(s):
    shape, m, n = (9, 14), 2, 5
    w2 = (np.pi * m / shape[0]) ** 2 + (np.pi * n / shape[1]) ** 2
    wave = cosine_mode(shape, m, n)
    expected = -(s**2) * w2 * np.exp(-(s**2) * w2 / 2) * wave
    np.testing.assert_allclose(laplacian.log_filter(wave, s), expected, rtol=0, atol=100 * EPS)


def test_log_filter_equals_scipy():
    u, s = image((40, 33)), 3.0
    # At s = 3 the sampled kernel of scipy aliases by exp(-s^2 pi^2 / 2) < 1e-19 and is cut at 8 s, exp(-32) ~ 1e-14.
    expected = s**2 * ndimage.gaussian_laplace(u, s, mode="reflect", truncate=8)
    np.testing.assert_allclose(laplacian.log_filter(u, s), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("shape", [(3, 4), (8, 5), (40, 33), (33, 504), (71, 64)])
@pytest.mark.parametrize("s", [0.2, 2.9, 3.3, 6.0, 50.0, 1e9])
def test_log_filter_fast_equals_the_short_one(shape, s):
    u = image(shape)
    # Waves left out have at most 9.5^2 exp(-9.5^2 / 2) < 1e-17 of their size, and there are fewer than 2e4; each of
    # four transforms rounds by a few eps of the largest value, log2(504) = 9 times, and no wave is enlarged.
    allowed = 4 * 9 * 2 * EPS * np.abs(u).max()
    before = u.copy()
    np.testing.assert_allclose(laplacian.log_filter_fast(u, s), laplacian.log_filter(u, s), rtol=0, atol=allowed)
    np.testing.assert_array_equal(u, before)


def test_log_filter_fast_scales_a_wave():
    shape, m, n, s = (21, 58), 3, 11, 4.0  # wave 11 of 58 is kept, from 9.5 * 58 / (4 pi) = 43 on they are not
    w2 = (np.pi * m / shape[0]) ** 2 + (np.pi * n / shape[1]) ** 2
    wave = cosine_mode(shape, m, n)
    expected = -(s**2) * w2 * np.exp(-(s**2) * w2 / 2) * wave
    np.testing.assert_allclose(laplacian.log_filter_fast(wave, s), expected, rtol=0, atol=100 * EPS)


def test_log_filter_fast_keeps_precision():
    u = image((9, 14)).astype(np.float32)
    got = laplacian.log_filter_fast(u, 1.5)
    assert got.dtype == np.float32
    # Four transforms of log2(14) < 4 steps, as above but in single precision.
    allowed = 4 * 4 * 2 * np.finfo(np.float32).eps * np.abs(u).max()
    np.testing.assert_allclose(got, laplacian.log_filter(u.astype(float), 1.5), rtol=0, atol=allowed)


def test_log_filter_finds_no_constant_and_no_sum():
    u = image((8, 11))
    assert np.abs(laplacian.log_filter(np.full((8, 11), 0.7), 1.5)).max() < 100 * EPS
    assert abs(laplacian.log_filter(u, 1.5).sum()) < 100 * EPS * u.size


def test_dog_filter_equals_scipy():
    u = image((40, 33))
    wide, narrow = (ndimage.gaussian_filter(u, s, mode="reflect", truncate=8) for s in (3.0 * 1.5, 3.0))
    np.testing.assert_allclose(laplacian.dog_filter(u, 3.0, 1.5), wide - narrow, rtol=0, atol=1e-12)


def test_dog_filter_integrates_log_filter():
    # dG/ds = LoG / s: the difference of two blurs is the integral of log_filter / s over the scale.
    u, s, k = image((7, 10)), 1.2, 1.7
    nodes, weights = np.polynomial.legendre.leggauss(20)
    scales = s * (k + 1) / 2 + s * (k - 1) / 2 * nodes
    integral = sum(w * laplacian.log_filter(u, t) / t for w, t in zip(weights, scales, strict=True)) * s * (k - 1) / 2
    # 20 nodes integrate the smooth integrand exactly but for rounding.
    np.testing.assert_allclose(laplacian.dog_filter(u, s, k), integral, rtol=0, atol=500 * EPS)


@pytest.mark.parametrize("d", [1, 2, 3, 6])
@pytest.mark.parametrize("kind", ["gauss", "ball"])
def test_blob_scale_maximises_the_response(kind, d):
    size = 2.5
    blob = (lambda x: np.exp(-(x**2) / (2 * size**2))) if kind == "gauss" else (lambda x: 1.0)
    end = 12 * size if kind == "gauss" else size

    def response(s):
        return integrate.quad(lambda x: x ** (d - 1) * float(laplacian.log_profile(x, s, d)) * blob(x), 0, end)[0]

    best = optimize.minimize_scalar(response, bounds=(0.3 * size, 2 * size), method="bounded", options={"xatol": 1e-9})
    # At a maximum a relative error of about 1e-10 in the integral moves the place by its root.
    assert laplacian.blob_scale(kind, size, d) == pytest.approx(best.x, rel=1e-4)


def test_scale_response_closed_form():
    y, x = grid((81, 91))
    s, scales = 5.0, np.array([2.0, 4.0, 5.0, 8.0])
    u = np.exp(-((y - 40) ** 2 + (x - 45) ** 2) / (2 * s**2))
    expected = 2 * s**2 * scales**2 / (s**2 + scales**2) ** 2  # 1/2 at the peak, scale = s
    # The blob is cut at 8 SD: exp(-32) ~ 1e-14; its mirror images, 81 pixels away, answer through the widest
    # Gaussian of SD sqrt(89) with exp(-81^2 / 178) ~ 1e-16.
    np.testing.assert_allclose(laplacian.scale_response(u, 40, 45, scales), expected, rtol=0, atol=1e-12)


def test_scale_response_is_log_filter_at_a_pixel():
    u = image((6, 9))
    assert laplacian.scale_response(u, 1, 7, [2.0])[0] == -laplacian.log_filter(u, 2.0)[1, 7]


def test_blobs_found_where_they_are():
    y, x = grid((70, 101))
    truth = [(20, 25, 3.0, 1.0), (45, 70, 6.0, 0.8)]
    u = sum(a * np.exp(-((y - r) ** 2 + (x - c) ** 2) / (2 * s**2)) for r, c, s, a in truth)
    found = laplacian.blobs(u, [2.0, 3.0, 4.3, 6.0, 8.5], 0.2)
    assert [tuple(row[:3]) for row in found] == [row[:3] for row in truth]
    # Alone each would answer with half its height; the other one adds less than 1e-3.
    np.testing.assert_allclose(found[:, 3], [0.5, 0.4], rtol=0, atol=1e-3)
    assert len(laplacian.blobs(u, [2.0, 3.0, 4.3, 6.0, 8.5], 0.45)) == 1


def test_blobs_equals_a_search_by_hand():
    u, scales, threshold = image((19, 23)), [0.4, 0.7, 1.0, 1.4], 0.02
    response = np.stack([-laplacian.log_filter(u, s) for s in scales])
    expected = []
    for level, row, col in itertools.product((1, 2), range(19), range(23)):
        here = response[level, row, col]
        around = response[level - 1 : level + 2, max(row - 1, 0) : row + 2, max(col - 1, 0) : col + 2]
        if here == around.max() and here >= threshold:
            expected.append((row, col, scales[level], here))
    assert len(expected) >= 5
    found = laplacian.blobs(u, scales, threshold)
    np.testing.assert_array_equal(found, sorted(expected, key=lambda blob: -blob[3]))
    # The threshold is the least response that counts.
    assert len(laplacian.blobs(u, scales, found[2, 3])) == 3


def test_blobs_none_where_there_are_none():
    u = np.zeros((9, 12))
    u[4, 6] = -1.0  # a dark blob
    dark_centre = laplacian.blobs(u, [0.8, 1.0, 1.3], 0.5)
    assert dark_centre.shape == (0, 4)
    assert laplacian.blobs(np.full((9, 12), 0.7), [1.0, 2.0, 3.0], 1e-6).shape == (0, 4)


def test_blobs_ignores_a_peak_at_the_end_of_the_scales():
    y, x = grid((61, 65))
    u = np.exp(-((y - 30) ** 2 + (x - 32) ** 2) / (2 * 5.0**2))
    assert len(laplacian.blobs(u, [4.0, 5.0, 6.0], 0.1)) == 1
    assert len(laplacian.blobs(u, [2.0, 3.0, 4.0], 0.1)) == 0
    assert len(laplacian.blobs(u, [6.0, 7.0, 8.0], 0.1)) == 0


# The heat equation


def test_heat_step_keeps_the_sum():
    u = image((9, 6))
    for dt in (0.2, -0.7):
        assert abs(laplacian.heat_step(u, dt, 0.5).sum() - u.sum()) < 100 * EPS * u.size


@pytest.mark.parametrize("h", [1.0, 0.5])
def test_heat_flow_variance_grows_by_two_dt(h):
    u = np.zeros((25, 29))
    u[12, 14] = 1.0
    n, dt = 10, 0.2 * h**2
    y, x = grid(u.shape, h)
    after = laplacian.heat_flow(u, dt, n, h)
    assert after.sum() == pytest.approx(1, rel=100 * EPS)
    for coordinate in (x - 14 * h, y - 12 * h):
        # Ten steps reach ten pixels, not the border, so this holds without error.
        assert (after * coordinate**2).sum() == pytest.approx(2 * n * dt, rel=1e3 * EPS)


@pytest.mark.parametrize(("dt", "h"), [(0.25, 1.0), (0.9, 2.0), (-0.3, 1.0)])
def test_heat_step_scales_a_wave(dt, h):
    shape, m, n = (8, 11), 7, 10  # the fastest wave that the grid holds
    wave = cosine_mode(shape, m, n)
    factor = 1 + dt / h**2 * (2 * np.cos(np.pi * m / shape[0]) + 2 * np.cos(np.pi * n / shape[1]) - 4)
    np.testing.assert_allclose(laplacian.heat_step(wave, dt, h), factor * wave, rtol=0, atol=50 * EPS)


def test_heat_flow_equals_powers_in_the_cosine_basis():
    u, dt, n = image((7, 10)), 0.23, 17
    a, b = np.pi * np.arange(7)[:, None] / 7, np.pi * np.arange(10) / 10
    factor = (1 + dt * (2 * np.cos(a) + 2 * np.cos(b) - 4)) ** n
    expected = fft.idctn(factor * fft.dctn(u))
    np.testing.assert_allclose(laplacian.heat_flow(u, dt, n), expected, rtol=0, atol=n * 50 * EPS)


def test_heat_flow_zero_steps_is_a_copy():
    u = image()
    same = laplacian.heat_flow(u, 0.2, 0)
    np.testing.assert_array_equal(same, u)
    assert not np.shares_memory(same, u)


def test_heat_flow_stable_up_to_the_limit_only():
    u, limit = image((16, 21)), laplacian.heat_dt_max(0.5, 2)
    spread = np.abs(u - u.mean()).max()
    # Up to the limit each pixel becomes a weighted mean: no value can leave the range.
    assert np.abs(laplacian.heat_flow(u, limit, 200, 0.5)).max() <= np.abs(u).max() * (1 + 1e3 * EPS)
    assert np.abs(laplacian.heat_flow(u, 1.1 * limit, 200, 0.5)).max() > 1e6 * spread


@pytest.mark.parametrize(("d", "n"), [(1, 10), (2, 6), (3, 4)])
def test_heat_dt_max_from_the_largest_eigenvalue(d, n):
    h = 0.4
    # On a periodic grid of even length the fastest wave fits, and the largest eigenvalue is reached.
    line = (np.roll(np.eye(n), 1, 0) + np.roll(np.eye(n), -1, 0) - 2 * np.eye(n)) / h**2
    total = sum(np.kron(np.kron(np.eye(n**axis), line), np.eye(n ** (d - axis - 1))) for axis in range(d))
    largest = -np.linalg.eigvalsh(total)[0]
    assert laplacian.heat_dt_max(h, d) == pytest.approx(2 / largest, rel=100 * EPS)


# Filling holes


def blotch(shape, seed, part=0.5):
    """A ragged mask that reaches the border, of many pieces."""
    mask = np.random.default_rng(seed).random(shape) < part
    mask[0, 0] = False
    return mask


def direct(u, mask, right=0.0):
    """Solve for the masked pixels with a sparse factorisation, from a list of neighbours."""
    number = np.full(u.shape, -1)
    number[mask] = np.arange(mask.sum())
    matrix = sparse.lil_matrix((mask.sum(),) * 2)
    b = np.full(mask.sum(), right)
    for row, col in zip(*np.nonzero(mask), strict=True):
        here = number[row, col]
        for i, j in [(row + 1, col), (row - 1, col), (row, col + 1), (row, col - 1)]:
            if 0 <= i < u.shape[0] and 0 <= j < u.shape[1]:
                matrix[here, here] += 1
                if mask[i, j]:
                    matrix[here, number[i, j]] -= 1
                else:
                    b[here] += u[i, j]
    filled = np.array(u, dtype=float)
    filled[mask] = sparse.linalg.spsolve(matrix.tocsc(), b)
    return filled


@pytest.mark.parametrize("seed", range(5))
def test_harmonic_fill_equals_direct_solve(seed):
    u, mask, tol = image((13, 17), seed), blotch((13, 17), seed, 0.3 + 0.12 * seed), 1e-9
    result = laplacian.harmonic_fill(u, mask, tol)
    # Its error is at most tol / 2 times the mean number of steps out of the hole, which a direct solve gives too:
    # steps = 1 + mean of the neighbours' steps, or degree * steps - sum = degree <= 4.
    steps = direct(np.zeros(u.shape), mask, 4.0).max()
    assert result.converged
    assert np.abs(result.image - direct(u, mask)).max() <= tol / 2 * steps + 1e3 * EPS


@pytest.mark.parametrize("function", [lambda y, x: x**2 - y**2, lambda y, x: x * y - 3 * x, lambda y, x: 2.0 + 0 * x])
def test_harmonic_fill_reproduces_harmonic(function):
    y, x = grid((23, 31))
    u = function(y, x) / 100
    mask = np.hypot(y - 11, x - 14) < 8.3
    result = laplacian.harmonic_fill(np.where(mask, 5.0, u), mask, 1e-12)
    # A random walk leaves a disc of radius R after at most (R + 1)^2 steps on average.
    np.testing.assert_allclose(result.image, u, rtol=0, atol=1e-12 / 4 * 9.3**2 + 1e3 * EPS * np.abs(u).max())


def test_harmonic_fill_obeys_the_maximum_principle():
    for seed in range(4):
        u, mask = image((19, 14), seed), blotch((19, 14), seed + 10, 0.6)
        filled = laplacian.harmonic_fill(u, mask, 1e-10).image[mask]
        assert u[~mask].min() - 1e-7 <= filled.min()  # the error bound above allows 1e-10 / 2 * 500 steps
        assert filled.max() <= u[~mask].max() + 1e-7


def test_harmonic_fill_leaves_the_rest_alone():
    u, mask = image((12, 9)), blotch((12, 9), 1)
    before = u.copy()
    result = laplacian.harmonic_fill(u, mask)
    np.testing.assert_array_equal(u, before)
    np.testing.assert_array_equal(result.image[~mask], u[~mask])
    other = laplacian.harmonic_fill(np.where(mask, 1e3, u), mask)
    np.testing.assert_array_equal(other.image, result.image)


def test_harmonic_fill_one_pixel_is_the_mean_of_its_neighbours():
    u = image((4, 3))
    for place, neighbours in [
        ((0, 0), [(0, 1), (1, 0)]),
        ((1, 0), [(0, 0), (2, 0), (1, 1)]),
        ((2, 1), [(1, 1), (3, 1), (2, 0), (2, 2)]),
        ((3, 2), [(2, 2), (3, 1)]),
    ]:
        mask = np.zeros(u.shape, dtype=bool)
        mask[place] = True
        filled = laplacian.harmonic_fill(u, mask, 1e-13).image[place]
        assert filled == pytest.approx(np.mean([u[n] for n in neighbours]), rel=0, abs=1e-13)


def test_harmonic_fill_from_one_known_pixel_is_constant():
    u, mask = image((5, 8)), np.ones((5, 8), dtype=bool)
    mask[3, 1] = False
    np.testing.assert_allclose(laplacian.harmonic_fill(u, mask).image, u[3, 1], rtol=10 * EPS)


def test_harmonic_fill_history():
    u, mask = image((20, 23)), np.zeros((20, 23), dtype=bool)
    mask[3:17, 5:20] = True
    result = laplacian.harmonic_fill(u, mask, 1e-6)
    assert result.history.shape == (result.n_iter,)
    assert result.history[-1] <= 1e-6 < result.history[-2]
    left = np.abs(laplacian.laplacian5(result.image)[mask]).max()
    assert result.history[-1] == pytest.approx(left, rel=1e-6)  # the recursion drifts by eps of the first, about 1e-9


def test_harmonic_fill_takes_lists():
    result = laplacian.harmonic_fill(
        [[1, 2, 3], [1, 0, 3], [1, 2, 3]], [[False] * 3, [False, True, False], [False] * 3]
    )
    np.testing.assert_allclose(result.image, [[1, 2, 3]] * 3, rtol=4 * EPS)


def test_harmonic_fill_nothing_to_fill():
    u = image()
    result = laplacian.harmonic_fill(u, np.zeros(u.shape, dtype=bool))
    np.testing.assert_array_equal(result.image, u)
    assert (result.converged, result.n_iter, result.history.shape) == (True, 0, (0,))


def test_harmonic_fill_steps_grow_with_the_width():
    def steps(width):
        u, mask = image((50, 50)), np.zeros((50, 50), dtype=bool)
        mask[2 : 2 + width, 2 : 2 + width] = True
        return laplacian.harmonic_fill(u, mask, 1e-8).n_iter

    # Repeated averaging would need 4 times as many steps for twice the width.
    assert steps(40) < 2.5 * steps(20)


def test_harmonic_fill_warns_when_not_converged():
    u, mask = image((20, 23)), np.zeros((20, 23), dtype=bool)
    mask[3:17, 5:20] = True
    with pytest.warns(RuntimeWarning, match="did not reach tol = 1e-08 in 4 steps") as caught:
        result = laplacian.harmonic_fill(u, mask, max_iter=4)
    assert len(caught) == 1
    assert caught[0].filename == __file__  # the line that called, not one of the library
    assert (result.converged, result.n_iter) == (False, 4)


def test_harmonic_fill_does_not_claim_what_rounding_forbids():
    u, mask = 1e3 * image((20, 23)), np.zeros((20, 23), dtype=bool)
    mask[3:17, 5:20] = True
    with pytest.warns(RuntimeWarning, match="tol = 1e-18"):
        result = laplacian.harmonic_fill(u, mask, 1e-18)
    assert not result.converged


# Bad input

RNG = np.random.default_rng(0)
U = image()
NAN = np.where(np.eye(5, 7) > 0, np.nan, 1.0)
MASK = np.eye(7, 5, dtype=bool)


def mean_of(f=lambda p: p[:, 0], x=0.0, r=1.0, d=2, n=4, region="ball", rng=RNG):
    return laplacian.ball_mean(f, x, r, d, n, region, rng=rng)


BAD = [
    (lambda: mean_of(f=3.0), TypeError, "f must be a function, got 3.0"),
    (lambda: mean_of(f=lambda p: p), ValueError, r"f must map points \(4, 2\) to values \(4,\), got shape \(4, 2\)"),
    (
        lambda: mean_of(f=lambda p: np.full(4, np.nan)),
        ValueError,
        "values of f must be finite",
    ),
    (lambda: mean_of(f=lambda p: 1j * p[:, 0]), TypeError, "values of f must be real"),
    (lambda: mean_of(x=[1.0, 2.0, 3.0]), ValueError, r"x must have shape \(2,\) for d = 2, got \(3,\)"),
    (lambda: mean_of(x=np.nan), ValueError, "x must be finite"),
    (lambda: mean_of(r=0.0), ValueError, "r must be > 0, got 0"),
    (lambda: mean_of(r=-1.0), ValueError, "r must be > 0, got -1"),
    (lambda: mean_of(d=0), ValueError, "d must be at least 1, got 0"),
    (lambda: mean_of(d=2.0), TypeError, "d must be a whole number, got 2.0"),
    (lambda: mean_of(n=2), ValueError, "n must be at least 4, got 2"),
    (lambda: mean_of(n=7), ValueError, "n must be even, got 7"),
    (lambda: mean_of(region="disc"), ValueError, "region must be one of 'ball', 'sphere', got 'disc'"),
    (lambda: mean_of(rng=7), TypeError, "rng must be a numpy Generator"),
    (lambda: laplacian.laplacian_from_mean(1j, 0.0, 1.0, 2, "ball"), TypeError, "f0 must be real"),
    (lambda: laplacian.laplacian_from_mean(1.0, np.inf, 1.0, 2, "ball"), ValueError, "mean must be finite"),
    (lambda: laplacian.laplacian_from_mean(1.0, 0.0, 0.0, 2, "ball"), ValueError, "r must be > 0, got 0"),
    (lambda: laplacian.laplacian_from_mean(1.0, 0.0, 1.0, 1.5, "ball"), TypeError, "d must be a whole number, got 1.5"),
    (lambda: laplacian.laplacian_from_mean(1.0, 0.0, 1.0, 0, "ball"), ValueError, "d must be at least 1, got 0"),
    (
        lambda: laplacian.laplacian_from_mean(1.0, 0.0, 1.0, 2, "Ball"),
        ValueError,
        "region must be one of .* got 'Ball'",
    ),
    (lambda: laplacian.plane_wave_mean(-1.0, 1.0, 2, "ball"), ValueError, "k must be >= 0, got -1"),
    (lambda: laplacian.plane_wave_mean(1.0, [1.0, 0.0], 2, "ball"), ValueError, "r must be > 0, got 0"),
    (lambda: laplacian.plane_wave_mean(1.0, 1.0, 0, "ball"), ValueError, "d must be at least 1, got 0"),
    (lambda: laplacian.plane_wave_mean(1.0, 1.0, 2, None), ValueError, "region must be one of .* got None"),
    (lambda: laplacian.stencil_symbol(np.ones((2, 3)), 0.0, 0.0), ValueError, r"kernel must have an odd .* \(2, 3\)"),
    (lambda: laplacian.stencil_symbol(np.ones((3, 4)), 0.0, 0.0), ValueError, r"kernel must have an odd .* \(3, 4\)"),
    (lambda: laplacian.stencil_symbol([[1.0, 0.0, -1.0]], 0.0, 0.0), ValueError, "kernel must equal itself turned"),
    (lambda: laplacian.stencil_symbol(FIVE_POINT, np.nan, 0.0), ValueError, "wx must be finite"),
    (lambda: laplacian.stencil_symbol(FIVE_POINT, 0.0, 1j), TypeError, "wy must be real"),
    (lambda: laplacian.anisotropy(FIVE_POINT, 0.0), ValueError, "w must be > 0, got 0"),
    (lambda: laplacian.disc_kernel(0.5), ValueError, "r must be >= 1, got 0.5"),
    (lambda: laplacian.disc_constant(0), ValueError, "r must be >= 1, got 0"),
    (lambda: laplacian.disc_mean(U, np.nan), ValueError, "r must be finite"),
    (lambda: laplacian.sharpen(U, 1, np.inf), ValueError, "amount must be finite"),
    (lambda: laplacian.sharpen(U, 1, "1"), TypeError, "amount must be a real number, got '1'"),
    (lambda: laplacian.log_profile([np.nan], 1.0, 2), ValueError, "x must be finite"),
    (lambda: laplacian.log_profile([1.0], 0.0, 2), ValueError, "s must be > 0, got 0"),
    (lambda: laplacian.log_profile([1.0], 1.0, 0), ValueError, "d must be at least 1, got 0"),
    (lambda: laplacian.dog_profile([1.0], 1.0, 1.0, 2), ValueError, "k must be > 1, got 1"),
    (lambda: laplacian.dog_profile([1.0], -1.0, 2.0, 2), ValueError, "s must be > 0, got -1"),
    (lambda: laplacian.dog_profile([1.0], 1.0, 2.0, 2.5), TypeError, "d must be a whole number, got 2.5"),
    (lambda: laplacian.log_filter(U, 0.0), ValueError, "s must be > 0, got 0"),
    (lambda: laplacian.log_filter_fast(U, 0.0), ValueError, "s must be > 0, got 0"),
    (lambda: laplacian.dog_filter(U, 0.0, 2.0), ValueError, "s must be > 0, got 0"),
    (lambda: laplacian.dog_filter(U, 1.0, 0.5), ValueError, "k must be > 1, got 0.5"),
    (lambda: laplacian.blob_scale("disc", 1.0, 2), ValueError, "kind must be one of 'gauss', 'ball', got 'disc'"),
    (lambda: laplacian.blob_scale("ball", 0.0, 2), ValueError, "size must be > 0, got 0"),
    (lambda: laplacian.blob_scale("ball", 1.0, 0), ValueError, "d must be at least 1, got 0"),
    (lambda: laplacian.scale_response(U, 7, 0, [1.0]), ValueError, "row must be at most 6, got 7"),
    (lambda: laplacian.scale_response(U, 0, 5, [1.0]), ValueError, "col must be at most 4, got 5"),
    (lambda: laplacian.scale_response(U, -1, 0, [1.0]), ValueError, "row must be at least 0, got -1"),
    (lambda: laplacian.scale_response(U, 0, 0, [1.0, 0.0]), ValueError, "scales must be > 0, got 0"),
    (lambda: laplacian.scale_response(U, 0, 0, 1.0), ValueError, "scales must have 1 axes"),
    (lambda: laplacian.blobs(U, [1.0, 2.0], 0.1), ValueError, "scales must increase and be at least 3"),
    (lambda: laplacian.blobs(U, [1.0, 3.0, 2.0], 0.1), ValueError, "scales must increase and be at least 3"),
    (lambda: laplacian.blobs(U, [1.0, 2.0, 3.0], 0.0), ValueError, "threshold must be > 0, got 0"),
    (lambda: laplacian.laplacian5(U, 0.0), ValueError, "h must be > 0, got 0"),
    (lambda: laplacian.laplacian5_fast(U, -1.0), ValueError, "h must be > 0, got -1"),
    (lambda: laplacian.laplacian9(U, -2.0), ValueError, "h must be > 0, got -2"),
    (lambda: laplacian.heat_step(U, np.nan), ValueError, "dt must be finite"),
    (lambda: laplacian.heat_step(U, 0.1, 0.0), ValueError, "h must be > 0, got 0"),
    (lambda: laplacian.heat_flow(U, 0.1, -1), ValueError, "n_steps must be at least 0, got -1"),
    (lambda: laplacian.heat_flow(U, 0.1, 2.0), TypeError, "n_steps must be a whole number, got 2.0"),
    (lambda: laplacian.heat_dt_max(0.0, 2), ValueError, "h must be > 0, got 0"),
    (lambda: laplacian.heat_dt_max(1.0, 0), ValueError, "d must be at least 1, got 0"),
    (lambda: laplacian.heat_dt_max(1.0, True), TypeError, "d must be a whole number, got True"),
    (
        lambda: laplacian.harmonic_fill(U, np.ones(U.shape, dtype=bool)),
        ValueError,
        "mask must leave a pixel that is known",
    ),
    (lambda: laplacian.harmonic_fill(U, MASK.T), ValueError, r"u \(7, 5\), mask \(5, 7\)"),
    (lambda: laplacian.harmonic_fill(U, MASK.astype(float)), TypeError, "mask must be .* got dtype float64"),
    (lambda: laplacian.harmonic_fill(U, MASK, 0.0), ValueError, "tol must be > 0, got 0"),
    (lambda: laplacian.harmonic_fill(U, MASK, 1e-6, 0), ValueError, "max_iter must be at least 1, got 0"),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD)
def test_bad_input_is_named(call, error, match):
    with pytest.raises(error, match=match):
        call()


OF_AN_IMAGE = {
    "laplacian5": laplacian.laplacian5,
    "laplacian5_fast": laplacian.laplacian5_fast,
    "laplacian9": laplacian.laplacian9,
    "disc_mean": lambda u: laplacian.disc_mean(u, 1),
    "sharpen": lambda u: laplacian.sharpen(u, 1, 0.5),
    "log_filter": lambda u: laplacian.log_filter(u, 1.0),
    "log_filter_fast": lambda u: laplacian.log_filter_fast(u, 1.0),
    "dog_filter": lambda u: laplacian.dog_filter(u, 1.0, 2.0),
    "scale_response": lambda u: laplacian.scale_response(u, 0, 0, [1.0]),
    "blobs": lambda u: laplacian.blobs(u, [1.0, 2.0, 3.0], 0.1),
    "heat_step": lambda u: laplacian.heat_step(u, 0.1),
    "heat_flow": lambda u: laplacian.heat_flow(u, 0.1, 0),
    "harmonic_fill": lambda u: laplacian.harmonic_fill(u, MASK),
}


@pytest.mark.parametrize("name", OF_AN_IMAGE)
@pytest.mark.parametrize(
    ("u", "error", "match"),
    [
        (np.ones((2, 5)), ValueError, r"u needs at least 3 along each axis, got shape \(2, 5\)"),
        (np.ones((5, 2)), ValueError, r"u needs at least 3 along each axis, got shape \(5, 2\)"),
        (np.ones((4, 5, 3)), ValueError, r"u must have 2 axes, got shape \(4, 5, 3\)"),
        (NAN, ValueError, "u must be finite, got 5 NaN or infinite of 35"),
        (1j * np.ones((4, 5)), TypeError, "u must be real, got dtype complex128"),
        (np.array([["a"] * 3] * 3), TypeError, "u must hold numbers"),
    ],
)
def test_bad_images_are_refused(name, u, error, match):
    with pytest.raises(error, match=match):
        OF_AN_IMAGE[name](u)
