"""Oracles of `coursekit.sinkhorn`: closed forms, linear algebra, linear programming and laws."""

import numpy as np
import pytest
from scipy import optimize, special

from coursekit import sinkhorn

EPS = np.finfo(float).eps


def signal(n=17, seed=1):
    return np.random.default_rng(seed).uniform(0, 1, n)


def similarities(n=11, seed=2):
    """A positive matrix that is not positive semi-definite."""
    A = np.random.default_rng(seed).uniform(0.1, 2, (n, n))
    return A + A.T


def weights(n, seed):
    w = np.random.default_rng(seed).uniform(0.5, 1.5, n)
    return w / w.sum()


def doubly_stochastic(K):
    return sinkhorn.balanced(K, sinkhorn.balance(K).c)


# Similarities


@pytest.mark.parametrize("shape", [(7,), (5, 1), (6, 3)])
def test_gaussian_affinity_entries(shape):
    g = np.random.default_rng(3).normal(size=shape)
    K = sinkhorn.gaussian_affinity(g, 0.7)
    n = shape[0]
    expected = [[np.exp(-np.sum((g[i] - g[j]) ** 2) / (2 * 0.7**2)) for j in range(n)] for i in range(n)]
    # The exponent is at most some 30 here, and its rounding is multiplied by that.
    np.testing.assert_allclose(K, expected, rtol=100 * EPS)
    assert (K.diagonal() == 1).all()
    assert (K == K.T).all()


@pytest.mark.parametrize("h", [0.003, 0.03, 0.3, 3.0])
def test_gaussian_affinity_is_positive_semidefinite(h):
    K = sinkhorn.gaussian_affinity(signal(), h)
    # The norm of K is at most n, and eigvalsh errs by eps times the norm, with a modest factor.
    assert np.linalg.eigvalsh(K)[0] > -10 * 17 * EPS


def test_power_affinity_is_gaussian_for_two():
    g = signal().reshape(-1, 1)
    np.testing.assert_allclose(
        sinkhorn.power_affinity(g, 0.3 * np.sqrt(2), 2.0), sinkhorn.gaussian_affinity(g, 0.3), rtol=100 * EPS
    )


def test_power_affinity_one_is_laplace_kernel():
    g = signal()
    np.testing.assert_allclose(
        sinkhorn.power_affinity(g, 0.2, 1), np.exp(-np.abs(g[:, None] - g) / 0.2), rtol=100 * EPS
    )


@pytest.mark.parametrize(("p", "definite"), [(0.5, True), (1, True), (2, True), (3, False), (4, False)])
def test_power_affinity_definite_up_to_two(p, definite):
    least = np.linalg.eigvalsh(sinkhorn.power_affinity(np.linspace(0, 1, 21), 0.2, p))[0]
    assert (least > -10 * 21 * EPS) == definite


# The symmetric recursion


def test_sinkhorn_symmetric_first_steps_by_hand():
    K = np.array([[1.0, 2.0], [2.0, 7.0]])
    assert (sinkhorn.sinkhorn_symmetric(K, 0) == 1).all()
    one = np.array([1 / np.sqrt(3), 1 / 3])
    np.testing.assert_allclose(sinkhorn.sinkhorn_symmetric(K, 1), one, rtol=4 * EPS)
    two = np.sqrt(one / [one[0] + 2 * one[1], 2 * one[0] + 7 * one[1]])
    np.testing.assert_allclose(sinkhorn.sinkhorn_symmetric(K, 2), two, rtol=8 * EPS)


def test_sinkhorn_symmetric_averages_neighbouring_undamped_steps():
    # c <- 1 / (K c) yields the two scalings of the alternating sweeps in turn; their geometric mean balances.
    K = sinkhorn.gaussian_affinity(signal(), 0.3)
    c = np.ones(17)
    for _ in range(400):
        before, c = c, 1 / (K @ c)
    expected = sinkhorn.balance(K).c
    # balance stops at a residual of 1e-12; the log of c is off by no more, as I + W has no eigenvalue below 1.
    np.testing.assert_allclose(np.sqrt(before * c), expected, rtol=2e-12)
    assert np.abs(c / before - 1).max() > 0.5  # and alone neither does


