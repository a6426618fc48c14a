"""A small notebook for the tests of the tools themselves."""

from pathlib import Path

DEMO = """\
# ---
# jupyter:
#   coursekit:
#     slug: demo
#     title: A demonstration
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # A demonstration
#
# What is $6 \\\\times 7$?

# %% slideshow={"slide_type": "skip"}
import ipywidgets
from IPython.display import display

# %%
answer = 6 * 7
print("the answer is", answer)
answer


# %% tags=["interactive", "nbval-ignore-output"]
display(ipywidgets.IntSlider(answer))
""".replace("\\\\", "\\")


def write_demo(folder: Path, *, extra: str = "") -> Path:
    """Write the percent text of the demonstration into `folder`/lectures and return its path."""
    path = folder / "lectures" / "lec01_demo.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(DEMO + extra, encoding="utf-8")
    return path
