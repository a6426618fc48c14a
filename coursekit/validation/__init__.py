"""Checks at the public boundary: each error names the argument, what was expected and what came."""

from collections.abc import Collection
from numbers import Integral, Real
from typing import Any

import numpy as np

__all__ = ["finite_array", "generator", "number", "one_of", "same_shape", "whole_number"]


def finite_array(name: str, value: Any, *, ndim: int | tuple[int, ...] | None = None, min_size: int = 1) -> np.ndarray:
    """Return `value` as a float array, or say what is wrong with it.

    Parameters
    ----------
    name : str               the argument's name, for the message
    value : array_like       real numbers
    ndim : int or tuple      accepted numbers of axes; None accepts any
    min_size : int           smallest accepted length of each axis

    Returns
    -------
    ndarray                  float64, or the floating dtype that `value` had

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               wrong number of axes, too small, NaN or infinite

    Examples
    --------
    >>> finite_array("u", [1, 2])
    array([1., 2.])
    """
    try:
        array = np.asarray(value)
    except ValueError as error:  # a ragged list
        raise ValueError(f"{name} must be a rectangular array: {error}") from None
    if array.dtype.kind == "c":
        raise TypeError(f"{name} must be real, got dtype {array.dtype}")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold numbers, got dtype {array.dtype}")
    wanted = (ndim,) if isinstance(ndim, int) else ndim
    if wanted is not None and array.ndim not in wanted:
        axes = " or ".join(str(n) for n in wanted)
        raise ValueError(f"{name} must have {axes} axes, got shape {array.shape}")
    if min(array.shape, default=min_size) < min_size:
        raise ValueError(f"{name} needs at least {min_size} along each axis, got shape {array.shape}")
    if array.dtype.kind != "f":
        array = array.astype(float)
    bad = array.size - int(np.count_nonzero(np.isfinite(array)))
    if bad:
        raise ValueError(f"{name} must be finite, got {bad} NaN or infinite of {array.size}")
    return array


def number(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> float:
    """Return `value` as a finite float inside the bounds.

    Parameters
    ----------
    name : str               the argument's name, for the message
    value : number           a real number, not a bool
    above : float            the value must be larger; None for no bound
    least : float            the value must be at least this
    below : float            the value must be smaller
    most : float             the value must be at most this

    Returns
    -------
    float                    the value

    Raises
    ------
    TypeError                not a real number
    ValueError               NaN, infinite, too large for a float, or outside the bounds

    Examples
    --------
    >>> number("sigma", 2, above=0)
    2.0
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a real number, got {value!r}")
    try:
        result = float(value)
    except OverflowError:
        raise ValueError(f"{name} must fit into a float, got a number beyond 1e308") from None
    if not np.isfinite(result):
        raise ValueError(f"{name} must be finite, got {result}")
    checks = [
        (above, lambda bound: result > bound, ">"),
        (least, lambda bound: result >= bound, ">="),
        (below, lambda bound: result < bound, "<"),
        (most, lambda bound: result <= bound, "<="),
    ]
    for bound, holds, sign in checks:
        if bound is not None and not holds(bound):
            short = f"{result:g}"  # unless that hides by how little the bound is missed
            raise ValueError(f"{name} must be {sign} {bound:g}, got {short if float(short) == result else result}")
    return result


def whole_number(name: str, value: Any, *, least: int | None = None, most: int | None = None) -> int:
    """Return `value` as an int inside the closed bounds; 3.0 is not taken for 3.

    Parameters
    ----------
    name : str               the argument's name, for the message
    value : int              a whole number, numpy's included, not a bool
    least : int              smallest accepted value; None for no bound
    most : int               largest accepted value

    Returns
    -------
    int                      the value

    Raises
    ------
    TypeError                not an integer
    ValueError               outside the bounds

    Examples
    --------
    >>> whole_number("d", 3, least=1)
    3
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    result = int(value)
    if least is not None and result < least:
        raise ValueError(f"{name} must be at least {least}, got {result}")
    if most is not None and result > most:
        raise ValueError(f"{name} must be at most {most}, got {result}")
    return result


def one_of(name: str, value: Any, options: Collection[str]) -> str:
    """Return `value` if it is one of the named options.

    Parameters
    ----------
    name : str               the argument's name, for the message
    value : str              the option that was asked for
    options : collection     the options that there are

    Returns
    -------
    str                      the value

    Raises
    ------
    ValueError               any other value

    Examples
    --------
    >>> one_of("region", "ball", ("ball", "sphere"))
    'ball'
    """
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, options))}, got {value!r}")
    return value


def same_shape(**arrays: np.ndarray) -> None:
    """Refuse arrays that differ in shape, naming each.

    Parameters
    ----------
    **arrays : array         by the arguments' names

    Raises
    ------
    ValueError               the shapes differ

    Examples
    --------
    >>> same_shape(a=np.zeros(3), b=np.ones(3))
    """
    if len({array.shape for array in arrays.values()}) > 1:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"shapes must agree, got {shapes}")


def generator(name: str, value: Any) -> np.random.Generator:
    """Return `value` if it is a numpy random generator.

    Parameters
    ----------
    name : str               the argument's name, for the message
    value : Generator        from np.random.default_rng(seed)

    Returns
    -------
    Generator                the value itself

    Raises
    ------
    TypeError                anything else, a seed included

    Examples
    --------
    >>> generator("rng", np.random.default_rng(0)).integers(1)
    np.int64(0)
    """
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name} must be a numpy Generator (np.random.default_rng(seed)), got {value!r}")
    return value
