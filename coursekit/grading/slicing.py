"""From the cells of a notebook to the code that one function needs.

A slice by name over the syntax tree: definitions, imports and constants that the function refers to, directly or
through one another; no training, no plots, no checks. It runs in the sandbox, because already the parser can be
made slow by a text that is meant to. Only the standard library.

What counts is what a reader who runs the notebook from top to bottom has when the function's cell has run: a
helper that a later cell redefines is taken as it was. What is defined only further down is taken from there.
"""

import ast
import builtins
import hashlib
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

__all__ = ["Notebook", "Statement", "fingerprint", "read"]

# Defined nowhere in the notebook, these mean what they mean everywhere: its first cell may have got lost.
USUAL = {"np": "import numpy as np", "numpy": "import numpy", "math": "import math"}
MAGIC = re.compile(r"^(\s*)(?:[\w., ]+=\s*)?[%!].*$|^(\s*)\??\?[\w.]+.*$|^(\s*)[\w.]+\?\??\s*$")
# Cell magics whose cell is Python; any other cell magic is another language.
PYTHON_MAGICS = ("capture", "time", "timeit", "prun", "python", "python3")
# How the compiler names what runs at once although it has a scope of its own.
COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
# Their names are local.
SCOPES = frozenset((*DEFINITIONS, ast.Lambda))
# What `bind` looks at.
BINDING = frozenset((*DEFINITIONS, *IMPORTS, ast.Name, ast.ExceptHandler, ast.MatchAs, ast.MatchStar))
BINDING |= {ast.Subscript, ast.Attribute, ast.Call}
# Values of fields in which there is nothing to be found.
PLAIN = frozenset((int, str, type(None), ast.Load, ast.Store))
# Fields that hold a name.
NAMES = ("name", "id", "arg")


@dataclass
class Statement:
    """One top-level statement and its names.

    It `binds` names; those that it `replaces` get a wholly new value, the `fixed` ones are imported or defined,
    those that it `changes` may be changed in place (`table.append(1)`).
    """

    cell: int
    node: ast.stmt
    text: str
    binds: set[str] = field(default_factory=set)
    replaces: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)

    @cached_property
    def needs(self) -> tuple[set[str], set[str]]:
        """The global names needed when the statement runs, and those needed when a function in it is called."""
        try:
            top = symtable.symtable(self.text, "cell", "exec")
        except (SyntaxError, RecursionError):  # what the parser takes and the compiler does not: `return` in a cell
            return set(), set()
        now, later = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}, set()
        tables = [(table, False) for table in top.get_children()]
        while tables:
            table, inside = tables.pop()
            is_function = table.get_type() == "function" and table.get_name() not in COMPREHENSIONS
            names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
            if inside or is_function:
                later |= names
            else:
                now |= names
            tables += [(child, inside or is_function) for child in table.get_children()]
        return now, later


def read(cell: str) -> tuple[str, ast.Module]:
    r"""Return a cell as Python, magics and shell lines left out where it is not Python as it is, and its tree.

    Parameters
    ----------
    cell : str               as typed

    Returns
    -------
    (str, ast.Module)        the same lines; nothing of a cell in another language

    Raises
    ------
    SyntaxError              not Python either way
    ValueError               a null byte

    Examples
    --------
    >>> read("%matplotlib inline\nx = 1")[0]
    'pass\nx = 1'
    """
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = cell.lstrip().partition("\n")
    if first.startswith("%%"):
        name = (first[2:].split() or [""])[0]
        return read(rest) if name in PYTHON_MAGICS else ("", ast.Module([], []))
    try:
        return cell, ast.parse(cell)
    except SyntaxError as error:
        # The indentation stays, so that what follows a colon is still a block.
        text = "\n".join(MAGIC.sub(lambda m: max(m.groups(""), key=len) + "pass", line) for line in cell.split("\n"))
        try:
            return text, ast.parse(text)
        except SyntaxError:
            raise error from None


