"""Show a lecture to a room: slides as one file, a live presentation, formulas without a network."""

__all__: list[str] = []
