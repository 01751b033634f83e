"""Addresses of the interfaces that tests/couriers/http_dsp has: as an operator would write them.

docs/connect-http.md shows some of them.
"""

from __future__ import annotations

import json
from typing import Any

from deadwax.api.body import checked
from deadwax.domain.addresses.http import GraphqlAddress, RestAddress, SoapAddress

JSON = dict[str, Any]

BEARER: JSON = {"scheme": "bearer", "secret": "key"}
_LOOK: JSON = {
    "method": "HEAD",
    "url": "/files/{path}",
    "finds": {"size": "header:X-Size", "sha256": "header:X-Sha256"},
}
_FILES: JSON = {
    "look": _LOOK,
    "list": {
        "method": "GET",
        "url": "/list?folder={folder}&cursor={cursor}",
        "finds": {
            "files": "json:/data/items",
            "file_name": "json:/name",
            "file_size": "json:/size",
            "next": "json:/data/next",
        },
    },
    "fetch": {"method": "GET", "url": "/files/{path}"},
    "remove": {"method": "DELETE", "url": "/files/{path}"},
    "code_at": "json:/error/code",
    "message_at": "json:/error/message",
}


def _published(upload: str) -> JSON:
    return {
        "method": "POST",
        "url": "/publish",
        "json": {"upload": upload, "path": "{path}", "size": "{size}"},
    }


PUT: JSON = {
    **_FILES,
    "upload": {"style": "put", "send": {"method": "PUT", "url": "/staged/{part}"}},
    "publish": _published("{part}"),
    "staged": {
        "method": "HEAD",
        "url": "/staged/{part}",
        "finds": {"size": "header:X-Size"},
    },
    "abort": {"method": "DELETE", "url": "/staged/{part}"},
}
MULTIPART: JSON = {
    **_FILES,
    "upload": {
        "style": "multipart",
        "part": "asset",
        "form": {"sha256": "{sha256}", "title": "{name}"},
        "send": {"method": "POST", "url": "/form", "finds": {"upload": "json:/upload/id"}},
    },
    "publish": _published("{upload}"),
    "abort": {"method": "DELETE", "url": "/staged/{upload}"},
}
CONTENT_RANGE: JSON = {
    **_FILES,
    "upload": {
        "style": "content_range",
        "begin": {
            "method": "POST",
            "url": "/sessions",
            "json": {"name": "{name}", "size": "{size}"},
            "finds": {"url": "header:Location"},
        },
        "send": {"method": "PUT", "url": "{url}", "finds": {"upload": "json:/upload"}},
        "chunk_bytes": 1048576,
    },
    "publish": _published("{upload}"),
}
TUS: JSON = {
    **_FILES,
    "upload": {
        "style": "tus",
        "send": {"method": "POST", "url": "/tus/"},
        "form": {"path": "{path}"},
        "chunk_bytes": 1048576,
    },
    "publish": _published("{upload}"),
}
AT_ONCE: JSON = {
    **_FILES,
    "upload": {
        "style": "put",
        "send": {"method": "PUT", "url": "/files/{path}", "headers": {"If-None-Match": "*"}},
    },
}
BLIND: JSON = {"upload": PUT["upload"], "publish": PUT["publish"]}
"""Takes files, and tells nothing of them."""
LINK: JSON = {
    **_FILES,
    "upload": {
        "style": "link",
        "send": {
            "method": "POST",
            "url": "/ingest",
            "json": {"link": "{link}", "path": "{path}", "sha256": "{sha256}"},
        },
    },
}

NAMESPACE = "urn:example:ingest"


def _operation(name: str, fields: JSON, finds: JSON | None = None) -> JSON:
    found = {what: f"xml:{name}Response/{place}" for what, place in (finds or {}).items()}
    return {"operation": name, "action": f"urn:{name}", "fields": fields, "finds": found}


