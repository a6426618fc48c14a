"""Samplers that walk a denoiser D(x, sigma) down a list of noise levels, from pure noise to data.

All but `ancestral` follow the probability-flow equation dx / d sigma = (x - D(x, sigma)) / sigma; they differ in the
order of their error and in how often they call D.
"""

from itertools import pairwise

import torch
from torch import Tensor

from coursekit.denoising.denoisers import Denoiser, sigma_at
from coursekit.validation import number, whole_number
from coursekit.validation.tensors import finite_tensor, torch_generator

__all__ = ["ancestral", "cosine_sigmas", "dpmpp_2m", "euler", "heun", "karras_sigmas"]


def cosine_sigmas(n_steps: int, time_first: float = 0.98, time_last: float = 0.02) -> Tensor:
    """Return noise levels at evenly spaced times of the cosine schedule, and 0 at the end.

    Parameters
    ----------
    n_steps : int            >= 1
    time_first : float       in (0, 1), where the walk starts
    time_last : float        in (0, time_first], the last level before 0

    Returns
    -------
    (n_steps + 1,) tensor    float64, falling to 0

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Examples
    --------
    >>> [round(s, 2) for s in cosine_sigmas(3, 0.9, 0.1).tolist()]
    [6.31, 1.0, 0.16, 0.0]
    """
    n_steps = whole_number("n_steps", n_steps, least=1)
    time_first = number("time_first", time_first, above=0, below=1)
    time_last = number("time_last", time_last, above=0, most=time_first)
    times = torch.linspace(time_first, time_last, n_steps, dtype=torch.float64)
    return torch.cat([sigma_at(times), times.new_zeros(1)])


def karras_sigmas(n_steps: int, sigma_first: float = 80.0, sigma_last: float = 0.002, rho: float = 7.0) -> Tensor:
    """Return noise levels whose 1/rho-th powers are evenly spaced, and 0 at the end.

    Parameters
    ----------
    n_steps : int            >= 1
    sigma_first : float      > 0, where the walk starts
    sigma_last : float       in (0, sigma_first], the last level before 0
    rho : float              > 0; the larger, the denser the small levels

    Returns
    -------
    (n_steps + 1,) tensor    float64, falling to 0

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Notes
    -----
    Source: Karras et al. (2022), eq. 5.

    Examples
    --------
    >>> [round(s, 2) for s in karras_sigmas(3, 9.0, 1.0, 2.0).tolist()]
    [9.0, 4.0, 1.0, 0.0]
    """
    n_steps = whole_number("n_steps", n_steps, least=1)
    sigma_first = number("sigma_first", sigma_first, above=0)
    sigma_last = number("sigma_last", sigma_last, above=0, most=sigma_first)
    rho = number("rho", rho, above=0)
    roots = torch.linspace(sigma_first ** (1 / rho), sigma_last ** (1 / rho), n_steps, dtype=torch.float64)
    return torch.cat([roots**rho, roots.new_zeros(1)])


