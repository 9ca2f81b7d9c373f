"""The diagnosis of a check in words: its steps, what went wrong, and what to do about it."""

from collections.abc import Iterator

from sandbox.director import Json

_MARKS = {"ok": "✓", "warning": "!", "failed": "✗", "skipped": "-"}


def diagnosis(address: str, check: Json) -> Iterator[str]:
    """Yield the lines for one check of `GET /verifications/{id}`."""
    yield f"{address} from {check['actor']['name']}: {check['state']} ({check['failure_code']})"
    for step in check["diagnostics"]:
        yield _step(step)
    if check["message"]:
        yield f"  {check['message']}"
    if check["hint"]:
        yield f"  → {check['hint']}"


def _step(step: Json) -> str:
    line = f"  {_MARKS[step['outcome']]} {step['step']:<18} {step['milliseconds']:>5} ms"
    if step["code"]:
        line += f"  {step['code']}"
    if step["server_reply"]:
        line += f'  the server said: "{step["server_reply"]}"'
    return line
