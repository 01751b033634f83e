"""The GraphQL interface, executed by graphql-core; files by the multipart request
specification, or by PUT to an address that a mutation names."""

from __future__ import annotations

import base64
import json
from typing import Any

from graphql import GraphQLError, build_schema, graphql_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from tests.couriers.http_dsp.forms import parts
from tests.couriers.http_dsp.store import Store, Wrong

_SCHEMA = build_schema(
    """
    scalar Upload
    type File { name: String! size: String! sha256: String! content: String! }
    type Started { id: ID! putUrl: String }
    input NewFile { path: String! content: Upload }
    type Query {
      file(path: String!): File
      folder(path: String!): [File!]
    }
    type Mutation {
      upload(file: NewFile!): Started!
      begin(path: String!, size: Int!): Started!
      publish(id: ID!, path: String!, size: Int!): Boolean!
      remove(path: String!): Boolean!
      abort(id: ID!): Boolean!
    }
    """
)


async def answer(store: Store, request: Request) -> Response:
    body, kind = await request.body(), request.headers["Content-Type"]
    if kind.startswith("multipart/form-data"):
        operations, where, file = parts(kind, body)
        assert [part.name for part in (operations, where, file)] == ["operations", "map", "0"]
        said = json.loads(operations.data)
        (place,) = json.loads(where.data)["0"]
        assert place == "variables.file.content"
        assert said["variables"]["file"]["content"] is None
        said["variables"]["file"]["content"] = file.data
    else:
        said = json.loads(body)
    here = str(request.url)
    found = graphql_sync(
        _SCHEMA, said["query"], _Root(store, here), variable_values=said["variables"]
    )
    errors = [error.formatted for error in found.errors or []]
    return JSONResponse({"data": found.data, **({"errors": errors} if errors else {})})


class _Root:
    def __init__(self, store: Store, here: str) -> None:
        self._store, self._here = store, here

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if name.startswith("_"):
            return found

        def resolve(info: Any, **arguments: Any) -> Any:
            try:
                return found(**arguments)
            except Wrong as wrong:
                raise GraphQLError(str(wrong), extensions={"code": wrong.code}) from wrong

        return resolve

    def file(self, path: str) -> Any:
        try:
            size, sha256 = self._store.look(path)
        except Wrong:
            return None
        content = base64.b64encode(self._store.at(path).read_bytes()).decode()
        name = path.rpartition("/")[2]
        return {"name": name, "size": str(size), "sha256": sha256, "content": content}

    def folder(self, path: str) -> Any:
        files = self._store.list(path)
        return [{"name": n, "size": str(s), "sha256": "", "content": ""} for n, s in files]

    def upload(self, file: dict[str, Any]) -> Any:
        key = self._store.new_key()
        self._store.keep(key, file["content"])
        return {"id": key}

    def begin(self, path: str, size: int) -> Any:
        key = self._store.new_key()
        return {"id": key, "putUrl": self._here.rpartition("/")[0] + f"/rest/staged/{key}"}

    def publish(self, id: str, path: str, size: int) -> bool:
        return self._store.publish(id, path, size) >= 0

    def remove(self, path: str) -> bool:
        self._store.remove(path)
        return True

    def abort(self, id: str) -> bool:
        self._store.part(id).unlink(missing_ok=True)
        return True
