"""Delivers to SOAP services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from lxml import etree

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http import SoapAddress, SoapStyle, SoapVersion
from deadwax.domain.addresses.http_calls import FILE, Finding, SoapCall
from deadwax.domain.failures import FailureCategory as Category
from deadwax.infrastructure.couriers.http.bodies import Body, FilePiece
from deadwax.infrastructure.couriers.http.client import HttpClient
from deadwax.infrastructure.couriers.http.courier import HttpCourier
from deadwax.infrastructure.couriers.http.dialect import Found
from deadwax.infrastructure.couriers.http.meanings import Complaint, Meanings
from deadwax.infrastructure.couriers.http.reading import Reading
from deadwax.infrastructure.couriers.http.values import (
    MOST_ANSWER,
    Answer,
    Values,
    from_base64,
    in_tree,
    local,
    xml_at,
)
from deadwax.infrastructure.couriers.opening import Opening

_ENVELOPE = {
    SoapVersion.V11: "http://schemas.xmlsoap.org/soap/envelope/",
    SoapVersion.V12: "http://www.w3.org/2003/05/soap-envelope",
}
_TYPE = {SoapVersion.V11: "text/xml", SoapVersion.V12: "application/soap+xml"}
_XOP = "http://www.w3.org/2004/08/xop/include"
_HERE = "deadwax-file-goes-here"
_IN_BASE64 = 2
"""A file in base64 takes 4/3 of its bytes; an envelope and line breaks beside."""

_FAULTS: Mapping[str, Category] = {
    "Client": Category.METADATA_INVALID,
    "Sender": Category.METADATA_INVALID,
    "Server": Category.API_UNAVAILABLE,
    "Receiver": Category.API_UNAVAILABLE,
}
"""The codes that SOAP itself has, in 1.1 and 1.2."""


def open_courier(address: SoapAddress, opening: Opening) -> HttpCourier:
    """Raises DeliveryFailed(AUTH_INVALID) for secrets and certificates that cannot be used.
    Nothing is sent before the first call."""
    meanings = Meanings(address.meanings, _FAULTS)
    client = HttpClient(address, opening, meanings, _fault, ("Envelope", "Body"))
    return HttpCourier(client, _Soap(client, address), address, opening)


class _Soap:
    resumes = False

    def __init__(self, client: HttpClient, address: SoapAddress) -> None:
        self._client, self._address = client, address

    def call(self, call: SoapCall, values: Values, what: str) -> Answer:
        return self._exchange(call, self._body(call, values, ()), what)

    def content(self, call: SoapCall, values: Values, what: str, limit: int) -> bytes:
        body = self._body(call, values, ())
        answer = self._exchange(call, body, what, limit * _IN_BASE64 + 65_536)
        data = from_base64(answer.find(call.finds.get(Finding.CONTENT)))
        if data is None:
            raise DeliveryFailed(Category.NOT_FOUND, f"{what}: the answer holds no file.")
        if len(data) > limit:
            raise DeliveryFailed(Category.INTEGRITY, f"{what}: it has more than {limit} bytes.")
        return data

    def send(
        self, reading: Reading, values: Values, found: Found, keep: Callable[[Found], None]
    ) -> Found:
        upload, what, found = self._address.upload, f"uploading {reading.file.path}", {}
        if upload.begin is not None:
            answer = self.call(upload.begin, values, what)
            found = answer.findings(upload.begin.finds, Finding.UPLOAD, Finding.URL)
            keep(found)
        if upload.style is SoapStyle.LINK:
            reading.prove()
        file = FilePiece(reading, base64=upload.style is SoapStyle.BASE64)
        body = self._body(upload.send, {**values, **found}, (file,))
        answer = self._exchange(upload.send, body, what)
        return found | answer.findings(upload.send.finds, Finding.UPLOAD, Finding.URL)

    def withdraw(self, found: Found, what: str) -> None:
        """SOAP has no way of its own."""

    def _exchange(self, call: SoapCall, body: Body, what: str, limit: int = MOST_ANSWER) -> Answer:
        headers = {"Accept": f"{_TYPE[self._address.version]}, multipart/related;q=0.1"}
        if self._address.version is SoapVersion.V11:
            headers["SOAPAction"] = f'"{call.action or ""}"'
        answer = self._client.exchange("POST", "", what, headers=headers, body=body, limit=limit)
        if answer.xml is None:
            raise DeliveryFailed(
                Category.API_UNAVAILABLE, f"{what}: the answer is no SOAP envelope."
            )
        return answer

    def _body(self, call: SoapCall, values: Values, file: tuple[FilePiece, ...]) -> Body:
        """The envelope; with a file in the place of `{file}`, or beside it (MTOM)."""
        version, style = self._address.version, self._address.upload.style
        attached = bool(file) and style is SoapStyle.MTOM
        content = f"file-{uuid4().hex}@deadwax"
        xml = self._envelope(call, values, content if attached else None)
        type = f"{_TYPE[version]}; charset=utf-8{self._action(call)}"
        if attached:
            return _related(xml, _TYPE[version], self._action(call), file[0], content, values)
        if file and style is SoapStyle.BASE64:
            before, _, after = xml.partition(_HERE.encode())
            return Body(type, (before, file[0], after))
        return Body(type, (xml,))

    def _action(self, call: SoapCall) -> str:
        """SOAP 1.2 has it in the media type."""
        if self._address.version is SoapVersion.V11 or not call.action:
            return ""
        return f'; action="{call.action}"'

    def _envelope(self, call: SoapCall, values: Values, content: str | None) -> bytes:
        soap, own = _ENVELOPE[self._address.version], self._address.namespace
        envelope = etree.Element(f"{{{soap}}}Envelope", nsmap={"soap": soap, "ns": str(own)})
        body = etree.SubElement(envelope, f"{{{soap}}}Body")
        operation = etree.SubElement(body, f"{{{own}}}{call.operation}")
        self._fill(operation, in_tree(call.fields, values), content)
        return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)

    def _fill(self, parent: Any, fields: Mapping[str, Any], content: str | None) -> None:
        prefix = f"{{{self._address.namespace}}}" if self._address.qualified else ""
        for name, value in fields.items():
            for item in value if isinstance(value, list) else [value]:
                element = etree.SubElement(parent, f"{prefix}{name}")
                if isinstance(item, dict):
                    self._fill(element, item, content)
                elif item == FILE and content:
                    include = etree.SubElement(element, f"{{{_XOP}}}Include", nsmap={"xop": _XOP})
                    include.set("href", f"cid:{content}")
                elif item == FILE:
                    element.text = _HERE
                else:
                    element.text = _text(item)


def _text(value: Any) -> str:
    """As XML Schema writes it. Raises DeliveryFailed for what XML cannot hold."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if any(ord(c) < 0x20 and c not in "\t\n\r" for c in text):
        raise DeliveryFailed(Category.METADATA_INVALID, f"XML cannot hold {text!r}.")
    return text


