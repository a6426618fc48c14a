"""Two networks that play against each other: a forger and a detective.

First what is known exactly (the best detective, the divergence he measures, the dynamics of small games), then the
losses, penalties and small networks with which rings of points and handwritten digits are forged. Points are (n, d);
pictures (n, 1, H, H) in [-1, 1].
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from coursekit.training import EMA, FitResult, Player, fast_dtype, fit
from coursekit.training import warmup as rising
from coursekit.validation import number, one_of, whole_number
from coursekit.validation.tensors import finite_tensor, finite_tensors

__all__ = [
    "LOSSES",
    "SCHEMES",
    "CoverageResult",
    "TrainResult",
    "bilinear_radius",
    "bilinear_step",
    "dirac_gan_orbit",
    "discriminator_loss",
    "forge",
    "generator_logit_grad",
    "generator_loss",
    "gradient_penalty",
    "image_critic",
    "image_generator",
    "jsd",
    "mode_coverage",
    "optimal_discriminator",
    "r1_penalty",
    "ring_centres",
    "ring_critic",
    "ring_generator",
    "ring_of_gaussians",
    "train",
    "value_at_optimum",
]

SCHEMES = ("simultaneous", "alternating", "extragradient")
LOSSES = ("minimax", "non-saturating", "hinge", "wasserstein")
KINDS = LOSSES[:2]

Tensor = torch.Tensor


@dataclass(frozen=True)
class CoverageResult:
    """How samples lie about the modes.

    `counts` (n_modes,) are the samples within the radius of each mode, `n_found` the modes with enough of them,
    `share` the part of all samples that lies near any mode.
    """

    n_found: int
    counts: Tensor
    share: float


@dataclass(frozen=True)
class TrainResult:
    """What came of a training; `average` holds the generator's averaged weights, None if none were asked for."""

    fit: FitResult
    average: EMA | None


# The perfect detective


def _is_distribution(p: Tensor) -> bool:
    """Tell whether weights are >= 0 and sum to 1, up to the roundings of the sum and of what normalised them."""
    slack = 4 * p.numel() * torch.finfo(p.dtype).eps
    return bool(p.min() >= 0) and abs(float(p.sum()) - 1) <= slack


def optimal_discriminator(p: Tensor, q: Tensor) -> Tensor:
    """Return the probability "this is real" that the best detective gives at each point.

    Lab `gan`, part 2: D maximises p log D + q log(1 - D) point by point.

    Parameters
    ----------
    p : (...) tensor         density or probability of the real data, >= 0
    q : (...) tensor         that of the generator, of the same shape

    Returns
    -------
    (...) tensor             in [0, 1]; 1/2 where neither has mass

    Raises
    ------
    TypeError                not tensors of real numbers
    ValueError               shapes disagree, a negative weight, NaN

    Notes
    -----
    Goodfellow et al. (2014), proposition 1.

    Examples
    --------
    >>> optimal_discriminator(torch.tensor([0.9, 0.1, 0.0]), torch.tensor([0.1, 0.1, 0.0]))
    tensor([0.9000, 0.5000, 0.5000])
    """
    finite_tensors(p=p, q=q)
    if (p < 0).any() or (q < 0).any():
        raise ValueError(f"p and q must not be negative, got at least {min(float(p.min()), float(q.min())):g}")
    total = p + q
    return torch.where(total > 0, p / total, 0.5)


def jsd(p: Tensor, q: Tensor) -> Tensor:
    """Return the Jensen-Shannon divergence of two distributions, in nats.

    Lab `gan`, part 2: the mean of KL(p | m) and KL(q | m) with m = (p + q) / 2.

    Parameters
    ----------
    p : (...) tensor         probabilities, sum 1
    q : (...) tensor         probabilities of the same cells

    Returns
    -------
    scalar tensor            from 0 (equal) to log 2 (disjoint)

    Raises
    ------
    TypeError                not tensors of real numbers
    ValueError               not two distributions over the same cells

    Examples
    --------
    >>> round(float(jsd(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))), 4)  # log 2
    0.6931
    """
    finite_tensors(p=p, q=q)
    if not (_is_distribution(p) and _is_distribution(q)):
        raise ValueError(f"p and q must be >= 0 and sum to 1, got sums {float(p.sum()):g} and {float(q.sum()):g}")
    m = (p + q) / 2
    return sum((torch.xlogy(r, r) - torch.xlogy(r, m)).sum() for r in (p, q)) / 2  # type: ignore[return-value]


