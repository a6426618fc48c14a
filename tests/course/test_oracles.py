"""No check that cannot fail: the rule, and the examples that show that the rule itself can fail."""

from pathlib import Path

import pytest

from tests.course import oracles
from tests.course.syllabus import ROOT

FILES = sorted(
    path
    for pattern in (
        "tests/**/*.py",
        "lectures/*.py",
        "labs/*.py",
        "coursekit/exercises/*.py",
        "benchmarks/*.py",
    )
    for path in ROOT.glob(pattern)
)

THROWN_AWAY = [
    "a == b",
    "a < b < c",
    "a == b, 'message'",
    "np.allclose(a, b)",
    "np.isclose(a, b).all()",
    "not a",
    "a == b and c == d",
    "isinstance(a, int)",
    "for a in b:\n    a.all()",
]
ALWAYS_TRUE = [
    "assert True",
    "assert 1",
    "assert 'message'",
    "assert (a == b, 'message')",
    "assert [a == b]",
    "assert f'{a}'",
    "assert lambda: a == b",
    "assert not False",
    "assert not 0",
    "assert a == a",
    "assert a.x[0] <= a.x[0]",
    "assert a is a",
    "assert a or True",
    "assert 1 and 'yes'",
    "assert len(a) >= 0",
    "assert len(a) > -1",
    "assert len(a) != -1",
    "assert abs(a) >= 0",
    "assert abs(a - b) >= -0.5",
    "assert np.linalg.norm(a) >= 0.0",
    "assert isinstance([], list)",
    "assert isinstance('a', str)",
    "assert 1 == 1",
    "assert 1 < 2",
    "assert np.allclose(a, a)",
    "assert np.array_equal(a.x, a.x)",
    "assert bool(True)",
    "assert (a == b).all",
    "assert callable",
    "assert_allclose(a, a)",
    "np.testing.assert_array_equal(a, a, strict=True)",
]
FAIR = [
    "assert a == b",
    "assert a",
    "assert not a",
    "assert f(1) == f(1)",
    "assert a != a",
    "assert len(a) > 0",
    "assert abs(a) > 0",
    "assert a or b",
    "assert a and True",
    "assert isinstance(a, list)",
    "assert (a == b).all()",
    "assert np.allclose(a, b)",
    "assert_allclose(a, b)",
    "assert_allclose(f(1), f(1))",
    "c = a == b",
    "f(a == b)",
    "print(a == b)",
    "a.append(b)",
]
NO_TEST = [
    "def test_a():\n    f(1)",
    "def test_a():\n    print(f(1) == 2)",
    "def test_a():\n    close(f(1), 2)\ndef close(a, b):\n    return abs(a - b) < 1",
    "class TestA:\n    def test_a(self):\n        f(1)",
    "@pytest.mark.skip\ndef test_a():\n    assert f(1) == 2",
    "@pytest.mark.xfail(reason='x')\ndef test_a():\n    assert f(1) == 2",
    "def test_a():\n    pytest.importorskip('x')\n    assert f(1) == 2",
    "def test_a():\n    if a:\n        pytest.skip('no')\n    assert f(1) == 2",
]
GOOD_TEST = [
    "def test_a():\n    assert f(1) == 2",
    "def test_a():\n    with pytest.raises(ValueError, match='x'):\n        f(1)",
    "def test_a():\n    np.testing.assert_allclose(f(1), 2)",
    "def test_a():\n    assert_right(f)",
    "def test_a():\n    close(f(1), 2)\ndef close(a, b):\n    assert abs(a - b) < 1",
    "def helper():\n    f(1)",
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_check_can_fail(path: Path):
    assert oracles.file_problems(path) == []


def test_files_are_found():
    assert len(FILES) > 10
    assert {path.parent.name for path in FILES} >= {"tests", "course", "lectures", "exercises"}


@pytest.mark.parametrize("source", THROWN_AWAY + ALWAYS_TRUE)
def test_problems_rejects_a_vacuous_check(source: str):
    assert len(oracles.problems(source)) == 1


@pytest.mark.parametrize("source", NO_TEST)
def test_problems_rejects_a_test_without_oracle(source: str):
    assert len(oracles.problems(source, tests=True)) == 1


@pytest.mark.parametrize("source", FAIR + GOOD_TEST)
def test_problems_accepts_a_check_that_can_fail(source: str):
    assert oracles.problems(source, tests=True) == []


def test_problems_counts_a_displayed_comparison_as_compared():
    assert oracles.problems("a == b", shown=True) == []
    assert oracles.problems("a == b\nc == d", shown=True) == [
        "line 1: the result of this comparison is thrown away: a == b"
    ]


def test_file_problems_reads_a_notebook_cell_by_cell(tmp_path: Path):
    folder = tmp_path / "lectures"
    folder.mkdir()
    path = folder / "lec01_demo.py"
    path.write_text(
        "# %%\na == b\n\n# %%\na == b;\n\n# %%\na == b\nc = 1\n\n"
        '# %% tags=["nbval-ignore-output"]\na == b\n\n# %% [markdown]\n# a == b\n',
        encoding="utf-8",
    )
    assert [problem.partition(":")[0] for problem in oracles.file_problems(path)] == [
        "cell 2, line 1",
        "cell 3, line 1",
        "cell 4, line 1",
    ]
