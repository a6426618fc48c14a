"""Oracles of the denoisers and of their loss: the targets written out, Bayes' rule, the exact mixture of the lab."""

import math

import pytest
import torch
from torch import Tensor

from coursekit import denoising
from coursekit.deep import diffusion
from coursekit.denoising.denoisers import TARGETS

EPS = torch.finfo(torch.float64).eps
SIGMA = torch.tensor([0.05, 0.7, 1.0, 13.0], dtype=torch.float64)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randn(*shape: int, seed: int = 3) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=seeded(seed))


def wanted(target: str, x0: Tensor, noise: Tensor, sigma: Tensor, sigma_data: float) -> Tensor:
    """Return what the network should predict, each target in its own paper's words."""
    angle = torch.atan(sigma)  # the signal is cos, the noise sin
    if target == "edm":
        x = x0 + sigma * noise
        skip = sigma_data**2 / (sigma**2 + sigma_data**2)
        return (x0 - skip * x) * torch.sqrt(sigma**2 + sigma_data**2) / (sigma * sigma_data)
    return {"eps": noise, "x0": x0, "v": torch.cos(angle) * noise - torch.sin(angle) * x0}[target]


def test_time_and_sigma_are_inverse():
    time = torch.linspace(0, 0.99, 17, dtype=torch.float64)
    assert torch.allclose(denoising.time_at(denoising.sigma_at(time)), time, rtol=10 * EPS)
    alpha_bar = 1 / (1 + denoising.sigma_at(time) ** 2)
    assert torch.allclose(alpha_bar, torch.cos(time * math.pi / 2) ** 2, rtol=0, atol=10 * EPS)


@pytest.mark.parametrize("target", TARGETS)
def test_denoiser_of_a_perfect_network_returns_the_data(target):
    x0, noise = randn(4, 3, 5), randn(4, 3, 5, seed=4)
    sigma = SIGMA[:, None, None]
    perfect = wanted(target, x0, noise, sigma, 0.6)
    D = denoising.denoiser(lambda x, time, labels: perfect, target, sigma_data=0.6)
    # x is below 60, and so is what cancels.
    assert torch.allclose(D(x0 + sigma * noise, SIGMA), x0, rtol=0, atol=10 * 60 * EPS)


@pytest.mark.parametrize("target", TARGETS)
def test_denoising_loss_is_the_distance_from_the_target(target):
    x0, noise = randn(4, 3, 5), randn(4, 3, 5, seed=4)
    perfect = wanted(target, x0, noise, SIGMA[:, None, None], 0.6)
    seen = []

    def off_by_a_half(x, time, labels):
        seen.append((x, time, labels))
        return perfect + 0.5

    labels = torch.tensor([0, 1, 2, 1])
    loss = denoising.denoising_loss(off_by_a_half, x0, SIGMA, noise, target, labels=labels, sigma_data=0.6)
    # The coefficients divide by sigma = .05, squared for EDM's.
    assert loss.item() == pytest.approx(0.25, rel=1e4 * EPS)
    ((x, time, given),) = seen
    scale = torch.sqrt(0.36 + SIGMA**2) if target == "edm" else torch.sqrt(1 + SIGMA**2)
    assert torch.allclose(x, (x0 + SIGMA[:, None, None] * noise) / scale[:, None, None], rtol=10 * EPS)
    assert torch.equal(time, denoising.time_at(SIGMA))
    assert torch.equal(given, labels)


def test_preconditioning_edm_is_v_turned_round_for_unit_data():
    skip, out, scale = denoising.preconditioning("edm", SIGMA, 1.0)
    v_skip, v_out, v_scale = denoising.preconditioning("v", SIGMA)
    assert torch.allclose(skip, v_skip, rtol=10 * EPS)
    assert torch.allclose(out, -v_out, rtol=10 * EPS)
    assert torch.allclose(scale, v_scale, rtol=10 * EPS)


def test_preconditioning_edm_asks_for_unit_variance():
    skip, out, scale = denoising.preconditioning("edm", SIGMA, 0.6)
    assert torch.allclose(scale**2 * (0.36 + SIGMA**2), torch.ones(4).double(), rtol=10 * EPS)
    # Var (x0 - skip x) / out for independent data and noise.
    var = ((1 - skip) ** 2 * 0.36 + skip**2 * SIGMA**2) / out**2
    assert torch.allclose(var, torch.ones(4).double(), rtol=50 * EPS)


def test_denoiser_takes_one_sigma_or_one_for_each():
    def network(x, time, labels):
        return x * time[:, None]

    x, D = randn(4, 3), denoising.denoiser(network, "v")
    assert torch.equal(D(x, SIGMA[1])[1], D(x, SIGMA)[1])
    assert torch.equal(D(x, 0.7), D(x, SIGMA[1]))


def test_denoiser_hands_the_labels_on():
    D = denoising.denoiser(lambda x, time, labels: labels[:, None] * torch.ones_like(x), "x0", labels=torch.arange(4))
    assert torch.equal(D(randn(4, 2), SIGMA[0])[:, 1], torch.arange(4).double())