@pytest.mark.parametrize("balancing", [sinkhorn.balance, sinkhorn.balance_chebyshev])
@pytest.mark.parametrize(("a", "b", "d"), [(4, 1, 1), (0.3, 2, 5), (1e-3, 1e-2, 7)])
def test_balance_two_by_two_closed_form(balancing, a, b, d):
    K = np.array([[a, b], [b, d]])
    W = sinkhorn.balanced(K, balancing(K, 1e-14).c)
    # At worst W has the eigenvalue -0.6 here, and then a residual r leaves an error of r / (1 - 0.6) in log c.
    assert W[0, 0] == pytest.approx(np.sqrt(a * d) / (np.sqrt(a * d) + b), rel=1e-13)


@pytest.mark.parametrize("balancing", [sinkhorn.balance, sinkhorn.balance_chebyshev])
@pytest.mark.parametrize("h", [0.01, 0.1, 1.0])
def test_balance_rows_columns_symmetry_range(balancing, h):
    result = balancing(sinkhorn.gaussian_affinity(signal(23), h))
    W = sinkhorn.balanced(sinkhorn.gaussian_affinity(signal(23), h), result.c)
    assert result.converged
    assert result.residual <= 1e-12
    for axis in (0, 1):
        np.testing.assert_allclose(W.sum(axis=axis), 1, rtol=0, atol=1e-12 + 23 * EPS)
    values = np.linalg.eigvalsh(W)
    assert values[0] > -10 * 23 * EPS
    assert values[-1] == pytest.approx(1, abs=1e-12 + 10 * 23 * EPS)
    np.testing.assert_allclose(result.log_c, np.log(result.c), rtol=0, atol=10 * EPS)


