"""One interface for every denoiser: D(x, sigma) is the expected clean data, given x = x0 + sigma * noise.

What a network predicts (the noise, the data, v, or EDM's mixture) is bookkeeping: D(x, sigma) = c_skip x + c_out
network(c_in x, time), with coefficients that depend on sigma alone. The variance-preserving process of the lab is the
same thing seen through x_t = x / sqrt(1 + sigma^2), with alpha_bar = 1 / (1 + sigma^2).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from coursekit.validation import number, one_of
from coursekit.validation.tensors import finite_tensor

__all__ = [
    "TARGETS",
    "Denoiser",
    "classifier_guided",
    "denoiser",
    "guided",
    "mixture_denoiser",
    "per_sample",
    "preconditioning",
    "sigma_at",
    "time_at",
]

Denoiser = Callable[[Tensor, Tensor], Tensor]
TARGETS = ("eps", "v", "x0", "edm")


def sigma_at(time: Tensor) -> Tensor:
    """Return the noise SD at a time of the cosine schedule, alpha_bar = cos(pi time / 2)^2.

    Parameters
    ----------
    time : tensor            in [0, 1): 0 is clean data

    Returns
    -------
    tensor                   tan(pi time / 2), in units of the data

    Examples
    --------
    >>> sigma_at(torch.tensor([0.0, 0.5]))
    tensor([0., 1.])
    """
    return torch.tan(time * (math.pi / 2))


def time_at(sigma: Tensor) -> Tensor:
    """Return the time of the cosine schedule at which the noise has the SD `sigma`: the inverse of `sigma_at`.

    Parameters
    ----------
    sigma : tensor           >= 0

    Returns
    -------
    tensor                   in [0, 1)

    Examples
    --------
    >>> time_at(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.5000])
    """
    return torch.atan(sigma) / (math.pi / 2)


def per_sample(sigma: Tensor, x: Tensor) -> Tensor:
    """Return `sigma`, a single number or one for each sample, in a shape that multiplies `x`.

    Parameters
    ----------
    sigma : tensor           single or (n,)
    x : (n, ...) tensor      samples

    Returns
    -------
    tensor                   single or (n, 1, ...)

    Examples
    --------
    >>> per_sample(torch.ones(2), torch.zeros(2, 1, 8, 8)).shape
    torch.Size([2, 1, 1, 1])
    """
    return sigma.reshape(-1, *[1] * (x.ndim - 1)) if sigma.ndim else sigma


def preconditioning(target: str, sigma: Tensor, sigma_data: float = 1.0) -> tuple[Tensor, Tensor, Tensor]:
    """Return c_skip, c_out and c_in of D(x, sigma) = c_skip x + c_out network(c_in x, time).

    Lab `diffusion`, part 6. The network predicts the noise ("eps"), the data ("x0"), sqrt(a) noise - sqrt(1 - a) data
    with a = 1 / (1 + sigma^2) ("v"), or a mixture of variance 1 for data of SD `sigma_data` ("edm").

    Parameters
    ----------
    target : str             "eps", "v", "x0" or "edm"
    sigma : tensor           > 0, the SD of the noise
    sigma_data : float       > 0, the SD of the data; used by "edm" only

    Returns
    -------
    three tensors            of the shape of `sigma`

    Raises
    ------
    TypeError                a wrong type
    ValueError               an unknown target, sigma_data <= 0

    Notes
    -----
    Sources: Ho et al. (2020), Salimans and Ho (2022), Karras et al. (2022), table 1. With sigma_data = 1 "edm" is
    "v" with the sign turned round.

    Examples
    --------
    >>> [round(c.item(), 3) for c in preconditioning("v", torch.tensor(1.0))]
    [0.5, -0.707, 0.707]
    """
    one_of("target", target, TARGETS)
    sigma_data = number("sigma_data", sigma_data, above=0)
    c_in = 1 / torch.sqrt(1 + sigma**2)  # of unit variance for data of unit variance
    if target == "eps":
        return torch.ones_like(sigma), -sigma, c_in
    if target == "x0":
        return torch.zeros_like(sigma), torch.ones_like(sigma), c_in
    if target == "v":
        return c_in**2, -sigma * c_in, c_in
    c_in = 1 / torch.sqrt(sigma_data**2 + sigma**2)
    return (sigma_data * c_in) ** 2, sigma * sigma_data * c_in, c_in


def denoiser(network: nn.Module, target: str, *, labels: Tensor | None = None, sigma_data: float = 1.0) -> Denoiser:
    """Return D(x, sigma) made of a network that predicts `target`.

    Parameters
    ----------
    network : Module         (x (n, ...), time (n,), labels (n,) or None) -> (n, ...)
    target : str             "eps", "v", "x0" or "edm"
    labels : (n,) tensor     class numbers; None asks for no class
    sigma_data : float       > 0, for "edm"

    Returns
    -------
    callable                 D(x, sigma) with sigma a single tensor or (n,)

    Raises
    ------
    ValueError               an unknown target

    Examples
    --------
    >>> zero = lambda x, time, labels: torch.zeros_like(x)
    >>> denoiser(zero, "v")(torch.ones(2, 1), torch.tensor(1.0)).ravel()
    tensor([0.5000, 0.5000])
    """
    one_of("target", target, TARGETS)

    def D(x: Tensor, sigma: Tensor) -> Tensor:
        sigma = torch.as_tensor(sigma, dtype=x.dtype, device=x.device)
        c_skip, c_out, c_in = preconditioning(target, per_sample(sigma, x), sigma_data)
        return c_skip * x + c_out * network(c_in * x, time_at(sigma).expand(len(x)), labels)

    return D


def guided(conditional: Denoiser, unconditional: Denoiser, gamma: float) -> Denoiser:
    """Return the classifier-free guided denoiser: `gamma` = 0 ignores the class, 1 is conditional, more exaggerates.

    Parameters
    ----------
    conditional : callable   D(x, sigma) that knows the class
    unconditional : callable the same without
    gamma : float            the strength

    Returns
    -------
    callable                 D(x, sigma)

    Raises
    ------
    TypeError                gamma is not a number
    ValueError               NaN

    Notes
    -----
    The same weights as for the noise (`coursekit.deep.diffusion.guide`), because D is an affine function of it.

    Examples
    --------
    >>> D = guided(lambda x, sigma: 0 * x + 2, lambda x, sigma: 0 * x + 1, 3)
    >>> D(torch.zeros(1), torch.tensor(1.0))
    tensor([4.])
    """
    gamma = number("gamma", gamma)
    return lambda x, sigma: (1 - gamma) * unconditional(x, sigma) + gamma * conditional(x, sigma)


def classifier_guided(unguided: Denoiser, log_prob: Callable[[Tensor, Tensor], Tensor], gamma: float) -> Denoiser:
    """Return a denoiser pushed uphill on a classifier's log-probability of the class that is wanted.

    By Tweedie's formula D = x + sigma^2 * score, so adding gamma times the gradient of log p(y | x) to the score adds
    gamma sigma^2 times it to D. Source: Dhariwal and Nichol (2021).

    Parameters
    ----------
    unguided : callable      D(x, sigma)
    log_prob : callable      (x (n, ...), sigma) -> (n,), log p(class | x at noise sigma), differentiable
    gamma : float            the strength; with an unconditional D, 1 is Bayes' rule

    Returns
    -------
    callable                 D(x, sigma)

    Raises
    ------
    TypeError                gamma is not a number
    ValueError               NaN

    Examples
    --------
    >>> D = classifier_guided(lambda x, sigma: x, lambda x, sigma: 3 * x[:, 0], 2.0)
    >>> D(torch.zeros(1, 1), torch.tensor(0.5))
    tensor([[1.5000]])
    """
    gamma = number("gamma", gamma)

    def D(x: Tensor, sigma: Tensor) -> Tensor:
        with torch.enable_grad():
            inputs = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(log_prob(inputs, sigma).sum(), inputs)
        sigma = torch.as_tensor(sigma, dtype=x.dtype, device=x.device)
        return unguided(x, sigma) + gamma * per_sample(sigma, x) ** 2 * slope

    return D


def mixture_denoiser(points: Tensor, sd: float = 0.0) -> Denoiser:
    """Return the exact denoiser for data drawn from equal Gaussians of SD `sd` around `points`; no training.

    With sd = 0 the data are the points themselves: this is what a network that fitted its training set perfectly would
    compute, and sampling with it gives back the training set.

    Parameters
    ----------
    points : (m, ...) tensor     the centres
    sd : float                   >= 0

    Returns
    -------
    callable                     D(x, sigma)

    Raises
    ------
    TypeError                    a wrong type
    ValueError                   NaN, sd < 0

    Examples
    --------
    >>> D = mixture_denoiser(torch.tensor([[-1.0], [1.0]]))
    >>> D(torch.tensor([[0.0]]), torch.tensor(1.0))
    tensor([[0.]])
    """
    finite_tensor("points", points)
    sd = number("sd", sd, least=0)
    centres = points.reshape(len(points), -1)

    def D(x: Tensor, sigma: Tensor) -> Tensor:
        sigma = torch.as_tensor(sigma, dtype=x.dtype, device=x.device)
        var = sd**2 + per_sample(sigma, x.flatten(1)) ** 2
        # |x - c|^2 without the |x|^2 that all the points share.
        logits = (x.flatten(1) @ centres.T - (centres**2).sum(1) / 2) / var
        mean = (torch.softmax(logits, dim=1) @ centres).reshape(x.shape)
        return mean + sd**2 / var.reshape(per_sample(sigma, x).shape) * (x - mean)

    return D
