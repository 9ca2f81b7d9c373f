"""The documentation page of the API's error codes, made from the table that the OpenAPI document shows too."""

from director_api.problem_codes import FIELDS, PROBLEMS

_HEAD = """\
# Errors of the API

Every error is a problem document (RFC 9457, `application/problem+json`). `code` is stable, always comes with the
same status, and is one of those below; `detail` is a sentence for a person and may change; `request_id` is that of
the header `X-Request-Id` and of the Director's log. What goes wrong with a mailbox is no error of the API: see
[failure codes](failure-codes.md).

```json
{
  "type": "urn:problem:invalid_request", "title": "Invalid request", "status": 422, "code": "invalid_request",
  "detail": "Some fields are wrong: see errors.", "request_id": "0199…",
  "errors": [{"pointer": "/incoming/port", "code": "out_of_range", "detail": "Input should be less than 65536."}]
}
```

| status | code | what happened | what to do |
| --- | --- | --- | --- |
"""
_FIELDS = """
## Fields

With `invalid_request`, `errors` has an entry for each field that is wrong: where it is (a JSON pointer, RFC 6901,
into the body, or the parameter's name after a slash), a code, and a sentence.

| code | what is wrong |
| --- | --- |
"""


def problem_page() -> str:
    """Return the page as Markdown."""
    problems = "".join(
        f"| {text.status} | `{code}` | {text.happened} | {text.remedy} |\n" for code, text in PROBLEMS.items()
    )
    fields = "".join(f"| `{code}` | {wrong} |\n" for code, wrong in FIELDS.items())
    return _HEAD + problems + _FIELDS + fields + "\nThis page is made from the code (`make docs`).\n"


if __name__ == "__main__":
    print(problem_page(), end="")  # noqa: T201  # because the page is the output
