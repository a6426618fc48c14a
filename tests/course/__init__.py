"""The rules of the repository itself, each held for everything that exists."""
