"""Slices: what a function needs, as it was when its cell ran, and nothing that is slow or beside the point."""

import ast

import numpy as np
import pytest

from coursekit.grading.slicing import Notebook, fingerprint, read
from coursekit.notebooks import read_source
from tests.course.syllabus import exercises_of, slug_of, sources


def notebook(*cells: str) -> Notebook:
    """Return a notebook with these cells."""
    one = Notebook()
    for cell in cells:
        one.add(cell)
    return one


def sliced(name: str, *cells: str) -> str:
    """Return the slice of a name, its cells joined."""
    found = notebook(*cells).slice(name)
    assert found is not None
    assert len(found) == len(cells)
    return "".join(found)


def value(name: str, *cells: str) -> object:
    """Run the slice of a function and call it."""
    space: dict = {}
    exec(sliced(name, *cells), space)  # noqa: S102 - texts of this file
    return space[name]()


def test_slice_takes_what_is_needed_through_several_steps():
    cells = (
        "import math",
        "def helper(x):\n    return x + C",
        "def base():\n    return math.pi",
        "C = base()",
        "def f():\n    return helper(1)",
    )
    assert value("f", *cells) == pytest.approx(np.pi + 1)


def test_slice_leaves_out_what_is_not_needed():
    cells = (
        "import numpy as np, time\nimport matplotlib.pyplot as plt",
        "data = train(1000)",
        "plt.plot(data)\nprint(f())\ncheck(f)",
        "def unused():\n    return data",
        "def f():\n    x = 3\n    data = [x for data in range(3)]\n    return np.sum(data)",
        "time.sleep(100)",
    )
    assert (
        sliced("f", *cells)
        == "import numpy as np\ndef f():\n    x = 3\n    data = [x for data in range(3)]\n    return np.sum(data)\n"
    )


def test_slice_keeps_the_cells_apart():
    assert notebook("a = 1", "%time", "def f():\n    return a").slice("f") == (
        "a = 1\n",
        "",
        "def f():\n    return a\n",
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("h = 1", "def f():\n    return h", "h = 2"), 1),  # redefined after the function's cell
        (("h = 1", "h = 2\ndef f():\n    return h"), 2),
        (("def f():\n    return g()", "def g():\n    return 5"), 5),  # the helper stands further down
        (("x = 1", "x += 2", "def f():\n    return x"), 3),
        (("x = 1", "x = x + 2", "x = x * 5", "def f():\n    return x"), 15),
        (("t = {}", "t['a'] = 1", "t.update(b=2)", "def f():\n    return len(t)"), 2),
        (("t = [3, 1]", "t.sort()", "def f():\n    return t"), [1, 3]),
        (("a, (b, *c) = 1, (2, 3)", "def f():\n    return a + b + c[0]"), 6),
        (("for i in range(3):\n    last = i", "def f():\n    return last"), 2),
        (("with open('/dev/null') as file:\n    n = len(file.read())", "def f():\n    return n"), 0),
        (("if (n := 3) > 2:\n    m = n", "def f():\n    return m + n"), 6),
        (("try:\n    import no_such_module\n    n = 1\nexcept ImportError:\n    n = 2", "def f():\n    return n"), 2),
        (("class A:\n    k = 2\n    def m(self):\n        return K", "K = 3", "def f():\n    return A().m() * A.k"), 6),
        (("def deco(g):\n    return lambda: g() + 1", "@deco\ndef f():\n    return 1"), 2),
        (("N = 4", "def f(n=N):\n    return n"), 4),
        (("N = 4", "def f() -> 'int':\n    x: int = N\n    return x"), 4),
        (("from math import *", "def f():\n    return floor(2.5)"), 2),
        (("import os.path\nimport os", "def f():\n    return os.path.basename('/a/b')"), "b"),
        (("f = lambda: K", "K = 7"), 7),
        (("K = [i * L for i in range(3)]", "L = 1"), None),  # K runs before L is there, here as in the notebook
        (("L = 2\nK = [i * L for i in range(3)]", "def f():\n    return K"), [0, 2, 4]),
        (("count = 0", "def f():\n    global count\n    count += 1\n    return count"), 1),
        (("even = lambda n: n == 0 or odd(n - 1)", "odd = lambda n: n > 0 and even(n - 1)", "f = lambda: even(6)"), 1),
        (("from __future__ import annotations", "def f(x: unknown = 1):\n    return x"), 1),
        (("x = 1; y = 'é'; z = 2", "def f():\n    return y + str(z)"), "é2"),
        (('s = """\n%not a magic\n!neither\n"""', "def f():\n    return len(s)"), 23),
    ],
)  # fmt: skip
def test_slice_gives_the_function_the_values_of_the_notebook(cells: tuple[str, ...], expected: object):
    if expected is None:
        with pytest.raises(NameError, match="'L' is not defined"):
            value("K", *cells)
    else:
        assert value("f", *cells) == expected


def test_slice_takes_the_last_definition_that_is_not_an_untouched_stub():
    stub = 'def f():\n    """Do it."""\n    raise NotImplementedError'
    assert value("f", "def f():\n    return 1", "def f():\n    return 2") == 2
    for untouched in (
        stub,
        "def f():\n    raise NotImplementedError('later')",
        "def f():\n    ...",
        "def f():\n    pass",
    ):
        assert value("f", "def f():\n    return 1", untouched) == 1
    assert "NotImplementedError" in sliced("f", stub, stub)
    assert "else" in sliced(
        "f", stub, "def f():\n    if 1:\n        return 0\n    else:\n        raise NotImplementedError"
    )


