"""Documented errors are the errors raised: each function of a topic lists what it raises, checks of inputs included."""

import ast
import re
from pathlib import Path

import pytest

from coursekit import validation
from coursekit.validation import tensors
from tests.course.syllabus import ROOT, topic_modules

FILES = [(ROOT / Path(*name.split("."))).with_suffix(".py") for name in topic_modules()]

EXAMPLE = '''
def f(a, b):
    """Return it.

    Raises
    ------
    KeyError      b is unknown
    ValueError    a is negative
    """
    if b not in KNOWN:
        raise KeyError(b)
    return number("a", a, least=0)
'''


def undocumented(source: str) -> list[str]:
    """Return "function: error" for each error that a public function raises and does not list."""
    return [
        f"{function.name}: {error}"
        for function in ast.parse(source).body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        for error in sorted(raised(function) - documented(ast.get_docstring(function) or ""))
    ]


def raised(function: ast.FunctionDef) -> set[str]:
    """Return the names of the errors; a call to coursekit.validation counts as ValueError."""
    called = {
        (type(parent), node.func.id)
        for parent in ast.walk(function)
        for node in ast.iter_child_nodes(parent)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    errors = {name for kind, name in called if kind is ast.Raise}
    return errors | {"ValueError" for _, name in called if name in {*validation.__all__, *tensors.__all__}}


def documented(docstring: str) -> set[str]:
    """Return the names that begin the lines of the section Raises."""
    section = re.search(r"^Raises\n-+\n(.*?)(?=^\w[\w ]*\n-{3,}$|\Z)", docstring, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^\w+", section[1], flags=re.MULTILINE)) if section else set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_errors_are_documented(path: Path):
    assert undocumented(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        ("KeyError      b", "TypeError     b", ["f: KeyError"]),
        ("    ValueError    a is negative\n", "", ["f: ValueError"]),
        ("Raises\n    ------", "Notes\n    -----", ["f: KeyError", "f: ValueError"]),
        ("KeyError(b)", "LookupError(b)", ["f: LookupError"]),
        ("def f", "def _f", []),
    ],
)
def test_undocumented_names_each(old: str, new: str, found: list[str]):
    assert old in EXAMPLE
    assert undocumented(EXAMPLE.replace(old, new, 1)) == found
