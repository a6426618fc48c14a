"""`coursekit site`: generate the sources in a temporary folder and let Sphinx make the pages."""

import io
import re
import shutil
import tempfile
import time
import tomllib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from coursekit.notebooks.pairing import read_stored
from coursekit.presenting.assets import VENDORED
from coursekit.site import pages
from coursekit.site.graph import graph_svg
from coursekit.site.inspecting import problems
from coursekit.site.instructor_page import instructor_page, notes
from coursekit.site.lecture_page import write_downloads, write_lecture
from coursekit.site.reference import module_page
from coursekit.syllabus import PLANNED, Entry, read_syllabus

__all__ = ["SiteResult", "build_site", "repository_of", "write_sources"]

HERE = Path(__file__).parent
COLOURS = {
    "light": {"line": "#5a5a5a", "planned": "#ffffff", "text": "#222222"},
    "dark": {"line": "#b0b0b0", "planned": "#121212", "text": "#e6e6e6"},
}
COPIED = ("CHANGELOG.md", "CONTRIBUTING.md", "DATA.md", "THREATS.md")
"""Pages of the repository that are pages of the site too."""
LINKED = ("LICENSE", "CITATION.cff")
"""Files that they link to."""


@dataclass(frozen=True)
class SiteResult:
    """A built site: its folder, the number of HTML pages, and how long it took in seconds.

    `problems` says what is broken, Sphinx's warnings first; a site with problems is not to be published.
    """

    folder: Path
    n_pages: int
    seconds: float
    problems: tuple[str, ...]


def build_site(root: str | Path, out: str | Path, *, repository: str = "") -> SiteResult:
    """Build the whole site.

    Parameters
    ----------
    root : str or Path       the course's folder
    out : str or Path        where the pages go: a folder that is empty, missing, or an older site
    repository : str         the address of the repository, for open-in buttons; "" takes pyproject's, if any

    Returns
    -------
    SiteResult

    Raises
    ------
    ValueError               `out` holds something else, a notebook without its head
    """
    begin = time.monotonic()
    root, out = Path(root).resolve(), Path(out).resolve()
    if out.exists() and any(out.iterdir()) and not (out / ".buildinfo").exists():
        raise ValueError(f"{out} is not empty and no site: name another folder")
    with tempfile.TemporaryDirectory(prefix="coursekit-site-") as temporary:
        source, fresh = Path(temporary) / "source", Path(temporary) / "html"
        repository = (repository or repository_of(root)).removesuffix(".git").rstrip("/")
        write_sources(root, source, repository)
        said = run_sphinx(source, fresh, Path(temporary) / "doctrees", repository)
        if out.exists():
            shutil.rmtree(out)
        shutil.copytree(fresh, out)
    n_pages = sum(1 for _ in out.rglob("*.html"))
    return SiteResult(out, n_pages, time.monotonic() - begin, (*said, *problems(out)))


def repository_of(root: Path) -> str:
    """Return the address of the repository that pyproject.toml names, "" if it names none.

    Parameters
    ----------
    root : Path              the course's folder

    Returns
    -------
    str
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    urls = {name.lower(): address for name, address in project.get("urls", {}).items()}
    return urls.get("repository", "")


def write_sources(root: Path, source: Path, repository: str = "") -> None:
    """Write the folder of sources that Sphinx reads.

    Parameters
    ----------
    root : Path              the course's folder
    source : Path            made here
    repository : str         its address, for links to files that are no pages of the site
    """
    entries = read_syllabus(root)
    ready = [entry for entry in entries if entry.path is not None]
    shutil.copytree(HERE / "static", source / "_static")
    shutil.copytree(VENDORED / "mathjax", source / "_static" / "mathjax")
    readme = (root / "README.md").read_text(encoding="utf-8")
    known = {*COPIED, *LINKED, *(f"{entry.plan.folder}/{entry.plan.stem}.ipynb" for entry in ready)}
    copy_pages(root, source, known, repository)
    write(source / "index.md", pages.front_page(readme, entries))
    handbook = pages.repository_page(pages.handbook(readme), known, repository, exists=partial(in_repository, root))
    write(source / "handbook.md", handbook)
    write(source / "syllabus.md", pages.syllabus_page(entries))
    for mode, colours in COLOURS.items():
        (source / f"prerequisites-{mode}.svg").write_bytes(graph_svg(entries, colours))
    for entry in ready:
        write_notebook(entry, entries, source)
    minutes = {e.plan.slug: sum(note.minutes for note in notes(read_stored(e.path))) for e in ready if e.path}
    write(source / "instructor" / "index.md", pages.instructor_index(entries, minutes))
    write(source / "reference" / "index.md", pages.reference_index(entries))
    for name in pages.SHARED:
        write(source / "reference" / f"{name.rpartition('.')[2]}.rst", module_page(name))


def copy_pages(root: Path, source: Path, known: set[str], repository: str) -> None:
    """Copy the pages of the repository that are pages of the site too, and what they show and link to."""
    shutil.copytree(root / "docs", source / "docs", ignore=shutil.ignore_patterns("sample_class", "*.py"))
    for name in COPIED:
        text = (root / name).read_text(encoding="utf-8")
        write(source / name, pages.repository_page(text, known, repository, exists=partial(in_repository, root)))
    above, docs = {f"../{name}" for name in known}, root / "docs"
    for page in sorted(docs.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        text = pages.repository_page(text, above, repository, exists=partial(in_repository, docs))
        write(source / "docs" / page.name, text)
    for name in LINKED:
        shutil.copy(root / name, source / name)


def in_repository(folder: Path, target: str) -> bool:
    """Say whether a page in this folder may link to a file: it is there, or a notebook that is planned."""
    return (folder / target).exists() or Path(target).stem in {plan.stem for plan in PLANNED.values()}


def write_notebook(entry: Entry, entries: Sequence[Entry], source: Path) -> None:
    """Write what belongs to one notebook: its page, downloads, instructor's page and reference."""
    plan = entry.plan
    downloads = write_downloads(entry, source / "downloads")
    links = pages.lecture_links(entry, entries, [f"../downloads/{path.name}" for path in downloads])
    write_lecture(entry, source / plan.folder, links)
    write(source / "instructor" / f"{plan.stem}.md", instructor_page(entry))
    lead = f"{entry.label}: :doc:`{entry.title} </{plan.folder}/{plan.stem}>`."
    write(source / "reference" / f"{plan.slug}.rst", module_page(plan.module, lead))


