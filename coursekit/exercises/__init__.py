"""The exercises: one module for each notebook, with the cases, the known mistakes and their hints.

Each module ends with `check`, which the notebook imports: `from coursekit.exercises.laplacian import check`.
"""

__all__: list[str] = []
