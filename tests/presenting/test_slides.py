"""Slides of the stored notebooks: one file, nothing remote, alt texts, and the sections that the metadata ask for."""

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from PIL import Image

from coursekit import commands
from coursekit.notebooks import html_page, read_stored
from coursekit.presenting.arranging import arranged, without_drawing
from coursekit.presenting.slides import slides_page
from tests.course.syllabus import ROOT

NOTEBOOKS = sorted([*ROOT.glob("lectures/*.ipynb"), *ROOT.glob("labs/*.ipynb")])
LOADING = {"src", "href", "srcset", "poster", "data", "action", "xlink:href"}
INERT = ("data:", "#")


class Page(HTMLParser):
    """What a browser sees of a page: addresses that it loads, pictures, sections, and the text of styles."""

    def __init__(self, html: str):
        super().__init__()
        self.loads: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.sections = self.fragments = self.notes = 0
        self.styles = ""
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]):
        found = dict(attrs)
        self.inside = tag
        # A link that a reader may follow loads nothing by itself.
        if tag != "a":
            self.loads += [value for key, value in attrs if key in LOADING and value and not value.startswith(INERT)]
        if tag == "img":
            self.images.append(found)
        self.sections += tag == "section"
        self.fragments += "fragment" in (found.get("class") or "").split()
        self.notes += tag == "aside"

    def handle_endtag(self, tag: str):
        self.inside = ""

    def handle_data(self, data: str):
        if self.inside == "style":
            self.styles += data


def kinds(notebook: NotebookNode) -> list[str]:
    """Return the slide types of the cells that are shown."""
    shown = [cell for cell in notebook.cells if not {"check", "instructor"} & set(cell.metadata.get("tags", []))]
    return [cell.metadata.get("slideshow", {}).get("slide_type", "") for cell in shown]


# Two seconds each: one of them is looked at even in the quick run.
DECKS = [
    pytest.param(path, marks=() if path.stem == "lec07_laplacian" else pytest.mark.slow, id=path.stem)
    for path in NOTEBOOKS
]


@pytest.fixture(scope="module", params=DECKS)
def deck(request: pytest.FixtureRequest) -> tuple[NotebookNode, str, Page]:
    notebook = read_stored(request.param)
    html = slides_page(notebook, name=request.param.stem)
    return notebook, html, Page(html)


def test_slides_load_nothing(deck: tuple[NotebookNode, str, Page]):
    _, _, page = deck
    assert page.loads == []
    assert "@import" not in page.styles
    assert [url for url in re.findall(r"url\(\s*['\"]?([^)'\"]+)", page.styles) if not url.startswith("data:")] == []


def test_slides_are_under_six_megabytes(deck: tuple[NotebookNode, str, Page]):
    assert len(deck[1].encode()) < 6_000_000


