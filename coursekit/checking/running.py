"""Call a function on one case and record what came of it."""

import copy
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit.checking.comparing import plain
from coursekit.checking.specification import Case

__all__ = ["Outcome", "given", "run_case"]


@dataclass(frozen=True)
class Outcome:
    """What a call gave: a value (see `plain`) or an error, and the names of the inputs that it changed."""

    value: Any = None
    error: BaseException | None = None
    changed: tuple[str, ...] = ()


class _Alarm(BaseException):
    """The time is up; not an Exception, so that `except Exception` in a loop does not swallow it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the block after `seconds`; without SIGALRM, or off the main thread, do nothing.

    One call into compiled code that does not return is not interrupted either.
    """
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        raise _Alarm

    before = signal.signal(signal.SIGALRM, stop)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _Alarm:
        raise TimeoutError(f"still running after {seconds:g} s: is there a loop that does not end?") from None
    finally:
        signal.signal(signal.SIGALRM, before)


def run_case(function: Callable[..., Any], case: Case, seconds: float) -> Outcome:
    """Call `function` by keyword on a copy of the inputs; an exception becomes part of the outcome."""
    inputs = given(case)
    try:
        with time_limit(seconds):
            value = plain(function(**inputs))
            changed = tuple(name for name, value in case.inputs.items() if not same(value, inputs[name]))
    except KeyboardInterrupt:  # the student's own stop button
        raise
    except BaseException as error:  # whatever else the function raises is the outcome, exit() included
        return Outcome(error=error)
    return Outcome(value=value, changed=changed)


def given(case: Case) -> dict[str, Any]:
    """Return a copy of a case's inputs as the function is to get them: arrays, or tensors in their place."""
    inputs = copy.deepcopy(dict(case.inputs))
    return {name: tensors(value) for name, value in inputs.items()} if case.tensors else inputs


def tensors(value: Any) -> Any:
    """Return torch tensors in the place of arrays, which share their memory, and Python's numbers for numpy's."""
    if isinstance(value, np.ndarray):
        import torch  # here, because most exercises do without

        return torch.from_numpy(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple | list):
        return type(value)(map(tensors, value))
    return value


def same(a: Any, b: Any) -> bool:
    """Tell whether two inputs are equal, arrays by value (NaN equal to NaN) and shape; `b` may be a tensor."""
    if isinstance(a, np.random.Generator) or callable(a):
        return True  # to be drawn from, or to be called
    if hasattr(a, "shape"):
        b = b.detach() if hasattr(b, "detach") else b
        return bool(np.array_equal(np.asarray(a), np.asarray(b), equal_nan=np.asarray(a).dtype.kind in "fc"))
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(value, b[key]) for key, value in a.items())
    return bool(a == b or (a != a and b != b))