def _levels(x: Tensor, sigmas: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Return the steps as pairs of levels on the device of `x`, or say what is wrong."""
    finite_tensor("x", x)
    finite_tensor("sigmas", sigmas, ndim=1)
    if len(sigmas) < 2 or bool((sigmas.diff() >= 0).any()) or sigmas[-1] < 0:
        raise ValueError(f"sigmas must fall and end at 0 or above, got {sigmas.tolist()}")
    levels = sigmas.to(x.device, x.dtype)
    return list(pairwise(levels))


@torch.no_grad()
def euler(D: Denoiser, x: Tensor, sigmas: Tensor) -> Tensor:
    """Return samples by Euler's method, one call of D a step: this is DDIM.

    Parameters
    ----------
    D : callable             D(x, sigma), the expected clean data
    x : (n, ...) tensor      noise of SD sigmas[0]
    sigmas : tensor          falling noise levels, 0 at the end for clean samples

    Returns
    -------
    (n, ...) tensor          samples

    Raises
    ------
    TypeError                a wrong type
    ValueError               NaN, levels that do not fall

    Examples
    --------
    >>> euler(lambda x, sigma: torch.ones_like(x), torch.full((1, 1), 7.0), karras_sigmas(5))
    tensor([[1.]])
    """
    for now, then in _levels(x, sigmas):
        x0 = D(x, now)
        x = x0 + then / now * (x - x0)
    return x


@torch.no_grad()
def ancestral(D: Denoiser, x: Tensor, sigmas: Tensor, *, generator: torch.Generator, eta: float = 1.0) -> Tensor:
    """Return samples by Euler steps that land too low and are lifted again by fresh noise: this is DDPM.

    Parameters
    ----------
    D : callable             D(x, sigma), the expected clean data
    x : (n, ...) tensor      noise of SD sigmas[0]
    sigmas : tensor          falling noise levels, 0 at the end for clean samples
    generator : Generator    where the fresh noise comes from
    eta : float              in [0, 1]: 1 draws from the posterior of the chain, 0 is `euler`

    Returns
    -------
    (n, ...) tensor          samples

    Raises
    ------
    TypeError                a wrong type
    ValueError               NaN, levels that do not fall, eta out of range

    Examples
    --------
    >>> g = torch.Generator().manual_seed(0)
    >>> ancestral(lambda x, sigma: torch.ones_like(x), torch.full((1, 1), 7.0), karras_sigmas(5), generator=g)
    tensor([[1.]])
    """
    eta = number("eta", eta, least=0, most=1)
    torch_generator("generator", generator)
    for now, then in _levels(x, sigmas):
        fresh = eta * then * torch.sqrt(1 - (then / now) ** 2)
        x0 = D(x, now)
        x = x0 + torch.sqrt(then**2 - fresh**2) / now * (x - x0)
        noise = torch.randn(x.shape, dtype=x.dtype, device=generator.device, generator=generator)
        x = x + fresh * noise.to(x.device)
    return x


@torch.no_grad()
def heun(D: Denoiser, x: Tensor, sigmas: Tensor) -> Tensor:
    """Return samples by Heun's method: the mean of the slopes at both ends of a step, two calls of D each.

    Parameters
    ----------
    D : callable             D(x, sigma), the expected clean data
    x : (n, ...) tensor      noise of SD sigmas[0]
    sigmas : tensor          falling noise levels, 0 at the end for clean samples

    Returns
    -------
    (n, ...) tensor          samples

    Raises
    ------
    TypeError                a wrong type
    ValueError               NaN, levels that do not fall

    Notes
    -----
    Source: Karras et al. (2022), algorithm 1. The step to 0 is Euler's, because the slope there is 0 / 0.

    Examples
    --------
    >>> heun(lambda x, sigma: torch.ones_like(x), torch.full((1, 1), 7.0), karras_sigmas(5, 4.0, 1.0))
    tensor([[1.]])
    """
    for now, then in _levels(x, sigmas):
        slope = (x - D(x, now)) / now
        guess = x + (then - now) * slope
        if then > 0:
            slope = (slope + (guess - D(guess, then)) / then) / 2
        x = x + (then - now) * slope
    return x


@torch.no_grad()
def dpmpp_2m(D: Denoiser, x: Tensor, sigmas: Tensor) -> Tensor:
    """Return samples by DPM-Solver++(2M): second order with one call of D a step, because it remembers the last one.

    In h = log(sigma / sigma') a step is x' = (sigma' / sigma) x + (1 - sigma' / sigma) D, exact for a constant D; D is
    extrapolated from this call and the one before to the middle of the step.

    Parameters
    ----------
    D : callable             D(x, sigma), the expected clean data
    x : (n, ...) tensor      noise of SD sigmas[0]
    sigmas : tensor          falling noise levels, 0 at the end for clean samples

    Returns
    -------
    (n, ...) tensor          samples

    Raises
    ------
    TypeError                a wrong type
    ValueError               NaN, levels that do not fall

    Notes
    -----
    Source: Lu et al. (2022), algorithm 2. The step to 0 takes D as it is.

    Examples
    --------
    >>> dpmpp_2m(lambda x, sigma: torch.ones_like(x), torch.full((1, 1), 7.0), karras_sigmas(5))
    tensor([[1.]])
    """
    slope = torch.zeros_like(x)  # of D in log sigma, from the last two calls; none before the second
    before = None
    for now, then in _levels(x, sigmas):
        x0 = D(x, now)
        if before is not None:
            slope = (x0 - before[0]) / torch.log(before[1] / now)
        middle = x0 + slope * torch.log(now / then) / 2 if then > 0 else x0
        x = then / now * x + (1 - then / now) * middle
        before = x0, now
    return x
