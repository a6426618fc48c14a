"""The library as a submission sees it: all of it, but for what the exercises ask for and what grades them."""

import ast
import marshal
from pathlib import Path

import numpy as np
import pytest

import coursekit
from coursekit.checking import Exercise
from coursekit.grading.jobs import Call, Job
from coursekit.grading.player import Library
from coursekit.grading.sandbox import Case, Sandbox
from coursekit.grading.withheld import EXCEPTION, library, shipped, without_functions
from tests.course.syllabus import exercises, topic_modules

ROOT = Path(coursekit.__file__).resolve().parents[1]
EXERCISES = exercises()


def dotted(exercise: Exercise) -> str:
    """Return where the library has the exercise's function."""
    return f"{exercise.reference.__module__}.{exercise.name}"


def function(texts: dict[str, str], exercise: Exercise) -> ast.FunctionDef:
    """Return what stands for an exercise's function in the texts."""
    tree = ast.parse(texts[exercise.reference.__module__.replace(".", "/") + ".py"])
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == exercise.name)


@pytest.mark.parametrize("exercise", EXERCISES, ids=dotted)
def test_library_has_the_signature_of_a_withheld_function_and_nothing_else_of_it(exercise: Exercise):
    body = function(library((dotted(exercise),)), exercise)
    assert [type(node) for node in body.body] == [ast.Raise]
    original = function(library(()), exercise)
    assert ast.dump(body.args) == ast.dump(original.args)
    # Not a line of the original's body is left in the file, unless another function of it has the same line.
    text = library((dotted(exercise),))[exercise.reference.__module__.replace(".", "/") + ".py"]
    everything = library(())[exercise.reference.__module__.replace(".", "/") + ".py"]
    for node in original.body[1:]:
        line = ast.unparse(node)
        once = ast.unparse(ast.parse(everything)).count(line) == 1
        assert not once or line not in text


def test_library_without_names_is_the_library():
    texts = library(())
    for name in topic_modules():
        file = name.replace(".", "/") + ".py"
        assert texts[file] == (ROOT / file).read_text(encoding="utf-8")


def test_library_has_no_exercise_no_check_and_no_grader():
    names = library(tuple(map(dotted, EXERCISES)))
    assert not [
        name for name in names if name.startswith(("coursekit/exercises", "coursekit/grading", "coursekit/check"))
    ]
    assert not [text for text in names.values() if "coursekit.exercises" in text or "coursekit.checking" in text]


def test_library_refuses_a_name_that_it_does_not_have():
    with pytest.raises(ValueError, match=r"coursekit\.nothing\.f is not in the library"):
        library(("coursekit.nothing.f",))
    with pytest.raises(ValueError, match="there is no function laplacian55"):
        library(("coursekit.laplacian.laplacian55",))


DECORATED = '''"""Doc."""
from __future__ import annotations
import functools

@functools.cache
def f(x):
    """Twice x."""
    return 2 * x  # 2x

def g(x):
    return f(x)
'''


def test_without_functions_raises_its_own_error_and_drops_decorators_and_comments():
    text = DECORATED
    result = without_functions(text, ["f"])
    assert "Twice" not in result
    assert "2" not in result
    space: dict = {}
    exec(result, space)  # noqa: S102 - a text of this file
    assert issubclass(space[EXCEPTION], RuntimeError)
    for name in "fg":
        with pytest.raises(space[EXCEPTION], match="f is what the exercise asks for"):
            space[name](1)


def test_library_can_be_imported_from_its_texts_alone(best: Sandbox):
    imports = "".join(f"import {name}\n" for name in topic_modules() if not name.startswith("coursekit.deep"))
    cell = imports + "def f():\n    return coursekit.laplacian.laplacian9(np.eye(5))"
    cells = (f"import numpy as np\n{cell}", "from coursekit.data import nile\ndef g():\n    return nile()[1]")
    calls = (Call("f", (Case("a", {}),)), Call("g", (Case("a", {}),)))
    f, g = best.run(Job(cells, calls, withheld=tuple(map(dotted, EXERCISES)))).runs
    from coursekit.data import nile
    from coursekit.laplacian import laplacian9

    np.testing.assert_array_equal(f.outcomes[0].value, laplacian9(np.eye(5)))
    np.testing.assert_array_equal(g.outcomes[0].value, nile()[1])


def test_finder_answers_for_every_module_of_the_course_and_no_other():
    finder = Library({"coursekit/__init__.py": "", "coursekit/a.py": "x = 1", "coursekit/data/__init__.py": ""}, {})
    assert finder.find_spec("numpy", None) is None
    assert finder.find_spec("coursekit.a", None) is not None
    assert finder.is_package("coursekit.data")
    assert not finder.is_package("coursekit.a")
    with pytest.raises(ModuleNotFoundError, match=r"coursekit\.exercises is not available in grading"):
        finder.find_spec("coursekit.exercises", None)


def test_shipped_holds_what_is_mentioned_and_what_that_imports():
    def files(source: str) -> set[str]:
        texts, code = marshal.loads(shipped(("coursekit.laplacian.laplacian5",), source).tobytes())
        assert set(code) == {file for file in texts if file.endswith(".py")}
        return set(texts)

    everything = library(("coursekit.laplacian.laplacian5",))
    assert files("x = 1") == {"coursekit/__init__.py"}
    found = files("from coursekit import laplacian as lap")
    assert {"coursekit/laplacian.py", "coursekit/validation/__init__.py"} <= found
    assert "coursekit/kalman.py" not in found
    assert {"coursekit/data/__init__.py", "coursekit/data/nile.csv"} <= files("import coursekit.data")
    assert files(" ".join(file.replace("/", " ").replace(".", " ") for file in everything)) == set(everything)
