"""Oracles of the samplers: the exact flow of a Gaussian, the orders of their errors, and the lab's own chains."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from coursekit import denoising
from coursekit.deep import diffusion

EPS = torch.finfo(torch.float64).eps
MEAN, SD = 0.7, 0.4
D = denoising.mixture_denoiser(torch.tensor([[MEAN]], dtype=torch.float64), SD)
SAMPLERS = {"euler": denoising.euler, "heun": denoising.heun, "dpmpp_2m": denoising.dpmpp_2m}


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randn(*shape: int, seed: int = 3) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=seeded(seed))


def geometric(n: int) -> Tensor:
    return torch.logspace(1, -1, n + 1, dtype=torch.float64)  # from 10 to 0.1


# Levels


def test_cosine_sigmas_are_evenly_spaced_in_time():
    sigmas = denoising.cosine_sigmas(9, 0.9, 0.1)
    times = denoising.time_at(sigmas[:-1])
    assert torch.allclose(times, torch.linspace(0.9, 0.1, 9, dtype=torch.float64), rtol=0, atol=10 * EPS)
    assert sigmas.shape == (10,)
    assert sigmas[-1] == 0


def test_karras_sigmas_formula():
    sigmas = denoising.karras_sigmas(5, 80.0, 0.002, 7)
    expected = [(80 ** (1 / 7) + i / 4 * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7 for i in range(5)]
    assert sigmas.tolist() == pytest.approx([*expected, 0], rel=100 * EPS)


# The probability flow


@pytest.mark.parametrize(("name", "order"), [("euler", 1), ("heun", 2), ("dpmpp_2m", 2)])
def test_error_has_the_order_of_the_method(name, order):
    x = MEAN + 10 * torch.tensor([[1.0], [-0.5]], dtype=torch.float64)
    exact = MEAN + (x - MEAN) * math.sqrt((SD**2 + 0.1**2) / (SD**2 + 10**2))
    errors = [(SAMPLERS[name](D, x, geometric(n)) - exact).abs().max().item() for n in (100, 200)]
    # The next term of the error is smaller by some steps of size log(100) / 100 = .05.
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.2)


@pytest.mark.parametrize("name", SAMPLERS)
def test_flow_maps_noise_to_the_data(name):
    x = 200 * randn(11, 1)
    y = SAMPLERS[name](D, x, denoising.karras_sigmas(200, 200.0, 0.002))
    exact = MEAN + (x - MEAN) * SD / math.sqrt(SD**2 + 200**2)
    # Euler's steps of 3 to 10 % leave about half a step's relative error, the others its square.
    assert torch.allclose(y, exact, rtol=0, atol=0.05 if name == "euler" else 0.003)


@pytest.mark.parametrize("name", SAMPLERS)
def test_one_point_is_reached_whatever_the_levels(name):
    point = randn(2, 3)
    y = SAMPLERS[name](lambda x, sigma: point.expand(x.shape), 9 * randn(5, 2, 3), torch.tensor([9.0, 2.0, 0.5, 0.0]))
    assert torch.allclose(y, point.expand(5, 2, 3), rtol=0, atol=100 * EPS)


def test_calls_of_the_denoiser():
    calls = []

    def counting(x, sigma):
        calls.append(float(sigma))
        return D(x, sigma)

    sigmas = denoising.karras_sigmas(6, 5.0, 0.1)
    for name, expected in [("euler", 6), ("dpmpp_2m", 6), ("heun", 11)]:  # Heun's last step is Euler's
        calls.clear()
        SAMPLERS[name](counting, randn(3, 1), sigmas)
        assert len(calls) == expected
        assert min(calls) == pytest.approx(0.1, rel=1e-9)


def test_second_order_beats_first_at_ten_calls():
    x = 80 * randn(301, 1)
    exact = MEAN + (x - MEAN) * SD / math.sqrt(SD**2 + 80**2)
    error = {
        "euler": denoising.euler(D, x, denoising.karras_sigmas(10)),
        "dpmpp_2m": denoising.dpmpp_2m(D, x, denoising.karras_sigmas(10)),
    }
    size = {name: (y - exact).square().mean().sqrt().item() for name, y in error.items()}
    assert size["dpmpp_2m"] < size["euler"] / 1.5


# The chains of the lab in other coordinates


def chain_denoiser(alpha_bar: Tensor):
    """Return the noise predictor that belongs to D, on the lab's scale."""

    def eps(x: Tensor, t: int) -> Tensor:
        a = alpha_bar[t]
        sigma = ((1 - a) / a).sqrt()
        return (x / a.sqrt() - D(x / a.sqrt(), sigma)) / sigma

    return eps


