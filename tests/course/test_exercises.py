"""What every exercise must hold before a student sees it."""

import ast
import inspect
import textwrap
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from coursekit.checking import Case, Exercise, Verdict, judge, run_case
from coursekit.checking.checker import checker
from coursekit.checking.running import Outcome
from coursekit.notebooks import read_source
from coursekit.notebooks.solving import solution_source, stub_name
from tests.course import mutation
from tests.course.syllabus import NAMED, exercises, exercises_of, slug_of, sources

EXERCISES = exercises()
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: f"{one.slug}.{one.name}")
each_notebook = pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.mistakes]


def case_sets(exercise: Exercise) -> list[list[Case]]:
    """Return the public cases and two draws of graded ones."""
    return [exercise.public_cases(), *(exercise.graded_cases(np.random.default_rng(seed)) for seed in (1, 2))]


def verdict(exercise: Exercise, function: Callable[..., Any], cases: Sequence[Case]) -> Verdict:
    """Judge a function; a wrong formula may warn, and that decides nothing."""
    with np.errstate(all="ignore"):
        return judge(exercise, cases, [run_case(function, case, exercise.time_limit) for case in cases])


@each_exercise
def test_exercise_accepts_reference_and_alternatives(exercise: Exercise):
    assert exercise.alternatives, "a right answer written another way shows that the cases ask for no more"
    for cases in case_sets(exercise):
        for function in (exercise.reference, *exercise.alternatives):
            assert [problem for problem in verdict(exercise, function, cases).problems if problem] == []


@pytest.mark.parametrize(
    ("exercise", "mistake"), MISTAKES, ids=[f"{one.name}-{wrong.function.__name__}" for one, wrong in MISTAKES]
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_mistake_fails_and_is_named_by_its_own_hint(exercise: Exercise, mistake: Any):
    for cases in case_sets(exercise):
        result = verdict(exercise, mistake.function, cases)
        assert not result.passed
        assert result.hint == mistake.hint


@each_exercise
def test_mistakes_have_hints_of_their_own(exercise: Exercise):
    hints = [mistake.hint for mistake in exercise.mistakes]
    assert len(hints) >= 3
    assert len(set(hints)) == len(hints)


@each_exercise
def test_hints_do_not_give_the_answer(exercise: Exercise):
    answers = {plain(expression) for expression in expressions(exercise)}
    given = [mistake.hint for mistake in exercise.mistakes if any(answer in plain(mistake.hint) for answer in answers)]
    assert given == []


def expressions(exercise: Exercise) -> set[str]:
    """Return the formulas of the reference: what it returns, and every arithmetic expression that it assigns."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(exercise.reference)))
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return | ast.Assign) and node.value]
    return {ast.unparse(value) for value in values if any(isinstance(node, ast.BinOp) for node in ast.walk(value))}


def plain(text: str) -> str:
    """Write h**2, h^2 and h² alike, and leave out blanks and signs of multiplication."""
    return "".join(text.replace("²", "2").replace("³", "3").translate(dict.fromkeys(map(ord, "*^·× "))).split())


@each_exercise
def test_check_answers_in_under_two_seconds(exercise: Exercise):
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(solution_source(exercise.reference), scope)  # noqa: S102 - the reference, as a student would have it
    cases = exercise.public_cases()
    start = time.process_time()
    report = checker(exercise)(scope[exercise.name])
    middle = time.process_time()
    nothing = judge(exercise, cases, [Outcome()] * len(cases))  # tried against every mistake, recognised as none
    end = time.process_time()
    assert report.passed, str(report)
    assert not nothing.passed
    assert middle - start < 2
    assert end - middle < 2


@each_exercise
def test_cases_are_the_same_for_the_same_generator(exercise: Exercise):
    one, other = (exercise.graded_cases(np.random.default_rng(3)) for _ in range(2))
    another = exercise.graded_cases(np.random.default_rng(4))
    assert repr(one) == repr(other)
    assert repr(one) != repr(another)
    assert len({case.label for case in one}) == len(one)


@each_exercise
def test_mutants_of_the_reference_are_killed(exercise: Exercise):
    alive, total = mutation.survivors(exercise)
    listed = mutation.equivalents(exercise)
    names = {mutant.name for mutant in alive}
    assert total >= 5
    assert names - set(listed) == set(), "the graded cases cannot tell these from the reference"
    assert set(listed) - names == set(), "listed as equivalent, but killed or gone"
    assert all(len(reason.split()) >= 4 for reason in listed.values())


@each_notebook
def test_stubs_ask_for_the_exercises(path: Any):
    cells = read_source(path).cells
    stubs = [cell.source for cell in cells if "exercise" in cell.metadata.get("tags", [])]
    asked = exercises_of(slug_of(path))
    assert [stub_name(source) for source in stubs] == [exercise.name for exercise in asked]
    assert len(asked) == 4
    for exercise, source in zip(asked, stubs, strict=True):
        assert_stub_fits(exercise, source)


def assert_stub_fits(exercise: Exercise, source: str) -> None:
    """Hold that a stub takes the reference's arguments, says what to do, and does nothing."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(source, scope)  # noqa: S102 - a stub of ours
    stub = scope[exercise.name]
    wanted, given = (inspect.signature(one).parameters.values() for one in (exercise.reference, stub))
    assert [(p.name, p.kind, p.default) for p in given] == [(p.name, p.kind, p.default) for p in wanted]
    assert len((stub.__doc__ or "").split()) >= 8, "the docstring says what to return, and in which units"
    (definition,) = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    assert [ast.unparse(node) for node in definition.body[1:]] == ["raise NotImplementedError"]
    report = checker(exercise)(stub)
    assert (report.passed, report.title) == (False, f"{exercise.name}: not attempted yet ({exercise.points} points)")
    assert not verdict(exercise, stub, exercise.public_cases()).attempted


@each_notebook
def test_points_add_up(path: Any):
    slug = slug_of(path)
    assert sum(exercise.points for exercise in exercises_of(slug)) == (40 if slug in NAMED else 20)
