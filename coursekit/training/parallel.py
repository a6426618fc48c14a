"""Several processes that train one network, each on its own GPU or CPU: `torchrun --nproc-per-node 4 program.py`.

`fit` calls what is here; without torchrun all of it does nothing. Each process draws its own batch (with the
generator from `seed_all`), the gradients are averaged, and so n processes with batch b take the steps of one
process with batch n b. Every process holds the same weights, the same optimizer state and the same average.

Supported: any number of forward passes in a loss, gradient penalties, several players, buffers that are constant or
follow from the weights (spectral norm). Not supported: statistics of a batch (BatchNorm), because each process would
see its own; a mean over batches of unequal size, because each process counts the same; parameters that a loss leaves
out. An interrupt ends all processes: go on from the checkpoint.
"""

import atexit
import inspect
import os
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

__all__ = ["average", "gathered", "is_first", "join", "rank", "require_own_draws", "world_size", "wrapped"]


def join() -> None:
    """Become one of the processes that torchrun has started, if it has."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or dist.is_initialized():
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    atexit.register(leave)


def leave() -> None:
    """Close the connections to the other processes."""
    if dist.is_initialized():
        dist.destroy_process_group()


def world_size() -> int:
    """Return the number of processes.

    Returns
    -------
    int                      1 without torchrun
    """
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Return this process's number.

    Returns
    -------
    int                      from 0; 0 without torchrun
    """
    return dist.get_rank() if dist.is_initialized() else 0


def is_first() -> bool:
    """Say whether this is the process that writes files and shows progress.

    Returns
    -------
    bool                     True without torchrun
    """
    return rank() == 0


def wrapped(network: nn.Module) -> nn.Module:
    """Return the network such that a backward pass through it averages the gradients over all processes.

    Parameters
    ----------
    network : Module         on this process's device; takes over the first process's weights and buffers

    Returns
    -------
    Module                   DistributedDataParallel, or the network itself if there is one process

    Raises
    ------
    ValueError               the network normalises over the batch
    """
    if world_size() == 1:
        return network
    if any(isinstance(part, _BatchNorm) for part in network.modules()):
        raise ValueError("BatchNorm sees the batch of one process only: take GroupNorm or LayerNorm")
    for buffer in network.buffers():
        dist.broadcast(buffer, 0)
    place = next(network.parameters()).device
    # Buffers are not sent again before each forward pass: the second of two would change what the first has kept.
    known = inspect.signature(nn.parallel.DistributedDataParallel).parameters
    later: dict[str, Any] = {"forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers": False}
    return nn.parallel.DistributedDataParallel(network, [place] if place.type == "cuda" else None, **later)


def average(value: torch.Tensor) -> torch.Tensor:
    """Return the mean of a tensor over all processes.

    Parameters
    ----------
    value : tensor           of the same shape on each

    Returns
    -------
    tensor                   the same on each; `value` itself if there is one process
    """
    if world_size() == 1:
        return value
    total = value.clone()
    dist.all_reduce(total)
    return total / world_size()


def gathered(value: Any) -> list[Any]:
    """Return the value of each process, in their order.

    Parameters
    ----------
    value : object           small

    Returns
    -------
    list                     one entry without torchrun
    """
    if world_size() == 1:
        return [value]
    values: list[Any] = [None] * world_size()
    dist.all_gather_object(values, value)
    return values


def require_own_draws(generator: torch.Generator) -> None:
    """Refuse generators that would let two processes draw the same batch.

    Parameters
    ----------
    generator : Generator    this process's

    Raises
    ------
    ValueError               another process has one in the same state
    """
    states = [tuple(state.tolist()) for state in gathered(generator.get_state())]
    if len(set(states)) < len(states):
        raise ValueError("generator: two processes would draw the same batches; make it with seed_all")