def value_at_optimum(p: Tensor, q: Tensor) -> Tensor:
    """Return the value of the game E_p log D + E_q log(1 - D) against the best detective.

    Lab `gan`, part 2: it is 2 JSD(p | q) - log 4.

    Parameters
    ----------
    p : (...) tensor         probabilities of the real data, sum 1
    q : (...) tensor         probabilities of the generator, over the same cells

    Returns
    -------
    scalar tensor            from -log 4 (equal) to 0 (disjoint), in nats

    Raises
    ------
    TypeError                not tensors of real numbers
    ValueError               not two distributions over the same cells

    Notes
    -----
    Goodfellow et al. (2014), theorem 1. Written as p log p + q log q - (p + q) log(p + q), so that empty cells
    (0 log 0 = 0) cost nothing.

    Examples
    --------
    >>> p = torch.tensor([0.25, 0.75])
    >>> round(float(value_at_optimum(p, p)), 4)  # -log 4
    -1.3863
    """
    finite_tensors(p=p, q=q)
    if not (_is_distribution(p) and _is_distribution(q)):
        raise ValueError(f"p and q must be >= 0 and sum to 1, got sums {float(p.sum()):g} and {float(q.sum()):g}")
    return (torch.xlogy(p, p) + torch.xlogy(q, q) - torch.xlogy(p + q, p + q)).sum()


def generator_logit_grad(logit: Tensor, kind: str) -> Tensor:
    """Return the derivative of the generator's loss with respect to the logit of a fake.

    Lab `gan`, part 4: the loss is log(1 - sigma(logit)) ("minimax") or -log sigma(logit) ("non-saturating").

    Parameters
    ----------
    logit : (...) tensor     the detective's logit of a fake; very negative when he is sure
    kind : str               "minimax" or "non-saturating"

    Returns
    -------
    (...) tensor             in [-1, 0]: both losses push the logit up

    Raises
    ------
    TypeError                not a tensor of real numbers
    ValueError               NaN, an unknown kind

    Notes
    -----
    Goodfellow et al. (2014), section 3, recommends the second for its gradient.

    Examples
    --------
    >>> logit = torch.tensor(-6.0)
    >>> [round(float(generator_logit_grad(logit, kind)), 4) for kind in ("minimax", "non-saturating")]
    [-0.0025, -0.9975]
    """
    finite_tensor("logit", logit)
    one_of("kind", kind, KINDS)
    if kind == "minimax":
        return -torch.sigmoid(logit)
    return -torch.sigmoid(-logit)


# Small games


def bilinear_step(state: Tensor, h: float, scheme: str) -> Tensor:
    """Return the players' next position in the game theta * psi, which theta minimises and psi maximises.

    Lab `gan`, part 3.

    Parameters
    ----------
    state : (..., 2) tensor  theta and psi
    h : float                > 0, the step
    scheme : str             "simultaneous"; "alternating": psi sees where theta has gone; "extragradient": both look
                             one step ahead, and step from where they are with the gradient that they see there

    Returns
    -------
    (..., 2) tensor          theta and psi after the step

    Raises
    ------
    TypeError                not a tensor, not a number
    ValueError               a wrong shape, h <= 0, an unknown scheme, NaN

    Examples
    --------
    >>> bilinear_step(torch.tensor([1.0, 0.0]), 0.5, "alternating")
    tensor([1.0000, 0.5000])
    """
    h, scheme = number("h", h, above=0), one_of("scheme", scheme, SCHEMES)
    finite_tensor("state", state)
    if state.shape[-1:] != (2,):
        raise ValueError(f"state must have a last axis of 2, got shape {tuple(state.shape)}")
    theta, psi = state.unbind(-1)
    if scheme == "simultaneous":
        return torch.stack([theta - h * psi, psi + h * theta], dim=-1)
    ahead = theta - h * psi
    if scheme == "alternating":
        return torch.stack([ahead, psi + h * ahead], dim=-1)
    return torch.stack([theta - h * (psi + h * theta), psi + h * ahead], dim=-1)


