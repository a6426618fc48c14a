"""Diffusion: drown the data in noise by small known steps, and learn to take the steps back.

The exact parts, none of them trained: schedules, the forward process and its posterior, sampling with a given
noise predictor, guidance, and the same for bits. A schedule is the tensor `alpha_bar` (T,): after step t = 0 ... T-1
the variance alpha_bar[t] is left of the signal's, and before the first step it is 1. Networks, training targets and
faster samplers are in `coursekit.denoising`.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from coursekit.validation import number, whole_number
from coursekit.validation.tensors import finite_tensor, finite_tensors, torch_generator

__all__ = [
    "bit_posterior",
    "bit_sample",
    "cosine_schedule",
    "ddim_invert",
    "ddim_sample",
    "ddpm_sample",
    "gmm_eps",
    "guide",
    "linear_schedule",
    "q_bits",
    "q_posterior",
    "q_sample",
    "score_from_eps",
    "sinusoidal_embedding",
    "x0_from_eps",
]

NoisePredictor = Callable[[Tensor, int], Tensor]


# Schedules


def linear_schedule(n_steps: int, beta_first: float = 1e-4, beta_last: float = 0.02) -> Tensor:
    """Return alpha_bar of the schedule whose noise variance beta grows linearly from step to step.

    Lab `diffusion`, part 2: alpha_bar[t] is the product of 1 - beta up to t. Source: Ho et al. (2020).

    Parameters
    ----------
    n_steps : int            >= 1, T
    beta_first : float       in (0, 1), the variance that the first step adds
    beta_last : float        in (0, 1), that of the last

    Returns
    -------
    (T,) tensor              float64, falling, in (0, 1)

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Examples
    --------
    >>> f"{linear_schedule(1000)[-1].item():.2e}"
    '4.04e-05'
    """
    n_steps = whole_number("n_steps", n_steps, least=1)
    beta_first = number("beta_first", beta_first, above=0, below=1)
    beta_last = number("beta_last", beta_last, above=0, below=1)
    beta = torch.linspace(beta_first, beta_last, n_steps, dtype=torch.float64)
    return torch.cumprod(1 - beta, 0)


def cosine_schedule(n_steps: int, offset: float = 0.008) -> Tensor:
    """Return alpha_bar of the schedule whose signal falls like a squared cosine.

    Lab `diffusion`, part 2: f(t) / f(0) with f(t) = cos((t / T + offset) / (1 + offset) * pi / 2)^2, and no step
    adding a variance above 0.999. Source: Nichol and Dhariwal (2021).

    Parameters
    ----------
    n_steps : int            >= 1, T
    offset : float           >= 0, keeps the first steps from being too small

    Returns
    -------
    (T,) tensor              float64, falling, in (0, 1)

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range

    Examples
    --------
    >>> [round(a, 3) for a in cosine_schedule(4, 0.0).tolist()]
    [0.854, 0.5, 0.146, 0.0]
    """
    n_steps = whole_number("n_steps", n_steps, least=1)
    offset = number("offset", offset, least=0)
    t = torch.arange(n_steps + 1, dtype=torch.float64) / n_steps
    f = torch.cos((t + offset) / (1 + offset) * torch.pi / 2) ** 2
    return torch.cumprod((f[1:] / f[:-1]).clamp(min=0.001), 0)


def _schedule(alpha_bar: Tensor) -> Tensor:
    """Return a schedule, or say what is wrong with it."""
    finite_tensor("alpha_bar", alpha_bar, ndim=1)
    if len(alpha_bar) == 0 or bool((alpha_bar <= 0).any()) or bool((alpha_bar >= 1).any()):
        raise ValueError(f"alpha_bar must hold values inside (0, 1), got {alpha_bar}")
    if bool((alpha_bar.diff() >= 0).any()):
        raise ValueError("alpha_bar must fall from each step to the next, got one that does not")
    return alpha_bar


# The forward process


def q_sample(x0: Tensor, t: int, eps: Tensor, alpha_bar: Tensor) -> Tensor:
    """Return the data after steps 0 ... t of noise, made in one step from standard noise `eps`.

    Lab `diffusion`, part 2: all the steps compose to sqrt(alpha_bar_t) x0 + sqrt(1 - alpha_bar_t) eps.

    Parameters
    ----------
    x0 : tensor              the data, any shape
    t : int                  0 ... T-1
    eps : tensor             standard normal noise, of the same shape
    alpha_bar : (T,) tensor  the schedule

    Returns
    -------
    tensor                   x_t, of the same shape

    Raises
    ------
    TypeError                a wrong type
    ValueError               t out of range, shapes that disagree, NaN, not a schedule

    Examples
    --------
    >>> q_sample(torch.ones(2), 0, torch.zeros(2), torch.tensor([0.64]))
    tensor([0.8000, 0.8000])
    """
    t = whole_number("t", t, least=0, most=len(_schedule(alpha_bar)) - 1)
    finite_tensors(x0=x0, eps=eps)
    return torch.sqrt(alpha_bar[t]) * x0 + torch.sqrt(1 - alpha_bar[t]) * eps


def q_posterior(x0: Tensor, xt: Tensor, t: int, alpha_bar: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance of x_{t-1}, the state one step earlier, given the data and x_t.

    Lab `diffusion`, part 3: Bayes' rule for two Gaussians, with alpha_t = alpha_bar_t / alpha_bar_{t-1} and
    beta_t = 1 - alpha_t; before the first step alpha_bar is 1, so that t = 0 leads back to x0 without doubt.

    Parameters
    ----------
    x0 : tensor              the data
    xt : tensor              after steps 0 ... t, of the same shape
    t : int                  0 ... T-1
    alpha_bar : (T,) tensor  the schedule

    Returns
    -------
    two tensors              mean, of the shape of `x0`, and variance, a single number

    Raises
    ------
    TypeError                a wrong type
    ValueError               t out of range, shapes that disagree, NaN, not a schedule

    Notes
    -----
    Source: Ho et al. (2020), eq. 7, where steps are counted from 1.

    Examples
    --------
    >>> mean, var = q_posterior(torch.tensor(2.0), torch.tensor(5.0), 0, torch.tensor([0.5]))
    >>> mean.item(), var.item()
    (2.0, 0.0)
    """
    t = whole_number("t", t, least=0, most=len(_schedule(alpha_bar)) - 1)
    finite_tensors(x0=x0, xt=xt)
    now = alpha_bar[t]
    before = alpha_bar[t - 1] if t > 0 else torch.ones_like(now)
    alpha = now / before
    beta = 1 - alpha
    mean = torch.sqrt(before) * beta / (1 - now) * x0 + torch.sqrt(alpha) * (1 - before) / (1 - now) * xt
    return mean, beta * (1 - before) / (1 - now)