class Notebook:
    """The statements of a notebook, cell by cell, and the cells that could not be read."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.failed: dict[int, str] = {}
        self.n_cells = 0

    def add(self, cell: str) -> None:
        """Append a code cell; one that is not Python is remembered in `failed`, with the reason."""
        index = self.n_cells
        self.n_cells += 1
        try:
            text, tree = read(cell)
            lines = text.split("\n")
            self.statements += [analysed(index, node, segment(lines, node)) for node in tree.body]
        except SyntaxError as error:
            self.failed[index] = f"SyntaxError in line {error.lineno}: {error.msg}"
        except (ValueError, RecursionError, MemoryError) as error:
            self.failed[index] = f"not readable as Python ({type(error).__name__})"

    def slice(self, name: str) -> tuple[str, ...] | None:
        """Return what is needed to call a function, one text for each cell.

        Parameters
        ----------
        name : str               the function's

        Returns
        -------
        tuple of str             empty for cells that are not needed; None if nothing has that name
        """
        binders = [i for i, one in enumerate(self.statements) if name in one.binds]
        if not binders:
            return None
        # The last one counts, unless it is an untouched stub and another is not: a cell may have been doubled.
        written = [i for i in binders if not is_stub(self.statements[i].node)]
        target = (written or binders)[-1]
        cell = self.statements[target].cell
        limit = next((i for i, one in enumerate(self.statements) if one.cell > cell), len(self.statements))
        chosen, usual = self.needed(name, target, limit)
        texts = ["" for _ in range(self.n_cells)]
        for i in sorted(chosen):
            one = self.statements[i]
            texts[one.cell] += pruned(one, chosen[i]) + "\n"
        texts[0] = "".join(f"{line}\n" for line in usual) + texts[0]
        return tuple(texts)

    def needed(self, name: str, target: int, limit: int) -> tuple[dict[int, set[str]], list[str]]:
        """Return the statements needed for a name, with the names needed of each, and the usual imports."""
        chosen: dict[int, set[str]] = {}
        usual: set[str] = set()
        asked = {(name, target + 1)}
        open_ = [(name, target + 1)]
        while open_:
            wanted, before = open_.pop()
            found = self.binders(wanted, before)
            if not found and before == limit:
                found = [i for i in range(limit, len(self.statements)) if wanted in self.statements[i].binds][:1]
            if not found and not hasattr(builtins, wanted):
                found = [i for i in range(before) if "*" in self.statements[i].binds]
                usual |= {wanted} & set(USUAL) if not found else set()
            for i in found:
                one = self.statements[i]
                new = i not in chosen
                chosen.setdefault(i, set()).add(wanted)
                now, later = one.needs if new else (set(), set())
                questions = {(n, i) for n in now} | {(n, limit) for n in later}
                open_ += questions - asked
                asked |= questions
        for i, one in enumerate(self.statements):
            if isinstance(one.node, ast.ImportFrom) and one.node.module == "__future__" and chosen:
                chosen[i] = one.binds
        return chosen, [USUAL[key] for key in sorted(usual)]

    def binders(self, name: str, before: int) -> list[int]:
        """Return the statements before an index that make the value of a name: back to the last that replaces it."""
        found: list[int] = []
        changing: list[int] = []
        for i in range(before - 1, -1, -1):
            one = self.statements[i]
            if name in one.binds:
                found.append(i)
                if name in one.replaces:
                    break
            elif name in one.changes:
                changing.append(i)
        values = any(name not in self.statements[i].fixed for i in found)
        return found + (changing if values else [])


def is_stub(node: ast.stmt) -> bool:
    """Say whether a statement is a function that has not been written yet."""
    if not isinstance(node, ast.FunctionDef):
        return False
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if len(body) > 1:
        return False
    if not body or isinstance(body[0], ast.Pass):
        return True
    if isinstance(body[0], ast.Expr):
        return isinstance(body[0].value, ast.Constant) and body[0].value.value is ...
    raised = body[0].exc if isinstance(body[0], ast.Raise) else None
    raised = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def segment(lines: list[str], node: ast.stmt) -> str:
    """Return the text of a top-level statement, decorators included; offsets count bytes."""
    above = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in above)])
    rows = lines[first - 1 : node.end_lineno]
    rows[-1] = rows[-1].encode()[: node.end_col_offset].decode()
    rows[0] = rows[0] if above else rows[0].encode()[node.col_offset :].decode()
    return "\n".join(rows)


def analysed(cell: int, node: ast.stmt, text: str) -> Statement:
    """Return a statement with the names that it binds and changes."""
    one = Statement(cell, node, text)
    for part in walk(node, SCOPES):
        if type(part) in BINDING:
            bind(one, part, simple=part is node)
    return one


def walk(node: ast.AST, closed: frozenset[type] = frozenset()) -> Iterator[ast.AST]:
    """Yield a node and all nodes in it but Load and Store, and nothing from inside one of a closed type.

    Several times as fast as ast.walk. A node may be changed before the next one is asked for.
    """
    open_ = [node]
    while open_:
        one = open_.pop()
        yield one
        if type(one) not in closed:
            for value in vars(one).values():
                kind = type(value)
                if kind in PLAIN:
                    continue
                if kind is list:
                    open_ += [part for part in value if isinstance(part, ast.AST)]
                elif isinstance(value, ast.AST):
                    open_.append(value)


def bind(one: Statement, node: ast.AST, simple: bool) -> None:
    """Note which names a node binds, replaces or may change."""
    if isinstance(node, DEFINITIONS):
        one.binds.add(node.name)
        one.fixed.add(node.name)
        one.replaces |= {node.name} if simple else set()
    elif isinstance(node, IMPORTS):
        for alias in node.names:
            one.binds.add(bound_by(alias))
            one.fixed.add(bound_by(alias))
            if simple and (alias.asname or "." not in alias.name):  # `import a.b` and `import a.c` add to each other
                one.replaces.add(bound_by(alias))
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        one.binds.add(node.id)
        if isinstance(one.node, ast.Assign) or (isinstance(one.node, ast.AnnAssign) and one.node.value):
            one.replaces.add(node.id)
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        one.binds.add(node.name)
    elif isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
        one.binds |= root(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        one.changes |= root(node.func)


def bound_by(alias: ast.alias) -> str:
    """Return the name that an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def root(node: ast.expr) -> set[str]:
    """Return the name at the start of `name.a[0].b`, if there is one."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


class _Unneeded(ast.NodeTransformer):
    """Drops the imports of names that are not needed."""

    def __init__(self, wanted: set[str]) -> None:
        self.wanted = wanted

    def prune(self, node: ast.Import | ast.ImportFrom) -> ast.stmt:
        """Keep the names that are needed."""
        kept = [alias for alias in node.names if bound_by(alias) in self.wanted or alias.name == "*"]
        node.names = kept
        return node if kept else ast.copy_location(ast.Pass(), node)

    def leave(self, node: ast.AST) -> ast.AST:
        """Leave what a function imports for itself."""
        return node

    visit_Import = visit_ImportFrom = prune
    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = leave


def pruned(one: Statement, wanted: set[str]) -> str:
    """Return a statement's text without imports that are not needed (they may be slow, or not there)."""
    parts = [part for part in walk(one.node, SCOPES) if isinstance(part, IMPORTS)]
    # `try: import a; there = True` is about whether the import works: then it stays.
    if not parts or not wanted <= one.fixed:
        return one.text
    tree = ast.parse(one.text)
    # What the rest of a compound statement reads is needed of its own imports too.
    inside = set().union(*one.needs)
    try:
        return ast.unparse(ast.fix_missing_locations(_Unneeded(wanted | inside).visit(tree)))
    except RecursionError:
        return one.text


