"""Oracles of `coursekit.motion_blur`: quadrature, the Fourier transform, frames rendered one by one, scipy.ndimage."""

import math

import numpy as np
import pytest
from scipy import integrate, ndimage
from skimage import data

from coursekit import motion_blur as mb

EPS = np.finfo(float).eps


def image(shape, seed=1):
    return np.random.default_rng(seed).random(shape)


# transfer, mtf, sampled_transfer


@pytest.mark.parametrize(("f", "v", "T"), [(0.1, 30.0, 0.5), (0.37, -12.0, 0.25), (0.02, 7.0, 3.0), (0.0, 5.0, 1.0)])
def test_transfer_is_the_mean_of_a_passing_wave(f, v, T):
    """The pixel at x = 0 sees exp(-2 pi i f v t) as the pattern f(x - v t) goes by."""
    real = integrate.quad(lambda t: np.cos(2 * np.pi * f * v * t) / T, 0, T, epsabs=1e-13)[0]
    imag = integrate.quad(lambda t: -np.sin(2 * np.pi * f * v * t) / T, 0, T, epsabs=1e-13)[0]
    assert abs(mb.transfer(f, v, T) - complex(real, imag)) < 1e-12  # what quad was asked for, with room for 1 / T
    assert mb.mtf(f, v, T) == pytest.approx(np.hypot(real, imag), abs=1e-12)


def test_mtf_at_named_points():
    np.testing.assert_allclose(mb.mtf([0.0, 0.125, 0.375], 8.0, 0.5), [1, 2 / np.pi, 2 / (3 * np.pi)], rtol=4 * EPS)
    assert mb.mtf(0.25, 8.0, np.array(0.5)) < EPS  # a whole period: the first zero, at f = 1 / (v T)
    assert mb.mtf(0.2, 0.0, 4.0) == 1


def test_transfer_changes_sign_after_its_zero():
    centred = mb.transfer(0.3, 10.0, 0.5) * np.exp(1j * np.pi * 1.5)  # without the shift by half the path
    assert centred.real == pytest.approx(-2 / (3 * np.pi), rel=8 * EPS)


@pytest.mark.parametrize("M", [1, 2, 5, 9])
def test_sampled_transfer_is_the_dirichlet_formula(M):
    z = np.array([0.13, 0.5, 1.7, 3.1, -2.2])
    formula = np.sin(np.pi * z) / (M * np.sin(np.pi * z / M))
    # The sine in the denominator is at least 0.07 here, and magnifies the rounding of pi z by 1 / 0.07.
    np.testing.assert_allclose(mb.sampled_transfer(z, 0.5, 2.0, M), formula, rtol=0, atol=150 * EPS)


def test_sampled_transfer_tends_to_the_exposure():
    f = np.linspace(0, 0.4, 7)
    z = f * 10
    # One step of the midpoint rule: relative error pi^2 z^2 / (6 M^2), of |sinc| <= 1.
    bound = 1.1 * (np.pi * z) ** 2 / (6 * 500**2) + 10 * EPS
    assert (np.abs(np.abs(mb.sampled_transfer(f, 10.0, 1.0, 500)) - mb.mtf(f, 10.0, 1.0)) <= bound).all()


# box_kernel, coded_kernel, kernel_transfer, blur


@pytest.mark.parametrize("length", [1, 3, 7])
def test_box_kernel_of_odd_length_is_a_box(length):
    expected = np.full((1, length), 1 / length)
    np.testing.assert_allclose(mb.box_kernel(length, 0, (1, length)), expected, rtol=0, atol=4 * EPS)
    np.testing.assert_allclose(mb.box_kernel(length, 90, (length, 1)), expected.T, rtol=0, atol=4 * EPS)
    np.testing.assert_allclose(mb.box_kernel(length, 180, (1, length)), expected, rtol=0, atol=4 * EPS)


def test_box_kernel_on_the_diagonal_goes_through_corners():
    np.testing.assert_allclose(mb.box_kernel(5 * np.sqrt(2), 45, (5, 5)), np.eye(5) / 5, rtol=0, atol=20 * EPS)
    np.testing.assert_allclose(mb.box_kernel(3 * np.sqrt(2), -45, (3, 7))[:, 2:5], np.eye(3)[::-1] / 3, atol=20 * EPS)


