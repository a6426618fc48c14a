"""Other people's graders around our sandbox: nbgrader's course folder, and Gradescope's container."""

__all__: list[str] = []
