"""The grade of record: the sandbox, what it is attacked with, and what it has to survive."""