def test_box_kernel_ends_inside_pixels():
    np.testing.assert_allclose(mb.box_kernel(2.5, 0, (1, 5)), [[0, 0.3, 0.4, 0.3, 0]], rtol=0, atol=4 * EPS)
    np.testing.assert_array_equal(mb.box_kernel(0, 30, (3, 5)), [[0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]])


@pytest.mark.parametrize("angle", [0, 17, 60, 90, 133, 200, -75])
def test_box_kernel_counts_points_of_the_segment(angle):
    n, (rows, cols), length = 200_000, (11, 13), 9.7
    t = ((np.arange(n) + 0.5) / n - 0.5) * length
    y, x = np.rint(t * np.sin(np.deg2rad(angle))), np.rint(t * np.cos(np.deg2rad(angle)))
    counted = np.histogram2d(y, x, bins=(np.arange(-6, 6) + 0.5, np.arange(-7, 7) + 0.5))[0] / n
    kernel = mb.box_kernel(length, angle, (rows, cols))
    assert np.abs(kernel - counted).max() < 3 / n  # each end of a piece moves by at most one point
    assert kernel.sum() == pytest.approx(1, rel=20 * EPS)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], rtol=0, atol=20 * EPS)


def test_kernel_transfer_is_the_transform_of_the_padded_kernel():
    for (H, W), size in (((9, 14), (4, 5)), ((8, 13), (3, 13)), ((1, 12), (1, 6))):
        h = image(size)
        padded = np.zeros((H, W))
        padded[: size[0], : size[1]] = h
        padded = np.roll(padded, (-(size[0] // 2), -(size[1] // 2)), (0, 1))
        # Sums of at most 39 numbers below 1, each with a rounded angle below 2 pi.
        np.testing.assert_allclose(mb.kernel_transfer(h, (H, W)), np.fft.rfft2(padded), rtol=0, atol=39 * 20 * EPS)


@pytest.mark.parametrize("size", [(1, 5), (1, 4), (3, 5), (4, 7), (5, 1)])
def test_blur_is_convolution(size):
    u, h = image((9, 14)), image(size, 2)
    expected = ndimage.convolve(u, h, mode="wrap")
    np.testing.assert_allclose(mb.blur(u, h), expected, rtol=0, atol=h.sum() * 50 * EPS)


def test_blur_of_rows_is_convolve1d_and_keeps_the_mean():
    u, h = image((11, 31)), mb.box_kernel(6.4, 0, (1, 9))
    np.testing.assert_allclose(mb.blur(u, h), ndimage.convolve1d(u, h[0], mode="wrap"), rtol=0, atol=50 * EPS)
    assert mb.blur(u, h).mean() == pytest.approx(u.mean(), rel=50 * EPS)


@pytest.mark.parametrize("length", [0, 0.6, 1, 1.3, 2, 4.25, 7, 11.9, 29])
def test_box_blur_is_blur(length):
    u, half = image((5, 31)), int(np.ceil(max(0, length - 1) / 2))
    expected = mb.blur(u, mb.box_kernel(length, 0, (1, 2 * half + 1)))
    # W steps each round twice the sum of at most length + 2 numbers below 1, which is then divided by that many;
    # before them the first window is summed. 50 roundings are for the transforms of `blur`.
    np.testing.assert_allclose(mb.box_blur(u, length), expected, rtol=0, atol=(31 + length + 2 + 50) * EPS)


def test_box_blur_as_long_as_the_row_is_its_mean():
    for shape in ((3, 8), (4, 11)):
        u = image(shape)
        expected = np.repeat(u.mean(axis=1, keepdims=True), shape[1], axis=1)
        np.testing.assert_allclose(mb.box_blur(u, shape[1]), expected, rtol=0, atol=(2 * shape[1] + 10) * EPS)


def test_box_blur_gathers_rounding_no_faster_than_its_bound():
    """A long bright row: against the exact sums of the fractions that the pixels are."""
    u, length = 1e6 + image((1, 3001)), 9
    exact = [math.fsum(u[0, np.arange(x - 4, x + 5) % 3001]) / length for x in range(3001)]
    assert np.abs(mb.box_blur(u, length)[0] - exact).max() <= (3001 + length) * EPS * u.max()


def test_box_blur_takes_small_floats_and_whole_numbers():
    u = np.round(100 * image((4, 9)))
    for kind in (np.float16, np.float32, np.uint8):
        np.testing.assert_array_equal(mb.box_blur(u.astype(kind), 3.5), mb.box_blur(u, 3.5))


def test_blur_is_the_mean_of_rolled_frames():
    u, M = image((7, 24)), 9
    frames = np.array([np.roll(u, k, axis=1) for k in range(-(M // 2), M // 2 + 1)])
    np.testing.assert_allclose(mb.expose(frames), mb.blur(u, np.full((1, M), 1 / M)), rtol=0, atol=50 * EPS)


def test_kernel_transfer_of_a_box_is_sampled_transfer():
    found = mb.kernel_transfer(mb.box_kernel(7, 0, (1, 7)), (1, 40))[0]
    f = np.arange(21) / 40
    np.testing.assert_allclose(found, mb.sampled_transfer(f, 7.0, 1.0, 7), rtol=0, atol=100 * EPS)


def test_coded_kernel_has_the_open_fraction():
    h = mb.coded_kernel([0, 1, 1, 0, 1])
    np.testing.assert_array_equal(h, [[0, 0.2, 0.2, 0, 0.2]])
    assert mb.CODE.sum() == 26
    assert mb.CODE.size == 52


# expose, expose_moving_object


def test_expose_is_the_mean_over_time():
    frames = image((5, 3, 4, 2))
    np.testing.assert_allclose(mb.expose(frames), sum(frames) / 5, rtol=4 * EPS)


@pytest.mark.parametrize("L", [1, 2, 5, 13])
def test_expose_moving_object_is_the_mean_of_composed_frames(L):
    B, o, m = image((7, 13)), image((7, 13), 2), image((7, 13), 3)
    frames = []
    for k in range(L):
        alpha = ndimage.shift(m, (0, k), order=0, mode="constant")
        frames.append(alpha * ndimage.shift(o, (0, k), order=0, mode="constant") + (1 - alpha) * B)
    found = mb.expose_moving_object(B, o, m, L)
    np.testing.assert_allclose(found, np.mean(frames, axis=0), rtol=0, atol=4 * L * EPS)


def test_expose_moving_object_leaves_alone_what_it_never_covers():
    B, o, m = image((5, 12)), np.ones((5, 12)), np.zeros((5, 12))
    m[1:3, 2:4] = 1
    found = mb.expose_moving_object(B, o, m, 3)
    untouched = np.ones((5, 12), dtype=bool)
    untouched[1:3, 2:6] = False
    np.testing.assert_array_equal(found[untouched], B[untouched])
    np.testing.assert_array_equal(mb.expose_moving_object(B, o, np.zeros((5, 12)), 12), B)


def test_expose_moving_object_blends_two_constants():
    """One opaque column over 4 instants: a quarter of the light each."""
    m = np.zeros((3, 9))
    m[:, 2] = 1
    found = mb.expose_moving_object(np.full((3, 9), 0.2), np.full((3, 9), 1.0), m, 4)
    np.testing.assert_allclose(found[1], [0.2] * 2 + [0.4] * 4 + [0.2] * 3, rtol=4 * EPS)


# apparent_rate


def test_apparent_rate_published_wheel():
    assert mb.apparent_rate(8, 2.9, 24.0) == pytest.approx(-0.1, abs=8 * EPS * 24)
    assert mb.apparent_rate(8, 3.1, 24.0) == pytest.approx(0.1, abs=8 * EPS * 24)
    assert mb.apparent_rate(8, 1.5, 24.0) == -1.5  # half-way: as documented


@pytest.mark.parametrize(("n", "fps"), [(1, 24.0), (5, 25.0), (8, 24.0), (12, 30.0)])
def test_apparent_rate_is_the_nearest_of_all_aliases(n, fps):
    for R in np.random.default_rng(4).uniform(-9, 9, 30):
        aliases = R + np.arange(-400, 401) * fps / n
        nearest = aliases[np.abs(aliases).argmin()]
        assert mb.apparent_rate(n, R, fps) == pytest.approx(nearest, abs=20 * EPS * 400 * fps)


# spoke_exposure, render_wheel


@pytest.mark.parametrize("duty", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("R", [2.9, -1.3, 0.4])
def test_spoke_exposure_is_the_mean_over_instants(R, duty):
    theta, n, T, M = np.linspace(-4, 7, 53), 7, 0.03, 20_000
    t = 0.01 + (np.arange(M) + 0.5) / M * T
    turns = n * (theta[:, None] / (2 * np.pi) - R * t)
    covered = np.abs(turns - np.rint(turns)) < duty / 2
    found = mb.spoke_exposure(theta, n, R, T, duty=duty, start=0.01)
    assert np.abs(found - covered.mean(axis=1)).max() < 3 / M  # at most one edge of each kind passes: 2 counts


def test_spoke_exposure_at_rest_and_over_a_turn():
    theta = np.linspace(0, 2 * np.pi, 17)[:-1] + 0.01
    still = mb.spoke_exposure(theta, 4, 0.0, 0.02, duty=0.3)
    nearest = np.abs(theta / (np.pi / 2) - np.rint(theta / (np.pi / 2)))
    np.testing.assert_array_equal(still, nearest < 0.15)
    np.testing.assert_allclose(mb.spoke_exposure(theta, 4, 5.0, 0.05, duty=0.3), 0.3, rtol=0, atol=40 * EPS)


def fundamental(n, R, T, start, N=3600):
    theta = 2 * np.pi * np.arange(N) / N
    return (mb.spoke_exposure(theta, n, R, T, start=start) * np.exp(-1j * n * theta)).sum() / N


def test_spokes_on_film_have_the_predicted_contrast_and_go_backwards():
    n, R, fps, T = 8, 2.9, 24.0, 1 / 48
    first, second = fundamental(n, R, T, 0.0), fundamental(n, R, T, 1 / fps)
    # Of a square wave the N / n = 450 samples per spoke fold the harmonic 449 onto the fundamental, 1 / 449 of it
    # before blur and far less after; the contrast is held to that.
    contrast = abs(first) / (1 / np.pi)
    assert contrast == pytest.approx(np.sinc(n * R * T), abs=1 / 449)
    assert contrast == pytest.approx(0.65767, abs=1e-4)
    turned = -np.angle(second / first) * fps / (2 * np.pi)  # spokes a second
    assert turned == pytest.approx(-0.8, abs=1e-3)
    assert turned / n == pytest.approx(mb.apparent_rate(n, R, fps), abs=1e-4)


def test_shutter_decides_at_the_first_standstill():
    n, fps = 8, 24.0
    R = fps / n
    assert abs(fundamental(n, R, 0.5 / fps, 0.0)) * np.pi == pytest.approx(2 / np.pi, abs=1 / 449)
    assert abs(fundamental(n, R, 1 / fps, 0.0)) < 40 * EPS


def lock_in(frame, n):
    """The fundamental of the spokes' light in a ring of a picture."""
    size = frame.shape[0]
    x = (np.arange(size) - (size - 1) / 2) / (size / 2)
    r, theta = np.hypot(x, x[:, None]), np.arctan2(x[:, None], x)
    ring = (r > 0.3) & (r < 0.8)
    return (frame * np.exp(-1j * n * theta))[ring].sum() / ring.sum()


def test_render_wheel_phase_and_contrast_of_the_picture():
    n, R, fps, T = 8, 2.9, 24.0, 1 / 48
    still = mb.render_wheel(n, 0.0, fps, T, size=401)
    frames = [mb.render_wheel(n, R, fps, T, frame=k, size=401) for k in (0, 1)]
    first, second = lock_in(frames[0], n), lock_in(frames[1], n)
    # Pixel centres miss a sharp edge by up to half a pixel, on average over 10^5 pixels far less.
    assert abs(first) / abs(lock_in(still, n)) == pytest.approx(0.658, abs=3e-3)
    assert -np.angle(second / first) * fps / (2 * np.pi) == pytest.approx(-0.8, abs=1e-2)


def test_render_wheel_stands_still_at_the_standstill():
    frames = [mb.render_wheel(6, 4.0, 24.0, 0.01, frame=k, size=61, width=5.0) for k in (0, 3)]
    assert np.abs(frames[0] - frames[1]).max() < 1e-9  # an edge's position is rounded, then divided by 6 * 4 * 0.01
    assert frames[0].min() == 0
    assert frames[0].max() == 1
    assert np.ptp(frames[0][25:36]) > 0.9


def test_render_wheel_blurs_the_rim_more_than_the_hub():
    """A spoke 24 pixels wide; in 1/24 s the wheel turns by 1/16, a path of 0.39 r."""
    wheel = mb.render_wheel(8, 1.5, 24.0, 1 / 24, size=401, width=24.0)
    x = np.arange(401) - 200
    r = np.hypot(x, x[:, None])
    assert wheel[np.abs(r - 50) < 1].max() == 1  # the path is shorter than the spoke: its core is never uncovered
    # Beyond r = 61 no point is covered all the time, but for 24 / (0.39 r) of it.
    assert wheel[np.abs(r - 160) < 1].max() == pytest.approx(24 / (2 * np.pi * 160 / 16), rel=1 / 150)


# wiener_deblur, noise_gain


def test_wiener_deblur_round_trip_without_noise():
    u = data.coffee()[:101, :150].mean(axis=2) / 255
    h = mb.box_kernel(7, 0, (1, 7))  # 7 does not divide 150: no frequency of the picture is a zero
    back = mb.wiener_deblur(mb.blur(u, h), h, 0.0)
    assert 10 * np.log10(1 / np.mean((back - u) ** 2)) > 40
    # Rounding is magnified by at most 1 / min|H|.
    worst = 1 / np.abs(mb.kernel_transfer(h, (1, 150))).min()
    assert np.abs(back - u).max() < 100 * EPS * worst


def test_wiener_deblur_solves_the_normal_equations():
    """argmin |h * x - y|^2 + nsr |x|^2, from the circulant matrix itself."""
    h, y, nsr = np.array([[0.2, 0.5, 0.1, 0.3]]), image((3, 9)), 0.07
    A = np.array([mb.blur(row[None], h)[0] for row in np.eye(9)]).T
    expected = np.linalg.solve(A.T @ A + nsr * np.eye(9), A.T @ y.T).T
    np.testing.assert_allclose(mb.wiener_deblur(y, h, nsr), expected, rtol=0, atol=100 * EPS / nsr)


@pytest.mark.parametrize("size", [(1, 5), (3, 4), (4, 1)])
def test_wiener_deblur_fast_is_wiener_deblur(size):
    y, h = image((9, 14)), image(size, 6)
    # The division magnifies rounding by at most max|H| / nsr.
    atol = 100 * EPS * h.sum() / 0.01
    np.testing.assert_allclose(mb.wiener_deblur_fast(y, h, 0.01), mb.wiener_deblur(y, h, 0.01), rtol=0, atol=atol)


def test_noise_gain_is_what_noise_suffers():
    rng, h, size = np.random.default_rng(5), np.array([[0.5, 0.3, 0.2]]), 64
    noise = rng.standard_normal((400, size))
    found = mb.wiener_deblur(noise, h, 0.0).std()
    # 400 rows of 64 values: SE of an SD is below 1 / sqrt(2 * 400) of it, however the 64 are correlated.
    assert found == pytest.approx(mb.noise_gain(h, size), rel=4.5 / np.sqrt(800))


def test_code_published_numbers():
    h = mb.coded_kernel(mb.CODE)
    assert mb.noise_gain(h, 4096) == pytest.approx(17.6, abs=0.05)
    assert np.abs(np.fft.fft(h[0], 4096)).min() == pytest.approx(0.0255, abs=5e-5)
    assert mb.noise_gain(np.full((1, 52), 1 / 52), 4160) == np.inf  # 52 divides 4160
    assert mb.noise_gain([[1.0]], 5) == 1


# cepstrum, blur_length


@pytest.mark.parametrize("length", [6, 13, 22])
@pytest.mark.parametrize("name", ["camera", "coffee", "page"])
def test_blur_length_finds_a_known_blur(name, length):
    u = getattr(data, name)()[:180, :380] / 255
    u = u.mean(axis=2) if u.ndim == 3 else u
    blurred = ndimage.uniform_filter1d(u, length, axis=1)[:, length:-length]  # no periodic border
    noisy = blurred + 0.003 * np.random.default_rng(2).standard_normal(blurred.shape)
    assert mb.blur_length(noisy) == length


def test_blur_length_of_the_clock():
    assert abs(mb.blur_length(data.clock() / 255) - 36) <= 1
    assert abs(mb.blur_length(data.clock()[80:220, 120:300] / 255) - 36) <= 1


def test_cepstrum_of_two_equal_edges_is_an_echo():
    """An echo of strength a at lag k gives log|1 + a z^k|^2: a at lag k, then -a^2 / 2 at 2 k."""
    u = np.zeros((1, 200))
    u[0, 20:], a = 1.0, 0.4
    u[0, 31:] += a
    found = mb.cepstrum(u)
    expected = np.zeros(199)
    for j in range(1, 19):
        expected[11 * j] = -((-a) ** j) / j
    # The series goes on: its terms fold back from lag 398 with 0.4^19 / 19.
    np.testing.assert_allclose(found, expected, rtol=0, atol=2 * a**19 / 19 + 100 * EPS)


# bad input

U, H3 = image((7, 21)), np.array([[0.25, 0.5, 0.25]])
M7 = (U > 0.5).astype(float)
NAN = np.where(U > 0.9, np.nan, U)

BAD = [
    (lambda: mb.mtf(0.1, 1.0, 0.0), ValueError, "T must be > 0, got 0"),
    (lambda: mb.transfer(0.1, 1.0, -2.0), ValueError, "T must be > 0, got -2"),
    (lambda: mb.transfer(1j, 1.0, 1.0), TypeError, "f must be real"),
    (lambda: mb.mtf(np.nan, 1.0, 1.0), ValueError, "f must be finite"),
    (lambda: mb.sampled_transfer(0.1, 1.0, 1.0, 0), ValueError, "M must be at least 1, got 0"),
    (lambda: mb.sampled_transfer(0.1, 1.0, 1.0, 2.5), TypeError, "M must be a whole number, got 2.5"),
    (lambda: mb.box_kernel(-1, 0, (3, 3)), ValueError, "length must be >= 0, got -1"),
    (lambda: mb.box_kernel(3, 0, (3, 4)), ValueError, r"shape must be odd, got \(3, 4\)"),
    (lambda: mb.box_kernel(9, 30, (3, 5)), ValueError, r"hold a segment of 4.5 rows and 7.79423 columns, got \(3, 5\)"),
    (lambda: mb.coded_kernel([0, 2, 1]), ValueError, "code must hold 0 and 1 only, got 2"),
    (lambda: mb.coded_kernel([0, 0, 0]), ValueError, "code must open the shutter, got 3 zeros"),
    (lambda: mb.kernel_transfer(H3, (3, 2)), ValueError, r"not be larger than the image \(3, 2\), got shape \(1, 3\)"),
    (lambda: mb.blur(U, np.ones((8, 1))), ValueError, r"not be larger than the image \(7, 21\), got shape \(8, 1\)"),
    (lambda: mb.blur(U, np.ones((1, 22))), ValueError, r"not be larger than the image \(1, 21\), got shape \(1, 22\)"),
    (lambda: mb.box_blur(U, -0.5), ValueError, "length must be >= 0, got -0.5"),
    (lambda: mb.box_blur(U, 21.5), ValueError, "length must be <= 21, got 21.5"),
    (lambda: mb.box_blur(U[0], 3), ValueError, r"u must have 2 axes, got shape \(21,\)"),
    (lambda: mb.box_blur(1j * U, 3), TypeError, "u must be real, got dtype complex128"),
    (lambda: mb.box_blur(NAN, 3), ValueError, "u must be finite"),
    (lambda: mb.expose(3.0), ValueError, "frames must have an axis of time, got the number 3"),
    (
        lambda: mb.expose(np.zeros((0, 4, 5))),
        ValueError,
        r"frames needs at least 1 along each axis, got shape \(0, 4, 5\)",
    ),
    (lambda: mb.expose_moving_object(U, U.T, M7, 3), ValueError, r"o \(21, 7\)"),
    (lambda: mb.expose_moving_object(U, U, 2 * M7, 3), ValueError, r"m must lie in \[0, 1\], got 0 to 2"),
    (lambda: mb.expose_moving_object(U, U, M7, 0), ValueError, "L must be at least 1, got 0"),
    (lambda: mb.expose_moving_object(U, U, M7, 22), ValueError, "L must be at most 21, got 22"),
    (lambda: mb.expose_moving_object(U, NAN, M7, 2), ValueError, "o must be finite"),
    (lambda: mb.apparent_rate(0, 1.0, 24.0), ValueError, "n must be at least 1, got 0"),
    (lambda: mb.apparent_rate(2.5, 1.0, 24.0), TypeError, "n must be a whole number, got 2.5"),
    (lambda: mb.apparent_rate(8, 1.0, 0.0), ValueError, "fps must be > 0, got 0"),
    (lambda: mb.spoke_exposure([0.0], 8, 1.0, 0.01, duty=1.5), ValueError, r"duty must lie in \[0, 1\], got 1.5"),
    (lambda: mb.spoke_exposure([0.0], 8, 1.0, 0.0), ValueError, "T must be > 0, got 0"),
    (lambda: mb.render_wheel(8, 1.0, 24.0, 0.05), ValueError, "T must be <= 1 / fps = 0.0416667, got 0.05"),
    (lambda: mb.render_wheel(8, 1.0, 24.0, 0.0), ValueError, "T must be > 0, got 0"),
    (lambda: mb.render_wheel(0, 1.0, 24.0, 0.01), ValueError, "n must be at least 1, got 0"),
    (lambda: mb.render_wheel(8, 1.0, 24.0, 0.01, size=5), ValueError, "size must be at least 16, got 5"),
    (lambda: mb.render_wheel(8, 1.0, 24.0, 0.01, width=0), ValueError, "width must be > 0, got 0"),
    (lambda: mb.wiener_deblur(U, H3, -0.1), ValueError, "nsr must be >= 0, got -0.1"),
    (
        lambda: mb.wiener_deblur(U, np.full((1, 7), 1 / 7), 0.0),
        ValueError,
        "nsr must be > 0 for a blur with zeros, got 0",
    ),
    (lambda: mb.wiener_deblur(U, np.ones((9, 1)), 0.1), ValueError, r"h must not be larger than y \(7, 21\)"),
    (lambda: mb.wiener_deblur(NAN, H3, 0.1), ValueError, "y must be finite"),
    (lambda: mb.wiener_deblur_fast(U, H3, 0.0), ValueError, "nsr must be > 0, got 0"),
    (lambda: mb.noise_gain(np.ones((2, 3)), 9), ValueError, r"h must have one row, got shape \(2, 3\)"),
    (lambda: mb.noise_gain(H3, 2), ValueError, "size must be at least 3, got 2"),
    (lambda: mb.cepstrum(np.ones((3, 15))), ValueError, r"y needs at least 16 columns, got shape \(3, 15\)"),
    (lambda: mb.cepstrum(np.ones((3, 17))), ValueError, "y must change along its rows"),
    (lambda: mb.blur_length(U, 1), ValueError, "least must be at least 2, got 1"),
    (lambda: mb.blur_length(U, 6), ValueError, r"y needs more than 24 columns, got shape \(7, 21\)"),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD)
def test_bad_input_is_named(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_inputs_are_kept():
    B, o, m = U.copy(), U.copy(), M7.copy()
    mb.expose_moving_object(B, o, m, 3)
    mb.wiener_deblur(B, H3, 0.1)
    mb.wiener_deblur_fast(B, H3.T, 0.1)
    mb.blur(B, H3.T)
    mb.box_blur(B, 3.5)
    mb.box_blur(B, 1)[:] = 9
    np.testing.assert_array_equal(B, U)
    np.testing.assert_array_equal(o, U)
    np.testing.assert_array_equal(m, M7)
