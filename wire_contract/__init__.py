"""What Director and Actor say to each other: jobs, results, diagnostics and failure codes.

Pydantic and the standard library only. Neither side imports the other; both import this package.
"""

WIRE_VERSION = 1
"""Raised when a message changes in a way that an older peer would misunderstand."""
