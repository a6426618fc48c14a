"""Read a built site as a browser would, and say what is broken, remote or unreadable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["Page", "problems", "read_page"]

# What a browser fetches by itself; of <link> only these kinds.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
LOADED |= {"embed": "src", "object": "data", "input": "src", "track": "src"}
LINKED = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch", "manifest"}
# Elements without an end.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
CSS_LOADS = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")


@dataclass
class Page:
    """What one HTML page names and asks for."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    without_alt: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    language: str = ""
    title: str = ""


class Reader(HTMLParser):
    """Fills a `Page`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.inside = ""
        self.hidden: list[str] = []  # the elements open inside one that is shown in print only

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element names, loads and links."""
        given = {name: value or "" for name, value in attrs}
        page, self.inside = self.page, tag
        if tag not in VOID and (self.hidden or "onlyprint" in given.get("class", "").split()):
            self.hidden.append(tag)
        page.ids |= {given[name] for name in ("id", "name") if given.get(name) and (name == "id" or tag == "a")}
        if LOADED.get(tag) in given:
            page.loads.append(given[LOADED[tag]])
        page.loads += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
        page.loads += css_loads(given.get("style", ""))
        if tag == "link" and LINKED & set(given.get("rel", "").lower().split()):
            page.loads.append(given.get("href", ""))
        if tag == "a" and "href" in given:
            page.links.append(given["href"])
        if tag == "img" and not given.get("alt", "").strip() and given.get("aria-hidden") != "true":
            page.without_alt.append(given.get("src", ""))
        if re.fullmatch("h[1-6]", tag) and not self.hidden:
            page.headings.append(int(tag[1]))
        if tag == "html":
            page.language = given.get("lang", "")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self.inside = ""
        if tag in self.hidden:
            del self.hidden[len(self.hidden) - 1 - self.hidden[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        """Note the title, and what a style sheet in the page loads."""
        if self.inside == "title":
            self.page.title += data
        if self.inside == "style":
            self.page.loads += css_loads(data)


def read_page(text: str) -> Page:
    """Return what a page names and asks for.

    Parameters
    ----------
    text : str               HTML

    Returns
    -------
    Page
    """
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader.page


def css_loads(text: str) -> list[str]:
    """Return the addresses that a style sheet loads."""
    return [first or second for first, second in CSS_LOADS.findall(text)]


def problems(folder: str | Path) -> list[str]:
    """Return one line for each thing that is wrong with a built site.

    Parameters
    ----------
    folder : str or Path     with HTML pages, searched through

    Returns
    -------
    list of str              loads from elsewhere, links and files that are missing, pictures without alt text,
                             headings that skip a level, pages without a title or language; [] if all is well
    """
    root = Path(folder)
    paths = [path for path in sorted(root.rglob("*.html")) if "_static" not in path.parts]  # templates of the theme
    pages = {path: read_page(path.read_text(encoding="utf-8")) for path in paths}
    if not pages:
        return [f"there is no page in {root}"]
    found = [f"{path.relative_to(root)}: {said}" for path, page in pages.items() for said in page_problems(page)]
    for path, page in pages.items():
        for address in sorted({*page.links, *page.loads}):
            found += [f"{path.relative_to(root)}: {said}" for said in target_problems(path, address, pages)]
    for path in sorted(root.rglob("*.css")):
        for address in css_loads(path.read_text(encoding="utf-8")):
            if remote(address):
                found.append(f"{path.relative_to(root)}: loads {address}")
    return found


def page_problems(page: Page) -> Iterator[str]:
    """Yield what is wrong with a page by itself."""
    yield from (f"loads {address}" for address in page.loads if remote(address))
    yield from (f"a picture without alt text: {source[:60]}" for source in page.without_alt)
    if not (page.language and page.title.strip()):
        yield "no language or no title"
    if page.headings and (page.headings[0] != 1 or page.headings.count(1) != 1):
        yield f"{page.headings.count(1)} headings of level 1, the first heading is of level {page.headings[0]}"
    for above, below in zip(page.headings, page.headings[1:], strict=False):
        if below > above + 1:
            yield f"a heading of level {below} below one of level {above}"


def remote(address: str) -> bool:
    """Say whether an address leads to another machine."""
    return urlsplit(address.strip()).scheme in ("http", "https", "ftp", "ws", "wss") or address.startswith("//")


def target_problems(path: Path, address: str, pages: dict[Path, Page]) -> Iterator[str]:
    """Yield what is wrong with a local address."""
    parts = urlsplit(address)
    if parts.scheme or address.startswith("//") or address in ("", "#"):
        return
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        yield f"leads to {address}, which is missing"
    elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
        yield f"leads to {address}, and there is no such place on that page"
