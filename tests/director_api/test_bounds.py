"""Whatever a body may hold is bounded, and the document says by how much."""

from collections.abc import Iterator
from typing import Any

from director_api.documents import documents

DOCUMENT = documents()["director.json"]
BOUNDS = {
    "string": {"maxLength", "pattern", "enum", "const", "format"},
    "array": {"maxItems", "enum"},
}
BY_THE_BODY = {"/email-profiles/import"}
"""A table of at most 1,000 rows, which the limit on a body bounds too."""


def unbounded(schema: dict[str, Any], where: str, seen: set[str]) -> Iterator[str]:
    """Walk a schema and yield the places without a bound."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        yield from unbounded(DOCUMENT["components"]["schemas"][name], name, seen)
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from unbounded(part, where, seen)
    if not BOUNDS.get(schema.get("type", ""), set(schema)) & set(schema):
        yield where
    yield from unbounded(schema.get("items", {}), f"{where}[]", seen) if "items" in schema else ()
    for field, each in schema.get("properties", {}).items():
        yield from unbounded(each, f"{where}.{field}", seen)


def test_every_string_and_list_of_a_body_is_bounded() -> None:
    bodies = {
        f"{method} {path}": content["schema"]
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if path not in BY_THE_BODY
    }
    assert len(bodies) > 10
    seen: set[str] = set()
    assert [place for where, schema in bodies.items() for place in unbounded(schema, where, seen)] == []
    assert {"ImapProfileWrite", "ImapProfileCreate"} <= seen