def bilinear_radius(h: float, scheme: str) -> float:
    """Return the factor by which the distance to equilibrium grows per step of the game theta * psi, in the long run.

    Lab `gan`, part 3: the spectral radius of the matrix of `bilinear_step`.

    Parameters
    ----------
    h : float                > 0, the step
    scheme : str             "simultaneous", "alternating" or "extragradient"

    Returns
    -------
    float                    above 1 the players drift apart, at 1 they circle, below 1 they come to rest

    Raises
    ------
    TypeError                h is not a number
    ValueError               h <= 0, an unknown scheme

    Notes
    -----
    Alternating steps have a matrix of determinant 1: its eigenvalues lie on the unit circle up to h = 2, and are real
    beyond.

    Examples
    --------
    >>> [round(bilinear_radius(0.5, scheme), 4) for scheme in SCHEMES]
    [1.118, 1.0, 0.9014]
    """
    h = number("h", h, above=0)
    scheme = one_of("scheme", scheme, SCHEMES)
    if scheme == "simultaneous":
        return math.sqrt(1 + h**2)
    if scheme == "extragradient":
        return math.sqrt(1 - h**2 + h**4)
    if h <= 2:
        return 1.0
    return (h**2 - 2 + h * math.sqrt(h**2 - 4)) / 2


def dirac_gan_orbit(
    theta: float, psi: float, h: float, n_steps: int, scheme: str = "simultaneous", *, r1: float = 0.0
) -> Tensor:
    """Return the path of the smallest GAN: one real point at 0, one fake at theta, the detective's logit psi * x.

    Lab `gan`, parts 3 and 7: the players move along the gradients of f(theta psi) + f(0) - r1 psi^2 / 2 with
    f(t) = -log(1 + exp(-t)); theta goes down, psi goes up.

    Parameters
    ----------
    theta : float            where the fake starts
    psi : float              the detective's slope at the start
    h : float                > 0, the step
    n_steps : int            >= 1
    scheme : str             as in `bilinear_step`
    r1 : float               >= 0, the weight of the penalty on the slope at the real point

    Returns
    -------
    (n_steps + 1, 2) tensor  theta and psi, the start first; float64

    Raises
    ------
    TypeError                not numbers
    ValueError               h <= 0, r1 < 0, no steps, an unknown scheme

    Notes
    -----
    Mescheder, Geiger and Nowozin (2018). Near 0 the flow has eigenvalues -r1/2 +- sqrt(r1^2/4 - 1/4): without the
    penalty a pure rotation, with it a sink.

    Examples
    --------
    >>> orbit = dirac_gan_orbit(1.0, 0.0, 0.1, 300, r1=0.5)
    >>> bool(orbit[-1].norm() < 1e-2)
    True
    """
    theta, psi = number("theta", theta), number("psi", psi)
    h, r1 = number("h", h, above=0), number("r1", r1, least=0)
    n_steps, scheme = whole_number("n_steps", n_steps, least=1), one_of("scheme", scheme, SCHEMES)

    def uphill(theta: float, psi: float) -> tuple[float, float]:
        slope = 1 / (1 + math.exp(min(theta * psi, 700.0)))  # f'; beyond 700 exp would overflow, and f' is 0
        return -slope * psi, slope * theta - r1 * psi

    orbit = [(theta, psi)]
    for _ in range(n_steps):
        du, dv = uphill(theta, psi)
        if scheme == "extragradient":
            du, dv = uphill(theta + h * du, psi + h * dv)
        if scheme == "alternating":
            dv = uphill(theta + h * du, psi)[1]
        theta, psi = theta + h * du, psi + h * dv
        orbit.append((theta, psi))
    return torch.tensor(orbit, dtype=torch.float64)


