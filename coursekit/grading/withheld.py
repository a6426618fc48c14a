"""The library as a submission may import it: without what the exercise asks for, and without what grades it.

The texts are made here and travel with the job, so that there is no copy on any disk that the sandbox can see.
"""

import ast
import marshal
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

import coursekit

__all__ = ["EXCEPTION", "library", "shipped", "without_functions"]

# Besides the modules of the topics: what a submission might use of the library. Everything else is absent.
PACKAGES = ("data", "deep", "denoising", "sample_quality", "training", "validation")
EXCEPTION = "Withheld"
NOTICE = '''class Withheld(RuntimeError):
    """The function is what an exercise asks for, so its library version is not available in grading."""
'''


@lru_cache(maxsize=64)
def library(names: tuple[str, ...]) -> dict[str, str]:
    """Return the texts of the library's files, in which the named functions raise `Withheld`.

    Parameters
    ----------
    names : tuple of str     dotted, `coursekit.laplacian.laplacian5`

    Returns
    -------
    dict of str              file name (`coursekit/laplacian.py`) -> text, data files included

    Raises
    ------
    ValueError               a name that is not a function of the library: it would not be withheld
    """
    root = Path(coursekit.__file__).resolve().parent
    paths = sorted(root.glob("*.py")) + [path for part in PACKAGES for path in sorted((root / part).rglob("*"))]
    texts = {
        path.relative_to(root.parent).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if path.suffix in (".py", ".csv") and path.name != "__main__.py"
    }
    for name in names:
        module, _, function = name.rpartition(".")
        stem = module.replace(".", "/")
        file = next((one for one in (f"{stem}.py", f"{stem}/__init__.py") if one in texts), None)
        if file is None:
            raise ValueError(f"{name} is not in the library, so it cannot be withheld")
        texts[file] = without_functions(texts[file], [function])
    return texts


def shipped(names: tuple[str, ...], source: str) -> np.ndarray:
    """Return what of the library a submission can import, as the bytes that travel with its job.

    Texts and compiled code; compiled here, once, because every player that imports from the library would do it
    again. The other side believes these bytes; nothing that comes back is read in this way.

    Parameters
    ----------
    names : tuple of str     as for `library`
    source : str             the submission's code: a module that it does not mention is left out

    Returns
    -------
    (n,) array of uint8      read-only
    """
    texts = library(names)
    found: set[str] = set()
    open_ = [frozenset(re.findall(r"\w+", source))]
    while open_:
        words = open_.pop()
        new = {file for file in texts if file not in found and words.issuperset(parts(file))}
        found |= new
        open_ += [imported(texts[file]) for file in new if file.endswith(".py")]
    return packed(names, frozenset(found))


def parts(file: str) -> tuple[str, ...]:
    """Return what a text has to mention to mean a file: the modules in its path; of a data file those it lies in."""
    *folders, name = file.split("/")[1:]
    return (*folders, name[:-3]) if name.endswith(".py") and name != "__init__.py" else tuple(folders)


@lru_cache(maxsize=512)
def imported(text: str) -> frozenset[str]:
    """Return the words of a module's import statements."""
    words: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            words |= {word for alias in node.names for word in alias.name.split(".")}
            words |= set((getattr(node, "module", None) or "").split("."))
    return frozenset(words)


@lru_cache(maxsize=64)
def packed(names: tuple[str, ...], files: frozenset[str]) -> np.ndarray:
    """Return these files' texts and code as bytes."""
    texts = {file: text for file, text in library(names).items() if file in files}
    code = {file: compile(text, file, "exec", dont_inherit=True) for file, text in texts.items() if file[-3:] == ".py"}
    return np.frombuffer(marshal.dumps((texts, {file: marshal.dumps(one) for file, one in code.items()})), np.uint8)


def without_functions(text: str, names: Iterable[str]) -> str:
    r"""Return a module's text in which the named functions keep their signature and only raise `Withheld`.

    Parameters
    ----------
    text : str               of a module
    names : iterable of str  functions at its top level

    Returns
    -------
    str                      comments and the functions' docstrings are gone too: either may hold the formula

    Raises
    ------
    ValueError               there is no such function

    Examples
    --------
    >>> print(without_functions("def twice(x):\n    return 2 * x", ["twice"]).partition("def ")[2])
    twice(x):
        raise Withheld('twice is what the exercise asks for: the library version is not available in grading')
    """
    tree = ast.parse(text)
    asked = set(names)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in asked:
            said = f"{node.name} is what the exercise asks for: the library version is not available in grading"
            node.body = ast.parse(f"raise {EXCEPTION}({said!r})").body
            node.decorator_list = []
            asked.remove(node.name)
    if asked:
        raise ValueError(f"there is no function {', '.join(sorted(asked))} to withhold")
    if f"class {EXCEPTION}" in text:
        return ast.unparse(tree)
    # After the docstring and `from __future__`, which have to come first.
    first = next((i for i, node in enumerate(tree.body) if not opening(node)), len(tree.body))
    tree.body[first:first] = ast.parse(NOTICE).body
    return ast.unparse(tree)


def opening(node: ast.stmt) -> bool:
    """Say whether a statement has to come before all others."""
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