@pytest.mark.parametrize("eta", [0.0, 0.6, 1.0])
def test_euler_and_ancestral_are_ddim_and_ddpm(eta):
    alpha_bar = diffusion.linear_schedule(30, 0.001, 0.3)
    levels = ((1 - alpha_bar) / alpha_bar).sqrt().flip(0)
    sigmas = torch.cat([levels, levels.new_zeros(1)])
    x = randn(7, 1)
    chain = diffusion.ddim_sample(chain_denoiser(alpha_bar), x, alpha_bar, 30, eta, generator=seeded(5))
    start = x / alpha_bar[-1].sqrt()
    walk = denoising.ancestral(D, start, sigmas, generator=seeded(5), eta=eta)
    # x is up to 400 at the start; 30 steps; 1 - alpha_bar = .001 loses three digits.
    assert torch.allclose(walk, chain, rtol=0, atol=30 * 400 * 1e3 * EPS)
    if eta == 0:
        assert torch.allclose(denoising.euler(D, start, sigmas), walk, rtol=0, atol=30 * 400 * EPS)


def test_ancestral_moments():
    sigmas, n = denoising.karras_sigmas(25, 30.0, 0.05), 4000
    m, v = 0.0, 30.0**2
    levels = sigmas.tolist()
    for now, then in pairwise(levels):
        # x' = (then / now)^2 x + (1 - (then / now)^2) D + noise, the posterior of the chain; D is affine in x.
        keep, gain = (then / now) ** 2, SD**2 / (SD**2 + now**2)
        slope = keep + (1 - keep) * gain
        m, v = slope * m + (1 - keep) * (1 - gain) * MEAN, slope**2 * v + then**2 * (1 - keep)
    x = denoising.ancestral(D, 30 * randn(n, 1), sigmas, generator=seeded(9))
    # Gaussian: four standard errors, sd / sqrt(n) and var sqrt(2 / n).
    assert x.mean().item() == pytest.approx(m, abs=4 * math.sqrt(v / n))
    assert x.var().item() == pytest.approx(v, abs=4 * v * math.sqrt(2 / n))


def test_samplers_leave_their_input_and_need_no_gradient():
    x = randn(3, 1)
    kept = x.clone()
    network = torch.nn.Linear(1, 1).double()
    for sampler in SAMPLERS.values():
        y = sampler(lambda x, sigma: network(x), x, geometric(4))
        assert not y.requires_grad
    assert torch.equal(x, kept)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: denoising.cosine_sigmas(0), ValueError, "n_steps must be at least 1, got 0"),
        (lambda: denoising.cosine_sigmas(3, 1.0), ValueError, "time_first must be < 1, got 1"),
        (lambda: denoising.cosine_sigmas(3, 0.5, 0.6), ValueError, "time_last must be <= 0.5, got 0.6"),
        (lambda: denoising.karras_sigmas(3, 1.0, 2.0), ValueError, "sigma_last must be <= 1, got 2"),
        (lambda: denoising.karras_sigmas(3, rho=0), ValueError, "rho must be > 0, got 0"),
        (lambda: denoising.euler(D, randn(2, 1), geometric(4).flip(0)), ValueError, "sigmas must fall"),
        (lambda: denoising.heun(D, randn(2, 1), geometric(4)[:1]), ValueError, "sigmas must fall"),
        (lambda: denoising.dpmpp_2m(D, randn(2, 1) / 0, geometric(4)), ValueError, "x must be finite, got 2 NaN"),
        (lambda: denoising.euler(D, [1.0], geometric(4)), TypeError, "x must be a torch tensor, got list"),
        (
            lambda: denoising.ancestral(D, randn(2, 1), geometric(4), generator=1),
            TypeError,
            "generator must be a torch Generator",
        ),
        (
            lambda: denoising.ancestral(D, randn(2, 1), geometric(4), generator=seeded(1), eta=2),
            ValueError,
            "eta must be <= 1, got 2",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
