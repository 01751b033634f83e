"""Hostile and broken XML: a clear error, soon, whatever the file claims."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ern.mutations import MESSAGES

from deadwax.application.messages import SchemaCheck
from deadwax.domain.errors import Refused
from deadwax.infrastructure.ern.check import check
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.untrusted import MESSAGE, Limits, parse_untrusted

VALID = (MESSAGES / "ern-43.xml").read_bytes()
TEXT = VALID.decode()
START = TEXT.index("<ern:NewReleaseMessage")


def refused(data: bytes, limits: Limits = MESSAGE) -> str:
    with pytest.raises(Refused) as caught:
        parse_untrusted(data, limits)
    (problem,) = caught.value.problems
    assert problem.message.endswith(".")
    assert problem.fix
    return problem.code


def with_doctype(subset: str, content: str = "&x;") -> bytes:
    return (
        f'<?xml version="1.0"?>\n<!DOCTYPE a [{subset}]>\n<a b="{content}">{content}</a>'.encode()
    )


LAUGHS = '<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)
)
DOCTYPES = {
    "billion laughs": with_doctype(LAUGHS, "&l11;"),
    "quadratic blow-up": with_doctype(f'<!ENTITY x "{"x" * 50_000}">', "&x;" * 5_000),
    "parameter entities": with_doctype("<!ENTITY % p \"<!ENTITY x 'y'>\"> %p;"),
    "local file": with_doctype('<!ENTITY x SYSTEM "file:///etc/passwd">'),
    "network": with_doctype('<!ENTITY x SYSTEM "http://127.0.0.1:1/x">'),
    "external subset": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "public subset": b'<!DOCTYPE a PUBLIC "-//X//EN" "http://127.0.0.1:1/a.dtd"><a/>',
    "default attribute": b'<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>',
    "plain": b"<!DOCTYPE a><a/>",
    "after a comment": b"<?xml version='1.0'?><!-- <a> --><?p ?>\n<!DOCTYPE a><a/>",
    "after much space": b" " * 0 + b"\n" * 100_000 + b"<!DOCTYPE a><a/>",
    "in UTF-16": "\ufeff<!DOCTYPE a><a/>".encode("utf-16-le"),
    "in UTF-16 without mark": "<!DOCTYPE a><a/>".encode("utf-16-be"),
}


@pytest.mark.parametrize("attack", DOCTYPES)
def test_doctype_is_refused_before_anything_in_it_is_read(attack: str) -> None:
    assert refused(DOCTYPES[attack]) == "xml_doctype"


def test_words_that_look_like_a_doctype_are_text() -> None:
    root = parse_untrusted(b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE b>]]></a>")

    assert root.text == "<!DOCTYPE b>"


MALFORMED = {
    "empty": b"",
    "spaces": b"  \n",
    "no XML": b"PK\x03\x04 a ZIP",
    "JSON": b'{"a": 1}',
    "cut in a tag": VALID[:2_000],
    "cut in the declaration": VALID[:20],
    "all but the last byte": VALID.rstrip()[:-1],
    "NUL": VALID.replace(b"Etched", b"Etch\x00d", 1),
    "NUL at the end": VALID + b"\x00",
    "control character": VALID.replace(b"Etched", b"Etch\x08d", 1),
    "escaped NUL": VALID.replace(b"Etched", b"Etch&#0;d", 1),
    "unknown entity": VALID.replace(b"Etched", b"Etch&eacute;d", 1),
    "raw ampersand": VALID.replace(b"&amp;", b"&", 1),
    "attribute twice": b'<a b="1" b="2"/>',
    "attribute twice by namespace": b'<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>',
    "undeclared prefix": b"<x:a/>",
    "two documents": b"<a/><b/>",
    "two declarations": VALID[:39] + VALID,
    "text behind": VALID + b"x",
    "XML 2.0": VALID.replace(b'"1.0"', b'"2.0"', 1),
    "comment of 10 MB": b"<a><!--" + b"x" * 10_500_000 + b"--></a>",
    "unfinished comment": b"<!-- " + VALID,
    "unfinished instruction": b"<?x " * 1_000,
}


@pytest.mark.parametrize("attack", MALFORMED)
def test_what_is_not_well_formed_is_refused(attack: str) -> None:
    assert refused(MALFORMED[attack]) == "xml_malformed"


LARGE = {
    "deep": b"<a>" * 100_000,
    "deep and closed": b"<a>" * 300 + b"</a>" * 300,
    "long text": b"<a>" + b"x" * 10_500_000 + b"</a>",
    "long attribute": b'<a b="' + b"x" * 10_500_000 + b'"/>',
    "long name": b"<" + b"x" * 200_000 + b"/>",
    "many elements": b"<a>" + b"<b/>" * 1_000_001 + b"</a>",
    "many attributes": b"<a " + b" ".join(b'b%d=""' % n for n in range(1_000_001)) + b"/>",
    "many namespaces": b"<a " + b" ".join(b'xmlns:b%d="u"' % n for n in range(1_000_001)) + b"/>",
    "many elements in UTF-16": ("<a>" + "<b/>" * 1_000_001 + "</a>").encode("utf-16"),
}


@pytest.mark.parametrize("attack", LARGE)
def test_what_no_message_needs_is_refused(attack: str) -> None:
    assert refused(LARGE[attack]) == "xml_too_large"


def test_limits_are_those_that_are_given() -> None:
    assert refused(b"<a></a>", Limits(bytes=6)) == "xml_too_large"
    assert refused(b"<a></a>", Limits(bytes=7, marks=1)) == "xml_too_large"
    assert refused(b"<a b=''/> ", Limits(bytes=99, marks=0)) == "xml_too_large"
    assert parse_untrusted(b"<a></a>", Limits(bytes=7, marks=2)).tag == "a"


def test_refusing_takes_little_memory() -> None:
    """Every attack, in a process that may use 600 MB more than it starts with."""
    script = (
        "import resource\n"
        "from tests.ern.test_ern_untrusted import DOCTYPES, LARGE, MALFORMED, refused\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "limit = used + 600_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        "for attacks in (DOCTYPES, MALFORMED, LARGE):\n"
        "    for data in attacks.values():\n"
        "        refused(data)\n"
        "print('refused')\n"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=120
    )

    assert ran.stdout == "refused\n", ran.stderr[-2_000:]


def declared(encoding: str) -> str:
    return TEXT.replace('encoding="UTF-8"', f'encoding="{encoding}"')


READABLE = {
    "UTF-8": VALID,
    "UTF-8 with mark": b"\xef\xbb\xbf" + VALID,
    "UTF-8 without declaration": TEXT[START:].encode(),
    "UTF-16 with mark": declared("UTF-16").encode("utf-16"),
    "UTF-16 big endian with mark": b"\xfe\xff" + declared("UTF-16").encode("utf-16-be"),
    "UTF-16 without mark": declared("UTF-16").encode("utf-16-le"),
    "UTF-16 big endian without mark": declared("UTF-16BE").encode("utf-16-be"),
    "UTF-16 that claims to be UTF-8": TEXT.encode("utf-16"),
    "UTF-16 without declaration": TEXT[START:].encode("utf-16-le"),
    "UTF-32": declared("UTF-32").encode("utf-32"),
    "UTF-8 that claims to be UTF-16": declared("utf-16").encode(),
    "UTF-8 with mark that claims Latin-1": b"\xef\xbb\xbf" + declared("ISO-8859-1").encode(),
    "Latin-1": declared("ISO-8859-1").encode("latin-1", "xmlcharrefreplace"),
    "Windows-1252": declared("windows-1252").encode("cp1252", "xmlcharrefreplace"),
    "ASCII": declared("US-ASCII").encode("ascii", "xmlcharrefreplace"),
}


@pytest.mark.parametrize("form", READABLE)
def test_encoding_is_that_of_the_bytes(form: str, schemas: Path) -> None:
    checked = check(READABLE[form], Schemas(schemas))

    assert (checked.schema, checked.findings) == (SchemaCheck.VALID, ())
    assert "".join(parse_untrusted(READABLE[form]).itertext()) == "".join(
        parse_untrusted(VALID).itertext()
    )


UNREADABLE = {
    "Latin-1 bytes called UTF-8": "<a>é</a>".encode("latin-1"),
    "no encoding": b'<?xml version="1.0" encoding="KLINGON"?><a/>',
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?><a>+ADw-b/+AD4-</a>',
    "EBCDIC": b'<?xml version="1.0" encoding="cp037"?><a/>',
    "Shift-JIS": '<?xml version="1.0" encoding="Shift_JIS"?><a>溝</a>'.encode("shift-jis"),
    "half a character in UTF-16": "<a/>".encode("utf-16") + b"\x00",
    "lone surrogate": b"\xff\xfe<\x00a\x00>\x00\x00\xd8<\x00/\x00a\x00>\x00",
    "no ASCII": '<?xml version="1.0" encoding="US-ASCII"?><a>é</a>'.encode(),
    "overlong UTF-8": b"<a>\xc0\xbc</a>",
}


@pytest.mark.parametrize("form", UNREADABLE)
def test_bytes_that_are_not_their_encoding_are_refused(form: str) -> None:
    assert refused(UNREADABLE[form]) == "xml_encoding"


def test_comments_and_instructions_do_not_split_a_text() -> None:
    root = parse_untrusted(b"<a><!--1-->QZ<!--2-->DWX<?p 3?>26<![CDATA[01]]>001<b/></a>")

    assert root.text == "QZDWX2601001"
    assert [e.tag for e in root.iter()] == ["a", "b"]


def test_nothing_that_a_file_points_at_is_fetched(schemas: Path) -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            """Silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    claims = TEXT.replace(
        'xsi:schemaLocation="http://ddex.net/xml/ern/43 '
        'http://ddex.net/xml/ern/43/release-notification.xsd"',
        f'xsi:schemaLocation="http://ddex.net/xml/ern/43 {url}/a.xsd"'
        f' xsi:noNamespaceSchemaLocation="{url}/b.xsd" xml:base="{url}/"',
    )
    assert claims != TEXT
    instruction = f'<?xml-stylesheet type="text/xsl" href="{url}/c.xsl"?>'
    include = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}/d" parse="text"/>'
    )
    try:
        quiet = check((claims[:START] + instruction + claims[START:]).encode(), Schemas(schemas))
        included = check(
            claims.replace("<MessageHeader>", include + "<MessageHeader>").encode(),
            Schemas(schemas),
        )
        for data in DOCTYPES.values():
            check(data.replace(b"http://127.0.0.1:1", url.encode()), Schemas(schemas))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert asked == []
    assert {f.code for f in quiet.findings} <= {"ern_schema"}  # xml:base is in no XSD
    assert any("include" in f.message for f in included.findings)


