"""Oracles: closed forms for Gaussians, scipy's matrix square root, an explicit feature map of the kernel."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from coursekit.sample_quality import frechet_distance, gaussian_frechet_distance, kernel_distance

EPS = np.finfo(float).eps


def spd(d: int, rng: np.random.Generator) -> np.ndarray:
    A = rng.standard_normal((d, d + 2))
    return A @ A.T


def test_gaussian_frechet_distance_of_equal_gaussians_is_zero():
    rng = np.random.default_rng(0)
    S, m = spd(5, rng), rng.standard_normal(5)
    # roots of eigenvalues: an error of eps * trace under a root loses at most half the digits, none at full rank
    assert gaussian_frechet_distance(m, S, m, S) <= 100 * EPS * np.trace(S)


def test_gaussian_frechet_distance_of_commuting_covariances_is_that_of_the_roots():
    rng = np.random.default_rng(1)
    Q = np.linalg.qr(rng.standard_normal((7, 7)))[0]
    a, b, m = rng.uniform(0.1, 3, 7), rng.uniform(0.1, 3, 7), rng.standard_normal(7)
    expected = m @ m + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum()
    found = gaussian_frechet_distance(m, Q * a @ Q.T, np.zeros(7), Q * b @ Q.T)
    assert found == pytest.approx(expected, rel=1e3 * EPS)


def test_gaussian_frechet_distance_matches_scipys_matrix_square_root():
    rng = np.random.default_rng(2)
    A, B = spd(6, rng), spd(6, rng)
    m, k = rng.standard_normal((2, 6))
    expected = (m - k) @ (m - k) + np.trace(A + B - 2 * sqrtm(A @ B).real)
    # sqrtm of a matrix that is not symmetric is as good as the condition of its eigenvectors, about 1e3 here
    assert gaussian_frechet_distance(m, A, k, B) == pytest.approx(expected, rel=1e5 * EPS)


def test_gaussian_frechet_distance_takes_singular_covariances():
    m, u = np.zeros(3), np.array([3.0, 0.0, 4.0])
    # to a point mass: the total variance
    assert gaussian_frechet_distance(m, np.outer(u, u), m, np.zeros((3, 3))) == pytest.approx(25, rel=10 * EPS)


def test_gaussian_frechet_distance_is_symmetric():
    rng = np.random.default_rng(3)
    A, B, m = spd(4, rng), spd(4, rng), rng.standard_normal(4)
    there, back = gaussian_frechet_distance(m, A, -m, B), gaussian_frechet_distance(-m, B, m, A)
    assert there == pytest.approx(back, rel=1e4 * EPS)


def test_frechet_distance_of_a_shifted_copy_is_the_squared_shift():
    rng = np.random.default_rng(4)
    x = rng.standard_normal((31, 5))
    assert frechet_distance(x, x + 0.5) == pytest.approx(5 * 0.25, rel=1e4 * EPS)


def test_frechet_distance_of_one_feature_uses_means_and_standard_deviations():
    x, y = np.array([[0.0], [2.0], [7.0]]), np.array([[1.0], [5.0]])
    expected = (x.mean() - y.mean()) ** 2 + (x.std(ddof=1) - y.std(ddof=1)) ** 2
    assert frechet_distance(x, y) == pytest.approx(expected, rel=100 * EPS)


def test_frechet_distance_bias_is_as_derived():
    # N(0, I_10), n = 500 on both sides: expectation (2 d + d (d + 1) / 2) / n = 75 / n up to O(n^-2)
    rng, n, d = np.random.default_rng(5), 500, 10
    values = n * np.array([frechet_distance(*rng.standard_normal((2, n, d))) for _ in range(60)])
    # 4 standard errors of the mean, and the next order, d / n of the value, on top
    assert abs(values.mean() - 75) < 4 * values.std(ddof=1) / np.sqrt(60) + 75 * d / n


def test_kernel_distance_matches_its_definition_by_loops():
    rng = np.random.default_rng(6)
    x, y = rng.standard_normal((4, 3)), rng.standard_normal((5, 3))

    def k(a, b):
        return (sum(a * b) / 3 + 1) ** 3

    xx = np.mean([k(x[i], x[j]) for i in range(4) for j in range(4) if i != j])
    yy = np.mean([k(y[i], y[j]) for i in range(5) for j in range(5) if i != j])
    xy = np.mean([k(a, b) for a in x for b in y])
    assert kernel_distance(x, y) == pytest.approx(xx + yy - 2 * xy, rel=1e3 * EPS)


def test_kernel_distance_is_unbiased_for_small_sets():
    rng = np.random.default_rng(7)
    values = np.array([kernel_distance(*rng.standard_normal((2, 9, 4))) for _ in range(400)])
    assert abs(values.mean()) < 4 * values.std(ddof=1) / 20
    assert values.min() < 0 < values.max()


def test_kernel_distance_of_point_masses():
    # k(0, 0) = 1, k(2, 2) = 27 for (x.y / 2 + 1)^3 with x.y = 4, and 1 across
    assert kernel_distance(np.zeros((3, 2)), np.full((2, 2), np.sqrt(2))) == pytest.approx(26, rel=10 * EPS)


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros((3, 2)), np.zeros((3, 4)), r"as many features, got shapes \(3, 2\) and \(3, 4\)"),
        (np.zeros((1, 2)), np.zeros((3, 2)), "at least 2 samples each, got 1 and 3"),
        (np.zeros(3), np.zeros((3, 2)), "x must have 2 axes"),
        (np.full((2, 2), np.nan), np.zeros((3, 2)), "x must be finite"),
    ],
)
def test_distances_refuse_bad_samples(distance, x, y, message):
    with pytest.raises(ValueError, match=message):
        distance(x, y)


def test_distances_refuse_complex_samples():
    with pytest.raises(TypeError, match="y must be real"):
        kernel_distance(np.zeros((3, 2)), np.zeros((3, 2), dtype=complex))


def test_gaussian_frechet_distance_refuses_shapes_that_disagree():
    with pytest.raises(ValueError, match=r"must agree, got \(2,\), \(3, 3\)"):
        gaussian_frechet_distance(np.zeros(2), np.eye(3), np.zeros(2), np.eye(2))
