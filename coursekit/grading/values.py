"""Numbers, strings and arrays as JSON descriptions plus raw little-endian buffers, and back.

Used on both sides of the wall (see `wire`). Nothing here evaluates, unpickles or imports what it reads.
"""

import keyword
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["DTYPES", "Foreign", "WireError", "describe", "harmless_name", "harmless_text", "rebuild"]

INTEGERS = ("|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8")
DTYPES = frozenset(("|b1", *INTEGERS, "<f2", "<f4", "<f8", "<c8", "<c16"))
MAX_NDIM = 8
MAX_BODY = 64 << 20
# A longer int is only ever a nuisance; a longer str goes into a buffer; a longer list of numbers becomes an array.
MAX_BITS = 4096
SHORT = 200
LONG_LIST = 100_000


class WireError(ValueError):
    """A frame that is not as it should be; what was in it is discarded."""


@dataclass(frozen=True)
class Foreign:
    """Stands for a value of a kind that is not transported."""

    kind: str


def describe(value: Any, buffers: list[bytes], *, strict: bool) -> dict[str, Any]:
    """Describe one value, appending its bytes to `buffers`.

    Parameters
    ----------
    value : object           a number, string, None, array, or a tuple or list of them
    buffers : list of bytes  grows
    strict : bool            refuse other kinds; otherwise they become their kind's name

    Returns
    -------
    dict                     plain JSON

    Raises
    ------
    TypeError                a value of another kind, if `strict`
    WireError                an array too large for one frame
    """
    if value is None:
        return {"kind": "none"}
    if isinstance(value, (np.generic, np.ndarray)):  # not `|`, which would be put together anew each time
        return _describe_array(value, buffers, strict)
    if isinstance(value, bool):
        return {"kind": "bool", "value": bool(value)}
    if isinstance(value, int) and value.bit_length() <= MAX_BITS:
        return {"kind": "int", "value": int(value)}
    if isinstance(value, float):  # as text, because JSON knows no NaN and no infinity
        return {"kind": "float", "value": float(value).hex()}
    if isinstance(value, complex):
        return {"kind": "complex", "value": [float(value.real).hex(), float(value.imag).hex()]}
    if isinstance(value, str):
        if len(value) <= SHORT:
            return {"kind": "str", "value": str(value)}
        buffers.append(value.encode("utf-8", "replace"))
        return {"kind": "text", "buffer": len(buffers) - 1}
    if isinstance(value, list) and value and {type(item) for item in value} in ({int}, {float}, {complex}, {bool}):
        array = np.asarray(value)
        if array.dtype.str in DTYPES:  # not so for integers beyond 64 bits
            node = _describe_array(array, buffers, strict=True)
            return {"kind": "numbers", "array": node} if array.size <= LONG_LIST else node
    if isinstance(value, (tuple, list)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {"kind": kind, "items": [describe(item, buffers, strict=strict) for item in value]}
    if strict:
        raise TypeError(f"values must be numbers, strings, arrays, tuples or lists, got {type(value).__name__}")
    return _describe_other(value, buffers)


def _describe_array(value: Any, buffers: list[bytes], strict: bool) -> dict[str, Any]:
    """Describe an array or a numpy scalar."""
    array = np.asarray(value)
    if array.dtype.char in "gG":  # long doubles differ from machine to machine
        array = array.astype("<f8" if array.dtype.char == "g" else "<c16")
    dtype = array.dtype.newbyteorder("<")
    if dtype.str not in DTYPES or array.ndim > MAX_NDIM:
        if strict:
            raise TypeError(f"arrays must hold numbers on at most {MAX_NDIM} axes, got dtype {array.dtype}")
        return {"kind": "other", "name": f"array of dtype {array.dtype}"[:SHORT]}
    if array.nbytes > MAX_BODY:
        raise WireError(f"an array of {array.nbytes} bytes: at most {MAX_BODY} are transported")
    buffers.append(array.astype(dtype, copy=False).tobytes())
    kind = "scalar" if isinstance(value, np.generic) else "array"
    return {"kind": kind, "dtype": dtype.str, "shape": list(array.shape), "buffer": len(buffers) - 1}


def _describe_other(value: Any, buffers: list[bytes]) -> dict[str, Any]:
    """Describe as an array what the self-check would take for one (a tensor, a range), else name its kind."""
    try:
        array = np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)
    except Exception:  # whatever an object of unknown kind does when it is asked for its numbers
        array = np.asarray(None)
    if type(array) is np.ndarray and array.dtype.kind in "biufc":
        return _describe_array(array, buffers, strict=False)
    return {"kind": "other", "name": type(value).__name__[:SHORT]}


