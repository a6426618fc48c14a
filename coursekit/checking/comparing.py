"""Compare a returned value with the expected one: type and shape first, then the numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Other", "brief", "clue", "described", "difference", "plain", "shown"]

# What single and half precision can hold, with room for some hundred operations.
DTYPE_RTOL = {np.dtype(np.float32): 1e-4, np.dtype(np.complex64): 1e-4, np.dtype(np.float16): 2e-2}


@dataclass(frozen=True)
class Other:
    """Stands for a returned value that is of no use to a comparison."""

    kind: str


def plain(value: Any) -> Any:
    """Return a value as numbers, fresh arrays, strings, None, and tuples or lists of these; else as `Other`.

    Whatever a student's object does when it is looked at, it does here, and never again. A fresh array is
    safe from later calls that write into the same buffer.
    """
    if isinstance(value, str):
        return str.__str__(value)  # a subclass may compare as it likes
    if value is None or isinstance(value, bool | int | float | complex | np.number | np.bool_):
        return value
    if isinstance(value, tuple | list):
        parts = [plain(part) for part in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    array = as_array(value)
    if array is not None:
        return array.copy()
    return Other(f"array of dtype {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__)


def as_array(value: Any) -> np.ndarray | None:
    """Return numbers as an array (a torch tensor too), anything else as None."""
    try:
        array = np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)
    except Exception:  # a ragged list, or an object that does not want to be read
        return None
    return array if array.dtype.kind in "biufc" else None


def shown(value: Any) -> str:
    """Return a value as a short text, the same on every machine (so without an object's address)."""
    array = as_array(value) if not isinstance(value, tuple | str) else None
    if array is None:
        if isinstance(value, tuple | list):
            inner = brief(", ".join(shown(part) for part in value), 300)
            return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
        if isinstance(value, str):
            return brief(repr(value), 80)
        return getattr(value, "__name__", described(value))
    if array.ndim == 0:
        return str(array[()]) if array.dtype.kind in "biu" else f"{array[()]:.6g}"
    if array.size > 25:
        flat = ", ".join(str(x) if array.dtype.kind == "b" else f"{x:.4g}" for x in array.ravel()[:6])
        return f"array of shape {array.shape}, starting {flat}, ..."
    body = np.array2string(array, precision=5, suppress_small=True, separator=", ", max_line_width=88)
    return body.replace("\n", "") if array.ndim == 1 else body


def difference(got: Any, expected: Any, *, rtol: float, atol: float) -> str | None:
    """Return None if `got` is right, else one sentence that says how it is not.

    Parameters
    ----------
    got : number, string, array or tuple of them     what came
    expected : the same kinds                         what should have come
    rtol : float                                      relative to the largest finite magnitude expected
    atol : float                                      absolute

    Returns
    -------
    str or None

    Examples
    --------
    >>> difference(1.5, 1.0, rtol=1e-9, atol=0)
    'off by 0.5: got 1.5, expected 1'
    >>> difference(np.ones(3), np.ones(2), rtol=1e-9, atol=0)
    'shape (3,) where (2,) is expected'
    """
    if isinstance(expected, tuple):
        if isinstance(got, np.ndarray) and got.ndim == 1 and all(np.ndim(one) == 0 for one in expected):
            got = tuple(got)  # several numbers in one array are as good
        if not isinstance(got, tuple | list):
            return f"{described(got)} where {len(expected)} values are expected: return them with a comma between"
        if len(got) != len(expected):
            return f"{len(got)} values where {len(expected)} are expected"
        for i, (one, other) in enumerate(zip(got, expected, strict=True), start=1):
            if found := difference(one, other, rtol=rtol, atol=atol):
                return f"value {i} of {len(expected)}: {found}"
        return None
    if isinstance(expected, str):
        return None if isinstance(got, str) and got == expected else f"got {shown(got)}, expected {expected!r}"
    if got is None:
        return "nothing was returned: is the return statement missing?"
    array, wanted = as_array(got), np.asarray(expected)
    if array is None:
        return f"{described(got)} where {'a number' if wanted.ndim == 0 else 'an array'} is expected"
    if array.shape != wanted.shape:
        return f"shape {array.shape} where {wanted.shape or 'a single number'} is expected"
    if array.dtype.kind == "c" and wanted.dtype.kind != "c":
        return "complex numbers where real ones are expected"
    if (array.dtype.kind == "b") != (wanted.dtype.kind == "b"):
        return f"dtype {array.dtype} where {wanted.dtype} is expected"
    return number_difference(array, wanted, rtol, atol)


def number_difference(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str | None:
    """Compare two numeric arrays of one shape, elementwise within a tolerance that follows the dtype of `got`."""
    if expected.size == 0:
        return None
    rtol = max(rtol, DTYPE_RTOL.get(got.dtype, 0.0))
    kind = complex if "c" in (got.dtype.kind, expected.dtype.kind) else float
    got, expected = got.astype(kind), expected.astype(kind)
    finite = np.isfinite(expected)
    scale = float(np.max(np.abs(expected[finite]), initial=0.0))
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.where(finite, np.abs(got - expected), 0.0)
        agree = np.where(finite, error <= rtol * scale + atol, got == expected)
    agree |= np.isnan(expected) & np.isnan(got)
    if agree.all():
        return None
    wrong = np.where(agree, -1.0, np.where(np.isfinite(error), error, np.inf))
    worst = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    digits = 6 if f"{got[worst]:.6g}" != f"{expected[worst]:.6g}" else 15
    pair = f"got {got[worst]:.{digits}g}, expected {expected[worst]:.{digits}g}"
    where = f" at [{', '.join(str(int(i)) for i in worst)}]" if got.ndim else ""
    size = f"off by {error[worst]:.3g}" if finite[worst] and np.isfinite(error[worst]) else "not the same"
    count = f" ({np.count_nonzero(~agree)} of {agree.size} entries differ)" if got.ndim else ""
    return f"{size}{where}: {pair}{count}"


def described(value: Any) -> str:
    """Name the kind of a value."""
    if value is None:
        return "None"
    kind = value.kind if isinstance(value, Other) else type(value).__name__
    kind = {"ndarray": "array", "str": "string"}.get(kind, kind)
    return f"{'an' if kind[:1].lower() in tuple('aeio') else 'a'} {kind}"


def brief(text: str, length: int) -> str:
    """Cut a text that is longer than `length` characters."""
    return text if len(text) <= length else text[: length - 3] + "..."


def clue(pairs: Sequence[tuple[Any, Any]]) -> str | None:
    """Return a pattern that holds in every (got, expected) pair of wrong answers, or None."""
    if all(isinstance(want, tuple) for _, want in pairs):
        return clue_by_value(pairs)
    arrays = [(as_array(got), np.asarray(expected)) for got, expected in pairs if not isinstance(expected, tuple | str)]
    if not arrays or len(arrays) < len(pairs):
        return None
    if any(got is None or got.shape != want.shape for got, want in arrays):
        squeezed = all(got is not None and got.squeeze().shape == want.squeeze().shape for got, want in arrays)
        return "the numbers may be right, but there is an axis too many or too few" if squeezed else None
    both = [(np.asarray(got), want) for got, want in arrays]
    if any(blank := [bool(np.isnan(got).any() and not np.isnan(want).any()) for got, want in both]):
        where = "your result" if all(blank) else "some of your wrong results, not in all"
        return f"there is a NaN in {where}: look for 0/0, or the root or logarithm of a negative number"
    got = np.concatenate([g.ravel() for g, _ in both])
    want = np.concatenate([w.ravel() for _, w in both])
    if got.dtype.kind not in "iuf" or not (np.isfinite(got).all() and np.isfinite(want).all()) or not want.any():
        return None
    with np.errstate(all="ignore"):
        return pattern(got.astype(float), want.astype(float)) or layout(both)


def clue_by_value(pairs: Sequence[tuple[Any, Any]]) -> str | None:
    """Say which of several returned values are right in every pair, and name the pattern of the first that is not."""
    if not pairs or any(not isinstance(got, tuple | list) or len(got) != len(want) for got, want in pairs):
        return None
    columns = [[(got[i], want[i]) for got, want in pairs] for i in range(len(pairs[0][1]))]
    wrong = [i for i, column in enumerate(columns) if any(difference(*p, rtol=1e-7, atol=1e-12) for p in column)]
    if not wrong:
        return None
    right = [str(i + 1) for i in range(len(columns)) if i not in wrong]
    found = clue([pair for pair in columns[wrong[0]] if difference(*pair, rtol=1e-7, atol=1e-12)])
    start = f"value {' and '.join(right)} of {len(columns)} is right; value" if right else "value"
    if found:
        return f"{start} {wrong[0] + 1}: {found}"
    return f"{start} {wrong[0] + 1} is not" if right else None


def close(got: np.ndarray, want: np.ndarray, rtol: float = 1e-7) -> bool:
    """Tell whether finite numbers agree to `rtol` of the largest."""
    return bool(np.isfinite(want).all() and np.abs(got - want).max() <= rtol * np.abs(want).max())


def pattern(got: np.ndarray, want: np.ndarray) -> str | None:
    """Name a formula that leads from the expected numbers to those that came."""

    def near(candidate: np.ndarray) -> bool:
        return close(got, candidate)

    if not got.any():
        return "your result is zero in every failing case"
    if close(got, want, 1e-5):
        return "your result is right to five digits or more: look for a rounded constant, a number added, float32"
    if want.size < 2:
        return None  # one number fits any pattern
    if near(-want):
        return "your result has the opposite sign in every failing case"
    factor = float(got @ want / (want @ want))
    if near(factor * want):
        return f"your result is {factor:.6g} times the expected one, in every failing case"
    if near(want + np.mean(got - want)):
        return f"your result is the expected one plus {np.mean(got - want):.6g}, in every failing case"
    if near(want**2):
        return "your result is the square of the expected one"
    if (want >= 0).all() and near(np.sqrt(want)):
        return "your result is the square root of the expected one"
    if want.all() and near(1 / want):
        return "your result is one over the expected one"
    return None


def layout(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> str | None:
    """Name a rearrangement, or the part of the array in which the difference lies."""

    def in_all(view: Callable[[np.ndarray], np.ndarray], wanted: Callable[[np.ndarray], np.ndarray]) -> bool:
        return all(close(view(got), wanted(want)) for got, want in pairs)

    ndims = {got.ndim for got, _ in pairs}
    if ndims == {1} and in_all(lambda got: got[::-1], np.asarray):
        return "your result is in reversed order"
    square = ndims == {2} and all(got.shape[0] == got.shape[1] for got, _ in pairs)
    if square and in_all(np.transpose, np.asarray):
        return "your result is transposed"
    if ndims <= {1, 2} and all(min(got.shape) > 2 for got, _ in pairs):

        def interior(array: np.ndarray) -> np.ndarray:
            return array[(slice(1, -1),) * array.ndim]

        if in_all(interior, interior):
            return "the interior is right, only the border differs"
    return None
