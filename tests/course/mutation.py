"""Do an exercise's graded cases tell the reference from its neighbours? Change one thing at a time and see.

`python -m tests.course.mutation [slug]` prints the kill rate of each exercise and every mutant that survives.
Calls to coursekit.validation and guards that only raise are left alone: graded cases are valid inputs.
"""

import argparse
import ast
import copy
import inspect
import textwrap
import tomllib
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coursekit import validation
from coursekit.checking import Case, Exercise, difference, run_case
from coursekit.checking.running import Outcome
from coursekit.validation import tensors
from tests.course.syllabus import exercises, exercises_of

GUARDS = {*validation.__all__, *tensors.__all__}
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
PARTNERS = {"min": "max", "minimum": "maximum", "argmin": "argmax", "any": "all", "floor": "ceil", "sin": "cos"}
PARTNERS |= {"nanmin": "nanmax", "cumsum": "cumprod", "sum": "prod", "zeros": "ones", "zeros_like": "ones_like"}
PARTNERS |= {other: one for one, other in PARTNERS.items()}


@dataclass(frozen=True)
class Mutant:
    """A function's source with one change: the line as it was, and as it is."""

    before: str
    after: str
    source: str

    @property
    def name(self) -> str:
        """The key in equivalent_mutants.toml."""
        return f"{self.before}  ->  {self.after}"


def mutants(source: str) -> list[Mutant]:
    """Return every different source that one small change makes of a function's source; annotations stay."""
    tree = ast.parse(textwrap.dedent(source))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    undocumented(function)
    original = ast.unparse(tree)
    found: dict[str, Mutant] = {}
    for field, index, replacement in changes(function):
        changed = apply(tree, field, index, replacement)
        text = ast.unparse(ast.fix_missing_locations(changed))
        if text != original and text not in found:
            found[text] = Mutant(*first_difference(original, text), text)
    return list(found.values())


def undocumented(function: ast.FunctionDef) -> None:
    """Drop docstring, decorators and annotations: no mutant lies there."""
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:] or [ast.Pass()]
    function.decorator_list, function.returns = [], None
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None


def changes(function: ast.FunctionDef) -> Iterator[tuple[tuple[int, str], int | None, Any]]:
    """Yield each change as (number of the parent node in walk order and field, index in it, replacement)."""
    frozen: set[ast.AST] = set()
    for node in ast.walk(function):
        if is_guard(node):
            frozen |= set(ast.walk(node))
    for number, node in enumerate(ast.walk(function)):
        if node in frozen:
            continue
        for field, value in ast.iter_fields(node):
            for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(child, ast.AST) and child not in frozen:
                    for replacement in replacements(child):
                        yield (number, field), index, replacement
        if isinstance(node, ast.Call):
            for index, _ in enumerate(node.keywords):
                yield (number, "keywords"), index, None
            for index in range(len(node.args) - 1):
                swapped = [*node.args]
                swapped[index : index + 2] = swapped[index + 1], swapped[index]
                yield (number, "args"), None, swapped


def is_guard(node: ast.AST) -> bool:
    """Tell whether this is about bad input: a call to coursekit.validation, or an `if` that only raises."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr):
        called = node.value.func if isinstance(node.value, ast.Call) else None
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        return name in GUARDS
    return isinstance(node, ast.If) and not node.orelse and all(isinstance(part, ast.Raise) for part in node.body)


def replacements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what one node may be replaced with."""
    if isinstance(node, ast.Constant):
        for value in other_values(node.value):
            yield ast.Constant(value)
    if isinstance(node, ast.operator):
        yield from (kind() for kind in OPERATORS.get(type(node), ()))
    if isinstance(node, ast.cmpop):
        yield from (kind() for kind in COMPARISONS[type(node)])
    if isinstance(node, ast.boolop):
        yield ast.Or() if isinstance(node, ast.And) else ast.And()
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Slice):
        for field in ("lower", "upper"):
            bound = getattr(node, field)
            if bound is not None and not is_whole(bound):
                for sign in (ast.Add(), ast.Sub()):
                    yield shallow(node, **{field: ast.BinOp(bound, sign, ast.Constant(1))})
    if isinstance(node, ast.Attribute) and node.attr in PARTNERS:
        yield shallow(node, attr=PARTNERS[node.attr])
    if isinstance(node, ast.Name) and node.id in PARTNERS:
        yield shallow(node, id=PARTNERS[node.id])
    if isinstance(node, ast.stmt) and not isinstance(node, ast.Pass | ast.FunctionDef):
        yield ast.Pass()


