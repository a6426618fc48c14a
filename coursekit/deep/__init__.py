"""The reference implementations of the labs, one module for each (torch); importing this package loads none of them."""

__all__: list[str] = []
