"""The measures of a notebook must themselves be able to find a bad one."""

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from coursekit.notebooks import read_source
from tests.course import traits
from tests.course.demo import write_demo
from tests.course.solved_run import probed_run

GOOD_HEAD = {
    "slug": "demo",
    "title": "Demo",
    "question": "Why?",
    "objectives": ["a", "b", "c"],
    "needs": [],
    "minutes": {"read": 20, "exercises": 30},
}
GOOD = traits.Traits(
    cells=40,
    words=1500,
    code_cells=15,
    exercises=4,
    figures=8,
    interactives=1,
    median_length=5.5,
    share_under_12=0.95,
    longest=20,
    widest=110,
    code_in_a_row=2,
    cells_without_slide=0,
    head=(),
)


@pytest.mark.parametrize(
    ("markdown", "count"),
    [
        ("# One heading\n\nand *four more* words", 6),
        ("the wave $e^{ikx}$ has\n\n$$\\Delta f = 0$$\n\nno bumps", 5),
        ("call `np.roll` twice", 3),
        ("[a link](https://example.org/some/long/path)", 2),
        ("<!-- ten words that nobody reads in a comment -->", 0),
        ("```\nx = 1\n```\nafter", 1),
        ("3 + 4 = 7", 0),
        ("it's the reader's", 3),
    ],
)
def test_words_counts_what_is_read(markdown: str, count: int):
    assert traits.words(markdown) == count


def test_length_leaves_out_blank_lines_and_comments():
    assert traits.length("a = 1\n\n# why\n    # why not\nb = 2  # so\n") == 2


def test_length_leaves_out_brackets_and_the_text_of_figures():
    assert traits.length('show(\n    x,\n    alt="a dot",\n    caption="One.",\n)\n') == 2


def test_statements_counts_a_wrapped_call_once():
    assert traits.statements("# why\nfor i in (\n    1,\n    2,\n):\n\n    f(\n        i\n    )  # so\n") == 2


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        ("x = 1 + 2", True),
        ("    # a comment", True),
        ('    alt="a dot",', False),
        ('    caption=f"One {dot}.",', False),
        ('    "reading": f"{x}",', False),
        ('    "reading": reading(x),', True),
        ('show(fig, alt="a dot")', True),
    ],
)
def test_width_leaves_out_lines_of_text(line: str, counted: bool):
    assert traits.width(f"f(\n{line}\n)") == (len(line) if counted else 2)


def test_shortcomings_is_empty_for_a_good_notebook():
    assert traits.shortcomings(GOOD) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"cells": 51}, "cells: 51, not 30 to 50"),
        ({"words": 1199}, "words: 1199, not 1200 to 2000"),
        ({"code_cells": 21}, "code cells: 21, not 8 to 20"),
        ({"exercises": 3}, "exercises: 3, not 4 to 4"),
        ({"figures": 5}, "figures with alt text: 5, not 6 to 12"),
        ({"interactives": 0}, "interactives: 0, not 1 to 2"),
        ({"median_length": 7}, "median statements of a code cell: 7, not 1 to 6"),
        ({"share_under_12": 0.89}, "share of code cells under 12 statements: 0.89, not 0.9 to 1"),
        ({"longest": 26}, "lines of the longest code cell: 26, not 1 to 25"),
        ({"widest": 111}, "characters of the widest code line: 111, not 1 to 110"),
        ({"code_in_a_row": 3}, "code cells in a row: 3, not 1 to 2"),
        ({"cells_without_slide": 1}, "cells without a slide type: 1, not 0 to 0"),
        ({"head": ("metadata: title",)}, "metadata: title"),
    ],
)
def test_shortcomings_names_each(change: dict, problem: str):
    assert traits.shortcomings(replace(GOOD, **change)) == [problem]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"title": None}, "metadata: title is missing or not a str"),
        ({"objectives": ["a", "b"]}, "metadata: 2 objectives, not 3 to 5"),
        ({"minutes": {"read": 20}}, "metadata: minutes are two whole numbers, read and exercises"),
        ({"question": "Because."}, "metadata: the question does not end with a question mark"),
    ],
)
def test_head_problems_names_each(change: dict, problem: str):
    assert traits.head_problems(GOOD_HEAD) == []
    assert traits.head_problems({**GOOD_HEAD, **change}) == [problem]


def test_traits_counts_cells_by_their_tags():
    new = nbformat.v4
    picture = new.new_output("display_data", data={"image/png": ""}, metadata={"image/png": {"alt": "a dot"}})
    silent = new.new_output("display_data", data={"image/png": ""})
    slide = {"slideshow": {"slide_type": "slide"}}
    notebook = new.new_notebook(
        metadata={"coursekit": GOOD_HEAD},
        cells=[
            new.new_markdown_cell("one two three", metadata=slide),
            new.new_code_cell("a = 1\nb = 2", outputs=[picture, silent], metadata=slide),
            new.new_code_cell("c = 3", metadata={**slide, "tags": ["interactive"]}),
            new.new_code_cell("def f():\n    pass", metadata={**slide, "tags": ["exercise"]}),
            new.new_markdown_cell("not counted", metadata={**slide, "tags": ["recap"]}),
            new.new_markdown_cell("not counted", metadata={"tags": ["instructor"], "slideshow": {"slide_type": "-"}}),
        ],
    )
    assert traits.traits(notebook) == traits.Traits(3, 3, 2, 1, 1, 1, 1.5, 1.0, 2, 8, 3, 1, ())


DEAD_SLIDER = """
# %%
from coursekit import figures


def compute(a, b):
    return {"line": ([0, 1], [0, a]), "reading": "a line"}


view = figures.Interactive(
    compute,
    controls={"a": figures.Slider("a", 0, 1, 0.5, 1), "b": figures.Choice("b", ["x", "y"], "x")},
    panels=[figures.Plot("x", "y", (0, 1), (0, 1), lines=["line"])],
    settings=[{"a": 0.5}],
    alt="a line",
)
"""


@pytest.mark.slow
def test_probed_run_finds_a_control_that_moves_nothing(tmp_path: Path):
    path = write_demo(tmp_path, extra=DEAD_SLIDER)
    came = probed_run(read_source(path), path.parent)
    assert came.failed == []
    assert {name: moved for name, (moved, _, _) in came.moves.items()} == {"view.a": True, "view.b": False}
    assert 0 < came.cpu_seconds < 60