def soap(version: str, style: str) -> JSON:
    listing = _operation("ListFiles", {"Folder": "{folder}"}, {"files": "File"})
    listing["finds"] |= {"file_name": "xml:Name", "file_size": "xml:@bytes"}
    return {
        "namespace": NAMESPACE,
        "version": version,
        "upload": {
            "style": style,
            "send": _operation(
                "PutFile",
                {"File": {"Name": "{name}", "Content": "{file}"}, "Sha256": "{sha256}"},
                {"upload": "Upload"},
            ),
        },
        "publish": _operation(
            "PublishFile", {"Upload": "{upload}", "Path": "{path}", "Size": "{size}"}
        ),
        "look": _operation(
            "LookAtFile", {"Path": "{path}"}, {"size": "File/Size", "sha256": "File/@sha256"}
        ),
        "list": listing,
        "fetch": _operation("FetchFile", {"Path": "{path}"}, {"content": "Content"}),
        "remove": _operation("RemoveFile", {"Path": "{path}"}),
        "abort": _operation("AbortFile", {"Upload": "{upload}"}),
        "meanings": [
            {"code": "NOT_FOUND", "category": "not_found"},
            {"code": "NO_SUCH_UPLOAD", "category": "not_found"},
            {"code": "EXISTS", "category": "integrity"},
            {"code": "UNAUTHENTICATED", "category": "auth_invalid"},
        ],
    }


_GRAPHQL: JSON = {
    "publish": {
        "document": "mutation ($id: ID!, $path: String!, $size: Int!)"
        " { publish(id: $id, path: $path, size: $size) }",
        "variables": {"id": "{upload}", "path": "{path}", "size": "{size}"},
    },
    "look": {
        "document": "query ($path: String!) { file(path: $path) { size sha256 } }",
        "variables": {"path": "{path}"},
        "finds": {"size": "json:/file/size", "sha256": "json:/file/sha256"},
    },
    "list": {
        "document": "query ($path: String!) { folder(path: $path) { name size } }",
        "variables": {"path": "{folder}"},
        "finds": {"files": "json:/folder", "file_name": "json:/name", "file_size": "json:/size"},
    },
    "fetch": {
        "document": "query ($path: String!) { file(path: $path) { content } }",
        "variables": {"path": "{path}"},
        "finds": {"content": "json:/file/content"},
    },
    "remove": {
        "document": "mutation ($path: String!) { remove(path: $path) }",
        "variables": {"path": "{path}"},
    },
    "abort": {
        "document": "mutation ($id: ID!) { abort(id: $id) }",
        "variables": {"id": "{upload}"},
    },
    "meanings": [
        {"code": "EXISTS", "category": "integrity"},
        {"code": "NO_SUCH_UPLOAD", "category": "not_found"},
    ],
}
GRAPHQL_MULTIPART: JSON = {
    **_GRAPHQL,
    "upload": {
        "style": "multipart",
        "send": {
            "document": "mutation ($file: NewFile!) { upload(file: $file) { id } }",
            "variables": {"file": {"path": "{path}", "content": "{file}"}},
            "finds": {"upload": "json:/upload/id"},
        },
    },
}
GRAPHQL_PUT: JSON = {
    **_GRAPHQL,
    "upload": {
        "style": "put",
        "send": {
            "document": "mutation ($path: String!, $size: Int!)"
            " { begin(path: $path, size: $size) { id putUrl } }",
            "variables": {"path": "{path}", "size": "{size}"},
            "finds": {"upload": "json:/begin/id", "url": "json:/begin/putUrl"},
        },
    },
}

_KINDS = {"rest": RestAddress, "soap": SoapAddress, "graphql": GraphqlAddress}


def address(kind: str, base_url: str, settings: JSON, **more: Any) -> Any:
    """Read as the API reads it."""
    whole = {"auth": BEARER, "base_url": base_url, **settings, **more}
    return checked(_KINDS[kind], json.dumps(whole).encode())
