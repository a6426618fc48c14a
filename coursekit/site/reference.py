"""The library's reference: one page for each module, and our docstrings made readable for Sphinx.

In the sources a parameter is one line, ``name : (n, d) array   what it is``; napoleon wants the description on
a line of its own. And our prose is plain text, in which stars and bars are not markup.
"""

import importlib
import inspect
import re
from types import ModuleType
from typing import Any

__all__ = ["module_page", "restructured", "setup"]

FIELDS = frozenset({"Parameters", "Returns", "Raises", "Attributes", "Yields", "Warns"})
MARKUP = re.compile(r"(``.+?``|`[^`]+`)|([\\*|]|_(?![A-Za-z0-9])|(?<![A-Za-z0-9])_)")


def setup(app: Any) -> dict[str, Any]:
    """Let Sphinx call `restructured` on each docstring before napoleon reads it."""
    app.connect("autodoc-process-docstring", process, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def process(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Change the lines of one docstring in place, as autodoc asks for."""
    lines[:] = restructured(lines)


def restructured(lines: list[str]) -> list[str]:
    r"""Return a docstring of ours in the form that napoleon expects.

    Parameters
    ----------
    lines : list of str      as `inspect.getdoc` gives them

    Returns
    -------
    list of str              descriptions on lines of their own, formulas as blocks, prose without accidental markup

    Examples
    --------
    >>> restructured(["Raises", "------", "ValueError               |x| is 0,", "                         or NaN"])
    ['Raises', '------', 'ValueError', '    \\|x\\| is 0,', '    or NaN']
    """
    found: list[str] = []
    section = ""
    for i, line in enumerate(lines):
        below = lines[i + 1] if i + 1 < len(lines) else ""
        if line and re.fullmatch(r"-{3,}", below):
            section = line
            found.append(line)
        elif re.fullmatch(r"-{3,}", line) or not line.strip() or section == "Examples":
            found.append(line)
        elif section in FIELDS:
            found += field(line, section)
        elif line.startswith("    "):
            found += [".. code-block:: text", ""] if not found or not found[-1].strip() else []
            found.append(line)
        else:
            found.append(plain(line))
    return found


def field(line: str, section: str) -> list[str]:
    """Return the lines for one line of a section that lists fields."""
    if line.startswith(" "):
        return ["    " + plain(line.strip())]
    head, _, description = re.split(r"(\s{2,})", line, maxsplit=1) if re.search(r"\s{2,}", line) else (line, "", "")
    if section == "Returns" and re.fullmatch(r"\w+Result", head):
        head = f":class:`{head}`"
    return [head, *(["    " + plain(description)] if description else [])]


def plain(text: str) -> str:
    """Return prose with its stars, bars and lone underscores escaped; what is in backticks stays."""
    return MARKUP.sub(lambda part: part[1] or f"\\{part[2]}", text)


def module_page(name: str, lead: str = "") -> str:
    """Return the page of one module in reStructuredText.

    Parameters
    ----------
    name : str               e.g. "coursekit.laplacian"
    lead : str               reStructuredText put below the title

    Returns
    -------
    str                      a table of the contents, then each function and class
    """
    module = importlib.import_module(name)
    constants = [one for one in module.__all__ if is_constant(getattr(module, one))]
    rows = [(one, first_line(module, one)) for one in module.__all__ if one not in constants]
    heading = name.replace(".", ".\N{ZERO WIDTH SPACE}")  # where it may break on a phone
    lines = [heading, "=" * len(heading), "", *([lead, ""] if lead else [])]
    lines += [f".. automodule:: {name}", "   :no-members:", ""]
    lines += [".. list-table::", "   :header-rows: 1", "   :widths: 30 70", "", "   * - Name", "     - What it does"]
    for one, said in rows:
        lines += [f"   * - :obj:`{one} <{name}.{one}>`", f"     - {said}"]
    lines += ["", f".. currentmodule:: {name}", ""]
    for one in constants:
        value = re.sub(r"\s+", " ", repr(getattr(module, one)))
        lines += [f".. py:data:: {one}", *([f"   :value: {value}"] if len(value) < 100 else []), ""]
    for one, _ in rows:
        kind = "autoclass" if inspect.isclass(getattr(module, one)) else "autofunction"
        lines += [f".. {kind}:: {one}", *(["   :members:"] if kind == "autoclass" else []), ""]
    return "\n".join(lines)


def is_constant(thing: Any) -> bool:
    """Say whether something is a value, not a function or a class."""
    return not (inspect.isclass(thing) or inspect.isroutine(thing))


def first_line(module: ModuleType, name: str) -> str:
    """Return the first sentence of a docstring, which is its first line or paragraph."""
    text = (inspect.getdoc(getattr(module, name)) or "").partition("\n\n")[0]
    return plain(" ".join(text.split()))
