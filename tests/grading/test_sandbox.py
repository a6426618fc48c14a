"""The sandbox for those who mean no harm: values, limits, damage, and what is left when it is over."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import packaging
import psutil
import pytest

import coursekit
from coursekit.checking import Case
from coursekit.grading import levels
from coursekit.grading.catalogue import exercises_of, needs_torch, topics
from coursekit.grading.grading import grade_source
from coursekit.grading.jobs import Call, ExerciseRun, Job
from coursekit.grading.levels import Plan
from coursekit.grading.sandbox import Sandbox, SandboxError, describe_machine
from coursekit.grading.view import without
from coursekit.notebooks.solving import solution_source
from tests.course.syllabus import exercises
from tests.grading.submissions import EXERCISES, HONEST, LITTLE, POINTS, SHORT, graded
from tests.grading.world import COURSE, leftovers

MB = 1 << 20


def called(
    sandbox: Sandbox,
    *cells: str,
    inputs: dict | None = None,
    name: str = "f",
    n: int = 1,
    cell_limit: float = 1.0,
    **limits,
) -> ExerciseRun:
    """Run one function on n cases of the same inputs."""
    cases = tuple(Case(f"case {i}", inputs or {}) for i in range(n))
    options = {"time_limit": SHORT, "memory_limit": LITTLE} | limits
    return sandbox.run(Job(cells, (Call(name, cases, **options),), cell_limit=cell_limit, patience=0.5)).runs[0]


# What comes back


def test_run_returns_what_the_function_returns(sandbox: Sandbox):
    cell = "def f(u, n, kind, pair, flag, nothing):\n    return u[::-1] * n, kind + '!', pair, [n, 2.5], flag, nothing"
    u = np.arange(6, dtype=np.float32).reshape(2, 3)
    run = called(
        sandbox, cell, inputs={"u": u, "n": 3, "kind": "ball", "pair": (1, 2.0), "flag": True, "nothing": None}
    )
    assert run.status == "ran"
    value = run.outcomes[0].value
    np.testing.assert_array_equal(value[0], u[::-1] * 3)
    assert value[0].dtype == np.float32
    assert value[1:] == ("ball!", (1, 2.0), [3, 2.5], True, None)
    assert run.outcomes[0].changed == ()


def test_run_reports_an_input_that_was_changed(best: Sandbox):
    cell = "def f(u, v):\n    v += 1\n    return u"
    run = called(best, cell, inputs={"u": np.zeros(3), "v": np.array([np.nan, 1.0])}, n=2)
    assert [outcome.changed for outcome in run.outcomes] == [("v",), ("v",)]


def test_run_names_an_error_and_what_cannot_be_transported(best: Sandbox):
    cell = "class Odd(Exception):\n    pass\ndef f(n):\n    if n == 0:\n        raise Odd('seven')\n    return {'a': n}"
    error = called(best, cell, inputs={"n": 0}).outcomes[0].error
    assert (type(error).__name__, str(error)) == ("Odd", "seven")
    assert type(error).__module__ == "coursekit.grading.playing"
    assert called(best, cell, inputs={"n": 1}).outcomes[0].value.kind == "dict"


def test_run_refuses_an_input_of_ours_that_cannot_be_sent(best: Sandbox):
    with pytest.raises(TypeError, match="values must be numbers"):
        called(best, "def f(rng):\n    return 1", inputs={"rng": np.random.default_rng(0)})


def test_run_is_the_same_every_time(best: Sandbox):
    cell = "import random\nimport numpy as np\ndef f():\n    return np.random.normal(), random.random(), hash('a')"
    first, second = (called(best, cell).outcomes[0].value for _ in range(2))
    assert first == second


def test_exercises_are_run_apart(best: Sandbox):
    cells = (
        "state = []",
        "def f():\n    state.append(1)\n    return len(state)",
        "def g():\n    state.append(1)\n    return len(state)",
    )
    calls = tuple(Call(name, (Case("a", {}), Case("b", {}))) for name in "fg")
    for run in best.run(Job(cells, calls)).runs:
        assert [outcome.value for outcome in run.outcomes] == [1, 2]


@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: f"{exercise.slug}.{exercise.name}")
def test_alternatives_of_every_exercise_get_full_points(exercise, best: Sandbox):
    import inspect
    import textwrap

    module = inspect.getmodule(exercise.alternatives[0])
    for alternative in exercise.alternatives:
        # The whole module as a cell: what the alternative needs is sliced out of it.
        text = textwrap.dedent(inspect.getsource(module)) + f"\n{exercise.name} = {alternative.__name__}\n"
        text = text.replace("from coursekit.checking", "from no_such_module")
        grade = grade_source([text], [exercise], np.random.default_rng(5), best).grades[0]
        assert grade.points == exercise.points, grade


# Damage


@pytest.mark.parametrize(
    ("cell", "status", "words"),
    [
        ("x = 1", "missing", "There is no function f"),
        ("f = 3", "missing", "There is no function f"),
        ("def f(:\n    pass", "missing", "Code cell 2, which defines f, did not run: SyntaxError in line 1"),
        ("@undefined\ndef f():\n    return 1", "missing", "did not run: NameError: name 'undefined' is not defined"),
        ("def f():\n    raise NotImplementedError", "not attempted", ""),
        ("def f():\n    while True:\n        pass", "timed out", "is there a loop that does not end?"),
        ("import time\ndef f():\n    time.sleep(60)", "timed out", "is there a loop that does not end?"),
        ("def f():\n    return bytes(1 << 40)", "out of memory", "more than 256 MB"),
        ("import ctypes\ndef f():\n    ctypes.string_at(0)", "crashed", "made Python crash (SIGSEGV)"),
        ("import os\ndef f():\n    os.abort()", "crashed", "made Python crash (SIG"),
        ("import os\ndef f():\n    os._exit(3)", "crashed", "ended Python (exit code 3)"),
    ],
)
def test_damage_costs_its_own_exercise_and_is_explained(sandbox: Sandbox, cell: str, status: str, words: str):
    cells = ("k = 2", cell, "def g():\n    return 3 * k")
    calls = tuple(Call(name, (Case("a", {}),), SHORT, LITTLE) for name in "fg")
    f, g = sandbox.run(Job(cells, calls, cell_limit=1.0, patience=0.5)).runs
    assert f.status == status
    assert words in f.detail
    assert g.status == "ran"
    assert g.outcomes[0].value == 6


def test_hang_costs_its_own_cap(best: Sandbox):
    start = time.monotonic()
    run = called(best, "def f():\n    while True:\n        pass", n=10)
    # 0.5 s of computing, once and not ten times; the wall clock of a busy machine may take a few times as long.
    assert 0.4 <= run.cpu_seconds < 1
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("n = sum(iter(int, 1))", "is there a loop that does not end?"),
        ("import os\nn = os._exit(1)", "ended Python"),
        ("import ctypes\nn = ctypes.string_at(0)", "made Python crash"),
        ("n = input('how many? ')", "EOFError"),
        ("n = undefined", "NameError"),
        ("exit()\nn = 1", ""),
    ],
)
def test_cell_that_dies_is_skipped_and_the_rest_is_run(best: Sandbox, cell: str, words: str):
    cells = (
        "import numpy as np",
        cell,
        "def f():\n    try:\n        return n\n    except NameError:\n        return 0.5",
    )
    job = Job(cells, (Call("f", (Case("a", {}),)),), cell_limit=0.5, patience=0.5)
    result = best.run(job)
    assert result.runs[0].outcomes[0].value == (0.5 if words else 1)
    assert [i for i, text in result.failed_cells if words in text] == ([1] if words else [])


def test_cells_that_die_cost_a_few_attempts_and_no_more(best: Sandbox):
    cells = tuple(f"import os\nn{i} = os._exit({i})" for i in range(8))
    cells += ("def f():\n    return " + " + ".join(f"n{i}" for i in range(8)),)
    result = best.run(Job(cells, (Call("f", (Case("a", {}),)),)))
    assert result.runs[0].status == "crashed"
    assert len(result.failed_cells) == 3


def test_calls_together_have_a_deadline(best: Sandbox):
    cell = "import time\ndef f():\n    time.sleep(0.7)"
    # Each call may take 0.6 + 0.5 s, all five together 2 + 0.5 s; they would take 3.5 s.
    job = Job((cell,), (Call("f", (Case("a", {}),) * 5, 0.2),), patience=0.5)
    assert best.run(job).runs[0].status == "timed out"


def test_output_is_free_and_its_end_is_kept(best: Sandbox):
    loop = "    for i in range(20_000):\n        print('line', i)\n"
    ends = "    warnings.warn('careful')\n    sys.stderr.write('the end')\n    return 1"
    cell = f"import sys, warnings\ndef f():\n{loop}{ends}"
    result = best.run(Job((cell,), (Call("f", (Case("a", {}),)),)))
    assert result.runs[0].outcomes[0].value == 1
    assert len(result.output_tail) == 64 << 10
    assert "line 19999\n" in result.output_tail
    assert result.output_tail.endswith("the end")


def test_notebook_idioms_do_no_harm(best: Sandbox):
    cells = (
        "%matplotlib inline\nimport numpy as np\nimport matplotlib.pyplot as plt\n!pip list",
        "get_ipython().run_line_magic('time', '1')\nname = input()",
        "def f(u):\n    display(u)\n    get_ipython()\n    plt.plot(u)\n    plt.show()\n    return u.sum()",
    )
    # Importing pyplot takes a second, more on a busy machine.
    run = called(best, *cells, inputs={"u": np.arange(4.0)}, cell_limit=5.0, time_limit=10.0, memory_limit=1 << 30)
    assert run.outcomes[0].value == 6


def test_memory_is_counted_beyond_what_was_there_before(sandbox: Sandbox):
    cell = "import numpy as np\ndef f(n):\n    return np.ones(n * 131072).sum()"
    assert called(sandbox, cell, inputs={"n": 200}).status == "ran"
    assert called(sandbox, cell, inputs={"n": 300}).status == "out of memory"


def test_text_that_is_too_long_is_said_to_be(best: Sandbox):
    long = "x = '" + "a" * 500_000 + "'\ndef f():\n    return x"
    assert "too long" in called(best, long).detail
    assert "too long" in called(best, "#" + "a" * (70 << 20)).detail


def test_threads_of_the_grader_may_share_a_sandbox(best: Sandbox):
    points: list[int] = []
    threads = [
        threading.Thread(target=lambda s=s: points.append(graded(best, *HONEST, seed=s).points)) for s in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert points == [POINTS] * 8


def test_packages_can_be_imported_late(sandbox: Sandbox):
    imports = "import pywt\nfrom scipy import optimize\nfrom skimage import filters"
    body = "filters.sobel(u).sum() + optimize.brentq(lambda x: x - pywt.families()[0].count('a'), -1, 9)"
    cells = (imports, f"def f(u):\n    return {body}")
    run = sandbox.run(Job(cells, (Call("f", (Case("a", {"u": np.eye(5)}),), 5.0),), cell_limit=20.0)).runs[0]
    from skimage import filters

    assert run.status == "ran", run
    assert run.outcomes[0].value == pytest.approx(filters.sobel(np.eye(5)).sum() + 2)  # "haar"


def test_processes_of_the_sandbox_are_small(best: Sandbox):
    assert graded(best, *HONEST).points == POINTS
    assert leftovers(best) == []
    first = psutil.Process(best.zygotes[False].process.pid)
    family = [first, *first.children(recursive=True)]
    # Measured: 40 MB, of which the grader, with as much again for itself, is not a part.
    assert sum(process.memory_full_info().pss for process in family) < 100 * MB


def on_tensors(sandbox: Sandbox, body: str, memory_limit: int = 1 << 30, **inputs) -> ExerciseRun:
    """Run a function that is handed tensors."""
    call = Call("f", (Case("a", inputs, tensors=True),), 5.0, memory_limit)
    return sandbox.run(Job(("import torch\ndef f(x, k=1):\n    " + body,), (call,), needs_torch=True)).runs[0]


def test_tensors_go_in_and_come_out_as_arrays(sandbox: Sandbox):
    x = np.arange(6.0).reshape(2, 3)
    body = "return (x * k[1]).requires_grad_(), type(k[0]).__name__, k[1].sum(), [x.mT]"
    run = on_tensors(sandbox, body, x=x, k=(2, x))
    assert run.status == "ran", run
    square, kind, total, (transposed,) = run.outcomes[0].value
    np.testing.assert_array_equal(square, x * x)
    np.testing.assert_array_equal(transposed, x.T)
    assert (square.dtype, kind, total, total.shape) == (np.dtype(float), "int", 15.0, ())
    assert run.outcomes[0].changed == ()


def test_tensor_that_was_changed_is_reported(best: Sandbox):
    assert on_tensors(best, "x += 1; return x", x=np.ones(3)).outcomes[0].changed == ("x",)


def test_gradients_can_be_taken(best: Sandbox):
    run = on_tensors(best, "x = x.clone().requires_grad_(); (x**2).sum().backward(); return x.grad", x=np.arange(3.0))
    np.testing.assert_array_equal(run.outcomes[0].value, 2 * np.arange(3.0))


def test_memory_of_tensors_is_counted_beyond_torch(sandbox: Sandbox):
    body = "return torch.ones(k * 131072, dtype=x.dtype).sum()"
    assert on_tensors(sandbox, body, LITTLE, x=np.ones(1), k=200).outcomes[0].value == 200 * 131072
    assert on_tensors(sandbox, body, LITTLE, x=np.ones(1), k=300).status == "out of memory"


def test_processes_with_torch_are_of_bearable_size(best: Sandbox):
    assert on_tensors(best, "return x", x=np.ones(2)).status == "ran"
    assert leftovers(best) == []
    first = psutil.Process(best.zygotes[True].process.pid)
    family = [first, *first.children(recursive=True)]
    # Measured: 210 MB and 3 CPU seconds, once; a submission costs no more than without torch.
    assert sum(process.memory_full_info().pss for process in family) < 500 * MB


@pytest.mark.parametrize("topic", [topic for topic in topics() if needs_torch(topic)])
def test_exercises_on_tensors_are_graded(best: Sandbox, topic: str):
    asked = exercises_of(topic)
    right = grade_source([solution_source(one.reference) for one in asked], asked, np.random.default_rng(0), best)
    assert {grade.exercise.name: grade.run.status for grade in right.grades if not grade.points} == {}
    first, mistake = asked[0], asked[0].mistakes[0]
    text = solution_source(mistake.function).replace(f"def {mistake.function.__name__}(", f"def {first.name}(")
    (grade,) = grade_source([text], [first], np.random.default_rng(0), best).grades
    assert (grade.points, grade.run.status) == (0, "ran")
    assert grade.verdict is not None
    assert grade.verdict.hint == mistake.hint


# Levels


def test_level_holds_what_it_promises(sandbox: Sandbox):
    assert str(sandbox.plan) == sandbox.describe()
    assert sandbox.plan.namespaces == (sandbox.level == 3)
    if sandbox.level > 1:
        assert sandbox.plan.seccomp
    if sandbox.level == 2:
        assert sandbox.plan.landlock
        assert sandbox.plan.other_uid


def test_level_that_does_not_hold_is_not_claimed():
    # As root still as another user: what is tried would otherwise be tried as root.
    for level in (2, 3):
        with pytest.raises(SandboxError, match=r"does not hold here: a submission could .*start a process"):
            Sandbox(Plan(level, other_uid=os.geteuid() == 0))


def test_level_one_without_anything_still_grades_and_caps(bare: Sandbox):
    assert graded(bare, *HONEST).points == POINTS
    assert called(bare, "def f():\n    while True:\n        pass").status == "timed out"
    assert called(bare, "def f():\n    return bytes(1 << 40)").status == "out of memory"
    assert called(bare, "import ctypes\ndef f():\n    ctypes.string_at(0)").status == "crashed"


def test_library_that_is_installed_among_the_packages_is_hidden(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
    # As if `packaging` were the course: it lies where the course lies if it is not a clone.
    monkeypatch.setattr(coursekit, "__file__", packaging.__file__)
    cells = ("import numpy as np", "def f():\n    import packaging.version\n    return packaging.version.__file__")
    with Sandbox(sandbox.level) as other:
        refused = type(called(other, *cells).outcomes[0].error).__name__ in ("ModuleNotFoundError", "PermissionError")
        assert refused == (other.plan.namespaces or other.plan.landlock)
        assert called(other, "def f():\n    import pywt\n    return pywt.__name__").outcomes[0].value == "pywt"
    assert called(sandbox, *cells).outcomes[0].value.endswith("packaging/version.py")


def test_without_covers_everything_but_one_folder(tmp_path: Path):
    for name in ("a/b", "a/c", "a/d/e", "f"):
        (tmp_path / name).mkdir(parents=True)
    assert without(tmp_path, tmp_path / "a" / "d") == [str(tmp_path / name) for name in ("a/b", "a/c", "f")]
    assert without(tmp_path / "f", tmp_path / "a" / "d") == [str(tmp_path / "f")]
    assert without(tmp_path / "a" / "d", tmp_path / "a" / "d") == []


def test_plan_says_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    missing = dict.fromkeys(("linux", "landlock")) | {
        "namespaces": "no bwrap",
        "seccomp": "no filter",
        "other_uid": "no root",
    }
    monkeypatch.setattr(levels, "obstacles", lambda: missing)
    with pytest.raises(SandboxError, match="level 3 is not to be had here: no bwrap; no filter"):
        levels.plan(3)
    with pytest.raises(SandboxError, match="level 2 is not to be had here: no root; no filter"):
        levels.plan(2)
    with pytest.raises(ValueError, match="level must be 1, 2 or 3, got 4"):
        levels.plan(4)
    assert levels.plan(1) == Plan(1, landlock=True)
    assert str(levels.plan(1)) == "level 1: Landlock"
    assert str(Plan(1)) == "level 1: a process of its own with limits"


def test_describe_machine_names_the_level():
    (fine, text), *others = describe_machine()
    assert fine == text.startswith(("grading at level 3", "grading at level 2"))
    assert not any(good for good, _ in others)


def test_describe_machine_falls_back_and_says_why(monkeypatch: pytest.MonkeyPatch):
    there = levels.obstacles()
    monkeypatch.setattr(levels, "obstacles", lambda: there | {"namespaces": "bubblewrap is missing"})
    first, second, *_ = describe_machine()
    assert not first[1].startswith("grading at level 3")
    assert second == (False, "level 3 is not to be had here: bubblewrap is missing")
    monkeypatch.setattr(levels, "obstacles", lambda: dict.fromkeys(there, "this needs Linux"))
    (fine, text), *rest = describe_machine()
    assert not fine
    assert text.startswith("grading is not possible here: level 3 is not to be had here: this needs Linux")
    assert rest == []


WITHOUT_ROOT = """
import json, sys
from coursekit.grading.sandbox import Sandbox
from tests.grading.submissions import HONEST, IMPORTS, HEAT, graded
from tests.grading.hostile import BANK
chosen = "identity namespaces signals tracing_others change_grades daemon disk threads network".split()
with Sandbox(3) as sandbox:
    honest = graded(sandbox, *HONEST).points
    attacks = [one.code.replace("@ROOT@", "False").replace("@PORT@", "9") for one in BANK if one.name in chosen]
    for old, new in (("@HOME@", "/tmp"), ("@VICTIM@", "1"), ("@GRADER@", "1"), ("@COURSE@", "/")):
        attacks = [code.replace(old, new) for code in attacks]
    runs = [graded(sandbox, IMPORTS, code, HEAT) for code in attacks]
