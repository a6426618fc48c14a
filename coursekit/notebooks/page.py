"""One HTML page from an executed notebook, pictures inside it and their alt texts kept."""

from nbformat import NotebookNode

from coursekit.presenting.assets import mathjax

__all__ = ["html_page"]

# The stock template drops alt texts, loads scripts that these pages do not use, fetches MathJax, and has grey prompts
# and light colours of code that some cannot read (less than 4.5:1).
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
{%- block html_head_css -%}<style>:root {
  --jp-cell-prompt-not-active-opacity: 1; --jp-mirror-editor-comment-color: #2f6b6b;
  --jp-mirror-editor-number-color: #007000; --jp-mirror-editor-operator-color: #8800cc;
}</style>{%- endblock html_head_css -%}
{%- block html_head_js_mathjax -%}{{ resources.mathjax }}{%- endblock html_head_js_mathjax -%}
"""


def html_page(notebook: NotebookNode, *, title: str) -> str:
    """Return the page as text.

    Parameters
    ----------
    notebook : NotebookNode  executed
    title : str              of the page, where the notebook's metadata have none

    Returns
    -------
    str                      HTML, one file that loads nothing else; formulas are typeset in the browser
    """
    from nbconvert import HTMLExporter  # slow to import, and only this needs it

    name = notebook.metadata.get("coursekit", {}).get("title", title)
    resources = {"metadata": {"name": name}, "mathjax": mathjax()}
    html, _ = HTMLExporter(raw_template=TEMPLATE).from_notebook_node(notebook, resources=resources)
    return html