# The ring


def ring_centres(n_modes: int = 8, radius: float = 2.0) -> Tensor:
    """Return points evenly spaced on a circle.

    Parameters
    ----------
    n_modes : int            >= 1
    radius : float           > 0

    Returns
    -------
    (n_modes, 2) tensor      the first on the positive x axis; float32

    Raises
    ------
    TypeError                not numbers
    ValueError               out of range

    Examples
    --------
    >>> ring_centres(4, 1.0).round().int().tolist()
    [[1, 0], [0, 1], [-1, 0], [0, -1]]
    """
    n_modes, radius = whole_number("n_modes", n_modes, least=1), number("radius", radius, above=0)
    angle = 2 * torch.pi * torch.arange(n_modes) / n_modes
    return radius * torch.stack([angle.cos(), angle.sin()], dim=1)


def ring_of_gaussians(
    n: int, *, n_modes: int = 8, radius: float = 2.0, sd: float = 0.05, generator: torch.Generator
) -> Tensor:
    """Return points from a mixture of equal Gaussians about the points of `ring_centres`.

    Lab `gan`, part 5.

    Parameters
    ----------
    n : int                  >= 1
    n_modes : int            >= 1
    radius : float           > 0, of the ring
    sd : float               > 0, of each coordinate about its mode
    generator : Generator    torch's, on the CPU

    Returns
    -------
    (n, 2) tensor            float32

    Raises
    ------
    TypeError                not numbers
    ValueError               out of range

    Examples
    --------
    >>> ring_of_gaussians(3, generator=torch.Generator().manual_seed(0)).shape
    torch.Size([3, 2])
    """
    n, sd = whole_number("n", n, least=1), number("sd", sd, above=0)
    which = torch.randint(n_modes, (n,), generator=generator)
    return ring_centres(n_modes, radius)[which] + sd * torch.randn(n, 2, generator=generator)


def mode_coverage(x: Tensor, centres: Tensor, radius: float, min_count: int) -> CoverageResult:
    """Return how many modes a set of samples reaches, and how many of the samples lie near one.

    Lab `gan`, part 5.

    Parameters
    ----------
    x : (n, d) tensor        samples
    centres : (k, d) tensor  the modes
    radius : float           > 0: a sample counts for its nearest mode if that is no further away
    min_count : int          >= 1: a mode with fewer samples is not found

    Returns
    -------
    CoverageResult           n_found, counts, share

    Raises
    ------
    TypeError                not numbers
    ValueError               shapes disagree, no samples, a radius or a count out of range

    Notes
    -----
    A two-dimensional Gaussian has 1 - exp(-9/2) = 98.9 % of its mass within three standard deviations.

    Examples
    --------
    >>> mode_coverage(torch.tensor([[0.0], [0.2], [1.5]]), torch.tensor([[0.0], [3.0]]), 0.5, 2)
    CoverageResult(n_found=1, counts=tensor([2, 0]), share=0.6666666666666666)
    """
    radius, min_count = number("radius", radius, above=0), whole_number("min_count", min_count, least=1)
    finite_tensor("x", x, ndim=2)
    finite_tensor("centres", centres, ndim=2)
    if x.shape[1] != centres.shape[1] or not len(x) or not len(centres):
        raise ValueError(f"x (n, d) and centres (k, d) must fit, got {tuple(x.shape)} and {tuple(centres.shape)}")
    distance, nearest = torch.cdist(x, centres).min(dim=1)
    counts = torch.bincount(nearest[distance <= radius], minlength=len(centres))
    return CoverageResult(int((counts >= min_count).sum()), counts, int(counts.sum()) / len(x))


# Losses and penalties


