"""The assignment, four exercises of the Laplacian lecture, and what is handed in.

What a submission deserves is known from how it is made: the points of every exercise whose answer is right.
"""

import ast
import builtins
import inspect
import itertools
import textwrap
from dataclasses import dataclass

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursekit.checking import Exercise
from coursekit.exercises.laplacian import check

__all__ = ["EXERCISES", "Submission", "honest", "notebook", "special", "tests"]

EXERCISES: tuple[Exercise, ...] = tuple(check.exercises.values())
IMPORTS = "import numpy as np"


@dataclass(frozen=True)
class Submission:
    """One student's cells, the points that they deserve, and what is special about them."""

    student: str
    cells: tuple[str, ...]
    deserved: int
    what: str = ""


def source(function, name: str) -> str:
    """Return a function's text under another name."""
    return textwrap.dedent(inspect.getsource(function)).replace(f"def {function.__name__}(", f"def {name}(", 1)


def alone(function) -> bool:
    """Say whether a function needs nothing but numpy."""
    tree = ast.parse(inspect.getsource(function))
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names <= stored | set(inspect.signature(function).parameters) | {"np"} | set(dir(builtins))


RIGHT = {e.name: source(next(filter(alone, e.alternatives)), e.name) for e in EXERCISES}
POINTS = {e.name: e.points for e in EXERCISES}
ALL = sum(POINTS.values())
WRONG = [(e.name, source(m.function, e.name)) for e in EXERCISES for m in e.mistakes if alone(m.function)]


def honest(n: int) -> list[Submission]:
    """Return n submissions, every second one with one of the lecture's known mistakes."""
    found = []
    wrong = itertools.cycle(WRONG)
    for i in range(n):
        cells, deserved = dict(RIGHT), ALL
        if i % 2:
            name, text = next(wrong)
            cells[name], deserved = text, ALL - POINTS[name]
        found.append(Submission(f"s{i:04d}", (IMPORTS, *cells.values(), f"note = {i}"), deserved))
    return found


def replaced(student: str, name: str, text: str, what: str) -> Submission:
    """Return a submission that is right but for one exercise."""
    cells = RIGHT | {name: text}
    return Submission(student, (IMPORTS, *cells.values()), ALL - POINTS[name], what)


def special() -> list[Submission]:
    """Return three that had bad luck, then three that cheat; the latter hold no right answer at all."""
    heat, five = RIGHT["heat_dt_max"], RIGHT["laplacian5"]
    loop = heat.replace("return", "while True:\n        pass\n    return")
    crash = "import ctypes\n" + heat.replace("return", "ctypes.string_at(0)\n    return")
    warns = five.replace("\n", '\n    import warnings\n    warnings.warn("slow, but right")\n', 1)
    assert "while" in loop
    assert "ctypes.string_at" in crash
    stubs = [f"def {name}(*a, **k):\n    return 0.0" for name in RIGHT]
    equal = (
        "class Yes(float):\n    __eq__ = __le__ = __lt__ = __ge__ = lambda *_: True\n"
        "    __hash__ = float.__hash__\n    __array_function__ = lambda *_: True\n"
        "    __sub__ = __rsub__ = __abs__ = __array_ufunc__ = lambda *_, **__: Yes()\n    shape = ()"
    )
    patch = "np.allclose = np.isclose = np.array_equal = lambda *_, **__: True\n"
    patch += "np.testing.assert_allclose = lambda *_, **__: None"
    rebind = (
        "def passes(*_, **__):\n    return 'all passed'\ncheck = passes\n"
        "shell = get_ipython()\nif shell is not None:\n"
        "    shell.input_transformers_post.append(lambda lines: ['pass\\n'])\n"
        "try:\n    import otter.test_files.ok_test as ok\n"
        "    ok.run_doctest = lambda *_, **__: (True, '')\nexcept Exception:\n    pass"
    )
    return [
        replaced("u1loop", "heat_dt_max", loop, "infinite loop in one exercise"),
        replaced("u2crash", "heat_dt_max", crash, "segmentation fault in one exercise"),
        Submission("u3warns", (IMPORTS, *(RIGHT | {"laplacian5": warns}).values()), ALL, "right, and warns"),
        Submission("c1equal", (IMPORTS, equal, *(s.replace("0.0", "Yes()") for s in stubs)), 0, "always-equal object"),
        Submission("c2patch", (IMPORTS, *stubs, patch), 0, "numpy.allclose patched"),
        Submission("c3rebind", (IMPORTS, *stubs, rebind), 0, "the check rebound"),
    ]


def written(value: object) -> str:
    """Return an input or an expected value as Python."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r})"
    return repr(value.item() if isinstance(value, np.generic) else value)


def tests(exercise: Exercise) -> tuple[list[str], list[str]]:
    """Return the visible and the hidden tests as expressions that are True for a right answer.

    The named cases are visible, those drawn (here once for all) hidden, as our self-check and grader have them.
    Written as the peers' own documentation writes tests of numerical functions: with np.allclose.
    """

    def line(case) -> str:
        arguments = ", ".join(f"{name}={written(value)}" for name, value in case.inputs.items())
        expected = written(exercise.reference(**case.inputs))
        return f"np.allclose({exercise.name}({arguments}), {expected}, rtol=1e-9)"

    cases = exercise.graded_cases(np.random.default_rng(1))
    lines = [line(case) for case in cases]
    return lines[: len(exercise.edges)], lines[len(exercise.edges) :]


def notebook(submission: Submission, style: str) -> NotebookNode:
    """Return what a student hands in: plain cells, or with the cells that nbgrader knows by their ids.

    In nbgrader's notebook each answer stands in its solution cell, and the test cells are as they were handed out.
    """
    if style == "plain":
        cells = [new_code_cell(text) for text in submission.cells]
    else:
        answers = list(submission.cells)
        cells = [new_code_cell(answers.pop(0))]
        extra = answers[: len(answers) - len(EXERCISES)] if submission.what.startswith("always") else []
        rest = answers[len(extra) : len(extra) + len(EXERCISES)]
        after = answers[len(extra) + len(EXERCISES) :]
        cells += [new_code_cell(text) for text in extra]
        for exercise, text in zip(EXERCISES, rest, strict=True):
            cells.append(graded_cell(exercise, text, solution=True))
            if exercise is EXERCISES[0]:  # before the first test
                cells += [new_code_cell(one) for one in after]
            cells.append(graded_cell(exercise, test_cell(exercise), solution=False))
    cells.insert(0, new_markdown_cell("# The Laplacian"))
    for i, cell in enumerate(cells):
        cell["id"] = f"cell{i}"
    made = new_notebook(cells=cells)
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made.metadata.coursekit = {"slug": "laplacian"}
    nbformat.validate(made)
    return made


def test_cell(exercise: Exercise) -> str:
    """Return nbgrader's test cell with its hidden part."""
    shown, hidden = ([f"assert {line}" for line in lines] for lines in tests(exercise))
    lines = [IMPORTS, *shown, "### BEGIN HIDDEN TESTS", *hidden, "### END HIDDEN TESTS"]
    return "\n".join(lines)


def graded_cell(exercise: Exercise, text: str, *, solution: bool) -> NotebookNode:
    """Return a cell with nbgrader's metadata: an autograded answer, or the tests that give its points."""
    about = {"schema_version": 3, "grade": not solution, "solution": solution, "locked": not solution, "task": False}
    about["grade_id"] = exercise.name if solution else f"test_{exercise.name}"
    about |= {} if solution else {"points": exercise.points}
    return new_code_cell(text, metadata={"nbgrader": about})
