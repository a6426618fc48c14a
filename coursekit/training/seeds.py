"""Where random numbers come from, and how their state is kept and put back."""

import os
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from coursekit.validation import whole_number

__all__ = ["random_state", "restore_random_state", "seed_all"]

# Between the seeds of two processes; the CPU's generator takes 32 bits.
RANK_STRIDE = 1_000_003


def seed_all(seed: int, n_threads: int = 2, *, device: torch.device | str = "cpu") -> torch.Generator:
    """Seed every source of random numbers, fix the number of threads, and return a generator.

    Parameters
    ----------
    seed : int               0 to 2^31 - 1
    n_threads : int          threads of torch on the CPU, at least 1
    device : device          where the generator draws; the CPU's draws are the same on every machine

    Returns
    -------
    torch.Generator          to be passed to `fit`, to losses and to samplers

    Raises
    ------
    TypeError                a seed or a number of threads that is not whole
    ValueError               one out of range

    Notes
    -----
    On a CPU the same seed AND the same number of threads give the same bits: sums are split among threads, and
    another split rounds differently. Under torchrun networks start equal on every process, because the global
    sources have the same seed, while the returned generator is each process's own, so that each draws other data.

    Examples
    --------
    >>> bool(torch.rand(1, generator=seed_all(5)) == torch.rand(1, generator=seed_all(5)))
    True
    """
    seed = whole_number("seed", seed, least=0, most=2**31 - 1)
    torch.set_num_threads(whole_number("n_threads", n_threads, least=1))
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - for libraries that draw from it; ours do not
    torch.manual_seed(seed)
    return torch.Generator(device).manual_seed(seed + RANK_STRIDE * int(os.environ.get("RANK", "0")))


def random_state(generator: torch.Generator) -> dict[str, Any]:
    """Return the state of a generator and of the global sources.

    Parameters
    ----------
    generator : Generator    the one in use

    Returns
    -------
    dict                     tensors and plain Python, so that `torch.load(weights_only=True)` reads it
    """
    name, keys, *rest = np.random.get_state()  # noqa: NPY002 - see seed_all
    return {
        "generator": generator.get_state(),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "python": random.getstate(),
        "numpy": (str(name), torch.from_numpy(np.asarray(keys).astype(np.int64)), *map(float, rest)),
    }


def restore_random_state(state: Mapping[str, Any], generator: torch.Generator) -> None:
    """Put back what `random_state` returned.

    Parameters
    ----------
    state : mapping          from `random_state`
    generator : Generator    changed in place

    Raises
    ------
    RuntimeError             the state is of a generator on another kind of device
    """
    generator.set_state(state["generator"])
    torch.set_rng_state(state["torch"])
    if state["cuda"] and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    random.setstate(state["python"])
    name, keys, position, has_gauss, gauss = state["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), int(position), int(has_gauss), gauss))  # noqa: NPY002
