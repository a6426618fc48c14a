"""HTML whose texts are escaped by construction: a plain string can become a text, never a tag."""

from collections.abc import Iterable
from html import escape

__all__ = ["Markup", "page", "tag"]

# Loads nothing and runs nothing, whatever a submission's texts contain.
SECURITY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
VOID = ("meta", "br", "rect", "line")
STYLE = """
:root { color-scheme: light dark; --ink: #222; --soft: #5f6368; --line: #d9dce0; --paper: #fff; --raised: #f6f7f8;
  --good: #007a5a; --bad: #c44e00; --none: #a9afb6; --other: #a6407b; --accent: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --soft: #a8adb3; --line: #3c4046; --paper: #17191c;
  --raised: #202327; --good: #35b58f; --bad: #f08a4b; --none: #676d75; --other: #d680b2; --accent: #5fb4e8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 .25rem; }
h1:not(:first-of-type) { margin-top: 2.5rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
p { margin: .4rem 0; }
a { color: var(--accent); }
code { font-size: .92em; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.figures { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; margin: 1rem 0; padding: 0; }
.figures div { min-width: 6rem; }
.figures dt { color: var(--soft); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 15px; font-variant-numeric: tabular-nums; }
.good { fill: var(--good); } .bad { fill: var(--bad); } .none { fill: var(--none); } .other { fill: var(--other); }
.bars { fill: var(--accent); } .axis { stroke: var(--line); }
svg text.on { fill: var(--paper); font-weight: 600; }
.key span { display: inline-block; margin-right: 1.2rem; font-size: .85rem; color: var(--soft); }
.key i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; vertical-align: -.05em; }
i.good { background: var(--good); } i.bad { background: var(--bad); } i.none { background: var(--none); }
i.other { background: var(--other); }
ol.mistakes { list-style: none; margin: .3rem 0 0; padding: 0; }
ol.mistakes li { display: grid; grid-template-columns: 4.5rem 1fr; gap: .8rem; padding: .2rem 0; }
ol.mistakes b { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.card { background: var(--raised); border-left: .3rem solid var(--none); padding: .6rem .9rem; margin: .7rem 0; }
.card.good { border-color: var(--good); } .card.bad { border-color: var(--bad); }
.card.other { border-color: var(--other); }
.card h3 { margin: 0 0 .2rem; display: flex; justify-content: space-between; gap: 1rem; flex-wrap: wrap; }
.card p { overflow-wrap: anywhere; }
footer { margin-top: 3rem; color: var(--soft); font-size: .82rem; }
@media print { body { max-width: none; padding: 0; } .card { break-inside: avoid; } }
"""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str | Iterable[str], **attributes: object) -> Markup:
    """Return an element; texts in it and its attributes are escaped.

    Parameters
    ----------
    name : str                   of the element
    *children : str or iterable  Markup is put in as it is
    **attributes : object        a trailing underscore is dropped, other ones become hyphens; None leaves it out

    Returns
    -------
    Markup                       one element

    Examples
    --------
    >>> print(tag("p", "1 < 2", tag("b", "!"), class_="a"))
    <p class="a">1 &lt; 2<b>!</b></p>
    """
    written = "".join(
        f' {key.removesuffix("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{written}/>" if name in ("rect", "line") else f"<{name}{written}>")
    flat = [part for child in children for part in ([child] if isinstance(child, str) else child)]
    body = "".join(part if isinstance(part, Markup) else escape(visible(part)) for part in flat)
    return Markup(f"<{name}{written}>{body}</{name}>")


def visible(text: str) -> str:
    """Return a text in which what would not be seen, or would turn others around, is replaced."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def page(title: str, *children: str) -> str:
    """Return a whole page that stands alone.

    Parameters
    ----------
    title : str                  of the window
    *children : str              the body's

    Returns
    -------
    str                          HTML
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=SECURITY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', *children), lang='en')}\n"