NAMESPACES = {
    "other prefix": (TEXT.replace("ern:", "x:").replace(":ern=", ":x="), []),
    "children in the namespace": (
        TEXT.replace("<ern:", "<").replace("</ern:", "</").replace("xmlns:ern", "xmlns"),
        ["ern_schema"],
    ),
    "same name elsewhere": (TEXT.replace("/xml/ern/43", "/xml/ern/99"), ["ern_version_unknown"]),
    "no namespace": (TEXT.replace("ern:NewReleaseMessage", "NewReleaseMessage"), ["ern_unknown"]),
    "unknown root": (TEXT.replace("ern:NewReleaseMessage", "ern:Hello"), ["ern_schema"]),
    "type of its own": (
        TEXT.replace("<MessageHeader>", '<MessageHeader xsi:type="ern:Deal">'),
        ["ern_schema"],
    ),
    "said to be empty": (TEXT.replace("<MessageId>", '<MessageId xsi:nil="true">'), ["ern_schema"]),
}


@pytest.mark.parametrize("trick", NAMESPACES)
def test_tricks_with_namespaces_deceive_nobody(trick: str, schemas: Path) -> None:
    text, codes = NAMESPACES[trick]
    assert text != TEXT

    checked = check(text.encode(), Schemas(schemas))

    found = {f.code for f in checked.findings}
    assert found & {"ern_schema", "ern_unknown", "ern_version_unknown"} == set(codes)
    assert (checked.schema is SchemaCheck.VALID) == (not codes)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_bytes_are_an_accident(data: st.DataObject) -> None:
    """Whatever is cut out, put in or turned over: findings, not exceptions."""
    xml = bytearray(VALID)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(xml)))
        until = min(len(xml), at + data.draw(st.integers(0, 200)))
        xml[at:until] = data.draw(st.binary(max_size=20))

    found = check(bytes(xml), Schemas(None))

    assert "ern_rule_crashed" not in {f.code for f in found.findings}