def test_stratified_sigmas_take_one_time_from_each_piece():
    sigma = denoising.stratified_sigmas(7, generator=seeded(1)).double()
    u = (denoising.time_at(sigma) - 0.001) / 0.998
    # float32 rounds sigma up to 640 to seven digits, and the time near 1 with it.
    assert torch.equal((u * 7 - 1e-5).ceil(), torch.arange(1.0, 8).double())


def test_batch_loss_draws_data_noise_and_labels():
    images, labels = randn(9, 2, 3).float(), torch.arange(9) % 4
    loss = denoising.batch_loss(images, labels, "eps", batch=2000, drop=0.25)
    seen = []

    def zero(x, time, given):
        seen.append((x, time, given))
        return torch.zeros_like(x)

    value = loss(zero, seeded(1)).item()
    # The mean square of 12 000 normal numbers: four standard errors.
    assert value == pytest.approx(1, abs=4 * math.sqrt(2 / 12_000))
    ((x, time, given),) = seen
    assert x.shape == (2000, 2, 3)
    assert bool((time.diff() > 0).all())
    assert set(given.tolist()) == {0, 1, 2, 3, 4}
    # A share of 2000 independent draws.
    assert (given == 4).float().mean().item() == pytest.approx(0.25, abs=4 * math.sqrt(0.1875 / 2000))
    clean = time < 0.05  # there a picture is known by its pixels, and carries its own label or none
    nearest = torch.cdist(x[clean].flatten(1), images.flatten(1)).argmin(1)
    assert bool(((given[clean] == labels[nearest]) | (given[clean] == 4)).all())


def test_batch_loss_is_decided_by_the_generator():
    loss = denoising.batch_loss(randn(9, 2, 3).float(), None, "v", batch=5)
    values = [loss(lambda x, time, labels: 0 * x, seeded(seed)).item() for seed in (1, 1, 2)]
    assert values[0] == values[1] != values[2]


def test_class_log_prob_scales_the_image_and_picks_the_class():
    def linear(x, time):
        return torch.stack([x[:, 0], 10 * time, x[:, 1]], dim=1)

    x, labels = randn(4, 2), torch.tensor([0, 1, 2, 0])
    scaled = x / torch.sqrt(1 + SIGMA[:, None] ** 2)
    logits = torch.stack([scaled[:, 0], 10 * torch.atan(SIGMA) / (math.pi / 2), scaled[:, 1]], dim=1)
    expected = logits[torch.arange(4), labels] - torch.logsumexp(logits, dim=1)
    assert torch.allclose(denoising.class_log_prob(linear, labels)(x, SIGMA), expected, rtol=0, atol=50 * EPS)


def test_classifier_loss_of_a_fair_coin_is_its_entropy():
    loss = denoising.classifier_loss(randn(9, 2).float(), torch.arange(9) % 4, batch=5)
    assert loss(lambda x, time: torch.zeros(len(x), 4), seeded(1)).item() == pytest.approx(math.log(4), rel=1e-6)


# Bits


def test_bit_loss_of_a_network_that_knows_the_chances():
    # One bit, equally likely: given x_t = 1 the clean bit is 1 with probability kept = (1 + alpha_bar) / 2.
    alpha_bar = diffusion.linear_schedule(3, 0.2, 0.6)
    bits = torch.tensor([[0.0], [1.0]])
    kept = (1 + alpha_bar) / 2

    def knows(x, time):
        chance = kept[(time * 3).round().long()][:, None].float()
        return torch.sign(x) * torch.log(chance / (1 - chance))

    value = denoising.bit_loss(bits, alpha_bar, batch=20_000)(knows, seeded(2)).item()
    entropy = -(kept * kept.log() + (1 - kept) * (1 - kept).log()).mean().item()
    # A loss between 0 and log(1 / (1 - .9)) = 2.3 has an SD below 1.15: four standard errors.
    assert value == pytest.approx(entropy, abs=4 * 1.15 / math.sqrt(20_000))


def test_bit_belief_reads_the_step():
    alpha_bar = diffusion.linear_schedule(5, 0.2, 0.6)
    belief = denoising.bit_belief(lambda x, time: x * time[:, None], alpha_bar)
    x = torch.tensor([[0.0, 1.0], [1.0, 1.0]])
    assert torch.allclose(belief(x, 3), torch.sigmoid((2 * x - 1) * 0.6), rtol=1e-6)


# Exact denoisers

WEIGHTS, MEANS, SDS = (torch.tensor(a, dtype=torch.float64) for a in ([0.5, 0.5], [-2.0, 1.5], [0.4, 0.4]))


def test_mixture_denoiser_agrees_with_the_noise_predictor():
    D, x = denoising.mixture_denoiser(MEANS[:, None], 0.4), torch.linspace(-5, 5, 31).double()[:, None]
    for sigma in SIGMA:
        a = 1 / (1 + sigma**2)
        eps = diffusion.gmm_eps(a.sqrt() * x, a.item(), WEIGHTS, MEANS, SDS)
        # Exponents up to 49 / .16 / 2 = 150 lose as many roundings; sigma eps is below 100.
        assert torch.allclose(D(x, sigma), x - sigma * eps, rtol=0, atol=150 * 100 * EPS)


