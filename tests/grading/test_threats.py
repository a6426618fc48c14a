"""THREATS.md names what holds each of its lines: all of that exists, and no attack is left out."""

import ast
import re

import pytest

from tests.grading.hostile import BANK
from tests.grading.world import COURSE

TEXT = (COURSE / "THREATS.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "Held by" not in line]
# The table of the levels says what a level is; the others say who holds a line.
LINES = [row for row in ROWS if not re.match(r"\| (\d|Level) \|", row)]


def holders(row: str) -> list[str]:
    """Return what the last column of a line names."""
    return re.findall(r"`([^`]+)`", row.strip("|").split("|")[-1])


def names_in(module: str) -> set[str]:
    """Return the names of the test functions in a file beside this one."""
    tree = ast.parse((COURSE / "tests" / "grading" / f"{module}.py").read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def exists(name: str) -> bool:
    """Say whether a name is an attack of the bank or a test."""
    module, _, test = name.partition("::")
    return test in names_in(module) if test else name in {hostile.name for hostile in BANK}


@pytest.mark.parametrize("row", LINES, ids=lambda row: row[2:32].strip())
def test_line_names_attacks_and_tests_that_exist(row: str):
    named = holders(row)
    assert named
    assert [name for name in named if not exists(name)] == []


def test_every_attack_is_on_the_page():
    named = {name for row in LINES for name in holders(row)}
    assert [hostile.name for hostile in BANK if hostile.name not in named] == []


def test_a_name_that_does_not_exist_is_noticed():
    assert not exists("no_such_attack")
    assert not exists("test_wire::test_no_such_thing")
    assert holders("| a | b | `one` `test_x::two` |") == ["one", "test_x::two"]
    assert len(LINES) > 20