said = [str(o.error) for run in runs for o in run.grades[0].run.outcomes if str(o.error).startswith("READ")]
print(json.dumps([honest, [[g.points for g in run.grades] for run in runs], said, str(sandbox.plan)]))
"""


def test_level_three_without_root(ordinary_user: list[str]):
    command = [*ordinary_user, sys.executable, "-B", "-c", WITHOUT_ROOT]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100, cwd=COURSE)
    assert done.returncode == 0, done.stderr
    honest, points, said, plan = json.loads(done.stdout)
    assert honest == POINTS
    assert points == [[0, EXERCISES[1].points]] * 9
    assert said == []
    assert plan == "level 3: bubblewrap and namespaces, seccomp"


# The end


def test_close_leaves_no_process():
    before = {process.pid for process in psutil.process_iter()}
    with Sandbox() as sandbox:
        graded(sandbox, *HONEST)
        first = psutil.Process(sandbox.zygotes[False].process.pid)
        family = [first, *first.children(recursive=True)]
        assert leftovers(sandbox) == []
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert before & {process.pid for process in family} == set()


KILLED = """
import sys, threading
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.jobs import Call, Job
from coursekit.checking import Case
with Sandbox(int(sys.argv[1])) as sandbox:
    job = Job(("import time\\ndef f():\\n    time.sleep(100)",), (Call("f", (Case("a", {}),), 100.0),))
    threading.Thread(target=sandbox.run, args=(job,), daemon=True).start()
    import time, psutil
    time.sleep(1)
    print(sandbox.zygotes[False].process.pid, sandbox.zygotes[False].uid, flush=True)
    time.sleep(100)
