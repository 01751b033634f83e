"""Addresses of interfaces that take deliveries by HTTP: REST, SOAP, GraphQL.

No two platforms have the same interface, so an address describes it: which calls there are, and
how a file is sent. A call that is absent is one that the interface does not have.

How a file stays unseen until it is published: with a `publish` call, uploading sends the bytes
(to a temporary name, an upload's id, ...) and that call shows them. Without one, sending has
effect at once, so uploading only proves our own bytes and publishing sends them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import urlsplit

from deadwax.domain.addresses.http_auth import HttpAuth
from deadwax.domain.addresses.http_calls import (
    Finding,
    GraphqlCall,
    Meaning,
    RestCall,
    SoapCall,
    Template,
    Where,
    placeholders,
)
from deadwax.domain.addresses.parts import BaseUrl, Host
from deadwax.domain.errors import InvalidValue
from deadwax.domain.texts import Name, Paragraph

SMALLEST_CHUNK = 256 * 1024
LARGEST_CHUNK = 256 * 1024 * 1024
LONGEST_LINK_SECONDS = 7 * 24 * 3600
AnyCall = RestCall | SoapCall | GraphqlCall
_FORM_FILE = Name("file")


@dataclass(frozen=True, kw_only=True)
class Links:
    """`base_url` is where the platform reaches our API: links are below its `/files`, and stand for
    `seconds`."""

    base_url: BaseUrl
    seconds: int = 86_400
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _within(self.seconds, 60, LONGEST_LINK_SECONDS, "link_seconds")


@dataclass(frozen=True, kw_only=True)
class HttpAddress:
    """What the three have in common.

    `authority` is the PEM of a private CA that the server's certificate is to come from; else it
    is the system's. Credentials go to `base_url` alone; `also_hosts` may be sent files, where an
    answer says so. `meanings` go before the usual ones; `code_at` is where an answer says a code
    for them, `message_at` where words for people. With `test_file` the connection test sends,
    publishes and removes a small file; without, it only asks: by `ping`, or by looking. `headers`
    go with every call.
    """

    base_url: BaseUrl
    auth: HttpAuth
    authority: Paragraph | None = None
    also_hosts: tuple[Host, ...] = ()
    headers: dict[str, Name] = field(default_factory=dict)
    meanings: tuple[Meaning, ...] = ()
    code_at: Where | None = None
    message_at: Where | None = None
    links: Links | None = None
    test_file: bool = False
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def _check_links(self, *calls: AnyCall | None) -> None:
        used = any("link" in call.uses for call in calls if call is not None)
        if used != (self.links is not None):
            raise InvalidValue(
                "links_not_agreed",
                "A call with {link} and the field `links` belong together.",
                "Give both or neither.",
            )

    @property
    def host(self) -> str:
        return str(urlsplit(self.base_url).hostname)

    @property
    def is_encrypted(self) -> bool:
        urls = [self.base_url]
        if self.auth.oauth:
            urls.append(self.auth.oauth.token_url)
        if self.links:
            urls.append(self.links.base_url)
        return all(url.startswith("https://") for url in urls)

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": str(self.base_url)}


class RestStyle(StrEnum):
    """How a file is sent. `put`: the body is the file. `multipart`: a form (RFC 7578).
    `content_range`: in chunks that say where they belong; 308 and `Range` say what is there.
    `tus`: tus 1.0. `link`: not at all; the platform fetches it from us."""

    PUT = "put"
    MULTIPART = "multipart"
    CONTENT_RANGE = "content_range"
    TUS = "tus"
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class RestUpload:
    """`begin`, if there is one, comes before and may find `url` and `upload`. `send` carries the
    file: for tus it creates the upload, in content_range it is the request of each chunk. `part`
    is the name of a form's file; `form` its other fields, and the metadata of tus."""

    style: RestStyle
    send: RestCall
    begin: RestCall | None = None
    part: Name = _FORM_FILE
    form: dict[str, Template] = field(default_factory=dict)
    chunk_bytes: int = 8 * 1024 * 1024
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _within(self.chunk_bytes, SMALLEST_CHUNK, LARGEST_CHUNK, "chunk_bytes")
        if self.chunk_bytes % SMALLEST_CHUNK:
            raise InvalidValue(
                "chunk_bytes_invalid",
                f"Platforms take chunks of multiples of {SMALLEST_CHUNK} bytes.",
                f"Give a multiple of {SMALLEST_CHUNK}.",
            )


