"""Reference implementations of the course: one module for each notebook, numpy and scipy only.

`coursekit.<slug>` belongs to `lectures/lecNN_<slug>` and `coursekit.deep.<slug>` (torch) to `labs/labNN_<slug>`.
What serves all of them lives in the subpackages: `checking` (the self-check), `exercises` (their
specifications), `figures`, `notebooks`, `validation`, `data` and `commands`.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
