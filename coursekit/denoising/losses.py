"""What a denoiser is trained on: one least-squares loss for every target, and noise levels spread evenly."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from coursekit.denoising.denoisers import per_sample, preconditioning, sigma_at, time_at
from coursekit.validation import number, whole_number
from coursekit.validation.tensors import finite_tensor

__all__ = ["batch_loss", "class_log_prob", "classifier_loss", "denoising_loss", "stratified_sigmas"]


def stratified_sigmas(n: int, *, generator: torch.Generator) -> Tensor:
    """Return noise levels for a batch: one time from each of n equal pieces of (0, 1), so that no batch misses a level.

    Parameters
    ----------
    n : int                  the batch
    generator : Generator    where the times come from

    Returns
    -------
    (n,) tensor              noise SDs of the cosine schedule, from small to large, float32

    Examples
    --------
    >>> sigma = stratified_sigmas(3, generator=torch.Generator().manual_seed(0))
    >>> bool((sigma.diff() > 0).all())
    True
    """
    u = torch.rand(n, device=generator.device, generator=generator)
    time = (torch.arange(n, device=generator.device) + u) / n
    return sigma_at(0.001 + 0.998 * time)  # from 0.0016 to 640 in units of the data


def denoising_loss(
    network: nn.Module,
    x0: Tensor,
    sigma: Tensor,
    noise: Tensor,
    target: str,
    *,
    labels: Tensor | None = None,
    sigma_data: float = 1.0,
) -> Tensor:
    """Return the mean squared error of the network on its own target.

    D(x, sigma) = x0 holds where the network gives (x0 - c_skip x) / c_out: with the coefficients of `preconditioning`
    that is the noise, v, the data or EDM's target.

    Parameters
    ----------
    network : Module         (x (n, ...), time (n,), labels (n,) or None) -> (n, ...)
    x0 : (n, ...) tensor     data
    sigma : (n,) tensor      > 0
    noise : (n, ...) tensor  standard normal
    target : str             "eps", "v", "x0" or "edm"
    labels : (n,) tensor     class numbers, or None
    sigma_data : float       > 0, for "edm"

    Returns
    -------
    tensor                   a single number

    Raises
    ------
    ValueError               an unknown target

    Examples
    --------
    >>> zero = lambda x, time, labels: torch.zeros_like(x)
    >>> denoising_loss(zero, torch.ones(2, 1), torch.ones(2), 3 * torch.ones(2, 1), "eps").item()
    9.0
    """
    s = per_sample(sigma, x0)
    c_skip, c_out, c_in = preconditioning(target, s, sigma_data)
    x = x0 + s * noise
    wanted = (x0 - c_skip * x) / c_out
    return ((network(c_in * x, time_at(sigma), labels) - wanted) ** 2).mean()


def batch_loss(
    images: Tensor,
    labels: Tensor | None,
    target: str,
    *,
    batch: int = 128,
    drop: float = 0.15,
    sigma_data: float = 1.0,
) -> Callable[[nn.Module, torch.Generator], Tensor]:
    """Return what `coursekit.training.Player` wants: the loss on a random batch at stratified noise levels.

    Parameters
    ----------
    images : (m, ...) tensor data, on the device of the generator
    labels : (m,) tensor     class numbers from 0, or None
    target : str             "eps", "v", "x0" or "edm"
    batch : int              >= 1
    drop : float             in [0, 1], the share of labels that are replaced by "no class given", the number after
                             the last class, so that one network learns both predictions of classifier-free guidance
    sigma_data : float       > 0, for "edm"

    Returns
    -------
    callable                 (network, generator) -> a single number

    Raises
    ------
    TypeError                a wrong type
    ValueError               a number out of range, NaN

    Notes
    -----
    Source of the dropped labels: Ho and Salimans (2022).
    """
    finite_tensor("images", images)
    batch = whole_number("batch", batch, least=1)
    drop = number("drop", drop, least=0, most=1)
    nothing = 0 if labels is None else int(labels.max()) + 1

    def loss(network: nn.Module, generator: torch.Generator) -> Tensor:
        where: Any = {"device": generator.device, "generator": generator}
        chosen = torch.randint(len(images), (batch,), **where)
        sigma = stratified_sigmas(batch, generator=generator)
        noise = torch.randn(batch, *images.shape[1:], **where)
        given = None
        if labels is not None:
            given = torch.where(torch.rand(batch, **where) < drop, nothing, labels[chosen])
        return denoising_loss(network, images[chosen], sigma, noise, target, labels=given, sigma_data=sigma_data)

    return loss


def class_log_prob(classifier: nn.Module, labels: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """Return log p(label | x at noise sigma) for `classifier_guided`, from a classifier trained on noisy images.

    Parameters
    ----------
    classifier : Module      (x (n, ...) scaled to unit variance, time (n,)) -> logits (n, n_classes)
    labels : (n,) tensor     the class wanted of each sample

    Returns
    -------
    callable                 (x (n, ...), sigma single or (n,)) -> (n,)

    Examples
    --------
    >>> fair = lambda x, time: torch.zeros(len(x), 4)
    >>> class_log_prob(fair, torch.tensor([2]))(torch.zeros(1, 3), torch.tensor(1.0)).exp()
    tensor([0.2500])
    """

    def log_prob(x: Tensor, sigma: Tensor) -> Tensor:
        sigma = torch.as_tensor(sigma, dtype=x.dtype, device=x.device).expand(len(x))
        logits = classifier(x / torch.sqrt(1 + per_sample(sigma, x) ** 2), time_at(sigma))
        return -functional.cross_entropy(logits, labels, reduction="none")

    return log_prob


def classifier_loss(
    images: Tensor, labels: Tensor, *, batch: int = 128
) -> Callable[[nn.Module, torch.Generator], Tensor]:
    """Return what `coursekit.training.Player` wants to train a classifier on images at all noise levels.

    Parameters
    ----------
    images : (m, ...) tensor data, on the device of the generator
    labels : (m,) tensor     class numbers from 0
    batch : int              >= 1

    Returns
    -------
    callable                 (classifier, generator) -> the mean cross-entropy

    Raises
    ------
    TypeError                a wrong type
    ValueError               batch < 1, NaN
    """
    finite_tensor("images", images)
    batch = whole_number("batch", batch, least=1)

    def loss(classifier: nn.Module, generator: torch.Generator) -> Tensor:
        where: Any = {"device": generator.device, "generator": generator}
        chosen = torch.randint(len(images), (batch,), **where)
        sigma = stratified_sigmas(batch, generator=generator)
        x = images[chosen] + per_sample(sigma, images) * torch.randn(batch, *images.shape[1:], **where)
        return -class_log_prob(classifier, labels[chosen])(x, sigma).mean()

    return loss
