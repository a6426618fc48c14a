"""The references in the place of the stubs."""

import math
from collections.abc import Sequence
from fractions import Fraction as Ratio

import nbformat
import numpy as np
import pytest

from coursekit.checking import Exercise
from coursekit.notebooks import solved
from coursekit.notebooks.solving import solution_source, stub_name

LIMIT: int = 3


def helper(x):
    return x + LIMIT


def first(x: Sequence[float], scale=math.pi):
    """Use what the module imports, defines and sets."""
    numbers = np.asarray(x)
    return [Ratio(helper(int(n))) for n in numbers if n < LIMIT * scale]


def second(x):
    """Use another exercise."""
    return first(x)


def exercise(reference) -> Exercise:
    return Exercise(reference, points=1, draw=lambda rng: {"x": [1.0]}, edges={}, mistakes=())


def stub(name: str, **metadata) -> nbformat.NotebookNode:
    source = f"import numpy as np\n\n\ndef {name}(x):\n    '''Say what.'''\n    raise NotImplementedError"
    return nbformat.v4.new_code_cell(source, metadata={"tags": ["exercise"], **metadata})


def test_solution_source_imports_what_the_function_needs_and_no_more():
    lines = solution_source(first).split("\n\n\n")[0].splitlines()
    here = first.__module__
    assert lines == [
        "from collections.abc import Sequence",
        "from fractions import Fraction as Ratio",
        f"from {here} import LIMIT",
        f"from {here} import helper",
        "import math",
        "import numpy as np",
    ]


def test_solution_source_can_stand_alone():
    scope: dict = {}
    exec(solution_source(second), scope)  # noqa: S102 - our own source
    assert scope["second"]([1.0, 50.0]) == [Ratio(4)]
    assert scope["second"].__module__ != second.__module__


def test_solved_replaces_the_stubs_alone_and_keeps_the_tags():
    text = nbformat.v4.new_markdown_cell("# Title")
    given = nbformat.v4.new_notebook(cells=[text, stub("first", slideshow={"slide_type": "fragment"}), stub("second")])
    result = solved(given, [exercise(first), exercise(second)])
    assert result.cells[0].source == "# Title"
    assert result.cells[1].source == solution_source(first)
    assert dict(result.cells[1].metadata) == {"tags": ["exercise"], "slideshow": {"slide_type": "fragment"}}
    # The notebook has its own `first` by then: importing the library's would put it aside.
    assert result.cells[2].source == solution_source(second, leave_out=["first"])
    assert "import" not in result.cells[2].source
    assert "NotImplementedError" in given.cells[1].source


def test_solved_refuses_a_stub_without_exercise_and_an_exercise_without_stub():
    with pytest.raises(ValueError, match="no cell tagged exercise defines second"):
        solved(nbformat.v4.new_notebook(cells=[stub("first")]), [exercise(first), exercise(second)])
    with pytest.raises(ValueError, match="defines 'third', which is no exercise"):
        solved(nbformat.v4.new_notebook(cells=[stub("third")]), [exercise(first)])


@pytest.mark.parametrize("source", ["", "x = 1", "def f():\n    pass\ndef g():\n    pass", "def f():\n    pass\nf()"])
def test_stub_name_refuses_anything_but_one_function(source: str):
    with pytest.raises(ValueError, match="a stub cell holds one function and imports"):
        stub_name(source)