def rebuild(node: Any, buffers: list[memoryview]) -> Any:
    """Return the value that an untrusted description stands for.

    Parameters
    ----------
    node : dict              plain JSON
    buffers : list           the frame's buffers

    Returns
    -------
    object                   arrays are fresh copies, writeable, in native byte order

    Raises
    ------
    Exception                of any kind: the caller turns it into a WireError
    """
    kind = node["kind"]
    if kind == "none":
        return None
    if kind in ("bool", "int", "str"):
        value = node["value"]
        if type(value) is not {"bool": bool, "int": int, "str": str}[kind]:
            raise WireError(f"a {type(value).__name__} described as {kind}")
        return value
    if kind == "float":
        return _number(node["value"])
    if kind == "complex":
        real, imag = node["value"]
        return complex(_number(real), _number(imag))
    if kind == "text":
        return bytes(_buffer(node, buffers)).decode("utf-8")
    if kind == "array":
        return _array(node, buffers)
    if kind == "scalar" and node["shape"] == []:
        return _array(node, buffers)[()]
    if kind == "numbers":
        array = _array(node["array"], buffers)
        if array.size > LONG_LIST:
            raise WireError("a list that is too long")
        return array.tolist()
    if kind in ("tuple", "list"):
        items = [rebuild(item, buffers) for item in node["items"]]
        return tuple(items) if kind == "tuple" else items
    if kind == "other":
        return Foreign(harmless_text(node["name"], SHORT))
    raise WireError("a value of unknown kind")


def harmless_name(text: Any) -> str:
    """Return `text` if it can be the name of a class, else "object".

    Parameters
    ----------
    text : object            untrusted

    Returns
    -------
    str                      an identifier

    Examples
    --------
    >>> harmless_name("dict"), harmless_name("<script>")
    ('dict', 'object')
    """
    fine = type(text) is str and len(text) <= SHORT and text.isidentifier() and not keyword.iskeyword(text)
    return str(text) if fine else "object"


def harmless_text(text: Any, length: int) -> str:
    r"""Return the beginning of an untrusted text, with spaces in the place of what cannot be printed.

    Parameters
    ----------
    text : object            untrusted
    length : int             the largest number of characters

    Returns
    -------
    str                      without line breaks and control characters

    Examples
    --------
    >>> harmless_text("red\x1b[31m", 80)
    'red [31m'
    """
    return "".join(c if c.isprintable() else " " for c in str(text)[:length])


def _number(text: Any) -> float:
    """Return a float from its hexadecimal text."""
    if type(text) is not str or len(text) > 40:
        raise WireError("a number that cannot be read")
    return float.fromhex(text)


def _buffer(node: dict[str, Any], buffers: list[memoryview]) -> memoryview:
    """Return the buffer that a description names."""
    index = node["buffer"]
    if type(index) is not int or not 0 <= index < len(buffers):
        raise WireError("a buffer that is not there")
    return buffers[index]


def _array(node: dict[str, Any], buffers: list[memoryview]) -> np.ndarray:
    """Return an array whose description and bytes agree exactly."""
    name, shape, buffer = node["dtype"], node["shape"], _buffer(node, buffers)
    if type(name) is not str or name not in DTYPES:
        raise WireError("numbers of a type that is not accepted")
    if type(shape) is not list or len(shape) > MAX_NDIM:
        raise WireError("an array of an impossible shape")
    if not all(type(n) is int and 0 <= n <= MAX_BODY for n in shape):
        raise WireError("an array of an impossible shape")
    dtype, size = np.dtype(name), 1
    for n in shape:
        size *= n
    if size * dtype.itemsize != len(buffer):
        raise WireError(f"an array of shape {tuple(shape)} in {len(buffer)} bytes")
    if dtype.kind == "b" and np.frombuffer(buffer, np.uint8).max(initial=0) > 1:
        raise WireError("a truth value that is neither true nor false")
    return np.frombuffer(buffer, dtype).reshape(shape).astype(dtype.newbyteorder("="))
