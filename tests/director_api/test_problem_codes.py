"""The codes of errors are the same in the source, in the OpenAPI documents and on the documentation's page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import director_api
from director_api import field_errors, problems
from director_api.documents import documents
from director_api.problem_codes import FIELDS, PROBLEMS
from director_api.problem_page import problem_page

ROOT = Path(__file__).parents[2]
SOURCES = sorted(Path(director_api.__file__).parent.rglob("*.py"))
PROBLEM = {"Problem": 1}
FIELD = {"invalid_field": 1, "wrong_field": 1, "FieldError": 1, "_error": 1}
PASSED_ON = {"code", "error.code", "context['code']", "_CODES.get(kind, _type_code(kind))"}
"""What a function was given, or chose from what the tests below look at."""


def calls(names: dict[str, int]) -> Iterator[tuple[str, ast.Call, ast.expr]]:
    """Find each call that makes an error, with the expression of its code."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name not in names:
                continue
            named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            yield (f"{path.name}:{node.lineno}", node, (*named, *node.args[names[name] : names[name] + 1])[0])


def codes(expression: ast.expr) -> set[str]:
    """Return the codes that an expression can be."""
    if isinstance(expression, ast.IfExp):
        return codes(expression.body) | codes(expression.orelse)
    return {ast.literal_eval(expression)} if isinstance(expression, ast.Constant) else set()


def test_every_problem_of_the_source_is_in_the_table_with_its_status_and_the_other_way_round() -> None:
    found = set(problems._HTTP_CODES.values())
    for place, call, expression in calls(PROBLEM):
        written = codes(expression)
        assert written or ast.unparse(expression) == "_HTTP_CODES[error.status_code]", place
        found |= written
        for code in written:
            assert code in PROBLEMS, (
                f"{place}: add {code} to director_api/problem_codes.py; make docs openapi"
            )
            assert ast.literal_eval(call.args[0]) == PROBLEMS[code].status, place
    assert found == set(PROBLEMS)
    assert {PROBLEMS[code].status for code in PROBLEMS} <= set(problems._TITLES)
    for status, code in problems._HTTP_CODES.items():
        assert PROBLEMS[code].status == status


def test_every_code_of_a_field_is_in_the_table_and_the_other_way_round() -> None:
    found = {
        *field_errors._CODES.values(),
        *(field_errors._type_code(kind) for kind in ("int_type", "other")),
    }
    for place, _, expression in calls(FIELD):
        written = codes(expression)
        assert written or ast.unparse(expression) in PASSED_ON, place
        assert written <= set(FIELDS), f"{place}: add it to director_api/problem_codes.py; make docs openapi"
        found |= written
    assert found == set(FIELDS)


@pytest.mark.parametrize("name", ["director.json", "actor.json"])
def test_the_openapi_documents_list_the_codes(name: str) -> None:
    schemas = documents()[name]["components"]["schemas"]
    assert schemas["ProblemDocument"]["properties"]["code"]["enum"] == list(PROBLEMS)
    assert schemas["FieldError"]["properties"]["code"]["enum"] == list(FIELDS)


def test_the_page_is_what_the_code_says_and_says_what_to_do() -> None:
    page = (ROOT / "docs" / "api-errors.md").read_text(encoding="utf-8")
    assert page == problem_page(), "run: make docs"
    assert set(re.findall(r"^\| (?:\d+ \| )?`(\w+)`", page, re.MULTILINE)) == {*PROBLEMS, *FIELDS}
    assert all(text.happened.endswith(".") and text.remedy.endswith(".") for text in PROBLEMS.values())
