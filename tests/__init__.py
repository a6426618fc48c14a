"""The tests: `test_<slug>.py` holds the oracles of a module, `course` the rules of the repository itself."""