def test_mixture_denoiser_finds_the_nearest_point_in_little_noise():
    points = randn(5, 2, 3)
    D = denoising.mixture_denoiser(points)
    assert torch.allclose(D(points + 0.01, torch.tensor(0.02)), points, rtol=0, atol=1e-12)
    assert torch.allclose(D(points, torch.tensor(1e6)), points.mean(0).expand(5, 2, 3), rtol=0, atol=1e-9)


def test_mixture_denoiser_takes_one_sigma_for_each():
    points, x = randn(5, 2, 3), randn(4, 2, 3, seed=6)
    D = denoising.mixture_denoiser(points, 0.3)
    alone = torch.cat([D(x[i : i + 1], SIGMA[i]) for i in range(4)])
    assert torch.allclose(D(x, SIGMA), alone, rtol=0, atol=1e3 * EPS)


def pair() -> tuple[denoising.denoisers.Denoiser, denoising.denoisers.Denoiser]:
    """Return the denoisers of both Gaussians together, and of the second alone."""
    points = MEANS[:, None]
    return denoising.mixture_denoiser(points, 0.4), denoising.mixture_denoiser(points[1:], 0.4)


def second(x: Tensor, sigma: Tensor) -> Tensor:
    """Return the log-probability that the second Gaussian made x."""
    logits = -((x - MEANS) ** 2) / (2 * (0.16 + sigma**2))
    return torch.log_softmax(logits, dim=1)[:, 1]


@pytest.mark.parametrize("sigma", SIGMA)
def test_classifier_guided_with_the_true_classifier_is_bayes_rule(sigma):
    both, alone = pair()
    x = torch.linspace(-4, 4, 9).double()[:, None]
    D = denoising.classifier_guided(both, second, 1.0)
    assert torch.allclose(D(x, sigma), alone(x, sigma), rtol=0, atol=1e-12)  # numbers of order one, times 169
    assert not x.requires_grad


def test_classifier_and_classifier_free_guidance_agree_beyond_the_class():
    both, alone = pair()
    x = torch.linspace(-4, 4, 9).double()[:, None]
    free = denoising.guided(alone, both, 3.5)
    assert torch.allclose(
        denoising.classifier_guided(both, second, 3.5)(x, SIGMA[1]), free(x, SIGMA[1]), rtol=0, atol=1e-12
    )


def test_guided_reductions_and_agreement_with_guide():
    both, alone = pair()
    x, sigma = randn(7, 1), SIGMA[1]
    assert torch.equal(denoising.guided(alone, both, 0)(x, sigma), both(x, sigma))
    assert torch.equal(denoising.guided(alone, both, 1)(x, sigma), alone(x, sigma))
    noise = diffusion.guide((x - both(x, sigma)) / sigma, (x - alone(x, sigma)) / sigma, 2.5)
    assert torch.allclose(denoising.guided(alone, both, 2.5)(x, sigma), x - sigma * noise, rtol=0, atol=100 * EPS)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: denoising.preconditioning("score", SIGMA),
            ValueError,
            "target must be one of 'eps', 'v', 'x0', 'edm'",
        ),
        (lambda: denoising.preconditioning("edm", SIGMA, 0), ValueError, "sigma_data must be > 0, got 0"),
        (lambda: denoising.denoiser(None, "noise"), ValueError, "target must be one of"),
        (lambda: denoising.batch_loss(SIGMA, None, "v", batch=0), ValueError, "batch must be at least 1, got 0"),
        (lambda: denoising.batch_loss(SIGMA, None, "v", drop=2), ValueError, "drop must be <= 1, got 2"),
        (lambda: denoising.batch_loss(SIGMA / 0, None, "v"), ValueError, "images must be finite, got 4 NaN"),
        (lambda: denoising.classifier_loss(SIGMA, None, batch=0), ValueError, "batch must be at least 1, got 0"),
        (lambda: denoising.classifier_loss(SIGMA / 0, None), ValueError, "images must be finite, got 4 NaN"),
        (lambda: denoising.bit_loss(SIGMA / 0, SIGMA), ValueError, "bits must be finite, got 4 NaN"),
        (lambda: denoising.bit_loss(SIGMA, SIGMA, batch=0), ValueError, "batch must be at least 1, got 0"),
        (lambda: denoising.guided(None, None, math.nan), ValueError, "gamma must be finite, got nan"),
        (lambda: denoising.classifier_guided(None, None, "3"), TypeError, "gamma must be a real number, got '3'"),
        (lambda: denoising.mixture_denoiser(SIGMA, -1), ValueError, "sd must be >= 0, got -1"),
        (lambda: denoising.mixture_denoiser(SIGMA.tolist()), TypeError, "points must be a torch tensor, got list"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
