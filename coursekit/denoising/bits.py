"""A network's part in the diffusion of bits: the loss it is trained on, and its belief about the clean bits."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from coursekit.denoising.denoisers import per_sample
from coursekit.validation import whole_number
from coursekit.validation.tensors import finite_tensor

__all__ = ["bit_belief", "bit_loss"]


def bit_loss(bits: Tensor, alpha_bar: Tensor, *, batch: int = 128) -> Callable[[nn.Module, torch.Generator], Tensor]:
    """Return what `coursekit.training.Player` wants: the cross-entropy of the clean bits, given noisy ones.

    Lab `diffusion`, part 11. Each example has a step t of its own; `coursekit.deep.diffusion.q_bits` says what it does.

    Parameters
    ----------
    bits : (m, ...) tensor   0 and 1, floating dtype, on the device of the generator
    alpha_bar : (T,) tensor  the schedule
    batch : int              >= 1

    Returns
    -------
    callable                 (network, generator) -> a single number, in nats per bit

    Raises
    ------
    TypeError                a wrong type
    ValueError               batch < 1, NaN
    """
    finite_tensor("bits", bits)
    batch = whole_number("batch", batch, least=1)
    kept = ((1 + alpha_bar) / 2).to(bits.device, bits.dtype)

    def loss(network: nn.Module, generator: torch.Generator) -> Tensor:
        where: Any = {"device": generator.device, "generator": generator}
        x0 = bits[torch.randint(len(bits), (batch,), **where)]
        t = torch.randint(len(kept), (batch,), **where)
        x = torch.where(torch.rand(x0.shape, **where) < per_sample(kept[t], x0), x0, 1 - x0)
        return functional.binary_cross_entropy_with_logits(network(2 * x - 1, t / len(kept)), x0)

    return loss


def bit_belief(network: nn.Module, alpha_bar: Tensor) -> Callable[[Tensor, int], Tensor]:
    """Return the probability that each clean bit is 1, as `coursekit.deep.diffusion.bit_sample` asks for it.

    Parameters
    ----------
    network : Module         trained by `bit_loss` with the same schedule
    alpha_bar : (T,) tensor  the schedule

    Returns
    -------
    callable                 (x_t (n, ...), t) -> (n, ...)

    Examples
    --------
    >>> undecided = lambda x, time: torch.zeros_like(x)
    >>> bit_belief(undecided, torch.tensor([0.5]))(torch.ones(2, 1), 0).ravel()
    tensor([0.5000, 0.5000])
    """

    @torch.no_grad()
    def belief(x: Tensor, t: int) -> Tensor:
        time = torch.full((len(x),), t / len(alpha_bar), device=x.device, dtype=x.dtype)
        return torch.sigmoid(network(2 * x - 1, time))

    return belief