def _related(
    xml: bytes, type: str, action: str, file: FilePiece, content: str, values: Values
) -> Body:
    """multipart/related with the envelope as its root (XOP 1.0, MTOM)."""
    boundary, root = f"deadwax-{uuid4().hex}", "envelope@deadwax"
    head = (
        f"--{boundary}\r\nContent-Type: application/xop+xml; charset=utf-8; "
        f'type="{type}"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{root}>\r\n\r\n'
    ).encode()
    between = (
        f"\r\n--{boundary}\r\nContent-Type: {values['type']}\r\n"
        f"Content-Transfer-Encoding: binary\r\nContent-ID: <{content}>\r\n\r\n"
    ).encode()
    media = (
        f'multipart/related; boundary="{boundary}"; type="application/xop+xml"; '
        f'start="<{root}>"; start-info="{type}"{action}'
    )
    return Body(media, (head, xml, between, file, f"\r\n--{boundary}--\r\n".encode()))


def _fault(answer: Answer) -> Complaint | None:
    """A fault's innermost code without its prefix, and its words, of SOAP 1.1 or 1.2."""
    if answer.xml is None or local(answer.xml) != "Envelope":
        return Complaint() if answer.status >= 400 else None
    found = xml_at(answer.xml, ("Body", "Fault"))
    if not found:
        return Complaint() if answer.status >= 400 else None
    codes = (("Code", "Subcode", "Value"), ("Code", "Value"), ("faultcode",))
    words = (("Reason", "Text"), ("faultstring",))
    code, message = (
        next((str(hit[0].text or "") for path in paths if (hit := xml_at(found[0], path))), "")
        for paths in (codes, words)
    )
    return Complaint(code.rpartition(":")[2].strip(), message.strip())