def test_slice_drops_the_imports_of_a_guarded_block_that_are_not_needed():
    first = (
        "try:\n    import numpy as np\n    from skimage import data\n"
        "    from coursekit.exercises.laplacian import check\nexcept ModuleNotFoundError as missing:\n    raise"
    )
    text = sliced("f", first, "def f():\n    return np.ones(2).sum()")
    assert "skimage" not in text
    assert "check" not in text
    assert value("f", first, "def f():\n    return np.ones(2).sum()") == 2


def test_slice_supplies_the_usual_import_where_its_cell_is_lost():
    assert value("f", "def f():\n    return float(np.sqrt(4))") == 2
    assert value("f", "np = 3", "def f():\n    return np") == 3


def test_slice_of_a_name_that_is_not_there_is_none():
    assert notebook("x = 1").slice("f") is None
    assert notebook("def f(:\n    pass").slice("f") is None


def test_cell_with_a_syntax_error_costs_only_itself():
    one = notebook("import numpy as np", "def f(:\n    pass", "def g():\n    return np.pi")
    assert one.failed == {1: "SyntaxError in line 1: invalid syntax"}
    assert one.slice("g") == ("import numpy as np\n", "", "def g():\n    return np.pi\n")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install numpy\nx = 1", "pass\nx = 1"),
        ("if 1:\n    !ls\n    %time x\nx = 1", "if 1:\n    pass\n    pass\nx = 1"),
        ("files = !ls\nx = %timeit -o 1", "pass\npass"),
        ("np.sum?\n?np.sum\nnp.sum??", "pass\npass\npass"),
        ("%%time\nx = 1", "x = 1"),
        ("\n%%capture out\n%precision 3\nx = 1", "pass\nx = 1"),
        ("%%bash\nrm -rf x", ""),
        ("%%html\n<b>", ""),
        ("x = 7 \\\n  % 3", "x = 7 \\\n  % 3"),
        ("x = 1\r\ny = 2\rz = 3", "x = 1\ny = 2\nz = 3"),
        ("", ""),
    ],
)
def test_read_drops_magics_and_keeps_python(cell: str, text: str):
    assert read(cell)[0] == text
    ast.parse(text)


@pytest.mark.parametrize("cell", ["def f(:", "%magic\nx = = 1", "x = 'a\0b'", "(" * 1000])
def test_cell_that_is_not_python_is_reported(cell: str):
    one = notebook(cell)
    assert list(one.failed) == [0]
    assert one.statements == []


@pytest.mark.parametrize(
    "cell", ["return 1", "x = await y", "def f():\n    nonlocal z", "x = " + "1 + " * 900 + "1", "del x\nx"]
)
def test_cell_that_the_compiler_refuses_breaks_no_slice(cell: str):
    assert notebook(cell, "def g():\n    return 1").slice("g") == ("", "def g():\n    return 1\n")


def test_slice_of_2000_mutated_notebooks_raises_nothing():
    good = [cell.source for cell in read_source(sources()[0]).cells if cell.cell_type == "code"]
    name = exercises_of(slug_of(sources()[0]))[0].name
    rng = np.random.default_rng(2000)
    found = 0
    for _ in range(2000):
        cells = [good[i] for i in rng.integers(len(good), size=4)]
        where = int(rng.integers(4))
        text, at, n = cells[where], int(rng.integers(len(cells[where]) + 1)), int(rng.integers(1, 30))
        match rng.integers(4):
            case 0:
                text = text[:at] + text[at + n :]
            case 1:
                text = text[:at] + text[at : at + n] + text[at:]
            case 2:
                text = text[:at] + rng.bytes(n).decode("latin-1") + text[at:]
            case 3:
                text = (
                    text[:at]
                    + str(rng.choice(["(", "'''", "\n%", "\n!ls\n", ":=", " " * n, "\0", "\\", "#"]))
                    + text[at:]
                )
        cells[where] = text
        result = notebook(*cells).slice(name)
        assert result is None or (len(result) == 4 and all(type(text) is str for text in result))
        found += result is not None
    assert 50 < found < 1950


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_slices_of_the_course_are_the_exercises_alone(path):
    cells = [cell.source for cell in read_source(path).cells if cell.cell_type == "code"]
    one = notebook(*cells)
    assert one.failed == {}
    for exercise in exercises_of(slug_of(path)):
        body = ast.parse("".join(one.slice(exercise.name) or ())).body
        assert [node.name for node in body if isinstance(node, ast.FunctionDef)] == [exercise.name]
        assert len(body) == 1


SAME = """
def g(image, step=1.0):
    "Another docstring."
    border = np.pad(image, 1, mode="edge")   # a comment
    return border[1:] - border[:-1] + step
"""


def test_fingerprint_is_blind_to_names_and_layout_and_not_to_more():
    one = fingerprint(
        'def f(u, h=1.0):\n    """Doc."""\n    p = np.pad(u, 1, mode="edge")\n    return p[1:] - p[:-1] + h'
    )
    assert fingerprint("import numpy as np\n" + SAME) == one
    assert fingerprint(SAME.replace("image, step=1.0", "image: np.ndarray, step: float = 1.0")) == one
    for old, new in (("edge", "wrap"), ("1.0", "2.0"), ("[1:]", "[2:]"), ("+ step", "- step"), ("np.pad", "np.roll")):
        assert fingerprint(SAME.replace(old, new)) != one
    assert fingerprint("def f(a, b):\n    return a - b") != fingerprint("def f(a, b):\n    return b - a")