def test_slides_have_an_alt_text_for_every_picture(deck: tuple[NotebookNode, str, Page]):
    notebook, _, page = deck
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output.metadata["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    panels = [about.get("frames", [0]) for about in pictures]
    assert len(page.images) == sum(map(len, panels)) > 0
    assert [image for image in page.images if not (image.get("alt") or "").strip()] == []


def test_slides_have_the_sections_of_the_metadata(deck: tuple[NotebookNode, str, Page]):
    notebook, _, page = deck
    asked = kinds(notebook)
    parts, slides = asked.count("slide"), asked.count("slide") + asked.count("subslide")
    # A section for each part around those of its slides; the first cell gives way to title and objectives.
    assert page.sections == parts + slides + 1


def test_slides_keep_the_notes_of_every_part(deck: tuple[NotebookNode, str, Page]):
    notebook, _, page = deck
    spoken = [cell for cell in notebook.cells if "instructor" in cell.metadata.get("tags", [])]
    assert page.notes >= len(spoken) > 0


def test_slides_leave_no_mark_of_the_checks(deck: tuple[NotebookNode, str, Page]):
    notebook, html, _ = deck
    checks = [cell.source for cell in notebook.cells if "check" in cell.metadata.get("tags", [])]
    assert checks
    assert "not attempted yet" not in html


# ------------------------------------------------------------------------------------------------- arranging


def cell(kind: str, source: str, *tags: str, code: bool = False) -> NotebookNode:
    make = nbformat.v4.new_code_cell if code else nbformat.v4.new_markdown_cell
    metadata = {"slideshow": {"slide_type": kind}, **({"tags": list(tags)} if tags else {})}
    return make(source, metadata=metadata)


HEAD = {"title": "A title", "question": "Why?", "objectives": ["*see* it", "say it"], "needs": ["standard_error"]}


def small() -> NotebookNode:
    cells = [
        cell("slide", "# A title"),
        cell("skip", "import numpy", code=True),
        cell("slide", "## 1. See [lecture 1](lec01_standard_error.ipynb) and [a page](https://example.org)"),
        cell("fragment", "1 + 1", code=True),
        cell("subslide", "more"),
        cell("notes", "Wait.", "instructor"),
        cell("subslide", "### Exercise"),
        cell("fragment", "def f(): ...", "exercise", code=True),
        cell("fragment", "check(f)", "check", code=True),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata={"coursekit": HEAD})


def test_arranged_opens_with_title_and_objectives_from_the_head():
    title, objectives, *_ = arranged(small(), name="lec07_thing").cells
    assert title.source == "# A title\n\nWhy?\n\nLecture 7"
    assert objectives.source == "## After this lecture you can\n\n- *see* it\n- say it\n\nBuilds on: standard error."
    assert arranged(small(), name="lab12_thing").cells[0].source.endswith("Lab 12")
    assert arranged(small(), name="mine").cells[0].source.endswith("mine")


def test_arranged_shows_what_is_meant_for_the_room_in_its_order():
    sources = [one.source for one in arranged(small(), name="lec07_thing").cells][2:]
    first = "## 1. See lecture 1 and [a page](https://example.org)"
    # The notes stand on every slide of their part, right after its first cell.
    assert sources == [first, "Wait.", "1 + 1", "more", "Wait.", "### Exercise", "Wait.", "def f(): ..."]


def test_arranged_leaves_its_argument_and_gives_valid_unique_ids():
    given = small()
    before = nbformat.writes(given)
    made = arranged(given, name="lec07_thing")
    assert nbformat.writes(given) == before
    nbformat.validate(made)
    ids = [one.id for one in made.cells]
    assert len(set(ids)) == len(ids)


def test_without_drawing_keeps_what_computes():
    rest = "figures.curves(ax, x)\nfor i in x:\n    figures.show(i)"
    source = f"x = 1\n\n\nfigures.show(fig, alt='a',\n    caption='b')\n{rest}"
    assert without_drawing(source) == f"x = 1\n\nfigures.show(...)\n{rest}"


def test_frames_of_a_panel_are_its_rows(tmp_path: Path):
    panel = Image.new("L", (7, 9), 0)
    panel.paste(200, (0, 4, 7, 9))
    buffer = io.BytesIO()
    panel.save(buffer, "png")
    about = {"alt": "all", "frames": [[4, "dark"], [5, "light"]]}
    output = nbformat.v4.new_output(
        "display_data",
        data={"image/png": base64.b64encode(buffer.getvalue()).decode()},
        metadata={"image/png": about},
    )
    shown = cell("slide", "figures.Interactive()", "interactive", code=True)
    shown.outputs = [output]
    made = arranged(nbformat.v4.new_notebook(cells=[shown]), name="x").cells[0].outputs
    images = [Image.open(io.BytesIO(base64.b64decode(one.data["image/png"]))) for one in made]
    assert [(image.size, image.getextrema()) for image in images] == [((7, 4), (0, 0)), ((7, 5), (200, 200))]
    assert [one.metadata["image/png"]["alt"] for one in made] == ["all", "light"]
    html = slides_page(nbformat.v4.new_notebook(cells=[shown]), name="x")
    assert Page(html).fragments == 1  # the second frame covers the first
    assert "figures.Interactive" not in html


# -------------------------------------------------------------------------------------------------- commands


def test_slides_command_writes_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    target = tmp_path / "deck.html"
    assert commands.main(["slides", "laplacian", "--out", str(target)]) == 0
    assert str(target) in capsys.readouterr().out
    assert "<title>The Laplacian is a local mean</title>" in target.read_text(encoding="utf-8")


def test_slides_command_names_an_unknown_lecture(capsys: pytest.CaptureFixture[str]):
    assert commands.main(["slides", "laplacan"]) == 2
    assert "Did you mean laplacian?" in capsys.readouterr().err


def test_page_of_a_run_loads_nothing():
    page = Page(html_page(small(), title="x"))
    assert page.loads == []
    assert "@import" not in page.styles