"""


def test_nothing_survives_a_grader_that_is_killed(sandbox: Sandbox):
    grader = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(sandbox.level)], stdout=subprocess.PIPE, text=True, cwd=COURSE
    )
    assert grader.stdout is not None
    first, uid = grader.stdout.readline().split()
    family = [psutil.Process(int(first)), *psutil.Process(int(first)).children(recursive=True)]
    if uid != "None":
        family += [process for process in psutil.process_iter() if process.uids().real == int(uid)]
        assert len(family) > 1
    grader.kill()
    grader.communicate()
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_sandbox_whose_process_is_killed_is_started_anew(sandbox: Sandbox):
    assert graded(sandbox, *HONEST).points == POINTS
    os.killpg(sandbox.zygotes[False].process.pid, signal.SIGKILL)
    assert graded(sandbox, *HONEST).points == POINTS


def test_submission_leaves_no_file(sandbox: Sandbox):
    before = {name: set(os.listdir(name)) for name in ("/tmp", "/var/tmp", "/dev/shm")}
    attempt = (
        "        try:\n            open(place + '/left-by-f', 'w').close()\n        except OSError:\n            pass\n"
    )
    places = "('/scratch', '/tmp', '/var/tmp', '/dev/shm', '.')"
    code = f"def f():\n    for place in {places}:\n{attempt}    return 1"
    assert called(sandbox, code).outcomes[0].value == 1
    after = {name: set(os.listdir(name)) for name in before}
    assert not [name for place in before for name in after[place] - before[place] if name == "left-by-f"]


def test_bubblewrap_is_used_where_it_is_installed():
    with Sandbox() as sandbox:
        assert (sandbox.level == 3) == (shutil.which("bwrap") is not None and levels.obstacles()["seccomp"] is None)