def x0_from_eps(xt: Tensor, eps: Tensor, t: int, alpha_bar: Tensor) -> Tensor:
    """Return the data that would have become `xt` with the noise `eps`: `q_sample` solved for x0.

    Lab `diffusion`, part 3.

    Parameters
    ----------
    xt : tensor              after steps 0 ... t
    eps : tensor             the noise in it, of the same shape
    t : int                  0 ... T-1
    alpha_bar : (T,) tensor  the schedule

    Returns
    -------
    tensor                   x0, of the same shape

    Raises
    ------
    TypeError                a wrong type
    ValueError               t out of range, shapes that disagree, NaN, not a schedule

    Examples
    --------
    >>> x0_from_eps(torch.tensor([0.8]), torch.zeros(1), 0, torch.tensor([0.64]))
    tensor([1.])
    """
    t = whole_number("t", t, least=0, most=len(_schedule(alpha_bar)) - 1)
    finite_tensors(xt=xt, eps=eps)
    return (xt - torch.sqrt(1 - alpha_bar[t]) * eps) / torch.sqrt(alpha_bar[t])


def score_from_eps(eps: Tensor, t: int, alpha_bar: Tensor) -> Tensor:
    """Return the score, the gradient of log p(x_t), that belongs to a prediction of the noise in x_t.

    Lab `diffusion`, part 5: Tweedie's formula. The noise is the way from the signal, measured in its own SD
    sqrt(1 - alpha_bar_t).

    Parameters
    ----------
    eps : tensor             the expected noise in x_t
    t : int                  0 ... T-1
    alpha_bar : (T,) tensor  the schedule

    Returns
    -------
    tensor                   of the same shape, in units of 1 / x

    Raises
    ------
    TypeError                a wrong type
    ValueError               t out of range, NaN, not a schedule

    Examples
    --------
    >>> score_from_eps(torch.tensor([1.2]), 0, torch.tensor([0.64]))
    tensor([-2.])
    """
    t = whole_number("t", t, least=0, most=len(_schedule(alpha_bar)) - 1)
    finite_tensor("eps", eps)
    return -eps / torch.sqrt(1 - alpha_bar[t])


