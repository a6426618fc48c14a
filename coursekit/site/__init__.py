"""The course as a static site: made from the executed notebooks, the docstrings and the pages of the repository.

`build_site` generates a folder of Sphinx sources and lets Sphinx make the pages; `problems` reads the result as a
browser would and says what is broken. Nothing in the site asks for anything from elsewhere.
"""

from coursekit.site.building import SiteResult, build_site
from coursekit.site.inspecting import problems

__all__ = ["SiteResult", "build_site", "problems"]
