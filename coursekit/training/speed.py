"""What makes a training faster on the hardware at hand; each is one switch, and none changes what is learnt.

On a GPU: `fast_dtype` and `compiled=True` of `Player`, `placed(channels_last=True)`, `adamw`. On a CPU
`placed(channels_last=True)` for plain convolutions; compiling takes longer than a lab there, and half precision pays
for plain convolutions only: `pays` tries five steps each way.
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from coursekit.validation import number, whole_number

__all__ = ["adamw", "fast_dtype", "pays", "placed"]


def adamw(
    network: nn.Module,
    lr: float,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    weight_decay: float = 0.0,
) -> torch.optim.AdamW:
    """Return AdamW over a network's weights, updated by one kernel (fused), also on a CPU.

    Parameters
    ----------
    network : Module         on its device already
    lr : float               learning rate, > 0
    betas : two floats       decays of the averages of the gradient and of its square, in [0, 1)
    weight_decay : float     >= 0

    Returns
    -------
    AdamW                    Loshchilov and Hutter (2019)

    Raises
    ------
    TypeError                a number is none
    ValueError               a number out of range
    """
    for i, beta in enumerate(betas):
        number(f"betas[{i}]", beta, least=0, below=1)
    return torch.optim.AdamW(
        network.parameters(),
        lr=number("lr", lr, above=0),
        betas=betas,
        weight_decay=number("weight_decay", weight_decay, least=0),
        fused=True,
    )


def fast_dtype(device: torch.device) -> torch.dtype | None:
    """Return the precision in which a device computes fastest without harm, for `Player(autocast=...)`.

    Parameters
    ----------
    device : torch.device    where the network lies

    Returns
    -------
    dtype or None            bfloat16 on a GPU that has it (from Ampere on), float16 on an older one (`fit` scales the
                             loss then), None on a CPU: ask `pays` there
    """
    if device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.get_device_capability(device)[0] >= 8 else torch.float16


def placed(network: nn.Module, device: torch.device, *, channels_last: bool = False) -> nn.Module:
    """Move a network to a device, if asked with the channels of its pictures innermost.

    Parameters
    ----------
    network : Module         moved in place
    device : torch.device    where to
    channels_last : bool     faster for convolutions in half precision; the numbers keep their meaning

    Returns
    -------
    Module                   the network itself
    """
    if channels_last:
        return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
    return network.to(device)


def pays(candidate: Callable[[], object], baseline: Callable[[], object], *, n_steps: int = 5) -> bool:
    """Say whether one way to do a training step is faster than another by a tenth or more, by trying both.

    Parameters
    ----------
    candidate : callable     one step the new way, on a copy of the network; the result is thrown away
    baseline : callable      one step the usual way
    n_steps : int            how many of each are timed, after one that is not

    Returns
    -------
    bool                     by the medians; another answer on another machine, so not for compared outputs

    Raises
    ------
    TypeError                `n_steps` is not whole
    ValueError               `n_steps` < 1
    """
    whole_number("n_steps", n_steps, least=1)
    return seconds(candidate, n_steps) < 0.9 * seconds(baseline, n_steps)


def seconds(step: Callable[[], object], n_steps: int) -> float:
    """Return the median time of a step, a GPU's work included; the first is not counted."""
    times = []
    for _ in range(n_steps + 1):
        start = time.perf_counter()
        step()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])