# Noise predictors that need no training


def gmm_eps(x: Tensor, alpha_bar_t: float, weights: Tensor, means: Tensor, sds: Tensor) -> Tensor:
    """Return the expected noise in `x` when the data are a mixture of K Gaussians on the line.

    Lab `diffusion`, part 4: -sqrt(1 - a) sum_k r_k (sqrt(a) mean_k - x) / (a sd_k^2 + 1 - a), where r_k is the
    probability that `x` came from component k.

    Parameters
    ----------
    x : tensor               noisy numbers, any shape
    alpha_bar_t : float      a, in (0, 1)
    weights : (K,) tensor    > 0, their sum is taken as 1
    means : (K,) tensor      of the components
    sds : (K,) tensor        >= 0, standard deviations

    Returns
    -------
    tensor                   of the shape of `x`

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range, shapes that disagree, NaN

    Examples
    --------
    >>> one = torch.ones(1)
    >>> gmm_eps(torch.tensor([3.0]), 0.36, one, 5 * one, 0 * one)
    tensor([-0.])
    """
    finite_tensor("x", x)
    a = number("alpha_bar_t", float(alpha_bar_t), above=0, below=1)
    finite_tensors(weights=weights, means=means, sds=sds)
    if bool((weights <= 0).any()) or bool((sds < 0).any()):
        raise ValueError("weights must be > 0 and sds >= 0, got others")
    var = a * sds**2 + 1 - a
    offset = a**0.5 * means - x[..., None]  # (..., K)
    r = torch.softmax(torch.log(weights) - offset**2 / (2 * var) - torch.log(var) / 2, dim=-1)
    return -((1 - a) ** 0.5) * (r * offset / var).sum(-1)


def guide(eps_u: Tensor, eps_c: Tensor, gamma: float) -> Tensor:
    """Return the noise prediction pushed by `gamma` from the unconditional to the conditional one, and beyond.

    Lab `diffusion`, part 8: gamma = 0 ignores the class, 1 is the conditional prediction, more exaggerates the
    difference. Source: Ho and Salimans (2022), who count w = gamma - 1.

    Parameters
    ----------
    eps_u : tensor           predicted without the class
    eps_c : tensor           predicted with it, of the same shape
    gamma : float            the strength, any number

    Returns
    -------
    tensor                   of the same shape

    Raises
    ------
    TypeError                a wrong type
    ValueError               shapes that disagree, NaN

    Examples
    --------
    >>> guide(torch.tensor([1.0]), torch.tensor([2.0]), 3.0)
    tensor([4.])
    """
    finite_tensors(eps_u=eps_u, eps_c=eps_c)
    gamma = number("gamma", gamma)
    return (1 - gamma) * eps_u + gamma * eps_c