def test_faults_without_end_are_told_only_so_often(schemas: Path) -> None:
    """And are found in a time that grows with the message, not with its square."""
    tracks = 20_000
    xml = "".join(
        f"<SoundRecording><SoundRecordingId><ISRC>x</ISRC></SoundRecordingId>"
        f"<ResourceReference>A{n}</ResourceReference></SoundRecording>"
        for n in range(tracks)
    )
    groups = "".join(
        "<ResourceGroupContentItem><SequenceNumber>1</SequenceNumber>"
        f"<ReleaseResourceReference>A{n}</ReleaseResourceReference></ResourceGroupContentItem>"
        for n in range(tracks)
    )
    releases = "".join(
        f'<Release IsMainRelease="true"><ReleaseId><ISRC>y</ISRC></ReleaseId>'
        f"<ReleaseReference>R{n}</ReleaseReference></Release>"
        for n in range(tracks)
    )
    message = (
        '<ern:NewReleaseMessage xmlns:ern="http://ddex.net/xml/ern/382" '
        'ReleaseProfileVersionId="CommonReleaseTypes/14/AudioAlbum">'
        f"<ResourceList>{xml}</ResourceList><ReleaseList>"
        f'<Release IsMainRelease="true"><ResourceGroup>{groups}</ResourceGroup></Release>'
        f"{releases}</ReleaseList><DealList/></ern:NewReleaseMessage>"
    )

    found = check(message.encode(), Schemas(schemas)).findings

    times = Counter(f.code for f in found)
    assert times["ern_isrc_invalid"] == times["ern_sequence_duplicate"] == 50
    assert max(times.values()) == 50