def discriminator_loss(real: Tensor, fake: Tensor, kind: str) -> Tensor:
    """Return what the detective minimises.

    Lab `gan`, part 4.

    Parameters
    ----------
    real : (n,) tensor       his logits (or scores) of real samples
    fake : (m,) tensor       those of fakes
    kind : str               one of LOSSES

    Returns
    -------
    scalar tensor            "minimax" and "non-saturating": cross-entropy; "hinge": max(0, 1 - real) +
                             max(0, 1 + fake); "wasserstein": fake - real; each a mean over samples

    Raises
    ------
    ValueError               an unknown kind

    Examples
    --------
    >>> float(discriminator_loss(torch.tensor([0.5]), torch.tensor([-3.0]), "hinge"))
    0.5
    """
    one_of("kind", kind, LOSSES)
    if kind == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    if kind == "wasserstein":
        return fake.mean() - real.mean()
    return F.softplus(-real).mean() + F.softplus(fake).mean()  # softplus(-l) = -log sigma(l)


def generator_loss(fake: Tensor, kind: str) -> Tensor:
    """Return what the forger minimises.

    Lab `gan`, part 4.

    Parameters
    ----------
    fake : (n,) tensor       the detective's logits (or scores) of fakes
    kind : str               one of LOSSES

    Returns
    -------
    scalar tensor            "minimax": log(1 - sigma); "non-saturating": -log sigma; else: -score; a mean over samples

    Raises
    ------
    ValueError               an unknown kind

    Examples
    --------
    >>> round(float(generator_loss(torch.tensor([0.0]), "non-saturating")), 4)  # log 2
    0.6931
    """
    one_of("kind", kind, LOSSES)
    if kind == "minimax":
        return -F.softplus(fake).mean()
    if kind == "non-saturating":
        return F.softplus(-fake).mean()
    return -fake.mean()


