"""The OpenAPI document as a page to read: made here, with nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 3rem } h3 { margin: 2rem 0 0; font-size: 1rem } p { margin: .3rem 0 }
code, pre { font: 14px/1.4 ui-monospace, monospace } .muted { color: #555 }
pre { background: #f4f4f2; padding: .7rem; overflow: auto } td { vertical-align: top }
td, th { text-align: left; padding: .1rem 1rem .1rem 0 }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'"


@router.get("/docs")
async def reference(request: Request) -> HTMLResponse:
    page = "".join(_page(request.app.openapi()))
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def _page(document: dict[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}'
        f" API</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>"
    )
    for paragraph in info["description"].strip().split("\n\n"):
        yield f"<p>{escape(paragraph)}</p>"
    yield '<p><a href="/openapi.json">OpenAPI document</a></p>'
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}</p>"
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if tag["name"] in operation["tags"]:
                    yield from _operation(method, path, operation)
    yield "</body></html>"


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield (
        f'<h3 id="{escape(operation["operationId"])}"><code>{method.upper()} {escape(path)}</code>'
        f" {escape(operation['summary'])}</h3><p>{escape(operation['description'])}</p>"
    )
    if permission := operation.get("x-permission"):
        yield f'<p class="muted">Permission: <code>{escape(permission)}</code></p>'
    told = [p for p in operation.get("parameters", []) if p["in"] != "path"]
    if told:
        rows = (
            f"<tr><td><code>{escape(p['name'])}</code><td>{escape(p['in'])}"
            f"<td>{escape(p.get('description', ''))}"
            for p in told
        )
        yield f"<table>{''.join(rows)}</table>"
    content = operation.get("requestBody", {}).get("content", {})
    for media_type, body in content.items():
        yield f'<p class="muted">Body: <code>{escape(media_type)}</code></p>'
        for example in body.get("examples", {}).values():
            yield f"<pre>{escape(json.dumps(example['value'], indent=2, ensure_ascii=False))}</pre>"
    statuses = ", ".join(operation["responses"])
    yield f'<p class="muted">Answers: {escape(statuses)}</p>'
