"""The mutation test must itself be able to find a weak exercise."""

import pytest

from coursekit.checking import Exercise
from tests.course import mutation


def bent(x, low=0):
    """Return two straight lines that meet at `low`."""
    if x < low:
        return low - x
    return 2 * x + 1


def count(n):
    """Return n, slowly."""
    i = 0
    while i < n:
        i = i + 1
    return i


def weak(reference, *cases, time_limit=2.0):
    edges = {str(i): case for i, case in enumerate(cases)}
    return Exercise(
        reference, points=1, draw=lambda rng: cases[0], edges=edges, mistakes=(), time_limit=time_limit, n_graded=0
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a, b):\n    return a + b", {"return a - b", "pass"}),
        ("def f(a, b):\n    return a / b", {"return a * b", "pass"}),
        ("def f(a):\n    return -a", {"return a", "pass"}),
        ("def f(a):\n    return not a", {"return a", "pass"}),
        ("def f(a, b):\n    return a < b", {"return a <= b", "return a > b", "pass"}),
        ("def f(a, b):\n    return a == b", {"return a != b", "pass"}),
        ("def f(a, b):\n    return a and b", {"return a or b", "pass"}),
        ("def f():\n    return 0", {"return 1", "return -1", "pass"}),
        ("def f():\n    return 2.5", {"return 5.0", "return -2.5", "pass"}),
        ("def f():\n    return True", {"return False", "pass"}),
        ("def f(a, n):\n    return a[:n]", {"return a[:n + 1]", "return a[:n - 1]", "pass"}),
        ("def f(a):\n    return a[1:]", {"return a[2:]", "return a[0:]", "pass"}),
        ("def f(a):\n    return np.maximum(a, b)", {"return np.minimum(a, b)", "return np.maximum(b, a)", "pass"}),
        ("def f(a):\n    return g(a, mode='x')", {"return g(a)", "pass"}),
        ("def f(a=1.5):\n    return a", {"def f(a=3.0):", "def f(a=-1.5):", "pass"}),
        ("def f(a):\n    a = number('a', a, above=0)\n    return a", {"pass"}),
        ("def f(a):\n    if a < 0:\n        raise ValueError('a')\n    return a", {"pass"}),
        ("def f(a: 1 + 1) -> 1 + 1:\n    '''1 + 1'''\n    return a", {"pass"}),
    ],
)
def test_mutants_change_one_thing(source: str, expected: set[str]):
    assert {mutant.after for mutant in mutation.mutants(source)} == expected


def test_survivors_names_what_weak_cases_let_through():
    alive, total = mutation.survivors(weak(bent, {"x": 4.0}))
    assert total > 10
    unseen = {"return low + x", "if x <= low:", "def bent(x, low=1):", "def bent(x, low=-1):", "pass"}
    assert {mutant.after for mutant in alive} == unseen


def test_survivors_is_empty_for_telling_cases():
    cases = [{"x": x} for x in (4.0, -2.0, 0.5, -0.5, 0)]
    alive, total = mutation.survivors(weak(bent, *cases, {"x": 1, "low": 4}))
    assert total > 10
    assert [mutant.name for mutant in alive] == []


def test_survivors_stops_an_endless_mutant():
    alive, _ = mutation.survivors(weak(count, {"n": 3}, time_limit=0.2))
    assert {mutant.after for mutant in alive} == {"i = 1", "i = -1"}  # both still count up to n
