"""The grader beside nbgrader and otter, on one assignment: `python -m benchmarks.grading`."""
