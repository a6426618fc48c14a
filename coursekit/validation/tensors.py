"""Checks of torch tensors at the public boundary; a module of its own, so that `coursekit` imports without torch."""

from typing import Any

import torch

__all__ = ["finite_tensor", "finite_tensors", "torch_generator"]


def finite_tensor(name: str, value: Any, *, ndim: int | None = None) -> torch.Tensor:
    """Return `value` if it is a tensor of finite floating-point numbers, or say what is wrong with it.

    Parameters
    ----------
    name : str               the argument's name, for the message
    value : Tensor           of a real floating dtype
    ndim : int               the number of axes; None accepts any

    Returns
    -------
    Tensor                   the value itself

    Raises
    ------
    TypeError                not a tensor, or one of another dtype
    ValueError               wrong number of axes, NaN or infinite

    Examples
    --------
    >>> finite_tensor("x", torch.zeros(2))
    tensor([0., 0.])
    """
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name} must be a torch tensor, got {type(value).__name__}")
    if not value.is_floating_point():
        raise TypeError(f"{name} must hold floating-point numbers, got dtype {value.dtype}")
    if ndim is not None and value.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, got shape {tuple(value.shape)}")
    bad = int((~value.isfinite()).sum())
    if bad:
        raise ValueError(f"{name} must be finite, got {bad} NaN or infinite of {value.numel()}")
    return value


def finite_tensors(**tensors: torch.Tensor) -> None:
    """Refuse tensors that are not finite, or that differ in shape, naming each.

    Parameters
    ----------
    **tensors : Tensor       by the arguments' names

    Raises
    ------
    TypeError                one is not a tensor of floating-point numbers
    ValueError               NaN or infinite; the shapes differ

    Examples
    --------
    >>> finite_tensors(a=torch.zeros(3), b=torch.ones(3))
    """
    shapes = {name: tuple(finite_tensor(name, value).shape) for name, value in tensors.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"shapes must agree, got {listed}")


def torch_generator(name: str, value: Any) -> torch.Generator:
    """Return `value` if it is a torch random generator.

    Parameters
    ----------
    name : str               the argument's name, for the message
    value : Generator        from torch.Generator().manual_seed(seed)

    Returns
    -------
    Generator                the value itself

    Raises
    ------
    TypeError                anything else, a seed included

    Examples
    --------
    >>> torch_generator("generator", torch.Generator().manual_seed(3)).initial_seed()
    3
    """
    if not isinstance(value, torch.Generator):
        raise TypeError(f"{name} must be a torch Generator (torch.Generator().manual_seed(seed)), got {value!r}")
    return value
