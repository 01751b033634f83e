"""The second opinion, from a real server on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.ern.mutations import MESSAGES

from deadwax.application.messages import SchemaCheck
from deadwax.infrastructure.ern.findings import Severity
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.workbench import second_opinion
from deadwax.workers.ern_validate import Verdict, validated

ANSWER: dict[str, Any] = {
    "valid": False,
    "errors": [
        {"rule": "XSD-Schema", "line": 7, "column": 3, "message": "not expected"},
        {"rule": "ERN43-DealList", "line": 1, "column": 0, "message": "DealList is required"},
    ],
    "warnings": [{"rule": "XSD-Schema", "message": "a warning"}],
}


class Workbench:
    """`reply` writes the answer to a request; `asked` is what came, by path."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.reply: Callable[[BaseHTTPRequestHandler], None] = answer(ANSWER)
        workbench = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                workbench.asked.append((self.path, json.loads(body)))
                workbench.reply(self)

            def log_message(self, *args: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api"


def answer(content: Any, status: int = 200) -> Callable[[BaseHTTPRequestHandler], None]:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_only_what_its_schema_says_counts(workbench: Workbench) -> None:
    (found,) = second_opinion(workbench.url, "<a/>", "ERN 4.3")

    assert (found.code, found.severity) == ("workbench_schema", Severity.ERROR)
    assert (found.line, found.column, found.message) == (7, 3, "not expected")
    assert workbench.asked == [
        ("/api/validate", {"content": "<a/>", "type": "ERN", "version": "4.3"})
    ]


@pytest.mark.parametrize("url", ["{}/", "{}/validate", "{}/validate/"])
def test_address_may_be_that_of_the_server_or_of_the_question(
    url: str, workbench: Workbench
) -> None:
    second_opinion(url.format(workbench.url), "<a/>", "ERN 3.8.2")

    assert [path for path, _ in workbench.asked] == ["/api/validate"]


@pytest.mark.parametrize("standard", ["ERN 3.8.3", "ERN 4.1.1", "ERN 4.3.2", ""])
def test_versions_that_it_has_no_schemas_of_are_not_asked_about(
    standard: str, workbench: Workbench
) -> None:
    assert second_opinion(workbench.url, "<a/>", standard) == []
    assert workbench.asked == []


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(50):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.02)


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"", status=500),
        answer(b"oops", status=404),
        answer(b"not json"),
        answer(b"\xff\xfe"),
        answer([]),
        answer({}),
        answer({"errors": "none"}),
        answer({"errors": ["text"]}),
        answer(b" " * 5_000_000),
        drip,
        lambda handler: handler.connection.close(),
    ],
    ids=[
        "error",
        "absent",
        "no json",
        "no text",
        "a list",
        "no errors",
        "a string",
        "no objects",
        "endless",
        "slow",
        "hung up",
    ],
)
def test_server_that_cannot_tell_is_one_warning(
    reply: Callable[[BaseHTTPRequestHandler], None], workbench: Workbench
) -> None:
    workbench.reply = reply

    (found,) = second_opinion(workbench.url, "<a/>", "ERN 4.3", limit=0.3)

    assert (found.code, found.severity) == ("workbench_unavailable", Severity.WARNING)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "ftp://127.0.0.1", "nonsense", "http://[", ""]
)
def test_address_where_nobody_is_is_one_warning(url: str) -> None:
    (found,) = second_opinion(url, "<a/>", "ERN 4.3", limit=0.5)

    assert found.code == "workbench_unavailable"


def test_its_error_makes_a_message_invalid_and_its_absence_does_not(
    workbench: Workbench, schemas: Path
) -> None:
    file = MESSAGES / "ern-43.xml"

    alone = validated(file, Schemas(schemas))
    doubted = validated(file, Schemas(schemas), workbench=workbench.url)
    workbench.reply = answer(b"", status=503)
    away = validated(file, Schemas(schemas), workbench=workbench.url)

    assert alone.verdict is Verdict.VALID
    assert doubted.verdict is Verdict.INVALID
    assert away.verdict is Verdict.VALID
    assert away.checked.schema is SchemaCheck.VALID
    assert len(workbench.asked) == 2
    assert workbench.asked[0][1]["content"] == file.read_text()


def test_it_is_asked_in_plain_text_whatever_the_encoding_was(
    workbench: Workbench, tmp_path: Path
) -> None:
    text = (MESSAGES / "ern-43.xml").read_text()
    for name, xml in (("16.xml", text.encode("utf-16")), ("8.xml", text.encode("utf-8-sig"))):
        (tmp_path / name).write_bytes(xml)
        validated(tmp_path / name, Schemas(None), workbench=workbench.url)

    assert [asked["content"] for _, asked in workbench.asked] == [text, text]
