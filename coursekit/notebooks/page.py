"""One HTML page from an executed notebook, pictures inside it and their alt texts kept."""

from nbformat import NotebookNode

__all__ = ["html_page"]

# The stock template drops alt texts and loads scripts that these pages do not use.
TEMPLATE = """\
{%- extends 'lab/index.html.j2' -%}
{%- macro picture(output, mime) -%}
<div class="jp-RenderedImage jp-OutputArea-output"><img src="data:{{ mime }};base64,{{ output.data[mime] }}"
alt="{{ output.metadata.get(mime, {}).get('alt', '') | escape_html }}" style="max-width: 100%"></div>
{%- endmacro -%}
{%- block data_png scoped -%}{{ picture(output, 'image/png') }}{%- endblock data_png -%}
{%- block data_jpg scoped -%}{{ picture(output, 'image/jpeg') }}{%- endblock data_jpg -%}
{%- block html_head_js_requirejs -%}{%- endblock html_head_js_requirejs -%}
{%- block html_head_js_mermaidjs -%}{%- endblock html_head_js_mermaidjs -%}
"""


def html_page(notebook: NotebookNode, *, title: str) -> str:
    """Return the page as text.

    Parameters
    ----------
    notebook : NotebookNode  executed
    title : str              of the page, where the notebook's metadata have none

    Returns
    -------
    str                      HTML, one file; formulas are typeset where the reader is online, else left as TeX
    """
    from nbconvert import HTMLExporter  # slow to import, and only this needs it

    name = notebook.metadata.get("coursekit", {}).get("title", title)
    resources = {"metadata": {"name": name}}
    html, _ = HTMLExporter(raw_template=TEMPLATE).from_notebook_node(notebook, resources=resources)
    return html