def write(path: Path, text: str) -> None:
    """Write a text, with the folder for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def configuration(repository: str) -> dict[str, Any]:
    """Return Sphinx's settings, with buttons to open a notebook elsewhere if the repository has an address."""
    theme: dict[str, Any] = {
        "use_download_button": False,  # it would offer our generated sources
        "use_fullscreen_button": False,
        "show_toc_level": 2,
        "home_page_in_toc": True,
        "navigation_with_keys": False,
        "navbar_persistent": [],  # the theme would add a second search button
        "max_navbar_depth": 1,
        "pygments_light_style": "a11y-high-contrast-light",
        "pygments_dark_style": "a11y-high-contrast-dark",
    }
    if repository:
        theme |= {
            "repository_url": repository,
            "repository_branch": "main",
            "use_repository_button": True,
            "launch_buttons": {
                "colab_url": "https://colab.research.google.com",
                "binderhub_url": "https://mybinder.org",
            },
        }
    return {
        "project": "coursekit",
        "author": "the coursekit authors",
        "copyright": "the coursekit authors. Code: MIT; text and figures: CC BY 4.0",
        "language": "en",
        "extensions": ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "coursekit.site.reference"],
        "exclude_patterns": ["downloads"],
        "default_role": "code",
        "highlight_language": "text",
        "add_module_names": False,
        "toc_object_entries_show_parents": "hide",
        "autodoc_typehints": "none",
        "autodoc_preserve_defaults": True,
        "autodoc_member_order": "bysource",
        "napoleon_google_docstring": False,
        "napoleon_use_ivar": True,
        "napoleon_use_rtype": False,
        "nb_execution_mode": "off",
        "nb_render_markdown_format": "myst",
        "myst_enable_extensions": ["dollarmath", "amsmath", "colon_fence", "attrs_block", "deflist"],
        "myst_heading_anchors": 3,
        "mathjax3_config": {"options": {"enableMenu": False}},  # the menu offers what is elsewhere
        "mathjax_path": "mathjax/tex-svg-full.js",
        "html_theme": "sphinx_book_theme",
        "html_theme_options": theme,
        "html_title": "coursekit",
        "html_favicon": "_static/favicon.svg",
        "html_static_path": ["_static"],
        "html_context": {"default_mode": "auto"},
        "html_css_files": ["coursekit.css"],
        "html_js_files": [("coursekit.js", {"defer": "defer"})],
        "html_copy_source": False,
        "html_domain_indices": False,  # the reference's first page is one already
        "html_show_sourcelink": False,
    }


def run_sphinx(source: Path, out: Path, doctrees: Path, repository: str) -> list[str]:
    """Build the pages and return Sphinx's warnings."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    said = io.StringIO()
    with patch_docutils(source), docutils_namespace(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # between Sphinx and its extensions
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        app = Sphinx(
            source, None, out, doctrees, "html", confoverrides=configuration(repository), status=None, warning=said
        )
        app.build()
    lines = re.sub(r"\x1b\[[\d;]*m", "", said.getvalue()).replace(f"{source}/", "").splitlines()
    return [line for line in lines if line.strip()]
