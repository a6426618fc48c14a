"""Importing the library is cheap, and loads no torch, plotting or widgets."""

import json
import subprocess
import sys

import pytest

from tests.course.syllabus import LECTURES, ROOT, topic_modules

HEAVY = ("torch", "matplotlib", "ipywidgets", "IPython", "skimage", "sklearn", "pywt", "PIL")
NUMPY_MODULES = [name for name in topic_modules() if not name.startswith("coursekit.deep.")]
LIGHT = [
    "coursekit",
    *NUMPY_MODULES,
    *(f"coursekit.exercises.{slug}" for slug in LECTURES if (ROOT / f"coursekit/exercises/{slug}.py").exists()),
    "coursekit.checking",
    "coursekit.validation",
    "coursekit.commands",
]

# What a process has loaded after each import, and the CPU seconds that the import took once scipy was there.
PROGRAM = """
import importlib, json, sys, time
names, heavy, peers = json.loads(sys.argv[1])
for peer in peers:
    importlib.import_module(peer)
result = {}
for name in names:
    start = time.process_time()
    importlib.import_module(name)
    result[name] = [time.process_time() - start, [h for h in heavy if h in sys.modules]]
print(json.dumps([result, sorted(m for m in sys.modules if m.partition('.')[0] in ('numpy', 'scipy'))]))
"""


def fresh(names: list[str], peers: list[str]) -> tuple[dict[str, tuple[float, list[str]]], list[str]]:
    """Import in a new process: (CPU seconds, heavy modules) for each name, and the numpy and scipy modules."""
    argument = json.dumps([names, HEAVY, peers])
    done = subprocess.run([sys.executable, "-c", PROGRAM, argument], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    result, loaded = json.loads(done.stdout)
    return result, loaded


def test_import_loads_nothing_heavy():
    assert len(LIGHT) > 5
    result, _ = fresh(LIGHT, [])
    assert {name: heavy for name, (_, heavy) in result.items() if heavy} == {}


@pytest.mark.slow
def test_import_costs_little_beyond_numpy_and_scipy():
    _, numpy_and_scipy = fresh(NUMPY_MODULES, [])
    runs = [fresh(NUMPY_MODULES, numpy_and_scipy)[0] for _ in range(3)]
    # The best of three: other work on the machine can only add.
    seconds = {name: min(run[name][0] for run in runs) for name in NUMPY_MODULES}
    assert seconds
    assert {name: cost for name, cost in seconds.items() if cost > 0.3} == {}
