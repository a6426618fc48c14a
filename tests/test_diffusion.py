"""Oracles of `coursekit.deep.diffusion`: closed forms, autograd, conditioning of Gaussians, matrix products, laws."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from coursekit.deep import diffusion

EPS = torch.finfo(torch.float64).eps
SCHEDULE = diffusion.linear_schedule(1000)
# The mixture of the lab: mean .45, variance 2.7745.
WEIGHTS, MEANS, SDS = (torch.tensor(a, dtype=torch.float64) for a in ([0.3, 0.7], [-2.0, 1.5], [0.3, 0.5]))
MEAN, VAR = 0.45, 0.3 * (4 + 0.09) + 0.7 * (2.25 + 0.25) - 0.45**2


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randn(*shape: int, seed: int = 3) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=seeded(seed))


def quantiles(n: int) -> Tensor:
    """Return n points that stand for a standard normal: no random error, a variance below 1 by less than 3 / n."""
    return torch.tensor(stats.norm.ppf((np.arange(n) + 0.5) / n))


def mixture_eps(x: Tensor, t: int) -> Tensor:
    return diffusion.gmm_eps(x, SCHEDULE[t].item(), WEIGHTS, MEANS, SDS)


def gaussian_eps(mean: float, sd: float, alpha_bar: Tensor = SCHEDULE):
    def eps(x: Tensor, t: int) -> Tensor:
        a = alpha_bar[t]
        return (1 - a).sqrt() * (x - a.sqrt() * mean) / (a * sd**2 + 1 - a)

    return eps


# Schedules


@pytest.mark.parametrize(("first", "last_alpha_bar", "half"), [(1e-4, 4.04e-5, 259), (1e-3, 2.57e-5, 222)])
def test_linear_schedule_published_values(first, last_alpha_bar, half):
    alpha_bar = diffusion.linear_schedule(1000, first)
    assert alpha_bar[-1].item() == pytest.approx(last_alpha_bar, rel=5e-3)  # three digits were published
    assert int((alpha_bar < 0.5).nonzero()[0]) == half


def test_linear_schedule_is_the_product_of_what_each_step_leaves():
    alpha_bar = diffusion.linear_schedule(7, 0.1, 0.4)
    beta = [0.1 + 0.05 * i for i in range(7)]
    assert alpha_bar.tolist() == pytest.approx(
        [math.prod(1 - b for b in beta[: t + 1]) for t in range(7)], rel=50 * EPS
    )


def test_cosine_schedule_follows_the_cosine_but_for_the_last_step():
    alpha_bar = diffusion.cosine_schedule(50)
    f = np.cos((np.arange(51) / 50 + 0.008) / 1.008 * np.pi / 2) ** 2
    assert alpha_bar[:-1].tolist() == pytest.approx((f / f[0])[1:-1], rel=200 * EPS * 50)  # 50 quotients and products
    assert alpha_bar[-1] / alpha_bar[-2] == pytest.approx(0.001, rel=1e-9)  # where the cosine would leave nothing


@pytest.mark.parametrize("alpha_bar", [diffusion.linear_schedule(13), diffusion.cosine_schedule(13)])
def test_schedules_fall_inside_the_unit_interval(alpha_bar):
    assert alpha_bar.shape == (13,)
    assert 0 < alpha_bar[-1] < alpha_bar[0] < 1
    assert bool((alpha_bar.diff() < 0).all())


# The forward process


@pytest.mark.parametrize("t", [0, 4, 10])
def test_q_sample_composes_the_single_steps(t):
    alpha_bar = diffusion.linear_schedule(11, 0.02, 0.3)
    signal, var = 1.0, 0.0
    for beta in np.linspace(0.02, 0.3, 11)[: t + 1]:
        signal, var = math.sqrt(1 - beta) * signal, (1 - beta) * var + beta
    x0, eps, zero = randn(3, 5), randn(3, 5, seed=4), torch.zeros(3, 5, dtype=torch.float64)
    assert torch.allclose(diffusion.q_sample(x0, t, zero, alpha_bar), signal * x0, rtol=100 * EPS)
    assert torch.allclose(diffusion.q_sample(zero, t, eps, alpha_bar), math.sqrt(var) * eps, rtol=100 * EPS)
    both = diffusion.q_sample(x0, t, eps, alpha_bar)
    assert torch.allclose(both, signal * x0 + math.sqrt(var) * eps, rtol=100 * EPS, atol=100 * EPS)


@pytest.mark.parametrize("t", [0, 1, 6])
def test_q_posterior_conditions_the_joint_gaussian(t):
    alpha_bar = diffusion.linear_schedule(7, 0.05, 0.4)
    now = alpha_bar[t].item()
    before = alpha_bar[t - 1].item() if t else 1.0
    x0, xt = randn(3, 2), randn(3, 2, seed=5)
    mean, var = diffusion.q_posterior(x0, xt, t, alpha_bar)
    # Given x0: x_{t-1} has variance 1 - before, x_t = sqrt(alpha) x_{t-1} + noise has 1 - now.
    cov = math.sqrt(now / before) * (1 - before)
    expected = math.sqrt(before) * x0 + cov / (1 - now) * (xt - math.sqrt(now) * x0)
    assert torch.allclose(mean, expected, rtol=0, atol=1e3 * EPS)  # of order one; divided by 1 - now >= .05
    assert var.item() == pytest.approx(1 - before - cov**2 / (1 - now), abs=1e3 * EPS)


@pytest.mark.parametrize("t", [0, 3, 999])
def test_q_posterior_mean_in_terms_of_the_noise(t):
    x0, eps = randn(5), randn(5, seed=6)
    xt = diffusion.q_sample(x0, t, eps, SCHEDULE)
    mean, _ = diffusion.q_posterior(x0, xt, t, SCHEDULE)
    beta = 1e-4 + (0.02 - 1e-4) * t / 999
    expected = (xt - beta / torch.sqrt(1 - SCHEDULE[t]) * eps) / math.sqrt(1 - beta)
    # 1 - alpha_bar loses eps / 1e-4 in the first step.
    assert torch.allclose(mean, expected, rtol=0, atol=50 * EPS / 1e-4)


def test_q_posterior_leads_back_to_the_earlier_marginal():
    alpha_bar = diffusion.cosine_schedule(9)
    for t in range(1, 9):
        slope = diffusion.q_posterior(torch.zeros(()).double(), torch.ones(()).double(), t, alpha_bar)
        share = diffusion.q_posterior(torch.ones(()).double(), torch.zeros(()).double(), t, alpha_bar)[0]
        now, before = alpha_bar[t], alpha_bar[t - 1]
        # Mean and variance of x_{t-1} when x_t is drawn from its own law.
        assert (share + slope[0] * now.sqrt()).item() == pytest.approx(before.sqrt().item(), rel=1e3 * EPS)
        assert (slope[1] + slope[0] ** 2 * (1 - now)).item() == pytest.approx(1 - before.item(), rel=1e3 * EPS)


@pytest.mark.parametrize("t", [0, 500, 999])
def test_x0_from_eps_undoes_q_sample(t):
    x0, eps = randn(3, 5), randn(3, 5, seed=4)
    again = diffusion.x0_from_eps(diffusion.q_sample(x0, t, eps, SCHEDULE), eps, t, SCHEDULE)
    # Dividing by sqrt(alpha_bar) >= .006 enlarges the rounding of numbers below 5.
    assert torch.allclose(again, x0, rtol=0, atol=20 * EPS / 0.006)


@pytest.mark.parametrize("t", [0, 300])
def test_score_from_eps_is_the_gradient_of_the_log_density(t):
    x0, eps = randn(7), randn(7, seed=8)
    x = diffusion.q_sample(x0, t, eps, SCHEDULE).requires_grad_()
    law = torch.distributions.Normal(SCHEDULE[t].sqrt() * x0, (1 - SCHEDULE[t]).sqrt())
    (gradient,) = torch.autograd.grad(law.log_prob(x).sum(), x)
    score = diffusion.score_from_eps(eps, t, SCHEDULE)
    assert torch.allclose(score, gradient, rtol=0, atol=100 * EPS / 1e-4)  # 1 - alpha_bar is 1e-4 at t = 0


# Noise predictors


@pytest.mark.parametrize("a", [0.999, 0.5, 0.01])
def test_gmm_eps_is_the_score_of_the_mixture(a):
    x = torch.linspace(-4, 4, 21, dtype=torch.float64).reshape(7, 3).requires_grad_()
    parts = torch.distributions.Normal(a**0.5 * MEANS, (a * SDS**2 + 1 - a).sqrt())
    density = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(WEIGHTS), parts)
    (score,) = torch.autograd.grad(density.log_prob(x).sum(), x)
    eps = diffusion.gmm_eps(x.detach(), a, WEIGHTS, MEANS, SDS)
    # Exponents up to 4.5^2 / .09 / 2 = 225 lose as many roundings; the score itself is below 50.
    assert torch.allclose(eps, -math.sqrt(1 - a) * score, rtol=0, atol=225 * 50 * EPS)


def test_gmm_eps_is_the_mean_noise():
    a, x = 0.6, 0.7
    u, w = np.polynomial.legendre.leggauss(400)
    eps = torch.tensor(8 * u)
    # x0 = (x - sqrt(1 - a) eps) / sqrt(a): average eps with the weight N(eps) p(x0).
    x0 = (x - math.sqrt(1 - a) * eps) / math.sqrt(a)
    parts = torch.distributions.Normal(MEANS, SDS)
    density = (WEIGHTS * torch.exp(parts.log_prob(x0[:, None]))).sum(-1) * torch.exp(-(eps**2) / 2) * torch.tensor(w)
    exact = (density @ eps / density.sum()).item()
    got = diffusion.gmm_eps(torch.tensor([x], dtype=torch.float64), a, WEIGHTS, MEANS, SDS).item()
    assert got == pytest.approx(exact, abs=1e-12)  # the rule resolves bumps of width .2 with 10 points each and more


def test_gmm_eps_takes_points_as_data():
    one, zero = torch.ones(1).double(), torch.zeros(1).double()
    eps = diffusion.gmm_eps(torch.tensor([0.5, 2.0]).double(), 0.64, one, 2 * one, zero)
    assert eps.tolist() == pytest.approx([(0.5 - 1.6) / 0.6, (2.0 - 1.6) / 0.6], rel=20 * EPS)


def test_guide_reductions():
    u, c = randn(3, 5), randn(3, 5, seed=9)
    assert torch.equal(diffusion.guide(u, c, 0), u)
    assert torch.equal(diffusion.guide(u, c, 1), c)
    assert torch.allclose(diffusion.guide(u, c, 3), c + 2 * (c - u), rtol=0, atol=50 * EPS)
    assert torch.allclose(diffusion.guide(u, u, 7.5), u, rtol=20 * EPS)


def test_guide_is_the_tilted_density_for_shifted_gaussians():
    # p(x) = N(-1, 1), p(x | y) = N(.5, 1): p^(1 - g) p_y^g is N(-1 + 1.5 g, 1), and at every noise level too.
    for gamma in (0.5, 2.0, 4.0):
        x = randn(11)
        pushed = diffusion.guide(gaussian_eps(-1, 1)(x, 400), gaussian_eps(0.5, 1)(x, 400), gamma)
        assert torch.allclose(pushed, gaussian_eps(-1 + 1.5 * gamma, 1)(x, 400), rtol=0, atol=100 * EPS)


def test_guide_samples_another_density_than_the_tilted_one():
    one = torch.ones(1, dtype=torch.float64)
    pair = torch.tensor([-1.0, 1.0], dtype=torch.float64)

    def eps(x: Tensor, t: int) -> Tensor:
        a = SCHEDULE[t].item()
        return diffusion.guide(
            diffusion.gmm_eps(x, a, one.expand(2), pair, one.expand(2)), diffusion.gmm_eps(x, a, one, one, one), 4.0
        )

    x = np.linspace(-12, 12, 4001)
    tilted = stats.norm.pdf(x, 1) ** 4 / ((stats.norm.pdf(x, -1) + stats.norm.pdf(x, 1)) / 2) ** 3
    claimed = (tilted * x).sum() / tilted.sum()
    assert claimed == pytest.approx(1.54, abs=0.005)  # as published to two digits
    n = 1500
    flow = diffusion.ddim_sample(eps, quantiles(301), SCHEDULE, 200)
    chain = diffusion.ddpm_sample(eps, randn(n), SCHEDULE, generator=seeded(2))
    # The chain's SD is .73: four standard errors, and half a unit of the last digit.
    assert chain.mean().item() == pytest.approx(1.93, abs=4 * 0.73 / math.sqrt(n) + 0.005)
    assert flow.mean() > chain.mean() > claimed + 0.3


# sinusoidal_embedding


def test_sinusoidal_embedding_inner_product_depends_on_the_difference():
    t = torch.tensor([0.0, 1.5, 3.0, 40.0], dtype=torch.float64)
    e = diffusion.sinusoidal_embedding(t, 14)
    assert e.shape == (4, 14)
    frequencies = 10_000.0 ** (-np.arange(7) / 7)
    expected = np.cos((t[:, None] - t[None]).numpy()[..., None] * frequencies).sum(-1)
    assert np.allclose((e @ e.T).numpy(), expected, rtol=0, atol=7 * 40 * 4 * EPS)  # angles up to 40 are rounded


# Sampling


def linear_moments(alpha_bar: Tensor, mean: float, sd: float, eta: float) -> tuple[float, float]:
    """Return mean and variance of T exact steps on Gaussian data, each an affine map and noise; from N(0, 1)."""
    m, v = 0.0, 1.0
    a = [1.0, *alpha_bar.tolist()]
    for now, then in zip(a[:0:-1], a[-2::-1], strict=True):
        total = now * sd**2 + 1 - now
        # x0 guess = g x + h, noise guess = k x + l.
        g = math.sqrt(now) * sd**2 / total
        h = mean * (1 - now) / total
        k, offset = math.sqrt(1 - now) / total, -math.sqrt((1 - now) * now) * mean / total
        fresh = eta**2 * (1 - then) / (1 - now) * (1 - now / then)
        keep = math.sqrt(then) * g + math.sqrt(1 - then - fresh) * k
        m = keep * m + math.sqrt(then) * h + math.sqrt(1 - then - fresh) * offset
        v = keep**2 * v + fresh
    return m, v


def test_ddpm_sample_gaussian_moments():
    alpha_bar, n = diffusion.linear_schedule(40, 0.005, 0.4), 4000
    x = diffusion.ddpm_sample(gaussian_eps(0.7, 0.4, alpha_bar), randn(n), alpha_bar, generator=seeded(7))
    mean, var = linear_moments(alpha_bar, 0.7, 0.4, 1.0)
    # The result is Gaussian: the standard errors of its mean and variance are sd / sqrt(n), var sqrt(2 / n).
    assert x.mean().item() == pytest.approx(mean, abs=4 * math.sqrt(var / n))
    assert x.var().item() == pytest.approx(var, abs=4 * var * math.sqrt(2 / n))


def test_ddpm_sample_mixture_moments():
    n = 3000
    x = diffusion.ddpm_sample(mixture_eps, randn(n), SCHEDULE, generator=seeded(8))
    fourth = sum(
        w * ((m - MEAN) ** 4 + 6 * (m - MEAN) ** 2 * s**2 + 3 * s**4)
        for w, m, s in zip(WEIGHTS.tolist(), MEANS.tolist(), SDS.tolist(), strict=True)
    )
    # Four standard errors; a thousand steps leave less than .01 of an error of the method (see ddim below).
    assert x.mean().item() == pytest.approx(MEAN, abs=4 * math.sqrt(VAR / n) + 0.01)
    assert x.var().item() == pytest.approx(VAR, abs=4 * math.sqrt((fourth - VAR**2) / n) + 0.01)
    assert (x < -0.5).double().mean().item() == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / n) + 0.005)


def test_ddim_sample_gaussian_flow_map():
    m, s, x = 0.7, 0.4, randn(9)
    a = SCHEDULE[-1].item()
    exact = m + s * (x - math.sqrt(a) * m) / math.sqrt(a * s**2 + 1 - a)
    errors = [
        (diffusion.ddim_sample(gaussian_eps(m, s), x, SCHEDULE, n) - exact).abs().max().item() for n in (125, 250, 1000)
    ]
    assert errors[-1] < 0.003
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.25)  # first order, with a second-order term of that size


def test_ddim_sample_few_steps_lose_spread():
    variances = [
        diffusion.ddim_sample(mixture_eps, quantiles(2001), SCHEDULE, n).var().item()
        for n in (5, 10, 20, 50, 200, 1000)
    ]
    assert variances == sorted(variances)
    # The quantiles lack a variance of .001 times 2.77; one unit in the last digit besides.
    assert variances == pytest.approx([1.70, 2.32, 2.55, 2.69, 2.75, 2.77], abs=0.01 + 0.003)


def test_ddim_sample_one_gaussian_step_by_step():
    alpha_bar = diffusion.linear_schedule(17, 0.01, 0.5)
    x = quantiles(3001)
    mean, var = linear_moments(alpha_bar, -0.6, 1.7, 0.0)
    y = diffusion.ddim_sample(gaussian_eps(-0.6, 1.7, alpha_bar), x, alpha_bar, 17)
    assert y.mean().item() == pytest.approx(mean, abs=1e-12)
    assert y.var().item() == pytest.approx(var * x.var().item(), rel=1e-12)  # an affine map, 17 roundings


def test_ddim_sample_with_all_steps_and_full_noise_is_ddpm():
    alpha_bar = diffusion.linear_schedule(60, 0.001, 0.3)
    eps = gaussian_eps(0.7, 0.4, alpha_bar)
    chain = diffusion.ddpm_sample(eps, randn(5, 3), alpha_bar, generator=seeded(1))
    same = diffusion.ddim_sample(eps, randn(5, 3), alpha_bar, 60, 1.0, generator=seeded(1))
    # 60 steps; 1 - alpha_bar = .001 loses three digits.
    assert torch.allclose(chain, same, rtol=0, atol=60 * 1e3 * 10 * EPS)


@pytest.mark.parametrize("eta", [0.5, 1.0])
def test_ddim_sample_eta_moments(eta):
    alpha_bar, n = diffusion.linear_schedule(40, 0.005, 0.4), 4000
    eps = gaussian_eps(0.7, 0.4, alpha_bar)
    x = diffusion.ddim_sample(eps, randn(n), alpha_bar, 40, eta, generator=seeded(5))
    mean, var = linear_moments(alpha_bar, 0.7, 0.4, eta)
    assert x.mean().item() == pytest.approx(mean, abs=4 * math.sqrt(var / n))
    assert x.var().item() == pytest.approx(var, abs=4 * var * math.sqrt(2 / n))


def test_ddim_invert_round_trip_error_falls():
    x0 = MEANS[torch.arange(2).repeat_interleave(25)] + 0.4 * randn(50)
    errors = []
    for n in (20, 100, 500):
        noise = diffusion.ddim_invert(mixture_eps, x0, SCHEDULE, n)
        back = diffusion.ddim_sample(mixture_eps, noise, SCHEDULE, n)
        errors.append((back - x0).square().mean().sqrt().item())
    # Both ways are of first order, and their errors cancel in part: the round trip gains more than the factor of 5.
    assert errors[0] < 0.35
    assert errors[1] < errors[0] / 5
    assert errors[2] < errors[1] / 5


def test_ddim_invert_gaussian_is_the_inverse_flow_map():
    m, s, a = 0.7, 0.4, SCHEDULE[-1].item()
    x0 = m + s * randn(9)
    exact = math.sqrt(a) * m + (x0 - m) / s * math.sqrt(a * s**2 + 1 - a)
    assert (diffusion.ddim_invert(gaussian_eps(m, s), x0, SCHEDULE, 1000) - exact).abs().max() < 0.02


# Bits


@pytest.mark.parametrize("t", [0, 2, 6])
def test_q_bits_is_the_product_of_the_steps(t):
    beta = np.linspace(0.1, 0.4, 7)
    matrix = np.linalg.multi_dot([np.eye(2), *[(1 - b) * np.eye(2) + b / 2 for b in beta[: t + 1]], np.eye(2)])
    alpha_bar = diffusion.linear_schedule(7, 0.1, 0.4)
    u = (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000
    for bit in (0, 1):
        bits = diffusion.q_bits(torch.full((1000,), float(bit)).double(), t, u, alpha_bar)
        assert (bits == bit).double().mean().item() == pytest.approx(matrix[bit, bit], abs=0.5 / 1000 + 1e-9)


@pytest.mark.parametrize("t", [0, 1, 6])
def test_bit_posterior_enumerates_bayes(t):
    beta = np.linspace(0.1, 0.4, 7)
    step = [(1 - b) * np.eye(2) + b / 2 for b in beta]
    to_before = np.linalg.multi_dot([np.eye(2), *step[:t], np.eye(2)])
    alpha_bar = diffusion.linear_schedule(7, 0.1, 0.4)
    p0 = torch.tensor([0.0, 0.3, 1.0], dtype=torch.float64)
    for bit in (0, 1):
        joint = to_before * step[t][:, bit]  # (x0, x_{t-1}) at this x_t
        given = joint / joint.sum(axis=1, keepdims=True)
        expected = p0.numpy() * given[1, 1] + (1 - p0.numpy()) * given[0, 1]
        got = diffusion.bit_posterior(p0, torch.full((3,), float(bit)).double(), t, alpha_bar)
        assert got.tolist() == pytest.approx(expected.tolist(), abs=50 * EPS)


def test_bit_sample_returns_the_share_of_ones():
    alpha_bar, p, n = diffusion.linear_schedule(20, 0.05, 0.5), 0.2, 4001

    def p0(x: Tensor, t: int) -> Tensor:
        kept = (1 + alpha_bar[t]) / 2
        one = torch.where(x == 1, kept, 1 - kept)
        return p * one / (p * one + (1 - p) * (1 - one))

    flips = torch.randint(2, (n,), generator=seeded(3)).double()
    bits = diffusion.bit_sample(p0, flips, alpha_bar, generator=seeded(4))
    assert set(bits.tolist()) == {0.0, 1.0}
    # The chain is exact for one bit; it starts from a coin, alpha_bar_T = .002 away from the process.
    assert bits.mean().item() == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / n) + 0.002)


# Bad input

A = torch.tensor([0.9, 0.5, 0.1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: diffusion.linear_schedule(0), ValueError, "n_steps must be at least 1, got 0"),
        (lambda: diffusion.linear_schedule(5, 0.0), ValueError, "beta_first must be > 0, got 0"),
        (lambda: diffusion.linear_schedule(5, 0.1, 1.0), ValueError, "beta_last must be < 1, got 1"),
        (lambda: diffusion.cosine_schedule(5, -0.1), ValueError, "offset must be >= 0, got -0.1"),
        (lambda: diffusion.q_sample(A, 3, A, A), ValueError, "t must be at most 2, got 3"),
        (lambda: diffusion.q_sample(A, -1, A, A), ValueError, "t must be at least 0, got -1"),
        (lambda: diffusion.q_sample(A, 1.0, A, A), TypeError, "t must be a whole number, got 1.0"),
        (lambda: diffusion.q_sample(A, 1, A[:2], A), ValueError, r"shapes must agree, got x0 \(3,\), eps \(2,\)"),
        (lambda: diffusion.q_sample(A, 1, A / 0 - A / 0, A), ValueError, "eps must be finite, got 3 NaN"),
        (lambda: diffusion.q_sample(A.numpy(), 1, A, A), TypeError, "x0 must be a torch tensor, got ndarray"),
        (lambda: diffusion.q_sample(A, 1, A, A.flip(0)), ValueError, "alpha_bar must fall"),
        (lambda: diffusion.q_sample(A, 1, A, 2 * A), ValueError, r"alpha_bar must hold values inside \(0, 1\)"),
        (lambda: diffusion.q_sample(A, 0, A, A[:0]), ValueError, r"alpha_bar must hold values inside \(0, 1\)"),
        (lambda: diffusion.q_sample(A, 0, A, A[None]), ValueError, r"alpha_bar must have 1 axes, got shape \(1, 3\)"),
        (lambda: diffusion.q_sample(A.long(), 0, A, A), TypeError, "x0 must hold floating-point numbers"),
        (lambda: diffusion.q_posterior(A, A[:1], 1, A), ValueError, "shapes must agree, got x0"),
        (lambda: diffusion.x0_from_eps(A, A[:1], 1, A), ValueError, "shapes must agree, got xt"),
        (lambda: diffusion.score_from_eps(A, 5, A), ValueError, "t must be at most 2, got 5"),
        (lambda: diffusion.guide(A, A[:1], 2.0), ValueError, "shapes must agree, got eps_u"),
        (lambda: diffusion.guide(A, A, math.nan), ValueError, "gamma must be finite, got nan"),
        (lambda: diffusion.gmm_eps(A, 1.0, A, A, A), ValueError, "alpha_bar_t must be < 1, got 1"),
        (lambda: diffusion.gmm_eps(A, 0.5, -A, A, A), ValueError, "weights must be > 0 and sds >= 0"),
        (lambda: diffusion.sinusoidal_embedding(A, 3), ValueError, "dim must be even, got 3"),
        (
            lambda: diffusion.ddpm_sample(mixture_eps, A, A, generator=3),
            TypeError,
            "generator must be a torch Generator",
        ),
        (lambda: diffusion.ddim_sample(mixture_eps, A, A, 4), ValueError, "n_steps must be at most 3, got 4"),
        (lambda: diffusion.ddim_sample(mixture_eps, A, A, 2, 1.5), ValueError, "eta must be <= 1, got 1.5"),
        (lambda: diffusion.ddim_sample(mixture_eps, A, A, 2, 0.5), TypeError, "generator must be a torch Generator"),
        (lambda: diffusion.ddim_invert(mixture_eps, A, A, 0), ValueError, "n_steps must be at least 1, got 0"),
        (lambda: diffusion.q_bits(A, 1, A, A), ValueError, "x0 must hold 0 and 1 only"),
        (lambda: diffusion.bit_posterior(2 * A, torch.ones(3), 1, A), ValueError, r"p0 must lie in \[0, 1\]"),
        (lambda: diffusion.bit_posterior(A, A, 1, A), ValueError, "xt must hold 0 and 1 only"),
        (lambda: diffusion.bit_sample(mixture_eps, A, A, generator=seeded(0)), ValueError, "x must hold 0 and 1 only"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
