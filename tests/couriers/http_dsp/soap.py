"""The SOAP service, of both versions, with attachments (MTOM) or base64."""

from __future__ import annotations

import base64
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from tests.couriers.http_dsp.forms import parts
from tests.couriers.http_dsp.store import Store, Wrong

NAMESPACE = "urn:example:ingest"
V11 = "http://schemas.xmlsoap.org/soap/envelope/"
V12 = "http://www.w3.org/2003/05/soap-envelope"
_HREF = "{http://www.w3.org/2004/08/xop/include}Include"


async def answer(store: Store, request: Request) -> Response:
    body, attached = await request.body(), {}
    kind = request.headers["Content-Type"]
    if kind.startswith("multipart/related"):
        root, *others = parts(kind, body)
        assert 'type="application/xop+xml"' in kind
        body = root.data
        attached = {part.headers["content-id"].strip("<>"): part.data for part in others}
    envelope = etree.fromstring(body)
    version = etree.QName(envelope).namespace
    operation = envelope[0][0]
    assert etree.QName(operation).namespace == NAMESPACE
    name = etree.QName(operation).localname
    action = request.headers.get("SOAPAction", "") if version == V11 else kind
    assert f'"urn:{name}"' in action, action
    try:
        said = _OPERATIONS[name](store, Fields(operation, attached))
    except Wrong as wrong:
        return _answer(version, _fault(version, wrong), 500)
    return _answer(version, f'<r:{name}Response xmlns:r="{NAMESPACE}">{said}</r:{name}Response>')


class Fields:
    def __init__(self, operation: Any, attached: dict[str, bytes]) -> None:
        self._operation, self._attached = operation, attached

    def __getitem__(self, name: str) -> str:
        return str(self._operation.findtext(f".//{{{NAMESPACE}}}{name}") or "")

    @property
    def content(self) -> bytes:
        found = self._operation.find(f".//{{{NAMESPACE}}}Content")
        if len(found):
            assert found[0].tag == _HREF
            return self._attached[found[0].get("href").removeprefix("cid:")]
        return base64.b64decode(found.text or "", validate=True)


def refused(version: str, wrong: Wrong) -> Response:
    return _answer(version, _fault(version, wrong), wrong.status)


def _answer(version: str, inner: str, status: int = 200) -> Response:
    text = f'<e:Envelope xmlns:e="{version}"><e:Body>{inner}</e:Body></e:Envelope>'
    return Response(text, status, media_type="text/xml" if version == V11 else None)


def _fault(version: str, wrong: Wrong) -> str:
    words = escape(str(wrong))
    if version == V11:
        code = f"<faultcode>d:{wrong.code}</faultcode><faultstring>{words}</faultstring>"
        return f"<e:Fault>{code}</e:Fault>"
    code = f"<e:Value>e:Sender</e:Value><e:Subcode><e:Value>d:{wrong.code}</e:Value></e:Subcode>"
    words = f'<e:Reason><e:Text xml:lang="en">{words}</e:Text></e:Reason>'
    return f"<e:Fault><e:Code>{code}</e:Code>{words}</e:Fault>"


def _put(store: Store, fields: Fields) -> str:
    key = store.new_key()
    store.keep(key, fields.content)
    return f"<r:Upload>{key}</r:Upload>"


def _publish(store: Store, fields: Fields) -> str:
    store.publish(fields["Upload"], fields["Path"], int(fields["Size"]))
    return ""


def _look(store: Store, fields: Fields) -> str:
    size, sha256 = store.look(fields["Path"])
    return f'<r:File sha256="{sha256.upper()}"><r:Size>{size}</r:Size></r:File>'


def _list(store: Store, fields: Fields) -> str:
    files = store.list(fields["Folder"])
    return "".join(
        f'<r:File bytes="{size}"><r:Name>{escape(name)}</r:Name></r:File>' for name, size in files
    )


def _fetch(store: Store, fields: Fields) -> str:
    store.look(fields["Path"])
    data = store.at(fields["Path"]).read_bytes()
    return f"<r:Content>{base64.encodebytes(data).decode()}</r:Content>"


def _remove(store: Store, fields: Fields) -> str:
    store.remove(fields["Path"])
    return ""


def _abort(store: Store, fields: Fields) -> str:
    store.part(fields["Upload"]).unlink(missing_ok=True)
    return ""


_OPERATIONS = {
    "PutFile": _put,
    "PublishFile": _publish,
    "LookAtFile": _look,
    "ListFiles": _list,
    "FetchFile": _fetch,
    "RemoveFile": _remove,
    "AbortFile": _abort,
}
