"""A linter for checks that cannot fail: no oracle, a comparison thrown away, a constant assertion."""

import ast
from collections.abc import Iterator
from pathlib import Path

from coursekit.notebooks import read_source

# Calls that answer yes or no: as a statement of its own the answer is lost.
YES_OR_NO = frozenset(
    {"all", "any", "allclose", "array_equal", "array_equiv", "callable", "equal", "equals", "hasattr", "isclose"}
    | {"isfinite", "isinf", "isinstance", "isnan", "issubclass", "startswith", "endswith", "issubset"}
    | {"issuperset", "isdisjoint", "exists", "is_file", "is_dir"}
)
RAISING = frozenset({"raises", "warns", "fail"})  # of pytest
NOT_RUN = frozenset({"skip", "xfail", "importorskip"})  # a test that is left out is no test
AGREEING = frozenset({"allclose", "array_equal", "isclose", "equal"})
LITERALS = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.JoinedStr, ast.Lambda)
NEVER_NEGATIVE = frozenset({"len", "abs", "norm"})


def file_problems(path: Path) -> list[str]:
    """Return one line for each problem in a .py file; a notebook's text is read cell by cell."""
    if path.parent.name not in {"lectures", "labs"}:
        return problems(path.read_text(encoding="utf-8"), tests=path.name.startswith("test_"))
    found = []
    for number, cell in enumerate(read_source(path).cells, start=1):
        if cell.cell_type == "code":
            shown = "nbval-ignore-output" not in cell.metadata.get("tags", []) and not cell.source.endswith(";")
            found += [f"cell {number}, {problem}" for problem in problems(cell.source, shown=shown)]
    return found


def problems(source: str, *, tests: bool = False, shown: bool = False) -> list[str]:
    """Return one line for each problem in a source.

    Parameters
    ----------
    source : str     Python
    tests : bool     each test function must have an oracle
    shown : bool     the last expression is displayed, and its value compared with the stored one
    """
    tree = ast.parse(source)
    last = tree.body[-1] if shown and tree.body else None
    found = [
        (node.lineno, f"the result of this comparison is thrown away: {ast.unparse(node)}")
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and node is not last and is_comparison(node.value)
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and always_true(node.test):
            found.append((node.lineno, f"this assertion always holds: {ast.unparse(node)}"))
        if isinstance(node, ast.Call) and name_of(node).startswith("assert_") and same_twice(node.args):
            found.append((node.lineno, f"this compares a value with itself: {ast.unparse(node)}"))
    if tests:
        found += left_vacuous(tree)
    return [f"line {line}: {text}" for line, text in sorted(found)]


def name_of(call: ast.expr) -> str:
    """Return the last part of the name of what is called, or of a name itself."""
    target = call.func if isinstance(call, ast.Call) else call
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def is_comparison(node: ast.expr) -> bool:
    """Tell whether an expression only answers yes or no."""
    if isinstance(node, ast.Tuple):  # `a == b, "message"`
        return any(is_comparison(part) for part in node.elts)
    if isinstance(node, ast.BoolOp):
        return all(is_comparison(part) for part in node.values)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    return isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and name_of(node) in YES_OR_NO)


def always_true(node: ast.expr) -> bool:
    """Tell whether an asserted expression holds whatever the code under test does."""
    if isinstance(node, ast.BoolOp):
        quantifier = any if isinstance(node.op, ast.Or) else all
        return quantifier(always_true(part) for part in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return isinstance(node.operand, ast.Constant) and not node.operand.value
    if isinstance(node, LITERALS):
        return not isinstance(node, ast.Constant) or bool(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr in YES_OR_NO  # `x.all` without its parentheses
    if isinstance(node, ast.Name):
        return node.id in YES_OR_NO
    if isinstance(node, ast.Compare):
        return len(node.ops) == 1 and comparison_always_true(node.left, node.ops[0], node.comparators[0])
    if isinstance(node, ast.Call):
        if name_of(node) == "isinstance":
            return isinstance(node.args[0], LITERALS)
        if name_of(node) in {"all", "any", "bool"} and len(node.args) == 1:
            return always_true(node.args[0])
        return name_of(node) in AGREEING and same_twice(node.args)
    return False


def comparison_always_true(left: ast.expr, sign: ast.cmpop, right: ast.expr) -> bool:
    """Tell whether a comparison is settled: equal sides, two literals, or a size that cannot be negative."""
    if isinstance(sign, ast.Eq | ast.LtE | ast.GtE | ast.Is) and same_twice([left, right]):
        return True
    if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
        return True
    bound = right.value if isinstance(right, ast.Constant) else None
    if isinstance(right, ast.UnaryOp) and isinstance(right.op, ast.USub):
        bound = -1
    sized = isinstance(left, ast.Call) and name_of(left) in NEVER_NEGATIVE and isinstance(bound, int | float)
    return sized and (
        (isinstance(sign, ast.GtE) and bound <= 0) or (isinstance(sign, ast.Gt | ast.NotEq) and bound < 0)
    )


def same_twice(args: list[ast.expr]) -> bool:
    """Tell whether the first two are one expression; two calls are two runs, and fair to compare."""
    if len(args) < 2 or ast.dump(args[0]) != ast.dump(args[1]):
        return False
    return not any(isinstance(node, ast.Call) for node in ast.walk(args[0]))


def left_vacuous(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield what makes a test no test; a helper of the same module that can fail is an oracle."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    helpers = {one.name for one in functions if has_oracle(one, set()) and not one.name.startswith("test")}
    for function in functions:
        if not function.name.startswith("test"):
            continue
        if not has_oracle(function, helpers):
            yield function.lineno, f"{function.name} has no oracle"
        if left_out := (called(function) | {name_of(mark) for mark in function.decorator_list}) & NOT_RUN:
            yield function.lineno, f"{function.name} can be left out ({', '.join(sorted(left_out))})"


def called(function: ast.FunctionDef) -> set[str]:
    """Return the names of what a function calls."""
    return {name_of(node) for node in ast.walk(function) if isinstance(node, ast.Call)}


def has_oracle(function: ast.FunctionDef, helpers: set[str]) -> bool:
    """Tell whether a function can fail: by an assertion, by pytest, or by a function that can."""
    if any(isinstance(node, ast.Assert) for node in ast.walk(function)):
        return True
    names = called(function)
    return bool(names & (RAISING | helpers)) or any(name.startswith("assert_") for name in names)
