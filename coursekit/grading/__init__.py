"""The grade of record: submissions run in a sandbox, are judged outside of it, and reported.

`sandbox` runs a submission's functions on inputs and returns arrays; `grading` draws the inputs and judges.
What a submission's processes do is in `worker` and `player`; who attacks what is in THREATS.md.
"""

__all__: list[str] = []
