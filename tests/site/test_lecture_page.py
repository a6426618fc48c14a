"""A notebook's page: without the instructor's cells, with figures, alt texts, link targets and downloads."""

import base64
import json
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from coursekit.notebooks import read_stored
from coursekit.site.lecture_page import figure, part_label, reader_notebook, write_downloads, write_lecture
from coursekit.syllabus import Entry, read_syllabus
from tests.course.syllabus import ROOT

PNG = b"\x89PNG made up"
BUILT = [entry for entry in read_syllabus(ROOT) if entry.path]


def picture(alt: str) -> nbformat.NotebookNode:
    data = {"image/png": base64.b64encode(PNG).decode(), "text/plain": alt}
    return v4.new_output("display_data", data, metadata={"image/png": {"alt": alt, "width": 880}})


def notebook() -> nbformat.NotebookNode:
    caption = v4.new_output("display_data", {"text/markdown": "*What it shows: $x^*$ and* so *on.*"})
    outputs = [picture('a "quoted": colon'), caption, v4.new_output("stream", text="n = 3\n"), picture("second")]
    cells = [
        v4.new_markdown_cell("# Title"),
        v4.new_markdown_cell("## 1. First\n\ntext\n\n## 2. Second"),
        v4.new_markdown_cell("*Instructor, 4 min.* Ask.", metadata={"tags": ["instructor"]}),
        v4.new_code_cell("draw()", outputs=outputs, execution_count=1),
        v4.new_markdown_cell("## Third"),
    ]
    return v4.new_notebook(cells=cells)


def test_reader_notebook_leaves_out_the_instructor():
    made, _ = reader_notebook(notebook(), "lec99_x_y")
    assert [cell.source for cell in made.cells if "Instructor" in cell.source] == []
    assert len(made.cells) == 4


def test_reader_notebook_names_each_section():
    made, _ = reader_notebook(notebook(), "lec99_x_y")
    texts = "\n".join(cell.source for cell in made.cells)
    for number, heading in enumerate(["## 1. First", "## 2. Second", "## Third"], start=1):
        assert f"({part_label('lec99_x_y', number)})=\n{heading}" in texts
    assert part_label("lec99_x_y", 3) == "lec99-x-y-part-3"


def test_reader_notebook_turns_pictures_into_figures():
    made, pictures = reader_notebook(notebook(), "lec99_x_y")
    assert pictures == {"lec99_x_y-01.png": PNG, "lec99_x_y-02.png": PNG}
    first, stream, second = made.cells[2].outputs
    assert first.data == {
        "text/markdown": ":::{figure} pictures/lec99_x_y-01.png\n"
        ':alt: "a \\"quoted\\": colon"\n:width: 880px\n\nWhat it shows: $x^*$ and* so *on.\n:::'
    }
    assert stream.text == "n = 3\n"
    assert '"second"' in second.data["text/markdown"]


def test_reader_notebook_leaves_the_stored_one_alone():
    given = notebook()
    before = nbformat.writes(given)
    reader_notebook(given, "lec99_x_y")
    assert nbformat.writes(given) == before


def test_figure_puts_an_alt_text_on_one_line():
    assert ':alt: "two lines"' in figure("a.png", "two\n  lines", None, "").splitlines()


@pytest.mark.parametrize("entry", BUILT, ids=lambda entry: entry.plan.stem)
def test_each_picture_of_the_course_has_alt_text_and_caption(entry: Entry):
    assert entry.path is not None
    made, pictures = reader_notebook(read_stored(entry.path), entry.plan.stem)
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    shown = [one.data["text/markdown"] for one in outputs if "{figure}" in one.get("data", {}).get("text/markdown", "")]
    assert len(shown) == len(pictures) >= 6
    without = 0
    for text in shown:
        opening, alt, *_, caption, closing = text.splitlines()
        assert (opening[:3], closing) == (":::", ":::")
        assert len(json.loads(alt.removeprefix(":alt: "))) > 20
        without += not caption.strip()
    # The static panels beside the sliders carry their readings as titles instead.
    assert without == sum("interactive" in cell.metadata.get("tags", []) for cell in made.cells)
    assert [one for one in outputs if "image/png" in one.get("data", {})] == []


def test_write_lecture_puts_the_links_below_the_head(tmp_path: Path):
    write_lecture(BUILT[0], tmp_path, "[a](b)")
    made = read_stored(tmp_path / f"{BUILT[0].plan.stem}.ipynb")
    assert made.cells[1].source == "[a](b)"
    assert sorted(path.suffix for path in (tmp_path / "pictures").iterdir())[0] == ".png"


def test_downloads_are_the_students_copy_twice(tmp_path: Path):
    notebook_path, script = write_downloads(BUILT[0], tmp_path / "downloads")
    copy = read_stored(notebook_path)
    assert [cell for cell in copy.cells if "instructor" in cell.metadata.get("tags", [])] == []
    assert all(not cell.get("outputs") for cell in copy.cells)
    assert "jupytext" not in copy.metadata
    text = script.read_text(encoding="utf-8")
    compile(text, script.name, "exec")
    assert "Instructor" not in text
    assert text.count("\n# %%") == len(copy.cells)