def fingerprint(text: str) -> str:
    r"""Return a digest that stays the same when names, layout, comments, annotations and docstrings change.

    Parameters
    ----------
    text : str               Python, for instance the joined cells of a slice

    Returns
    -------
    str                      hexadecimal; imports do not count; "" if it holds a number of thousands of digits

    Examples
    --------
    >>> fingerprint("def f(x):\n    return 2 * x") == fingerprint("def g(y):  # twice\n    return 2*y")
    True
    """
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not isinstance(node, IMPORTS)]
    own = set()
    for node in walk(tree):
        if isinstance(node, DEFINITIONS):
            own.add(node.name)
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
            node.annotation = None
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
    try:
        return hashlib.sha256("\0".join(described(tree, own)).encode()).hexdigest()
    except ValueError:  # a number of more digits than Python writes
        return ""


def described(tree: ast.AST, own: set[str]) -> Iterator[str]:
    """Yield kind and fields of all nodes, names of one's own as numbers; two trees are equal if all of that is."""
    numbers: dict[str, str] = {}
    for node in walk(tree):
        yield type(node).__name__
        for key in node._fields:
            value = getattr(node, key, None)
            if isinstance(value, list):
                yield repr([None if isinstance(part, ast.AST) else repr(part) for part in value])
            elif isinstance(value, ast.AST):
                yield "*"
            elif key in NAMES and value in own and not isinstance(node, ast.alias):
                yield numbers.setdefault(value, f"_{len(numbers)}")
            else:
                yield repr(value)
