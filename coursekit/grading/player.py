"""The process that belongs to a submission: slices its cells, or runs them and calls one function.

From the first cell on, nothing here can be trusted: the submission may read and change all of it. It finds no
expected value, no reference and no test, only the inputs of the call in hand; and what it sends is only data.
"""

import __future__

import ast
import builtins
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import io
import marshal
import os
import random
import signal
import socket
import sys
import types
import zipfile
from collections.abc import Sequence
from importlib.resources.abc import TraversableResources
from typing import Any

import numpy as np

from . import slicing, values, wire

__all__ = ["Library", "Tail", "play", "settle"]

KEPT_OUTPUT = 64 << 10
KEPT_MESSAGE = 2000


def settle() -> None:
    """Do once, in the zygote, what every player would do at its first call."""
    wire.unpack(wire.pack({}, [np.arange(3.0), 1.5, (True, "a")]))
    notebook = slicing.Notebook()
    notebook.add("def f(x):\n    return [x + i for i in range(3)]")
    notebook.slice("f")
    if "torch" in sys.modules:
        (tensors(np.arange(3.0)) * 1.5).sum().numpy()


class Tail(io.TextIOBase):
    """A stream that keeps the end of what is written; nothing goes to a file."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, text: str) -> int:
        """Keep the text, and forget the oldest when there is too much."""
        self.parts.append(text)
        self.size += len(text)
        if self.size > 2 * KEPT_OUTPUT:
            self.parts = ["".join(self.parts)[-KEPT_OUTPUT:]]
            self.size = len(self.parts[0])
        return len(text)

    def take(self) -> str:
        """Return the end of what came since the last call."""
        text = "".join(self.parts)[-KEPT_OUTPUT:]
        self.parts, self.size = [], 0
        return text


class Library(importlib.abc.InspectLoader, importlib.abc.MetaPathFinder):
    """`coursekit` as a submission may import it, from the texts and the compiled code that the grader has sent."""

    def __init__(self, texts: dict[str, str], code: dict[str, bytes]) -> None:
        self.texts, self.code = texts, code

    def name_of(self, fullname: str) -> str | None:
        """Return the file of a module."""
        stem = fullname.replace(".", "/")
        return next((name for name in (f"{stem}/__init__.py", f"{stem}.py") if name in self.texts), None)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """Answer for every module of coursekit, so that no other copy is found."""
        if fullname.partition(".")[0] != "coursekit":
            return None
        if self.name_of(fullname) is None:
            raise ModuleNotFoundError(f"{fullname} is not available in grading", name=fullname)
        return importlib.util.spec_from_loader(fullname, self)

    def is_package(self, fullname: str) -> bool:
        """Say whether a module has modules in it."""
        return (self.name_of(fullname) or "").endswith("__init__.py")

    def get_source(self, fullname: str) -> str:
        """Return a module's text."""
        return self.texts[self.name_of(fullname) or ""]

    def get_code(self, fullname: str) -> Any:
        """Return a module's code."""
        return marshal.loads(self.code[self.name_of(fullname) or ""])

    def get_resource_reader(self, fullname: str) -> Any:
        """Return what importlib.resources asks for: the data files beside a package."""
        return Files(fullname, self.texts)


class Files(TraversableResources):
    """The data files of one package, as importlib.resources wants to see them."""

    def __init__(self, package: str, texts: dict[str, str]) -> None:
        self.package, self.texts = package, texts

    def files(self) -> Any:
        """Return the package's folder, in an archive that exists in memory only."""
        store = io.BytesIO()
        with zipfile.ZipFile(store, "w") as archive:
            for name, text in self.texts.items():
                archive.writestr(name, text)
        return zipfile.Path(zipfile.ZipFile(store), at=self.package.replace(".", "/") + "/")


def play(channel: socket.socket) -> None:
    """Do what the grader asks: "slice" the cells of a notebook, or "run" a slice and call its function."""
    incoming = wire.Incoming(channel)
    frame = wire.receive(incoming)
    order = frame.message
    if order["task"] == "slice":
        slice_cells(channel, frame.values, order)
    else:
        shipped, *cells = frame.values
        library = Library({}, {}) if shipped is None else Library(*marshal.loads(shipped.tobytes()))
        run_cells(incoming, cells, library, order)