def other_values(value: Any) -> list[Any]:
    """Return the constants to try in the place of one."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [2 * value, -value] if value else [1.0]
    return []


def is_whole(bound: ast.expr) -> bool:
    """Tell whether a slice bound is a constant, which is changed as a constant already."""
    return isinstance(bound.operand if isinstance(bound, ast.UnaryOp) else bound, ast.Constant)


def shallow(node: ast.AST, **fields: Any) -> ast.AST:
    """Return a copy of one node with some fields changed."""
    result = copy.copy(node)
    for name, value in fields.items():
        setattr(result, name, value)
    return result


def apply(tree: ast.Module, where: tuple[int, str], index: int | None, replacement: Any) -> ast.Module:
    """Return a deep copy of the tree with one field, or one entry of it, replaced (None drops the entry)."""
    number, field = where
    changed = copy.deepcopy(tree)
    node = next(node for i, node in enumerate(ast.walk(changed.body[0])) if i == number)
    if index is None:
        setattr(node, field, replacement)
    elif replacement is None:
        del getattr(node, field)[index]
    else:
        getattr(node, field)[index] = replacement
    return changed


def first_difference(original: str, changed: str) -> tuple[str, str]:
    """Return the first line that differs, before and after."""
    pairs = zip(original.splitlines(), changed.splitlines(), strict=False)
    before, after = next((a, b) for a, b in pairs if a != b)
    return before.strip(), after.strip()


def survivors(exercise: Exercise) -> tuple[list[Mutant], int]:
    """Return the mutants of the reference that pass every graded case, and the number of all mutants."""
    found = mutants(inspect.getsource(exercise.reference))
    cases = exercise.graded_cases(np.random.default_rng(zlib.crc32(exercise.name.encode())))
    expected = [run_case(exercise.reference, case, exercise.time_limit).value for case in cases]
    return [mutant for mutant in found if survives(mutant, exercise, cases, expected)], len(found)


def survives(mutant: Mutant, exercise: Exercise, cases: list[Case], expected: list[Any]) -> bool:
    """Tell whether a mutant agrees with the reference on every case."""
    function = compiled(mutant.source, exercise.reference)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a mutant may well divide by zero; what counts is what it returns
        return all(
            right(run_case(function, case, exercise.time_limit), value, exercise)
            for case, value in zip(cases, expected, strict=True)
        )


def right(outcome: Outcome, expected: Any, exercise: Exercise) -> bool:
    """Tell whether one outcome passes."""
    if outcome.error is not None or outcome.changed:
        return False
    return difference(outcome.value, expected, rtol=exercise.rtol, atol=exercise.atol) is None


def compiled(source: str, reference: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of a source, seeing what the reference's module sees."""
    scope = dict(reference.__globals__)
    exec(compile(source, f"<mutant of {reference.__name__}>", "exec"), scope)  # noqa: S102 - our own source
    return scope[reference.__name__]


def equivalents(exercise: Exercise) -> dict[str, str]:
    """Return the mutants that are right all the same, as listed: name -> reason."""
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("equivalent", [])
    key = f"{exercise.slug}.{exercise.name}"
    return {f"{entry['before']}  ->  {entry['after']}": entry["reason"] for entry in listed if entry["exercise"] == key}


def main(slugs: list[str]) -> None:
    """Print a table, and below it every survivor."""
    lines = []
    print(f"{'exercise':40} {'mutants':>8} {'killed':>8} {'equivalent':>11} {'survive':>8}")
    for exercise in [one for slug in slugs for one in exercises_of(slug)] if slugs else exercises():
        alive, total = survivors(exercise)
        listed = equivalents(exercise)
        left = [mutant for mutant in alive if mutant.name not in listed]
        name = f"{exercise.slug}.{exercise.name}"
        print(f"{name:40} {total:8} {total - len(alive):8} {len(alive) - len(left):11} {len(left):8}")
        lines += [f"{name}: {mutant.name}" for mutant in left]
    print("\n".join(lines))


if __name__ == "__main__":
    command = argparse.ArgumentParser(prog="python -m tests.course.mutation", description=main.__doc__)
    command.add_argument("slugs", metavar="SLUG", nargs="*", help="laplacian, gan, ... (default: all)")
    main(command.parse_args().slugs)