@pytest.mark.parametrize("h", [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_balance_needs_about_thirty_steps_at_any_bandwidth(h, seed):
    # Half an error a step: 2^-33 is 1e-10, and the start adds or saves a few steps.
    result = sinkhorn.balance(sinkhorn.gaussian_affinity(signal(61, seed), h), 1e-10)
    assert result.n_iter <= 33


def test_balance_equals_alternating_sweeps():
    K = sinkhorn.gaussian_affinity(signal(), 0.3)
    swept = sinkhorn.balance_alternating(K)
    W = swept.rows[:, None] * K * swept.columns
    # Both residuals are 1e-12, the slow mode of the sweeps may hide ten times as much.
    np.testing.assert_allclose(W, doubly_stochastic(K), rtol=2e-11)


def test_balance_ignores_prior_scaling():
    K = sinkhorn.gaussian_affinity(signal(), 0.3)
    d = np.exp(np.random.default_rng(5).normal(size=17) * 3)
    W = doubly_stochastic(d[:, None] * K * d)
    np.testing.assert_allclose(W, doubly_stochastic(K), rtol=1e-11)


def test_balance_is_the_kl_projection():
    K = similarities(7)
    W = doubly_stochastic(K)
    ratio = np.log(W / K)
    # Gibbs form: log W = log K + a_i + a_j.
    a = ratio.diagonal() / 2
    np.testing.assert_allclose(ratio, a[:, None] + a, rtol=0, atol=50 * EPS)

    def divergence(V):
        return (special.rel_entr(V, K) - V + K).sum()

    rng = np.random.default_rng(6)
    for _ in range(20):
        step = rng.normal(size=(7, 7))
        centre = np.eye(7) - 1 / 7
        step = centre @ (step + step.T) @ centre  # keeps all sums
        step *= 0.5 * (W / np.abs(step)).min()  # and all signs
        assert divergence(W + step) > divergence(W)


@pytest.mark.parametrize("balancing", [sinkhorn.balance, sinkhorn.balance_chebyshev])
def test_balance_indefinite(balancing):
    K = sinkhorn.power_affinity(np.linspace(0, 1, 21), 0.2, 4)
    result = balancing(K)
    W = sinkhorn.balanced(K, result.c)
    assert result.converged
    assert np.linalg.eigvalsh(W)[0] < -0.05
    assert np.linalg.eigvalsh(W)[0] >= -1


@pytest.mark.parametrize("K", [similarities(9), sinkhorn.gaussian_affinity(signal(), 0.1)], ids=["any", "definite"])
def test_balance_history_falls_at_the_predicted_rate(K):
    result = sinkhorn.balance(K, 1e-11)
    predicted = sinkhorn.contraction(sinkhorn.balanced(K, result.c))
    seen = (result.history[-1] / result.history[-9]) ** (1 / 8)
    # All modes shrink at least so fast; the next slowest still count for some per cent in eight steps.
    assert 0.9 * predicted < seen < 1.01 * predicted
    assert (result.n_iter, result.residual) == (len(result.history), result.history[-1])


def test_balance_undamped_rate_is_the_second_eigenvalue():
    K = similarities(9)
    W = doubly_stochastic(K)
    values = np.linalg.eigvalsh(W)
    second = np.abs(values[:-1]).max()
    c, errors = np.ones(9), []
    for _ in range(14):
        c = 1 / (K @ c)
        rows = c * (K @ c)
        errors.append(np.ptp(np.log(rows)))  # constants only change their sign: leave them out
    assert errors[-1] / errors[-3] == pytest.approx(second**2, rel=0.1)


def test_balance_chebyshev_equals_balance_in_fewer_steps():
    for h in (0.01, 0.1, 1.0):
        K = sinkhorn.gaussian_affinity(signal(41), h)
        slow, fast = sinkhorn.balance(K), sinkhorn.balance_chebyshev(K)
        np.testing.assert_allclose(fast.c, slow.c, rtol=4e-12)  # twice the two residuals
        # log 0.17 / log 0.5 = 2.6, and one evaluation before the first step.
        assert fast.n_iter <= slow.n_iter / 2
        assert fast.residual == fast.history[-1]


def test_balance_chebyshev_takes_any_layout():
    K = np.zeros((18, 27))
    K[::2, ::3] = similarities(9)
    K = K[::2, ::3]  # neither order of memory
    expected = sinkhorn.balance(K).c
    for same in (K, np.asfortranarray(K), K.tolist()):
        # Twice the two residuals, and the least eigenvalue of I + W is above 1/2 here.
        np.testing.assert_allclose(sinkhorn.balance_chebyshev(same).c, expected, rtol=8e-12)


def test_balance_without_a_positive_diagonal():
    W = doubly_stochastic([[0, 2, 3], [2, 0, 1], [3, 1, 0]])
    # Three unknowns, three sums: w12 + w13 = w12 + w23 = w13 + w23 = 1.
    np.testing.assert_allclose(W, (1 - np.eye(3)) / 2, rtol=0, atol=2e-12)


def test_balance_log_equals_balance():
    K = similarities()
    plain, logs = sinkhorn.balance(K), sinkhorn.balance_log(np.log(K))
    np.testing.assert_allclose(logs.c, plain.c, rtol=1e-9)
    assert logs.converged


def test_balance_log_survives_what_underflows():
    x = np.linspace(0, 1, 13)
    log_K = -1e4 * (x[:, None] - x) ** 2 - 900
    result = sinkhorn.balance_log(log_K)
    W = np.exp(result.log_c[:, None] + log_K + result.log_c)
    np.testing.assert_allclose(W.sum(axis=1), 1, rtol=0, atol=1e-10 + 1e4 * 4 * EPS)
    with pytest.raises(ValueError, match="K must have no zero row, got one: row 0"):
        sinkhorn.balance(np.exp(log_K))


def test_balance_warns_when_stopped():
    with pytest.warns(RuntimeWarning, match=r"not converged: error .* after 3 steps, wanted 1e-12"):
        result = sinkhorn.balance(similarities(), max_iter=3)
    assert not result.converged
    np.testing.assert_array_equal(result.c, sinkhorn.sinkhorn_symmetric(similarities(), 3))


def test_balance_alternating_takes_unsymmetric_matrices():
    K = np.random.default_rng(7).uniform(0.1, 1, (9, 9))
    result = sinkhorn.balance_alternating(K)
    W = result.rows[:, None] * K * result.columns
    np.testing.assert_allclose(W.sum(axis=1), 1, rtol=0, atol=1e-12 + 9 * EPS)
    np.testing.assert_allclose(W.sum(axis=0), 1, rtol=0, atol=20 * EPS)
    assert result.history[-1] <= 1e-12
    assert result.n_iter == len(result.history)


def test_balance_alternating_is_slow_where_groups_are_far_apart():
    g = np.concatenate([np.linspace(0, 0.2, 6), np.linspace(0.6, 0.8, 9)])
    K = sinkhorn.gaussian_affinity(g, 0.15)
    values = np.linalg.eigvalsh(doubly_stochastic(K))
    result = sinkhorn.balance_alternating(K, 1e-4, 10**5)
    seen = (result.history[-1] / result.history[-101]) ** (1 / 100)
    assert seen == pytest.approx(values[-2] ** 2, rel=1e-3)  # what is left after 100 equal factors
    assert result.n_iter > 10 * sinkhorn.balance(K, 1e-4).n_iter


# What W does


def test_apply_filter_equals_the_dense_matrix():
    K, c, x = similarities(7), signal(7, 8) + 0.5, signal(7, 9) - 0.5
    # Seven products of sums of sizes below 4 * 1.5^2.
    np.testing.assert_allclose(sinkhorn.apply_filter(K, c, x), sinkhorn.balanced(K, c) @ x, rtol=0, atol=7 * 10 * EPS)


def test_apply_filter_keeps_constants_and_the_mean():
    K = sinkhorn.gaussian_affinity(signal(31), 0.1)
    c = sinkhorn.balance(K, 1e-14).c
    x = signal(31, 4)
    np.testing.assert_allclose(sinkhorn.apply_filter(K, c, np.ones(31)), 1, rtol=0, atol=1e-13)
    assert sinkhorn.apply_filter(K, c, x).mean() == pytest.approx(x.mean(), rel=0, abs=1e-14 + 10 * EPS)


def test_apply_filter_is_self_adjoint():
    K, c = similarities(7), signal(7, 8)
    x, y = signal(7, 9), signal(7, 10)
    assert sinkhorn.apply_filter(K, c, x) @ y == pytest.approx(x @ sinkhorn.apply_filter(K, c, y), rel=20 * EPS)


def test_contraction_closed_forms():
    assert sinkhorn.contraction(np.eye(5)) == pytest.approx(0, abs=10 * EPS)
    assert sinkhorn.contraction(np.full((7, 7), 1 / 7)) == pytest.approx(0.5, abs=10 * EPS)
    assert sinkhorn.contraction([[0, 1], [1, 0]]) == pytest.approx(1, abs=10 * EPS)
    # Circulant: eigenvalues 0.2 + 0.8 cos(2 pi k / 5), the least at k = 2.
    ring = 0.2 * np.eye(5) + 0.4 * (np.roll(np.eye(5), 1, 0) + np.roll(np.eye(5), -1, 0))
    assert sinkhorn.contraction(ring) == pytest.approx((0.8 - 0.8 * np.cos(0.8 * np.pi)) / 2, abs=20 * EPS)


def test_recover_signal_exact_up_to_shift_and_sign():
    for seed, h in [(1, 0.3), (2, 0.8), (3, 2.0)]:
        g = signal(19, seed)
        centred = g - g.mean()
        centred = -centred if centred[0] > 0 else centred
        found = sinkhorn.recover_signal(doubly_stochastic(sinkhorn.gaussian_affinity(g, h)), h)
        # log W is right to some eps |log W|; times h^2 this perturbs g g^T, of size |g|^2.
        np.testing.assert_allclose(found, centred, rtol=0, atol=100 * 19 * EPS * max(1, h**2))


def test_recover_signal_does_not_need_balance():
    g, h = signal(9), 0.5
    K = sinkhorn.gaussian_affinity(g, h)
    d = np.exp(signal(9, 5))
    np.testing.assert_allclose(
        sinkhorn.recover_signal(d[:, None] * K * d, h), sinkhorn.recover_signal(K, h), rtol=0, atol=1000 * EPS
    )


def test_recover_signal_scales_with_the_bandwidth():
    K = sinkhorn.gaussian_affinity(signal(9), 0.5)
    np.testing.assert_allclose(
        sinkhorn.recover_signal(K, 1.5), 3 * sinkhorn.recover_signal(K, 0.5), rtol=0, atol=1000 * EPS
    )
    assert sinkhorn.recover_signal(K, 0.5)[0] <= 0


# Transport

SOLVERS = [sinkhorn.entropic_plan, sinkhorn.entropic_plan_fast]


def distances(n, m, seed=11):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(size=(n, 2)), rng.uniform(size=(m, 2))
    return ((x[:, None] - y) ** 2).sum(axis=2)


@pytest.mark.parametrize("solve", SOLVERS)
def test_entropic_plan_swap_closed_form(solve):
    for eps in (0.2, 1.0, 5.0):
        plan = solve([0.5, 0.5], [0.5, 0.5], [[0, 1], [1, 0]], eps).plan
        assert plan[0, 0] == pytest.approx(1 / (2 * (1 + np.exp(-1 / eps))), rel=1e-8)


@pytest.mark.parametrize("solve", SOLVERS)
@pytest.mark.parametrize("eps", [1.0, 0.1, 0.02])
def test_entropic_plan_marginals_and_gibbs_form(solve, eps):
    a, b, C = weights(7, 1), weights(12, 2), distances(7, 12)
    result = solve(a, b, C, eps)
    assert result.converged
    np.testing.assert_allclose(result.plan.sum(axis=1), a, rtol=0, atol=2e-9)
    np.testing.assert_allclose(result.plan.sum(axis=0), b, rtol=0, atol=2e-9)
    # log P + C / eps is a sum of a row's number and a column's: its double differences vanish.
    potential = np.log(result.plan) + C / eps
    mixed = potential - potential[:1] - potential[:, :1] + potential[0, 0]
    np.testing.assert_allclose(mixed, 0, rtol=0, atol=100 * EPS * np.abs(potential).max())
    assert result.cost == pytest.approx((result.plan * C).sum(), rel=20 * EPS)


@pytest.mark.parametrize("solve", SOLVERS)
def test_entropic_plan_is_balancing(solve):
    n = 13
    C = distances(n, n)
    C = C + C.T
    W = doubly_stochastic(np.exp(-C / 0.3))
    uniform = np.full(n, 1 / n)
    np.testing.assert_allclose(n * solve(uniform, uniform, C, 0.3, 1e-14).plan, W, rtol=0, atol=1e-11)


@pytest.mark.parametrize("solve", SOLVERS)
def test_entropic_plan_sorts_in_one_dimension(solve):
    rng = np.random.default_rng(12)
    x, y = rng.permutation(8) / 8, rng.permutation(8) / 8
    uniform = np.full(8, 1 / 8)
    plan = solve(uniform, uniform, (x[:, None] - y) ** 2, 0.01).plan
    assert (np.argsort(np.argsort(x)) == np.argsort(np.argsort(y))[plan.argmax(axis=1)]).all()


@pytest.mark.parametrize("solve", SOLVERS)
@pytest.mark.parametrize("eps", [0.1, 0.01])
def test_entropic_plan_cost_near_linear_programme(solve, eps):
    a, b, C = weights(6, 3), weights(9, 4), distances(6, 9)
    sums = np.concatenate([np.kron(np.eye(6), np.ones(9)), np.kron(np.ones(6), np.eye(9))])
    exact = optimize.linprog(C.ravel(), A_eq=sums, b_eq=np.concatenate([a, b])).fun
    cost = solve(a, b, C, eps).cost
    # The entropy of a plan lies between that of a and that of a plus that of b.
    assert exact - 1e-8 < cost < exact + eps * special.entr(b).sum() + 1e-8


@pytest.mark.parametrize("solve", SOLVERS)
def test_entropic_plan_distance_of_two_scaled_copies(solve):
    # x of mean 0 and SD 1 against m + s x: sorted points meet, so W2^2 = m^2 + (1 - s)^2 as for Gaussians.
    x = np.linspace(-1, 1, 10)
    x /= x.std()
    m, s, eps = 0.7, 1.6, 0.1
    uniform = np.full(10, 1 / 10)
    cost = solve(uniform, uniform, (x[:, None] - m - s * x) ** 2, eps).cost
    assert m**2 + (1 - s) ** 2 - 1e-7 < cost < m**2 + (1 - s) ** 2 + eps * np.log(10)


def test_entropic_plan_fast_equals_the_short_one():
    a, b, C = weights(23, 5), weights(31, 6), distances(23, 31)
    for eps in (0.5, 0.05, 0.005):
        slow, fast = sinkhorn.entropic_plan(a, b, C, eps, 1e-12), sinkhorn.entropic_plan_fast(a, b, C, eps, 1e-12)
        # A marginal error of 1e-12 in weights of 1/31 means 3e-11 in log P, and the slow mode multiplies that.
        np.testing.assert_allclose(fast.plan, slow.plan, rtol=0, atol=1e-9 / 23)
    assert fast.n_iter < slow.n_iter / 2


def test_entropic_plan_fast_survives_tiny_eps():
    a, b, C = weights(15, 5), weights(11, 6), distances(15, 11)
    result = sinkhorn.entropic_plan_fast(a, b, C, 1e-4 * C.max())
    assert result.converged
    assert result.plan.sum() == pytest.approx(1, abs=15 * 2e-9)


@pytest.mark.parametrize("seed", range(12))
def test_entropic_plan_fast_without_geometry(seed):
    # Costs at random and weights from 1e-6 to 1: here extrapolation goes astray, and must be caught.
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.01, 1, 9) ** 3, rng.uniform(0.01, 1, 14) ** 3
    a, b, C = a / a.sum(), b / b.sum(), rng.uniform(size=(9, 14))
    result = sinkhorn.entropic_plan_fast(a, b, C, 0.003)
    assert result.converged
    # The rows are exact: 14 products, none above 1, and their scaling.
    np.testing.assert_allclose(result.plan.sum(axis=1), a, rtol=0, atol=20 * EPS)
    np.testing.assert_allclose(result.plan.sum(axis=0), b, rtol=0, atol=1e-9 + 20 * EPS)
    potential = np.log(result.plan) + C / 0.003
    mixed = potential - potential[:1] - potential[:, :1] + potential[0, 0]
    np.testing.assert_allclose(mixed, 0, rtol=0, atol=100 * EPS * np.abs(potential).max())


@pytest.mark.parametrize("solve", SOLVERS)
def test_entropic_plan_warns_when_stopped(solve):
    with pytest.warns(RuntimeWarning, match="not converged: error .* after 3 steps"):
        result = solve(weights(7, 1), weights(12, 2), distances(7, 12), 0.02, max_iter=3)
    assert (result.converged, result.n_iter) == (False, 3)


def histograms(shape):
    rng = np.random.default_rng(13)
    a, b = rng.uniform(size=shape), rng.uniform(size=shape)
    a[0, 1] = 0
    return a / a.sum(), b / b.sum()


def test_transport_on_grid_equals_the_dense_plan():
    shape = (4, 7)
    a, b = histograms(shape)
    result = sinkhorn.transport_on_grid(a, b, 0.05, 1e-12)
    y, x = (part.ravel() / 7 for part in np.mgrid[:4, :7])
    C = (y[:, None] - y) ** 2 + (x[:, None] - x) ** 2
    plan = result.u.ravel()[:, None] * np.exp(-C / 0.05) * result.v.ravel()
    there = a.ravel() > 0
    dense = sinkhorn.entropic_plan(a.ravel()[there], b.ravel(), C[there], 0.05, 1e-12)
    assert (plan[~there] == 0).all()
    np.testing.assert_allclose(plan[there], dense.plan, rtol=0, atol=1e-10)
    assert result.cost == pytest.approx(dense.cost, rel=1e-9)


def test_transport_on_grid_of_one_pixel_each():
    a, b = np.zeros((5, 9)), np.zeros((5, 9))
    a[1, 2] = b[4, 6] = 1
    assert sinkhorn.transport_on_grid(a, b, 0.05).cost == pytest.approx((3**2 + 4**2) / 81, rel=100 * EPS)


# Bad input

K3 = np.eye(3) + 1
HALF = np.array([0.5, 0.5])
THIRD = np.full(3, 1 / 3)

OF_A_MATRIX = {
    "sinkhorn_symmetric": lambda K: sinkhorn.sinkhorn_symmetric(K, 3),
    "balance": sinkhorn.balance,
    "balance_chebyshev": sinkhorn.balance_chebyshev,
    "balance_alternating": sinkhorn.balance_alternating,
}


@pytest.mark.parametrize("name", OF_A_MATRIX)
@pytest.mark.parametrize(
    ("K", "error", "match"),
    [
        (np.ones((3, 4)), ValueError, r"K must be square, got shape \(3, 4\)"),
        (np.ones(3), ValueError, r"K must have 2 axes, got shape \(3,\)"),
        ([[1, -2], [-2, 1]], ValueError, "K must be nonnegative, got -2"),
        ([[1, np.nan], [np.nan, 1]], ValueError, "K must be finite, got 2 NaN"),
        ([[1, 0, 1], [0, 0, 0], [1, 0, 1]], ValueError, "K must have no zero row, got one: row 1"),
        (np.eye(2) * 1j, TypeError, "K must be real"),
        ([["a"]], TypeError, "K must hold numbers"),
    ],
)
def test_bad_similarities_are_named(name, K, error, match):
    with pytest.raises(error, match=match):
        OF_A_MATRIX[name](K)


@pytest.mark.parametrize("name", ["sinkhorn_symmetric", "balance", "balance_chebyshev"])
def test_asymmetric_similarities_are_named(name):
    with pytest.raises(ValueError, match=r"K must be symmetric, got 2 at \[0, 1\] and 3 at \[1, 0\]"):
        OF_A_MATRIX[name]([[1, 2], [3, 1]])


@pytest.mark.parametrize("name", ["balance", "balance_chebyshev", "balance_alternating"])
@pytest.mark.parametrize(
    ("K", "match"),
    [
        ([[0, 1, 1], [1, 0, 0], [1, 0, 0]], "total support, got a pattern of zeros without any positive permutation"),
        ([[1, 1], [1, 0]], r"total support, got an entry at \[0, 0\] that no scaling can keep"),
    ],
)
def test_no_total_support_is_named(name, K, match):
    with pytest.raises(ValueError, match=match):
        OF_A_MATRIX[name](K)


def test_support_is_decided_as_by_the_permanent():
    # For each pattern of a symmetric 4 x 4 matrix: an entry is supported if its minor has a positive permanent.
    def permanent(A):
        return 1 if not len(A) else sum(A[0, j] * permanent(np.delete(A[1:], j, 1)) for j in range(len(A)))

    upper = np.triu_indices(4)
    counts = {True: 0, False: 0}
    for code in range(1 << 10):
        K = np.zeros((4, 4))
        K[upper] = [code >> k & 1 for k in range(10)]
        K = np.maximum(K, K.T)
        if not K.any(axis=1).all():
            continue
        minors = [permanent(np.delete(np.delete(K, i, 0), j, 1)) for i, j in zip(*np.nonzero(K), strict=True)]
        expected = min(minors) > 0
        try:
            sinkhorn.balance_alternating(K, 10.0)
            found = True
        except ValueError:
            found = False
        assert found == expected
        counts[expected] += 1
    assert min(counts.values()) > 50


BAD = [
    (lambda: sinkhorn.gaussian_affinity([1.0], 0.0), ValueError, "h must be > 0, got 0"),
    (lambda: sinkhorn.gaussian_affinity(np.ones((2, 2, 2)), 1.0), ValueError, "features must have 1 or 2 axes"),
    (lambda: sinkhorn.gaussian_affinity([np.inf], 1.0), ValueError, "features must be finite"),
    (lambda: sinkhorn.power_affinity([1.0], 1.0, 0.0), ValueError, "p must be > 0, got 0"),
    (lambda: sinkhorn.power_affinity([1.0], -1.0, 1.0), ValueError, "h must be > 0, got -1"),
    (lambda: sinkhorn.sinkhorn_symmetric(K3, -1), ValueError, "n must be at least 0, got -1"),
    (lambda: sinkhorn.sinkhorn_symmetric(K3, 2.0), TypeError, "n must be a whole number, got 2.0"),
    (lambda: sinkhorn.balance(K3, 0.0), ValueError, "tol must be > 0, got 0"),
    (lambda: sinkhorn.balance(K3, max_iter=0), ValueError, "max_iter must be at least 1, got 0"),
    (lambda: sinkhorn.balance_log([[0.0, 1.0], [2.0, 0.0]]), ValueError, "log_K must be symmetric"),
    (lambda: sinkhorn.balance_log([[0.0, -np.inf], [-np.inf, 0.0]]), ValueError, "log_K must be finite"),
    (lambda: sinkhorn.balanced(np.ones((2, 3)), HALF), ValueError, "K must be square"),
    (lambda: sinkhorn.balanced(K3, HALF), ValueError, r"c must have shape \(3,\), got \(2,\)"),
    (lambda: sinkhorn.apply_filter(K3, HALF, THIRD), ValueError, r"got K \(3, 3\), c \(2,\)"),
    (lambda: sinkhorn.apply_filter(K3[:2], THIRD, THIRD), ValueError, r"got K \(2, 3\), c \(3,\)"),
    (lambda: sinkhorn.apply_filter(K3, THIRD, [1, np.nan, 1]), ValueError, "x must be finite"),
    (lambda: sinkhorn.contraction(K3), ValueError, "W must have rows of sum 1, got one that is off by 3"),
    (lambda: sinkhorn.contraction([[0.5, 0.5], [0.4, 0.6]]), ValueError, "W must be symmetric"),
    (lambda: sinkhorn.recover_signal(np.eye(3), 1.0), ValueError, "W must be > 0 everywhere, got 6 zeros"),
    (lambda: sinkhorn.recover_signal(K3, 0.0), ValueError, "h must be > 0, got 0"),
    (lambda: sinkhorn.recover_signal(-K3, 1.0), ValueError, "W must be nonnegative, got -2"),
    (lambda: sinkhorn.transport_on_grid([[1.0]], [[0.5]], 1.0), ValueError, "b must have the sum 1, got 0.5"),
    (lambda: sinkhorn.transport_on_grid([[1.0, 0]], [[0.0], [1]], 1.0), ValueError, r"a \(1, 2\), b \(2, 1\)"),
    (lambda: sinkhorn.transport_on_grid([[2.0, -1]], [[1.0, 0]], 1.0), ValueError, "a must be >= 0, got -1"),
    (lambda: sinkhorn.transport_on_grid([[1.0, 0]], [[0.0, 1]], 1e-9), ValueError, "eps must be larger for this"),
]
BAD += [
    (lambda solve=solve, args=args: solve(*args), ValueError, match)
    for solve in SOLVERS
    for args, match in [
        ((HALF, THIRD, np.ones((3, 2)), 1.0), r"C must have shape \(2, 3\) for these a and b, got \(3, 2\)"),
        ((HALF * 2, HALF, np.eye(2), 1.0), "a must have the sum 1, got 2"),
        ((HALF, [1.0, 0.0], np.eye(2), 1.0), "b must be > 0, got 0"),
        ((HALF, HALF, np.eye(2), 0.0), "eps must be > 0, got 0"),
        ((HALF, HALF, np.eye(2) * np.nan, 1.0), "C must be finite"),
    ]
]


@pytest.mark.parametrize(("call", "error", "match"), BAD)
def test_bad_input_is_named(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_inputs_are_left_alone():
    K, x = K3.copy(), THIRD.copy()
    sinkhorn.sinkhorn_symmetric(K, 4)
    sinkhorn.apply_filter(K, x, x)
    sinkhorn.balance_chebyshev(K)
    sinkhorn.recover_signal(K, 1.0)
    np.testing.assert_array_equal(K, K3)
    np.testing.assert_array_equal(x, THIRD)
