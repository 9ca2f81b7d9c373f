"""What a merge patch of a profile may hold, made from the schemas of whole profiles.

No model takes a patch: it is merged first (RFC 7396), and the outcome is read as a whole profile. The
document names the fields all the same, so that a client knows them.
"""

from typing import Any, Final

_REFERENCE: Final = "#/components/schemas/"
_NULL: Final = {"type": "null"}
_WHOLE: Final = ("ImapProfileWrite", "Pop3ProfileWrite", "GraphProfileWrite", "GmailProfileWrite")
NAME: Final = "ProfilePatch"
MERGE_PATCH: Final = "application/merge-patch+json"
_DESCRIPTION: Final = (
    "What to change of a profile: fields of its type, or of the type that it becomes. null takes a field "
    "back to its default; what the rules of a whole profile say holds for the outcome."
)
Schema = dict[str, Any]


def add_profile_patch(schemas: dict[str, Schema]) -> Schema:
    """Add the patch's schemas to a document's, and return the reference to it."""
    properties: dict[str, list[Schema]] = {}
    for name in _WHOLE:
        for field, schema in schemas[name]["properties"].items():
            variants = properties.setdefault(field, [])
            variants += [each for each in _variants(schema, schemas) if each not in variants]
    types = [variant["const"] for variant in properties.pop("server_type")]
    fields = {"server_type": {"type": "string", "enum": types}}
    fields |= {field: {"anyOf": variants} for field, variants in properties.items()}
    schemas[NAME] = {"type": "object", "title": NAME, "description": _DESCRIPTION, "properties": fields}
    return {"$ref": _REFERENCE + NAME}


def _variants(schema: Schema, schemas: dict[str, Schema]) -> list[Schema]:
    """Return what a field of a patch may be: what it may be in a profile, or null."""
    if "const" in schema:
        return [schema]
    whole = [option for option in schema.get("anyOf", (schema,)) if option != _NULL]
    return [*(_part(option, schemas) for option in whole), _NULL]


def _part(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """Return one option: an object's fields may all be left out."""
    name = schema.get("$ref", "").removeprefix(_REFERENCE)
    inner = schemas.get(name, {})
    if "properties" not in inner:
        return {key: value for key, value in schema.items() if key not in ("default", "title", "description")}
    patch = name.removesuffix("-Input") + "Patch"
    schemas[patch] = {
        "type": "object",
        "title": patch,
        "description": inner.get("description", ""),
        "properties": {
            field: {"anyOf": _variants(each, schemas)} for field, each in inner["properties"].items()
        },
    }
    return {"$ref": _REFERENCE + patch}