def _slopes(critic: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the gradient of the critic at each of the points, (n, d), such that it can be differentiated again."""
    x = x.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    return slope.flatten(1)


def r1_penalty(critic: Callable[[Tensor], Tensor], real: Tensor) -> Tensor:
    """Return half the mean squared gradient of the critic at real samples.

    Lab `gan`, part 7.

    Parameters
    ----------
    critic : callable        (n, ...) -> (n,)
    real : (n, ...) tensor   real samples

    Returns
    -------
    scalar tensor            >= 0

    Notes
    -----
    Mescheder, Geiger and Nowozin (2018).

    Examples
    --------
    >>> float(r1_penalty(lambda x: x @ torch.tensor([3.0, 4.0]), torch.zeros(5, 2)).detach())
    12.5
    """
    return _slopes(critic, real).square().sum(dim=1).mean() / 2


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, *, generator: torch.Generator
) -> Tensor:
    """Return the mean squared distance of the critic's slope from 1, between real samples and fakes.

    Lab `gan`, part 5.

    Parameters
    ----------
    critic : callable        (n, ...) -> (n,)
    real : (n, ...) tensor   real samples
    fake : (n, ...) tensor   fakes
    generator : Generator    torch's, on the CPU: where between them

    Returns
    -------
    scalar tensor            >= 0

    Notes
    -----
    Gulrajani et al. (2017).

    Examples
    --------
    >>> generator = torch.Generator().manual_seed(0)
    >>> steep = lambda x: x @ torch.tensor([3.0, 4.0])
    >>> float(gradient_penalty(steep, torch.zeros(5, 2), torch.ones(5, 2), generator=generator).detach())  # (5 - 1)^2
    16.0
    """
    t = torch.rand(len(real), *[1] * (real.ndim - 1), generator=generator).to(real)
    return (_slopes(critic, torch.lerp(real, fake, t)).norm(dim=1) - 1).square().mean()


# Networks


class _Scores(nn.Flatten):
    """Drop the last axis, of length 1: scores (n,)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.squeeze(-1)


def _layers(sizes: list[int], wrap: Callable[[nn.Module], nn.Module]) -> list[nn.Module]:
    """Return linear layers with leaky ReLU between them."""
    layers: list[nn.Module] = []
    for wide, narrow in pairwise(sizes):
        layers += [wrap(nn.Linear(wide, narrow)), nn.LeakyReLU(0.2)]
    return layers[:-1]


def _unchanged(layer: nn.Module) -> nn.Module:
    """Return the layer."""
    return layer


def ring_generator(latent: int = 16, width: int = 64) -> nn.Sequential:
    """Return a generator of points in the plane: latent vectors (n, latent) to (n, 2)."""
    return nn.Sequential(*_layers([latent, width, width, 2], _unchanged))


def ring_critic(width: int = 64, *, spectral: bool = False) -> nn.Sequential:
    """Return a critic of points in the plane, (n, 2) to scores (n,); `spectral`: layers of norm 1 at most."""
    wrap = spectral_norm if spectral else _unchanged
    return nn.Sequential(*_layers([2, width, width, 1], wrap), _Scores())


def _channels(side: int, width: int) -> list[int]:
    """Return the channels at sides 4, 8, ..., side: twice as many at each halving."""
    side, width = whole_number("side", side, least=8), whole_number("width", width, least=1)
    if side & (side - 1):
        raise ValueError(f"side must be a power of 2, got {side}")
    return [width * side // s for s in (4 << k for k in range(side.bit_length() - 2))]


def image_generator(latent: int = 32, *, side: int = 8, width: int = 32) -> nn.Sequential:
    """Return a convolutional generator of pictures.

    Lab `gan`, part 8.

    Parameters
    ----------
    latent : int             length of the latent vectors
    side : int               8, 16, 32, ... pixels
    width : int              channels at full size; twice as many at each halving, down to 4 x 4 pixels

    Returns
    -------
    Sequential               (n, latent) to (n, 1, side, side) in [-1, 1]; 61 793 weights at the default sizes

    Raises
    ------
    TypeError                not whole numbers
    ValueError               `side` is not a power of 2 from 8 on

    Notes
    -----
    As Radford, Metz and Chintala (2016), but with enlarging and a plain convolution for the transposed one, and
    without batch normalisation, which is slow here and hurts short trainings.
    """
    channels = _channels(side, width)
    layers: list[nn.Module] = [
        nn.Linear(whole_number("latent", latent, least=1), channels[0] * 16),
        nn.Unflatten(1, (channels[0], 4, 4)),
        nn.LeakyReLU(0.2),
    ]
    for wide, narrow in pairwise(channels):
        layers += [nn.Upsample(scale_factor=2), nn.Conv2d(wide, narrow, 3, padding=1), nn.LeakyReLU(0.2)]
    layers += [nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(width, 1, 3, padding=1), nn.Tanh()]
    return nn.Sequential(*layers)


def image_critic(*, side: int = 8, width: int = 32, spectral: bool = True) -> nn.Sequential:
    """Return a convolutional critic of pictures.

    Lab `gan`, part 8.

    Parameters
    ----------
    side : int               8, 16, 32, ... pixels
    width : int              channels at full size; twice as many at each halving, down to 4 x 4 pixels
    spectral : bool          divide each layer's weights by their spectral norm

    Returns
    -------
    Sequential               (n, 1, side, side) to scores (n,); 71 105 weights at the default sizes

    Raises
    ------
    TypeError                not whole numbers
    ValueError               `side` is not a power of 2 from 8 on

    Notes
    -----
    Spectral normalisation: Miyato et al. (2018).
    """
    wrap = spectral_norm if spectral else _unchanged
    channels = _channels(side, width)[::-1]
    layers: list[nn.Module] = [wrap(nn.Conv2d(1, width, 3, padding=1)), nn.LeakyReLU(0.2)]
    for narrow, wide in pairwise(channels):
        layers += [wrap(nn.Conv2d(narrow, wide, 4, stride=2, padding=1)), nn.LeakyReLU(0.2)]
    last = channels[-1]
    layers += [wrap(nn.Conv2d(last, last, 3, padding=1)), nn.LeakyReLU(0.2), nn.Flatten()]
    return nn.Sequential(*layers, wrap(nn.Linear(last * 16, 1)), _Scores())


# Training


def forge(network: nn.Module, n: int, *, generator: torch.Generator) -> Tensor:
    """Return fakes from a generator network whose first layer is linear.

    Parameters
    ----------
    network : Module         from `ring_generator` or `image_generator`, or a wrapping of one
    n : int                  >= 1
    generator : Generator    torch's, on the CPU: the latent vectors

    Returns
    -------
    (n, ...) tensor          on the network's device

    Raises
    ------
    TypeError                `n` is not whole
    ValueError               `n` < 1
    """
    weight = next(network.parameters())  # (channels, latent): the length of a latent vector
    z = torch.randn(whole_number("n", n, least=1), weight.shape[1], generator=generator)
    fakes: Tensor = network(z.to(weight.device))
    return fakes


def train(
    network: nn.Module,
    critic: nn.Module,
    real: Callable[[int, torch.Generator], Tensor],
    *,
    steps: int,
    batch: int = 128,
    kind: str = "non-saturating",
    g_steps: int = 1,
    r1: float = 0.0,
    penalty: float = 0.0,
    lr: float = 1e-3,
    warmup: int = 0,
    decay: float | None = None,
    generator: torch.Generator,
    **settings: Any,
) -> TrainResult:
    """Let a generator and a critic play.

    Lab `gan`, parts 5 to 8.

    Parameters
    ----------
    network : Module         the generator, changed in place
    critic : Module          the critic, changed in place
    real : callable          `real(n, generator)` returns n real samples on the networks' device
    steps : int              moves of the critic
    batch : int              samples of each kind in a move
    kind : str               one of LOSSES
    g_steps : int            moves of the generator for one of the critic
    r1 : float               weight of `r1_penalty`
    penalty : float          weight of `gradient_penalty`
    lr : float               learning rate of both
    warmup : int             steps in which it rises to `lr`; without them a generator that ends in tanh may saturate at
                             once, and then gets no gradient any more
    decay : float            of the generator's averaged weights; None for no average
    generator : Generator    torch's, on the CPU
    **settings : keywords    of `fit`: checkpoint, every, label, progress

    Returns
    -------
    TrainResult              fit, average

    Raises
    ------
    TypeError                not numbers
    ValueError               an unknown kind, a number out of range
    FloatingPointError       a loss is NaN or infinite: names the player and the step

    Notes
    -----
    Adam with betas (.5, .999), as Radford, Metz and Chintala (2016): with a longer memory of gradients the game
    turns further. On a GPU in half precision where that is fast; not compiled, since penalties differentiate twice.
    """
    one_of("kind", kind, LOSSES)
    r1, penalty = number("r1", r1, least=0), number("penalty", penalty, least=0)
    batch = whole_number("batch", batch, least=1)

    def critic_loss(critic: nn.Module, generator: torch.Generator) -> Tensor:
        true = real(batch, generator)
        with torch.no_grad():
            fake = forge(network, batch, generator=generator)
        of_true, of_fake = critic(torch.cat([true, fake])).chunk(2)  # one call, not two: the half of its overhead
        loss = discriminator_loss(of_true, of_fake, kind)
        if r1:
            loss = loss + r1 * r1_penalty(critic, true)
        if penalty:
            loss = loss + penalty * gradient_penalty(critic, true, fake, generator=generator)
        return loss

    def network_loss(network: nn.Module, generator: torch.Generator) -> Tensor:
        return generator_loss(critic(forge(network, batch, generator=generator)), kind)

    def adam(player: nn.Module) -> torch.optim.Adam:
        return torch.optim.Adam(player.parameters(), lr=number("lr", lr, above=0), betas=(0.5, 0.999), fused=True)

    average = None if decay is None else EMA(network, decay)
    moves = whole_number("g_steps", g_steps, least=1)
    dtype = fast_dtype(next(network.parameters()).device)
    schedule = rising(warmup) if whole_number("warmup", warmup, least=0) else None
    players = {
        "critic": Player(critic, critic_loss, adam(critic), schedule=schedule, autocast=dtype),
        "generator": Player(
            network, network_loss, adam(network), schedule=schedule, average=average, updates=moves, autocast=dtype
        ),
    }
    config = {"batch": batch, "kind": kind, "r1": r1, "penalty": penalty}
    return TrainResult(fit(players, steps, generator=generator, config=config, **settings), average)
