"""The whole site, built once: no warning, nothing broken or remote, all pages there, and how long it takes."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest

from coursekit.commands import main
from coursekit.site import SiteResult, build_site
from coursekit.site.building import COPIED, LINKED, configuration, repository_of
from coursekit.site.inspecting import read_page
from coursekit.syllabus import read_syllabus
from tests.course.syllabus import ROOT

ENTRIES = read_syllabus(ROOT)
BUILT = [entry for entry in ENTRIES if entry.path]


def test_repository_comes_from_pyproject(tmp_path: Path):
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "x"\n')
    assert repository_of(tmp_path) == ""
    project.write_text('[project]\nname = "x"\n[project.urls]\nRepository = "https://example.org/x"\n')
    assert repository_of(tmp_path) == "https://example.org/x"


def test_configuration_opens_notebooks_elsewhere_only_with_a_repository():
    assert "launch_buttons" not in configuration("")["html_theme_options"]
    theme = configuration("https://example.org/x")["html_theme_options"]
    assert (theme["repository_url"], sorted(theme["launch_buttons"])) == (
        "https://example.org/x",
        ["binderhub_url", "colab_url"],
    )


def test_build_site_keeps_a_folder_that_is_no_site(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="is not empty and no site"):
        build_site(ROOT, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_site_command_refuses_a_folder_that_is_no_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["site", "--out", str(tmp_path)]) == 2
    assert "is not empty and no site" in capsys.readouterr().err


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[SiteResult, float]:
    """The site, and the CPU seconds that it took."""
    begin = time.process_time()
    with pytest.MonkeyPatch.context() as patch:
        # Importing what is documented must not depend on where the site is built.
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        result = build_site(ROOT, tmp_path_factory.mktemp("site"))
    return result, time.process_time() - begin


def page_of(result: SiteResult, name: str) -> str:
    return (result.folder / name).read_text(encoding="utf-8")


@pytest.mark.slow
def test_site_has_no_problem(built: tuple[SiteResult, float]):
    assert built[0].problems == ()


@pytest.mark.slow
def test_site_of_ten_notebooks_takes_less_than_a_minute(built: tuple[SiteResult, float]):
    # CPU seconds of one core: other work on the machine does not count. Half of it does not grow with the notebooks.
    assert built[1] < 60 * max(1.0, len(BUILT) / 10)


@pytest.mark.slow
def test_site_has_a_page_for_everything(built: tuple[SiteResult, float]):
    result, _ = built
    wanted = ["index", "syllabus", "handbook", "docs/notation", "docs/glossary", "search", "genindex"]
    for entry in BUILT:
        stem, slug = entry.plan.stem, entry.plan.slug
        wanted += [f"{entry.plan.folder}/{stem}", f"instructor/{stem}", f"reference/{slug}"]
    assert [name for name in wanted if not (result.folder / f"{name}.html").is_file()] == []
    assert result.n_pages == len(list(result.folder.rglob("*.html")))


@pytest.mark.slow
def test_pages_of_notebooks_show_pictures_outputs_and_downloads(built: tuple[SiteResult, float]):
    result, _ = built
    for entry in BUILT:
        text = page_of(result, f"{entry.plan.folder}/{entry.plan.stem}.html")
        page = read_page(text)
        assert text.count("<figure") >= 6
        assert "not attempted yet" in text
        assert "Instructor, " not in text
        downloads = [link for link in page.links if "_downloads" in link]
        assert sorted(os.path.splitext(link)[1] for link in downloads) == [".ipynb", ".py"]
        scripts = [source for source in page.loads if "mathjax" in source]
        assert len(scripts) == 1


@pytest.mark.slow
def test_search_index_knows_words_of_the_lectures(built: tuple[SiteResult, float]):
    index = (built[0].folder / "searchindex.js").read_text(encoding="utf-8")
    assert re.search(r'"?laplacian"?:', index)
    assert "lectures/lec07_laplacian" in index


@pytest.fixture
def small_course(tmp_path: Path) -> Path:
    """A course with one lecture."""
    root = tmp_path / "course"
    needed = ("docs/galaxies.png", "lectures/lec07_laplacian.ipynb", "pyproject.toml", "README.md")
    for name in (*needed, *COPIED, *LINKED):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for page in ("notation", "glossary"):
        (root / "docs" / f"{page}.md").write_text(f"# {page}\n")
    for page in ("README.md", *COPIED):  # whatever else they link to
        for target in re.findall(r"\]\(([^)#:]+)\)", (root / page).read_text(encoding="utf-8")):
            if (ROOT / target).exists() and not (root / target).exists() and not target.endswith(".ipynb"):
                (root / target).mkdir(parents=True)
    return root


@pytest.mark.slow
def test_site_is_built_over_an_older_one_and_offers_other_places_with_a_repository(small_course: Path, tmp_path: Path):
    out = tmp_path / "site"
    out.mkdir()
    (out / ".buildinfo").write_text("an older site")
    (out / "left.html").write_text("from before")
    result = build_site(small_course, out, repository="https://github.com/example/course.git")
    assert result.problems == ()
    assert not (out / "left.html").exists()
    links = read_page(page_of(result, "lectures/lec07_laplacian.html")).links
    colab = "https://colab.research.google.com/github/example/course/blob/main/lectures/lec07_laplacian.ipynb"
    assert [link for link in links if "colab" in link] == [colab]
    assert any("mybinder.org/v2/gh/example/course/main" in link for link in links)


@pytest.mark.slow
def test_broken_link_or_missing_alt_text_fails_the_build(
    small_course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    with (small_course / "docs" / "notation.md").open("a") as page:
        page.write("\n[gone](no-such-page.md) and ![](galaxies.png)\n")
    with (small_course / "THREATS.md").open("a") as page:
        page.write("\n[there](tests) and [nowhere](tests/no_such_file.py)\n")
    monkeypatch.setattr("coursekit.commands.course_root", lambda: small_course)
    assert main(["site", "--out", str(tmp_path / "site")]) == 1
    said = capsys.readouterr().out
    assert "no-such-page.md" in said
    assert "tests/no_such_file.py" in said
    assert "docs/notation.html: a picture without alt text" in said
