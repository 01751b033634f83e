"""A read-model table, declared once as the dataclass of its rows: DDL, docs and writing follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, LiteralString, TypeVar, cast, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson
from psycopg import Cursor, sql
from psycopg.rows import class_row
from psycopg.types.json import JsonbBinaryDumper

R = TypeVar("R")

_SQL_TYPES: dict[Any, LiteralString] = {
    UUID: "uuid",
    str: "text",
    int: "bigint",
    float: "double precision",
    bool: "boolean",
    datetime: "timestamptz",
    date: "date",
    dict: "jsonb",
    list: "jsonb",
    tuple: "integer[]",
}


class _JsonDumper(JsonbBinaryDumper):
    _dumps = staticmethod(orjson.dumps)


@dataclass(frozen=True)
class Column:
    """One column, as its row's field declares it."""

    name: LiteralString
    type: LiteralString
    nullable: bool
    comment: str


@dataclass(frozen=True)
class Table(Generic[R]):
    """`row` is a dataclass with a field `name: Annotated[type, "comment"]` per column and a
    docstring for the table. `key` starts with tenant_id; `indexes` are what follows `ON table`.

    Names are unqualified: the schema is the first of the connection's search_path.
    """

    name: LiteralString
    row: type[R]
    key: tuple[LiteralString, ...]
    indexes: tuple[LiteralString, ...] = ()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        hints = get_type_hints(self.row, include_extras=True)
        return tuple(_column(f.name, hints[f.name]) for f in fields(cast(Any, self.row)))

    @property
    def comment(self) -> str:
        return " ".join((self.row.__doc__ or "").split())

    @property
    def ddl(self) -> sql.Composed:
        """CREATE TABLE with its indexes and comments."""
        columns = [
            sql.SQL("{} {}" if c.nullable else "{} {} NOT NULL").format(
                sql.Identifier(c.name), sql.SQL(c.type)
            )
            for c in self.columns
        ]
        key = sql.SQL("PRIMARY KEY ({})").format(_names(self.key))
        table = sql.Identifier(self.name)
        statements = [
            sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join([*columns, key])),
            sql.SQL("COMMENT ON TABLE {} IS {}").format(table, sql.Literal(self.comment)),
            *(sql.SQL("CREATE INDEX ON {} {}").format(table, sql.SQL(i)) for i in self.indexes),
            *(
                sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
                    table, sql.Identifier(c.name), sql.Literal(c.comment)
                )
                for c in self.columns
            ),
        ]
        return sql.SQL("; ").join(statements)

    def add(self, cursor: Cursor[Any], rows: Iterable[R]) -> None:
        """Write new rows, by COPY."""
        cursor.adapters.register_dumper(dict, _JsonDumper)
        with cursor.copy(self._copy) as copy:
            copy.set_types([c.type for c in self.columns])
            for row in rows:
                copy.write_row(self._values(row))

    def put(self, cursor: Cursor[Any], rows: Sequence[R]) -> None:
        """Write rows that may stand there already; no key may come twice."""
        if rows:
            cursor.execute(self._upsert, [orjson.dumps(rows).decode()])

    def get(self, cursor: Cursor[Any], keys: Iterable[tuple[Any, ...]]) -> list[R]:
        """The rows with these values of the key's columns, in any order."""
        values = [list(column) for column in zip(*keys, strict=True)]
        if not values:
            return []
        with cursor.connection.cursor(row_factory=class_row(self.row)) as reading:
            return reading.execute(self._select, values).fetchall()

    @cached_property
    def _values(self) -> Callable[[R], tuple[Any, ...]]:
        return attrgetter(*(c.name for c in self.columns))

    @cached_property
    def _copy(self) -> sql.Composed:
        return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(self.name), _names(c.name for c in self.columns)
        )

    @cached_property
    def _upsert(self) -> sql.Composed:
        names = [c.name for c in self.columns if c.name not in self.key]
        return sql.SQL(
            "INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s)"
            " ON CONFLICT ({key}) DO UPDATE SET {changes}"
        ).format(
            table=sql.Identifier(self.name),
            key=_names(self.key),
            changes=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(_id(n)) for n in names),
        )

    @cached_property
    def _select(self) -> sql.Composed:
        types = {c.name: c.type for c in self.columns}
        arrays = (sql.SQL("%s::{}[]").format(sql.SQL(types[name])) for name in self.key)
        return sql.SQL("SELECT {c} FROM unnest({a}) AS wanted({k}) JOIN {t} USING ({k})").format(
            c=_names(c.name for c in self.columns),
            a=sql.SQL(", ").join(arrays),
            k=_names(self.key),
            t=sql.Identifier(self.name),
        )


_id = sql.Identifier


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _column(name: str, hint: Any) -> Column:
    kind, comment = get_args(hint)
    options = get_args(kind) if get_origin(kind) is UnionType else (kind,)
    plain = next(o for o in options if o is not NoneType)
    return Column(
        name=name,
        type=_SQL_TYPES[get_origin(plain) or plain],
        nullable=NoneType in options,
        comment=comment,
    )