def sinusoidal_embedding(t: Tensor, dim: int, max_period: float = 10_000.0) -> Tensor:
    """Return sines and cosines of `t` at frequencies from 1 down to nearly 1 / `max_period`, for a network to read.

    Lab `diffusion`, part 6. Source: Vaswani et al. (2017).

    Parameters
    ----------
    t : (n,) tensor          times
    dim : int                even, >= 2
    max_period : float       > 1, the longest wave in units of 2 pi

    Returns
    -------
    (n, dim) tensor          the cosines first

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range, an odd `dim`

    Examples
    --------
    >>> sinusoidal_embedding(torch.zeros(1), 4)
    tensor([[1., 1., 0., 0.]])
    """
    finite_tensor("t", t, ndim=1)
    if whole_number("dim", dim, least=2) % 2:
        raise ValueError(f"dim must be even, got {dim}")
    max_period = number("max_period", max_period, above=1)
    exponent = torch.arange(dim // 2, device=t.device, dtype=t.dtype) / (dim // 2)
    angles = t[:, None] * max_period**-exponent  # (n, dim / 2)
    return torch.cat([angles.cos(), angles.sin()], dim=1)


# Sampling


def ddpm_sample(eps_fn: NoisePredictor, x: Tensor, alpha_bar: Tensor, *, generator: torch.Generator) -> Tensor:
    """Return samples made from noise by the T random steps of the reverse chain.

    Lab `diffusion`, part 4: from t = T-1 to 0, the data are guessed, and x_{t-1} is drawn from `q_posterior`.
    Source: Ho et al. (2020), algorithm 2.

    Parameters
    ----------
    eps_fn : callable        (x_t, t) -> the noise expected in x_t
    x : tensor               standard normal noise
    alpha_bar : (T,) tensor  the schedule
    generator : Generator    where the noise of the steps comes from

    Returns
    -------
    tensor                   of the shape of `x`

    Raises
    ------
    TypeError                a wrong type
    ValueError               NaN, not a schedule

    Examples
    --------
    >>> schedule = linear_schedule(50, 0.001, 0.4)
    >>> g = torch.Generator().manual_seed(0)
    >>> to_one = lambda x, t: (x - schedule[t].sqrt()) / (1 - schedule[t]).sqrt()
    >>> x = ddpm_sample(to_one, torch.randn(3, generator=g), schedule, generator=g)
    >>> bool((x - 1).abs().max() < 1e-6)
    True
    """
    finite_tensor("x", x)
    _schedule(alpha_bar)
    torch_generator("generator", generator)
    for t in reversed(range(len(alpha_bar))):
        guess = x0_from_eps(x, eps_fn(x, t), t, alpha_bar)
        mean, var = q_posterior(guess, x, t, alpha_bar)
        x = mean + torch.sqrt(var) * _noise_like(x, generator)
    return x


def ddim_sample(
    eps_fn: NoisePredictor,
    x: Tensor,
    alpha_bar: Tensor,
    n_steps: int,
    eta: float = 0.0,
    *,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return samples made in `n_steps` steps, which may be far fewer than the schedule's.

    Lab `diffusion`, part 4: each step guesses the data and the noise, and mixes them again for an earlier time;
    `eta` is the share of fresh noise. Source: Song, Meng and Ermon (2021), eq. 12 and 16.

    Parameters
    ----------
    eps_fn : callable        (x_t, t) -> the noise expected in x_t
    x : tensor               standard normal noise
    alpha_bar : (T,) tensor  the schedule
    n_steps : int            1 ... T, spread evenly from the last to the first
    eta : float              in [0, 1]; 0 is deterministic, 1 with n_steps = T is `ddpm_sample`
    generator : Generator    where the fresh noise comes from; needed for eta > 0

    Returns
    -------
    tensor                   of the shape of `x`

    Raises
    ------
    TypeError                a wrong type, no generator for eta > 0
    ValueError               a value out of range, NaN, not a schedule

    Examples
    --------
    >>> schedule = linear_schedule(50, 0.001, 0.4)
    >>> to_one = lambda x, t: (x - schedule[t].sqrt()) / (1 - schedule[t]).sqrt()
    >>> ddim_sample(to_one, torch.zeros(2), schedule, 1)
    tensor([1., 1.])
    """
    finite_tensor("x", x)
    eta = number("eta", eta, least=0, most=1)
    steps = _chosen_steps(n_steps, _schedule(alpha_bar))
    if eta > 0:
        torch_generator("generator", generator)
    for t, earlier in zip(steps, [*steps[1:], -1], strict=True):
        eps = eps_fn(x, t)
        guess = x0_from_eps(x, eps, t, alpha_bar)
        now, then = alpha_bar[t], alpha_bar[earlier] if earlier >= 0 else torch.ones_like(alpha_bar[t])
        fresh = eta**2 * (1 - then) / (1 - now) * (1 - now / then)  # a variance
        x = torch.sqrt(then) * guess + torch.sqrt(1 - then - fresh) * eps
        if eta > 0:
            x = x + torch.sqrt(fresh) * _noise_like(x, generator)
    return x


def ddim_invert(eps_fn: NoisePredictor, x0: Tensor, alpha_bar: Tensor, n_steps: int) -> Tensor:
    """Return the noise from which `ddim_sample` would have made `x0`, up to an error that falls with `n_steps`.

    Lab `diffusion`, part 4: the same steps taken upwards, each with the noise predicted where it starts.

    Parameters
    ----------
    eps_fn : callable        (x_t, t) -> the noise expected in x_t
    x0 : tensor              data
    alpha_bar : (T,) tensor  the schedule
    n_steps : int            1 ... T

    Returns
    -------
    tensor                   x_T, of the shape of `x0`

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range, NaN, not a schedule

    Examples
    --------
    >>> schedule = linear_schedule(50, 0.001, 0.4)
    >>> standard = lambda x, t: (1 - schedule[t]).sqrt() * x  # standard normal data stay what they are
    >>> bool((ddim_invert(standard, torch.ones(2), schedule, 50) - 1).abs().max() < 0.06)
    True
    """
    x = finite_tensor("x0", x0)
    steps = _chosen_steps(n_steps, _schedule(alpha_bar))[::-1]
    now = torch.ones_like(alpha_bar[0])
    for t in steps:
        eps = eps_fn(x, t)
        guess = (x - torch.sqrt(1 - now) * eps) / torch.sqrt(now)
        now = alpha_bar[t]
        x = torch.sqrt(now) * guess + torch.sqrt(1 - now) * eps
    return x


def _chosen_steps(n_steps: int, alpha_bar: Tensor) -> list[int]:
    """Return `n_steps` steps of the schedule, evenly from the last to the first."""
    n_steps = whole_number("n_steps", n_steps, least=1, most=len(alpha_bar))
    return [round(t) for t in torch.linspace(len(alpha_bar) - 1, 0, n_steps, dtype=torch.float64).tolist()]


def _noise_like(x: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return standard normal noise for `x`, drawn where the generator lives."""
    device = generator.device if generator is not None else x.device
    return torch.randn(x.shape, dtype=x.dtype, device=device, generator=generator).to(x.device)


# Bits


def q_bits(x0: Tensor, t: int, u: Tensor, alpha_bar: Tensor) -> Tensor:
    """Return the bits after steps 0 ... t, in each of which a bit is drawn afresh with probability beta.

    Lab `diffusion`, part 11: a bit is still the old one with probability (1 + alpha_bar_t) / 2, since a bit drawn
    afresh is right half of the time. Source: Sohl-Dickstein et al. (2015), the binomial process.

    Parameters
    ----------
    x0 : tensor              0 and 1, floating dtype, any shape
    t : int                  0 ... T-1
    u : tensor               uniform in [0, 1), of the same shape
    alpha_bar : (T,) tensor  the schedule, the product of 1 - beta

    Returns
    -------
    tensor                   0 and 1, of the same shape

    Raises
    ------
    TypeError                a wrong type
    ValueError               t out of range, shapes that disagree, NaN, not bits, not a schedule

    Examples
    --------
    >>> q_bits(torch.tensor([1.0, 1.0]), 0, torch.tensor([0.2, 0.9]), torch.tensor([0.5]))
    tensor([1., 0.])
    """
    t = whole_number("t", t, least=0, most=len(_schedule(alpha_bar)) - 1)
    finite_tensors(x0=x0, u=u)
    _bits("x0", x0)
    return torch.where(u < (1 + alpha_bar[t]) / 2, x0, 1 - x0)


def bit_posterior(p0: Tensor, xt: Tensor, t: int, alpha_bar: Tensor) -> Tensor:
    """Return the probability that the bit one step earlier was 1, given x_t and a belief about the data.

    Lab `diffusion`, part 11: Bayes' rule for each value of the data bit, averaged with the belief.

    Parameters
    ----------
    p0 : tensor              in [0, 1], the probability that the data bit is 1, given x_t
    xt : tensor              0 and 1, of the same shape
    t : int                  0 ... T-1
    alpha_bar : (T,) tensor  the schedule

    Returns
    -------
    tensor                   in [0, 1], of the same shape; `p0` itself at t = 0

    Raises
    ------
    TypeError                a wrong type
    ValueError               t out of range, shapes that disagree, NaN, not bits, not a schedule

    Notes
    -----
    Source: Austin et al. (2021), eq. 3 and 4, for two values.

    Examples
    --------
    >>> bit_posterior(torch.tensor([0.3]), torch.tensor([1.0]), 0, torch.tensor([0.5]))
    tensor([0.3000])
    """
    t = whole_number("t", t, least=0, most=len(_schedule(alpha_bar)) - 1)
    finite_tensors(p0=p0, xt=xt)
    _bits("xt", xt)
    if bool((p0 < 0).any()) or bool((p0 > 1).any()):
        raise ValueError("p0 must lie in [0, 1], got a value outside")
    before = alpha_bar[t - 1] if t > 0 else torch.ones_like(alpha_bar[t])
    alpha = alpha_bar[t] / before
    stays = (1 + alpha * (2 * xt - 1)) / 2  # P(x_t | x_{t-1} = 1)
    from_one = _one_given(stays, (1 + before) / 2)
    from_zero = _one_given(stays, (1 - before) / 2)
    return p0 * from_one + (1 - p0) * from_zero


def _one_given(likelihood: Tensor, prior: Tensor) -> Tensor:
    """Return P(bit = 1) by Bayes' rule; the likelihoods of 1 and 0 add up to one."""
    return prior * likelihood / (prior * likelihood + (1 - prior) * (1 - likelihood))


def bit_sample(p0_fn: NoisePredictor, x: Tensor, alpha_bar: Tensor, *, generator: torch.Generator) -> Tensor:
    """Return bits made from coin flips by the T steps of the reverse chain.

    Lab `diffusion`, part 11.

    Parameters
    ----------
    p0_fn : callable         (x_t, t) -> the probability that each data bit is 1
    x : tensor               coin flips, 0 and 1
    alpha_bar : (T,) tensor  the schedule
    generator : Generator    where the random numbers of the steps come from

    Returns
    -------
    tensor                   0 and 1, of the shape of `x`

    Raises
    ------
    TypeError                a wrong type
    ValueError               not bits, not a schedule, a probability outside [0, 1]

    Examples
    --------
    >>> g = torch.Generator().manual_seed(0)
    >>> bit_sample(lambda x, t: torch.ones_like(x), torch.zeros(3), linear_schedule(5, 0.1, 0.9), generator=g)
    tensor([1., 1., 1.])
    """
    _bits("x", finite_tensor("x", x))
    torch_generator("generator", generator)
    for t in reversed(range(len(_schedule(alpha_bar)))):
        p = bit_posterior(p0_fn(x, t), x, t, alpha_bar)
        u = torch.rand(x.shape, dtype=x.dtype, device=generator.device, generator=generator)
        x = (u.to(x.device) < p).to(x.dtype)
    return x


def _bits(name: str, x: Tensor) -> None:
    """Refuse a tensor that holds anything but 0 and 1."""
    if bool(((x != 0) & (x != 1)).any()):
        raise ValueError(f"{name} must hold 0 and 1 only, got other values")
