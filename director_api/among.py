"""Sets of values in statements.

Those that change are one parameter: whatever their number, it is the same statement. A list of parameters
would be another for each length, which SQLAlchemy writes and PostgreSQL plans anew.

Those that never change are no parameters: an index that holds such rows alone would fit the statement only
by its parameters, and both databases would plan it each time that it is run.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Text, TypeDecorator, bindparam, literal_column
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


def among(column: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``values``."""
    return _Among(column, bindparam(None, list(values), _Values(column.type)))


def among_named(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of the values that the statement is given as ``name``."""
    return _Among(column, bindparam(name, type_=_Values(column.type)))


def one_of(column: Any, *constants: str) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``constants``, which become part of the statement."""
    texts = [literal_column(f"'{each}'", column.type) for each in sorted(constants)]
    condition: ColumnElement[bool] = column == texts[0] if len(texts) == 1 else column.in_(texts)
    return condition


class _Values(TypeDecorator[Collection[Any]]):
    """An array on PostgreSQL, and JSON on SQLite, which has none."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(ARRAY(self.item))

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        if dialect.name != "sqlite" or value is None:
            return value
        stored = self.item.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([stored(each) for each in value] if stored else list(value))


class _Among(FunctionElement[Any]):
    """Of no type: to one that is boolean SQLAlchemy adds ``= 1`` on SQLite, which then uses no index."""

    inherit_cache = True


@compiles(_Among)
def _on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **options)} = ANY ({compiler.process(values, **options)})"


@compiles(_Among, "sqlite")
def _on_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    listed = f"json_each({compiler.process(values, **options)})"
    return f"{compiler.process(column, **options)} IN (SELECT value FROM {listed})"  # noqa: S608  # of compiled parts
