"""Oracles of the GAN lab: quadrature, eigenvalues, autograd, closed forms of coverage; training by laws and bounds."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from coursekit.deep import gan
from coursekit.training import seed_all

EPS = torch.finfo(torch.float64).eps
LOG4 = math.log(4)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def two_distributions(n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    weights = torch.rand(2, n, dtype=torch.float64, generator=seeded(seed))
    p, q = weights / weights.sum(dim=1, keepdim=True)
    return p, q


# ------------------------------------------------------------------------------------------ the perfect detective


def test_optimal_discriminator_beats_every_other():
    p, q = two_distributions(5, 0)
    D = gan.optimal_discriminator(p, q)

    def earned(D):
        return (p * D.log() + q * (1 - D).log()).sum()

    for i in range(5):
        for shift in (-1e-3, 1e-3):
            moved = D.clone()
            moved[i] += shift
            assert earned(moved) < earned(D)


def test_optimal_discriminator_logit_of_two_gaussians_is_linear():
    x = torch.linspace(-3, 4, 15, dtype=torch.float64)
    p, q = torch.exp(-(x**2) / 2), torch.exp(-((x - 2) ** 2) / 2)
    # log p/q = (x - 2)^2 / 2 - x^2 / 2 = 2 - 2 x; 1 - D loses the digits that D is near 1
    D = gan.optimal_discriminator(p, q)
    expected = 1 / (1 + torch.exp(2 * x - 2))
    assert torch.allclose(D, expected, rtol=100 * EPS, atol=0)


def test_optimal_discriminator_is_even_where_nobody_is():
    found = gan.optimal_discriminator(torch.tensor([0.0, 0.0, 1.0]), torch.tensor([0.0, 2.0, 0.0]))
    assert found.tolist() == [0.5, 0.0, 1.0]


def test_value_at_optimum_is_the_divergence_up_to_a_constant():
    p, q = two_distributions(7, 1)
    assert float(gan.value_at_optimum(p, q)) == pytest.approx(2 * float(gan.jsd(p, q)) - LOG4, rel=100 * EPS)


def test_value_at_optimum_matches_quadrature():
    # N(0, 1) against N(1.5, 1), on cells fine enough: the trapezium rule of a smooth decaying function converges
    # faster than any power of the step
    def density(x, m):
        return np.exp(-((x - m) ** 2) / 2) / np.sqrt(2 * np.pi)

    def earned(x):
        a, b = density(x, 0.0), density(x, 1.5)
        return a * np.log(a / (a + b)) + b * np.log(b / (a + b))

    expected, error = quad(earned, -9, 10.5, epsabs=1e-12, epsrel=1e-12)
    x = torch.linspace(-9, 10.5, 801, dtype=torch.float64)
    p, q = (torch.exp(-((x - m) ** 2) / 2) for m in (0.0, 1.5))
    found = gan.value_at_optimum(p / p.sum(), q / q.sum())
    # 2e-17 of the mass is cut off; it is weighed by logarithms of at most 100
    assert float(found) == pytest.approx(expected, abs=error + 1e-13)


def test_value_at_optimum_at_its_ends():
    p, _ = two_distributions(3, 2)
    assert float(gan.value_at_optimum(p, p)) == pytest.approx(-LOG4, rel=10 * EPS)
    zeros = torch.zeros(3, dtype=torch.float64)
    assert float(gan.value_at_optimum(torch.cat([p, zeros]), torch.cat([zeros, p]))) == 0


def test_jsd_is_symmetric_and_its_root_a_metric():
    p, q = two_distributions(6, 3)
    r = (p + 2 * q) / 3
    assert float(gan.jsd(p, q)) == pytest.approx(float(gan.jsd(q, p)), rel=10 * EPS)
    root = [math.sqrt(float(gan.jsd(*pair))) for pair in ((p, q), (p, r), (r, q))]
    assert root[0] < root[1] + root[2]


def test_jsd_of_disjoint_distributions_is_log_two():
    assert float(gan.jsd(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))) == pytest.approx(math.log(2), rel=1e-6)


@pytest.mark.parametrize("function", [gan.jsd, gan.value_at_optimum])
@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([0.5, 0.4], [0.5, 0.5], "sum to 1, got sums 0.9 and 1"),
        ([0.5, 0.5], [0.5, 0.6], "sum to 1, got sums 1 and 1.1"),
        ([1.5, -0.5], [0.5, 0.5], "p and q must be >= 0"),
        ([0.5, 0.5], [1.0], r"shapes must agree, got p \(2,\), q \(1,\)"),
        ([0.5, math.nan], [0.5, 0.5], "p must be finite"),
    ],
)
def test_divergences_refuse_what_is_no_distribution(function, p, q, message):
    with pytest.raises(ValueError, match=message):
        function(torch.tensor(p), torch.tensor(q))


def test_optimal_discriminator_refuses_arrays():
    with pytest.raises(TypeError, match="p must be a torch tensor, got ndarray"):
        gan.optimal_discriminator(np.ones(2), np.ones(2))


def test_optimal_discriminator_refuses_negative_densities():
    with pytest.raises(ValueError, match="p and q must not be negative, got at least -2"):
        gan.optimal_discriminator(torch.ones(2), torch.tensor([1.0, -2.0]))


@pytest.mark.parametrize("kind", ["minimax", "non-saturating"])
def test_generator_logit_grad_matches_autograd(kind: str):
    logit = torch.linspace(-8, 8, 17, dtype=torch.float64, requires_grad=True)
    loss = 17 * gan.generator_loss(logit, kind)  # a mean over 17
    (expected,) = torch.autograd.grad(loss, logit)
    assert torch.allclose(gan.generator_logit_grad(logit, kind), expected, rtol=100 * EPS, atol=0)


def test_generator_logit_grad_published_values_at_minus_six():
    logit = torch.tensor(-6.0)
    found = [round(float(gan.generator_logit_grad(logit, kind)), 4) for kind in ("minimax", "non-saturating")]
    assert found == [-0.0025, -0.9975]


def test_generator_logit_grad_refuses_bad_input():
    with pytest.raises(ValueError, match="kind must be one of 'minimax', 'non-saturating', got 'hinge'"):
        gan.generator_logit_grad(torch.zeros(1), "hinge")
    with pytest.raises(ValueError, match="logit must be finite"):
        gan.generator_logit_grad(torch.tensor([math.nan]), "minimax")
    with pytest.raises(TypeError, match="logit must be a torch tensor, got float"):
        gan.generator_logit_grad(0.5, "minimax")


# ---------------------------------------------------------------------------------------------------- small games


@pytest.mark.parametrize("scheme", gan.SCHEMES)
@pytest.mark.parametrize("h", [0.1, 0.7, 1.0, 1.9, 2.6])
def test_bilinear_radius_is_that_of_the_matrix_of_steps(scheme: str, h: float):
    matrix = gan.bilinear_step(torch.eye(2, dtype=torch.float64), h, scheme).T
    expected = float(torch.linalg.eigvals(matrix).abs().max())
    assert gan.bilinear_radius(h, scheme) == pytest.approx(expected, rel=100 * EPS)  # simple eigenvalues


def test_bilinear_radius_of_alternating_steps_is_one_up_to_two():
    assert [gan.bilinear_radius(h, "alternating") for h in (0.01, 1.0, 2.0)] == [1, 1, 1]
    assert gan.bilinear_radius(2.0001, "alternating") > 1


def test_bilinear_radius_of_extragradient_is_least_at_root_one_half():
    best = gan.bilinear_radius(math.sqrt(0.5), "extragradient")
    assert best == pytest.approx(math.sqrt(0.75), rel=10 * EPS)
    assert gan.bilinear_radius(1.0, "extragradient") == 1
    assert gan.bilinear_radius(1.01, "extragradient") > 1


def test_bilinear_step_simultaneous_multiplies_the_distance():
    state = torch.randn(3, 5, 2, dtype=torch.float64, generator=seeded(4))
    found = gan.bilinear_step(state, 0.3, "simultaneous").norm(dim=-1)
    assert torch.allclose(found, math.sqrt(1.09) * state.norm(dim=-1), rtol=10 * EPS, atol=0)


def test_bilinear_step_alternating_keeps_an_ellipse():
    h, state = 0.6, torch.tensor([1.0, 0.0], dtype=torch.float64)

    def kept(state):
        theta, psi = state
        return float(theta**2 + psi**2 - h * theta * psi)

    start = kept(state)
    for _ in range(200):
        state = gan.bilinear_step(state, h, "alternating")
    assert kept(state) == pytest.approx(start, rel=200 * 10 * EPS)


@pytest.mark.parametrize(
    ("h", "scheme", "message"),
    [(0.0, "simultaneous", "h must be > 0, got 0"), (0.1, "best", "scheme must be one of 'simultaneous'")],
)
def test_games_refuse_bad_steps(h, scheme, message):
    with pytest.raises(ValueError, match=message):
        gan.bilinear_radius(h, scheme)
    with pytest.raises(ValueError, match=message):
        gan.bilinear_step(torch.ones(2), h, scheme)
    with pytest.raises(ValueError, match=message):
        gan.dirac_gan_orbit(1.0, 0.0, h, 3, scheme)


def test_bilinear_step_refuses_other_shapes():
    with pytest.raises(ValueError, match=r"state must have a last axis of 2, got shape \(3,\)"):
        gan.bilinear_step(torch.zeros(3), 0.1, "simultaneous")


@pytest.mark.parametrize("scheme", gan.SCHEMES)
def test_dirac_gan_orbit_near_rest_is_the_bilinear_game_at_half_the_step(scheme: str):
    start = torch.tensor([1e-6, 2e-6], dtype=torch.float64)
    found = gan.dirac_gan_orbit(1e-6, 2e-6, 0.4, 1, scheme)[1]
    # f'(0) = 1/2, and f' changes by less than theta psi / 4 < 1e-12
    assert torch.allclose(found, gan.bilinear_step(start, 0.2, scheme), rtol=1e-11, atol=0)


def test_dirac_gan_orbit_matches_autograd():
    theta, psi, r1, h = 0.7, -0.4, 0.3, 0.05
    a, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (theta, psi))
    value = -torch.nn.functional.softplus(-a * b) - math.log(2) - r1 * b**2 / 2
    da, db = torch.autograd.grad(value, (a, b))
    expected = torch.stack([a - h * da, b + h * db]).detach()
    found = gan.dirac_gan_orbit(theta, psi, h, 1, r1=r1)[1]
    assert torch.allclose(found, expected, rtol=10 * EPS, atol=0)


@pytest.mark.parametrize("r1", [0.0, 0.3, 0.9])
def test_dirac_gan_orbit_turns_and_shrinks_as_its_eigenvalues_say(r1: float):
    # one step near rest is 1 + h (-r1/2 +- i sqrt(1/4 - r1^2/4)), of squared modulus 1 - h r1 + h^2/4
    h, n = 0.01, 500
    orbit = gan.dirac_gan_orbit(1e-5, 0.0, h, n, r1=r1)
    matrix = torch.tensor([[1.0, -h / 2], [h / 2, 1 - h * r1]], dtype=torch.float64)
    expected = torch.linalg.matrix_power(matrix, n) @ orbit[0]
    # f' differs from 1/2 by at most 1e-10 / 4 in relative terms, n times
    assert torch.allclose(orbit[-1], expected, rtol=n * 1e-10, atol=n * 1e-15)
    assert float(torch.linalg.eigvals(matrix).abs().max()) == pytest.approx(math.sqrt(1 - h * r1 + h**2 / 4), rel=1e-12)


def test_dirac_gan_orbit_shows_the_three_fates_and_the_sink():
    away, round_, home = (float(gan.dirac_gan_orbit(1.0, 0.0, 0.3, 400, s)[-1].norm()) for s in gan.SCHEMES)
    assert home < 0.1 < round_ < 2 < away
    assert float(gan.dirac_gan_orbit(1.0, 0.0, 0.3, 400, r1=0.5)[-1].norm()) < 1e-6


def test_dirac_gan_orbit_refuses_bad_input():
    with pytest.raises(ValueError, match="r1 must be >= 0, got -1"):
        gan.dirac_gan_orbit(1.0, 0.0, 0.1, 3, r1=-1)
    with pytest.raises(ValueError, match="n_steps must be at least 1, got 0"):
        gan.dirac_gan_orbit(1.0, 0.0, 0.1, 0)


# ------------------------------------------------------------------------------------------------------- the ring


def test_ring_of_gaussians_has_the_moments_of_a_ring():
    n, radius, sd = 40_000, 1.5, 0.1
    x = gan.ring_of_gaussians(n, n_modes=5, radius=radius, sd=sd, generator=seeded(5)).double()
    # mean 0 and covariance (radius^2 / 2 + sd^2) I, as for any regular polygon
    variance = radius**2 / 2 + sd**2
    assert x.mean(dim=0).abs().max() < 4 * math.sqrt(variance / n)
    second = x.T @ x / n - variance * torch.eye(2)
    assert second.abs().max() < 4 * radius**2 / math.sqrt(n)  # products lie within radius^2, but for the sd


def test_ring_centres_are_evenly_spaced():
    centres = gan.ring_centres(7, 3.0).double()
    steps = (centres - centres.roll(1, 0)).norm(dim=1)
    assert torch.allclose(steps, torch.full((7,), 6 * math.sin(math.pi / 7), dtype=torch.float64), rtol=1e-6)


def test_mode_coverage_of_the_ring_itself():
    n = 20_000
    result = gan.mode_coverage(gan.ring_of_gaussians(n, generator=seeded(6)), gan.ring_centres(), 0.15, 100)
    assert result.n_found == 8
    share = 1 - math.exp(-4.5)  # within three standard deviations in the plane: 98.9 %
    assert abs(result.share - share) < 4 * math.sqrt(share * (1 - share) / n)
    assert abs(result.counts / n - share / 8).max() < 4 * math.sqrt(share / 8 / n)


def test_mode_coverage_counts_by_hand():
    centres = torch.tensor([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]])
    x = torch.tensor([[0.1, 0.0], [0.4, 0.0], [0.9, 0.1], [0.6, 0.0], [0.0, 0.45], [9.0, 9.0], [1.5, 0.0]])
    result = gan.mode_coverage(x, centres, 0.5, 3)
    assert (result.n_found, result.counts.tolist(), result.share) == (2, [3, 3, 0], 6 / 7)
    assert gan.mode_coverage(x, centres, 0.5, 4).n_found == 0


@pytest.mark.parametrize(
    ("x", "centres", "radius", "count", "message"),
    [
        (torch.zeros(0, 2), torch.zeros(3, 2), 0.1, 1, r"must fit, got \(0, 2\) and \(3, 2\)"),
        (torch.zeros(4, 2), torch.zeros(3, 5), 0.1, 1, r"must fit, got \(4, 2\) and \(3, 5\)"),
        (torch.zeros(4, 2), torch.zeros(3, 2), 0.0, 1, "radius must be > 0, got 0"),
        (torch.zeros(4, 2), torch.zeros(3, 2), 0.1, 0, "min_count must be at least 1, got 0"),
    ],
)
def test_mode_coverage_refuses_bad_input(x, centres, radius, count, message):
    with pytest.raises(ValueError, match=message):
        gan.mode_coverage(x, centres, radius, count)


def test_ring_of_gaussians_refuses_bad_input():
    with pytest.raises(ValueError, match="sd must be > 0, got 0"):
        gan.ring_of_gaussians(3, sd=0.0, generator=seeded(0))
    with pytest.raises(ValueError, match="n_modes must be at least 1, got 0"):
        gan.ring_centres(0)


# --------------------------------------------------------------------------------------------- losses, penalties


@pytest.mark.parametrize("kind", ["minimax", "non-saturating"])
def test_discriminator_loss_at_the_best_logit_is_the_value(kind: str):
    p, q = two_distributions(5, 7)
    logit = (p / q).log()
    # expectations as means: each cell once, weighted by 5 p and 5 q, is not a mean; so take cell by cell
    found = sum(
        p[i] * gan.discriminator_loss(logit[i : i + 1], logit.new_full((1,), -800.0), kind)
        + q[i] * gan.discriminator_loss(logit.new_full((1,), 800.0), logit[i : i + 1], kind)
        for i in range(5)
    )
    assert float(found) == pytest.approx(-float(gan.value_at_optimum(p, q)), rel=100 * EPS)


def test_losses_by_hand():
    real, fake = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([-2.0, 3.0])
    assert float(gan.discriminator_loss(real, fake, "hinge")) == pytest.approx((0 + 0.5 + 2) / 3 + (0 + 4) / 2)
    assert float(gan.discriminator_loss(real, fake, "wasserstein")) == 0  # 0.5 - 0.5
    assert float(gan.generator_loss(fake, "hinge")) == float(gan.generator_loss(fake, "wasserstein")) == -0.5
    # float32: a few roundings of numbers below 4
    sigma = torch.sigmoid(fake)
    assert float(gan.generator_loss(fake, "minimax")) == pytest.approx(float((1 - sigma).log().mean()), abs=4e-6)
    assert float(gan.generator_loss(fake, "non-saturating")) == pytest.approx(float(-sigma.log().mean()), abs=4e-6)


def test_losses_refuse_unknown_kinds():
    message = "kind must be one of 'minimax', 'non-saturating', 'hinge', 'wasserstein', got 'lsgan'"
    with pytest.raises(ValueError, match=message):
        gan.discriminator_loss(torch.zeros(1), torch.zeros(1), "lsgan")
    with pytest.raises(ValueError, match=message):
        gan.generator_loss(torch.zeros(1), "lsgan")


def test_r1_penalty_of_a_quadratic_is_its_squared_gradient():
    A = torch.randn(3, 3, dtype=torch.float64, generator=seeded(8))
    x = torch.randn(7, 3, dtype=torch.float64, generator=seeded(9))
    found = gan.r1_penalty(lambda x: ((x @ A) * x).sum(dim=1), x).detach()
    expected = ((x @ (A + A.T)) ** 2).sum(dim=1).mean() / 2
    assert float(found) == pytest.approx(float(expected), rel=100 * EPS)


def test_r1_penalty_can_be_learnt_from():
    w = torch.tensor([3.0, -1.0], dtype=torch.float64, requires_grad=True)
    gan.r1_penalty(lambda x: x @ w, torch.zeros(4, 2, dtype=torch.float64)).backward()
    assert w.grad.tolist() == [3.0, -1.0]  # of |w|^2 / 2


def test_gradient_penalty_looks_between_real_and_fake():
    real, fake = torch.zeros(2000, 1, dtype=torch.float64), torch.ones(2000, 1, dtype=torch.float64)
    found = gan.gradient_penalty(lambda x: (x**2).sum(dim=1) / 2, real, fake, generator=seeded(10))
    # slope t, uniform on (0, 1): mean (t - 1)^2 = 1/3, of variance 1/5 - 1/9
    assert abs(float(found.detach()) - 1 / 3) < 4 * math.sqrt((1 / 5 - 1 / 9) / 2000)


# ------------------------------------------------------------------------------------------------------- networks


def weights(network: torch.nn.Module) -> int:
    return sum(w.numel() for w in network.parameters())


def test_image_networks_have_the_sizes_of_the_lab():
    assert (weights(gan.image_generator()), weights(gan.image_critic(spectral=False))) == (61_793, 71_105)


@pytest.mark.parametrize(("side", "width"), [(8, 6), (16, 3), (32, 2)])
def test_image_networks_fit_each_other_at_every_side(side: int, width: int):
    seed_all(0, 1)
    fakes = gan.forge(gan.image_generator(5, side=side, width=width), 3, generator=seeded(0))
    assert fakes.shape == (3, 1, side, side)
    assert fakes.abs().max() <= 1
    assert gan.image_critic(side=side, width=width)(fakes).shape == (3,)


def test_ring_networks_shapes():
    points = gan.forge(gan.ring_generator(3, 5), 7, generator=seeded(0))
    assert points.shape == (7, 2)
    assert gan.ring_critic(5)(points).shape == (7,)


def test_spectral_critic_is_lipschitz():
    seed_all(1, 1)
    critic = gan.ring_critic(9, spectral=True)
    x = torch.randn(500, 2, generator=seeded(1))
    for _ in range(50):  # the norm is found by power iteration, one step each time
        critic(x)
    slopes = torch.autograd.grad(critic.eval()(x.requires_grad_(True)).sum(), x)[0].norm(dim=1)
    assert slopes.max() <= 1 + 1e-3  # what is left of the iteration's error after 50 steps, in three layers
    assert slopes.max() > 0.01


@pytest.mark.parametrize("side", [12, 4])
def test_image_networks_refuse_other_sides(side: int):
    message = "side must be a power of 2, got 12" if side == 12 else "side must be at least 8, got 4"
    with pytest.raises(ValueError, match=message):
        gan.image_generator(side=side)
    with pytest.raises(ValueError, match=message):
        gan.image_critic(side=side)


# ------------------------------------------------------------------------------------------------------- training


def ring(n: int, generator: torch.Generator) -> torch.Tensor:
    return gan.ring_of_gaussians(n, generator=generator)


def trained(steps: int, seed: int = 0, **settings):
    generator = seed_all(seed, 1)
    network, critic = gan.ring_generator(8, 16), gan.ring_critic(16)
    result = gan.train(network, critic, ring, steps=steps, batch=32, generator=generator, progress=False, **settings)
    return network, critic, result


def test_train_moves_the_generator_as_often_as_asked():
    _, _, once = trained(3, decay=0.9)
    _, _, often = trained(3, decay=0.9, g_steps=4)
    assert (once.average.n_updates, often.average.n_updates) == (3, 12)
    assert trained(1)[2].average is None
    assert set(once.fit.history) == {"critic", "generator"}


@pytest.mark.parametrize(("lr", "warmup"), [(0.01, 0), (0.2, 20)])
def test_train_first_step_is_adams(lr: float, warmup: int):
    # Adam's first step is lr times the sign of the gradient, whatever its size: g / (|g| + 1e-8); a rise over 20 steps
    # begins with a twentieth.
    generator = seed_all(3, 1)
    critic, network = gan.ring_critic(7), gan.ring_generator(4, 7)
    before = critic[0].weight.detach().clone()
    gan.train(network, critic, ring, steps=1, batch=16, lr=lr, warmup=warmup, generator=generator, progress=False)
    moved = (critic[0].weight - before).abs()
    assert torch.all((moved < 1e-7) | ((moved - 0.01).abs() < 1e-4))  # dead units, or a gradient well above 1e-8
    assert (moved > 0.009).float().mean() > 0.5


@pytest.mark.parametrize("kind", gan.LOSSES)
def test_train_lets_the_critic_learn_at_first(kind: str):
    losses = trained(40, seed=4, kind=kind, lr=2e-3)[2].fit.history["critic"]
    assert losses[-5:].mean() < losses[:5].mean()


def test_train_resumes_to_the_bit(tmp_path: Path):
    whole, _, _ = trained(6, decay=0.9, r1=0.1)
    trained(3, decay=0.9, r1=0.1, checkpoint=tmp_path / "ring.pt")
    resumed, _, result = trained(6, decay=0.9, r1=0.1, checkpoint=tmp_path / "ring.pt")
    assert result.fit.n_steps == 6
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_train_refuses_a_checkpoint_of_another_game(tmp_path: Path):
    trained(1, checkpoint=tmp_path / "ring.pt")
    with pytest.raises(ValueError, match="kind: non-saturating there, hinge now"):
        trained(2, kind="hinge", checkpoint=tmp_path / "ring.pt")


def test_train_penalties_hold_the_critics_slope():
    slopes = {}
    for name, settings in {"none": {}, "r1": {"r1": 10.0}, "wgan-gp": {"kind": "wasserstein", "penalty": 10.0}}.items():
        _, critic, _ = trained(150, lr=5e-3, **settings)
        x = ring(200, seeded(11)).requires_grad_(True)
        slopes[name] = float(torch.autograd.grad(critic(x).sum(), x)[0].norm(dim=1).mean())
    assert slopes["r1"] < 0.5 * slopes["none"]
    assert 0.3 < slopes["wgan-gp"] < 1.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rules", "least", "most"), [({"g_steps": 5, "r1": 0.1}, 0, 3), ({"kind": "minimax", "r1": 0.1}, 7, 8)]
)
def test_train_ring_is_decided_by_the_schedule_not_by_penalty_or_loss(rules: dict[str, Any], least: int, most: int):
    generator = seed_all(0, 1)
    network, critic = gan.ring_generator(), gan.ring_critic()
    gan.train(network, critic, ring, steps=1000, generator=generator, progress=False, **rules)
    with torch.no_grad():
        fakes = gan.forge(network, 2000, generator=generator)
    assert least <= gan.mode_coverage(fakes, gan.ring_centres(), 0.15, 20).n_found <= most


def test_train_stops_at_nan_with_player_and_step():
    def spoilt(n, generator):
        return torch.full((n, 2), math.nan)

    with pytest.raises(FloatingPointError, match="'critic' is nan at step 1 of 5"):
        gan.train(
            gan.ring_generator(4, 7), gan.ring_critic(7), spoilt, steps=5, generator=seed_all(0, 1), progress=False
        )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "lsgan"}, "kind must be one of"),
        ({"g_steps": 0}, "g_steps must be at least 1, got 0"),
        ({"r1": -1}, "r1 must be >= 0, got -1"),
        ({"batch": 0}, "batch must be at least 1, got 0"),
        ({"lr": 0.0}, "lr must be > 0, got 0"),
        ({"warmup": -1}, "warmup must be at least 0, got -1"),
    ],
)
def test_train_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        gan.train(
            gan.ring_generator(4, 7),
            gan.ring_critic(7),
            ring,
            **{"steps": 1, "generator": seed_all(0, 1), "progress": False, **settings},
        )


def test_forge_refuses_no_samples():
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        gan.forge(gan.ring_generator(4, 7), 0, generator=seeded(0))