def arm(seconds: float) -> None:
    """End this process after so many seconds of CPU time; 0 disarms. Nothing is raised that could be caught."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def slice_cells(channel: socket.socket, cells: Sequence[str], order: dict[str, Any]) -> None:
    """Send, for each function asked for, the code that it needs; a cell that cannot be read is reported."""
    gc.disable()  # this process ends soon, and a syntax tree has no cycles
    notebook = slicing.Notebook()
    for i, cell in enumerate(cells):
        if order["announce"]:
            wire.send(channel, wire.pack({"at": i}))
        arm(order["cell_seconds"])
        notebook.add("" if i in order["skip"] else cell)
        arm(0)
    wire.send(channel, wire.pack({"at": -1}))
    for name in order["names"]:
        arm(order["cell_seconds"])
        found = notebook.slice(name)
        digest = slicing.fingerprint("".join(found)) if found is not None else ""
        arm(0)
        failed = [[i, text] for i, text in notebook.failed.items()]
        message = {"found": found is not None, "failed": failed, "fingerprint": digest}
        wire.send(channel, wire.pack(message, found or ()))


def run_cells(incoming: wire.Incoming, cells: Sequence[str], library: Library, order: dict[str, Any]) -> None:
    """Run the cells of a slice, then call the function on each case that the grader sends."""
    channel, output = incoming.channel, Tail()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), output, output
    sys.argv = ["notebook"]
    sys.meta_path.insert(0, library)
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - so that a submission which draws from it gets the same grade every time
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    module.__dict__.update(__builtins__=builtins, display=lambda *_, **__: None, get_ipython=lambda: None)
    failed = []
    for i, cell in zip(order["todo"], cells, strict=True):
        wire.send(channel, wire.pack({"at": i}))
        arm(order["cell_seconds"])
        problem = run_cell(cell, f"<cell {i + 1}>", module.__dict__)
        arm(0)
        failed += [[i, problem]] if problem else []
    function = module.__dict__.get(order["name"])
    ready = {"ready": callable(function), "failed": failed, "output": output.take()}
    wire.send(channel, wire.pack(ready))
    while True:
        try:
            frame = wire.receive(incoming)
        except EOFError:
            os._exit(0)
        inputs = dict(zip(frame.message["names"], frame.values, strict=True))
        if frame.message["tensors"]:
            inputs = {name: tensors(value) for name, value in inputs.items()}
        answer = call(function, inputs, order["call_seconds"], output)
        wire.send(channel, answer({"nonce": frame.message["nonce"]}))


def run_cell(text: str, name: str, namespace: dict[str, Any]) -> str | None:
    """Run a cell, statement by statement: what does not depend on one that fails is run all the same."""
    problem = None
    flags = __future__.annotations.compiler_flag if "from __future__ import annotations" in text else 0
    for statement in ast.parse(text).body:
        try:
            code = compile(ast.Module([statement], []), name, "exec", flags=flags, dont_inherit=True)
            exec(code, namespace)  # noqa: S102 - this is what the sandbox is for
        except BaseException as error:
            problem = problem or ": ".join(said(error))
    return problem


def call(function: Any, inputs: dict[str, Any], seconds: float, output: Tail) -> Any:
    """Call the function; return what makes the answer's frame from the message that it answers."""
    before = {name: state(value) for name, value in inputs.items()}
    value, error, memory = None, None, False
    arm(seconds)
    try:
        value = function(**inputs)
    except BaseException as raised:
        error = said(raised)
        memory = isinstance(raised, MemoryError) or "DefaultCPUAllocator" in error[1]  # torch says it in its own way
    arm(0)

    def answer(message: dict[str, Any]) -> bytes:
        changed = [name for name, given in inputs.items() if state(given) != before[name]]
        message |= {"error": error, "memory": memory, "changed": changed, "output": output.take()}
        try:
            return wire.pack(message, [value], strict=False)
        except wire.WireError as too_large:
            return wire.pack(message | {"error": ["TooLarge", str(too_large)]}, [None])

    return answer


def tensors(value: Any) -> Any:
    """Return torch tensors in the place of arrays, as the self-check hands them over; only arrays travel."""
    if isinstance(value, np.ndarray):
        return importlib.import_module("torch").from_numpy(value)
    if isinstance(value, np.generic):
        return value.item()
    return type(value)(map(tensors, value)) if isinstance(value, (tuple, list)) else value


def state(value: Any) -> tuple[Any, list[bytes]]:
    """Return what is equal as long as a value is unchanged."""
    buffers: list[bytes] = []
    return values.describe(value, buffers, strict=False), buffers


def said(error: BaseException) -> list[str]:
    """Return an exception's type and message; neither need be what it should be."""
    try:
        message = str(error)[:KEPT_MESSAGE]
    except Exception:
        message = ""
    return [type(error).__name__[:KEPT_MESSAGE], message]