@dataclass(frozen=True, kw_only=True)
class RestAddress(HttpAddress):
    """`look` finds `size` and, where the platform computes it, `sha256`; `staged` the same of what
    was uploaded and is not published yet. `fetch` answers with the file. `abort` gives an upload up
    that was not published."""

    upload: RestUpload
    publish: RestCall | None = None
    look: RestCall | None = None
    list: RestCall | None = None
    fetch: RestCall | None = None
    remove: RestCall | None = None
    staged: RestCall | None = None
    abort: RestCall | None = None
    ping: RestCall | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        self._check_links(self.upload.begin, self.upload.send, self.publish)
        _check_findings(self.list, self.look, self.staged)


class SoapVersion(StrEnum):
    V11 = "1.1"
    V12 = "1.2"


class SoapStyle(StrEnum):
    """How a file is sent: as an attachment (MTOM, XOP), within the XML, or fetched from us."""

    MTOM = "mtom"
    BASE64 = "base64"
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class SoapUpload:
    """In the fields of `send`, `{file}` is where the file goes."""

    style: SoapStyle
    send: SoapCall
    begin: SoapCall | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _check_place(self.send.fields, self.style is not SoapStyle.LINK)


@dataclass(frozen=True, kw_only=True)
class SoapAddress(HttpAddress):
    """`base_url` is the endpoint. Operations are elements of `namespace`; `qualified` says whether
    their fields are too (elementFormDefault)."""

    namespace: Name
    upload: SoapUpload
    version: SoapVersion = SoapVersion.V11
    qualified: bool = True
    publish: SoapCall | None = None
    look: SoapCall | None = None
    list: SoapCall | None = None
    fetch: SoapCall | None = None
    remove: SoapCall | None = None
    staged: SoapCall | None = None
    abort: SoapCall | None = None
    ping: SoapCall | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        self._check_links(self.upload.begin, self.upload.send, self.publish)
        _check_findings(self.list, self.look, self.staged)


class GraphqlStyle(StrEnum):
    """How a file is sent: with the mutation (the GraphQL multipart request specification), by PUT
    to the `url` that the mutation finds, or fetched from us."""

    MULTIPART = "multipart"
    PUT = "put"
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class GraphqlUpload:
    """In the variables of `send`, `{file}` is where the file goes with `multipart`. `headers` are
    those of the PUT."""

    style: GraphqlStyle
    send: GraphqlCall
    headers: dict[str, Template] = field(default_factory=dict)
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _check_place(self.send.variables, self.style is GraphqlStyle.MULTIPART)
        if self.style is GraphqlStyle.PUT and Finding.URL not in self.send.finds:
            raise InvalidValue(
                "upload_url_not_found", "Nothing says where to PUT.", "Have `send` find `url`."
            )


@dataclass(frozen=True, kw_only=True)
class GraphqlAddress(HttpAddress):
    """`base_url` is the endpoint."""

    upload: GraphqlUpload
    publish: GraphqlCall | None = None
    look: GraphqlCall | None = None
    list: GraphqlCall | None = None
    fetch: GraphqlCall | None = None
    remove: GraphqlCall | None = None
    staged: GraphqlCall | None = None
    abort: GraphqlCall | None = None
    ping: GraphqlCall | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        self._check_links(self.upload.send, self.publish)
        _check_findings(self.list, self.look, self.staged)


def _within(value: int, low: int, high: int, name: str) -> None:
    if not low <= value <= high:
        raise InvalidValue(
            f"{name}_invalid", f"{value} is not from {low} to {high}.", "Give a number within."
        )


def _check_place(fields: dict[str, Any], wanted: bool) -> None:
    if list(placeholders(fields)).count("file") != wanted:
        raise InvalidValue(
            "file_place_invalid",
            "{file} has to stand once where the file goes with the call, and nowhere else.",
            "Give {file} in one field, or another style.",
        )


def _check_findings(listing: AnyCall | None, *looking: AnyCall | None) -> None:
    for look in looking:
        if look and Finding.SIZE not in look.finds:
            raise InvalidValue(
                "look_finds_no_size", "Looking finds no size.", "Have it find `size`."
            )
    if listing:
        named = {Finding.FILE_NAME, Finding.FILE_PATH} & listing.finds.keys()
        if not {Finding.FILES, Finding.FILE_SIZE} <= listing.finds.keys() or not named:
            raise InvalidValue(
                "list_finds_no_files",
                "Listing does not find the files.",
                "Have it find `files`, `file_size`, and `file_name` or `file_path`.",
            )
