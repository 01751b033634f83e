"""Messages: ours against plain lxml, against another builder, over size, and on both cores."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median

from lxml import etree
from tests.bench.comparison import Measure, Result, Unavailable, bench, compare
from tests.bench.ern_album import album_spec

from deadwax.application.messages import MessageSpec
from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.versions import ERN

_BUILDS = 100
_ALBUMS = 10_000
_PEER = Path(__file__).with_name("ddex_builder.js")


@cache
def _schemas() -> Path:
    folder = os.environ.get("DEADWAX_DDEX_SCHEMAS")
    if not folder:
        raise Unavailable("DEADWAX_DDEX_SCHEMAS names no schemas")
    return Path(folder)


def _ms(action: Callable[[], object], times: int = _BUILDS) -> float:
    """Milliseconds of one, the median of many."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return median(taken) * 1000


@bench("ern-vs-lxml")
def against_lxml() -> Result:
    """Ours: the release to checked bytes, XSD and every rule of ours. The peer makes the same
    document with lxml elements, serialises it and validates it with the schema as DDEX has it;
    it checks nothing else and decides nothing."""
    ours, spec = DdexMessages(_schemas()), album_spec()
    document = etree.fromstring(ours.build(spec).xml)
    standard = ERN[ErnVersion.V43]
    xsd = etree.XMLSchema(file=str(_schemas() / str(standard.folder) / standard.file))

    def peer() -> bytes:
        made = _copied(document)
        xsd.assertValid(made)
        return etree.tostring(made, encoding="UTF-8", xml_declaration=True)

    return compare(
        "ern-vs-lxml",
        ours=lambda: _ms(lambda: ours.build(spec)),
        peer=lambda: _ms(peer),
        peer_name="lxml elements and stock validation",
        unit="ms",
        less_is_better=True,
    )


def _copied(element: etree._Element) -> etree._Element:
    made = etree.Element(element.tag, dict(element.attrib), element.nsmap)
    _fill(made, element)
    return made


def _fill(made: etree._Element, like: etree._Element) -> None:
    made.text = like.text
    for child in like:
        _fill(etree.SubElement(made, child.tag, dict(child.attrib)), child)


@bench("ern-vs-ddex-builder")
def against_ddex_builder() -> Result:
    """Built and fully validated, against a message of a tenth of the elements that the peer
    does not validate."""
    return _against_ddex_builder("ern-vs-ddex-builder", DdexMessages(_schemas()))


@bench("ern-build-vs-ddex-builder")
def building_against_ddex_builder() -> Result:
    """The same without the XSD: built, and every rule of ours checked."""
    return _against_ddex_builder("ern-build-vs-ddex-builder", DdexMessages(None))


def _against_ddex_builder(name: str, ours: DdexMessages) -> Result:
    spec = album_spec()
    with tempfile.TemporaryDirectory(prefix="dw") as folder:
        peer = _installed_peer(Path(folder))
        return compare(
            name,
            ours=lambda: _ms(lambda: ours.build(spec)),
            peer=peer,
            peer_name="ddex-builder 0.4.5",
            unit="ms",
            less_is_better=True,
        )


def _installed_peer(folder: Path) -> Measure:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise Unavailable("there is no node and npm")
    install = [npm, "install", "--prefix", str(folder), "--no-audit", "ddex-builder@0.4.5"]
    if subprocess.run(install, capture_output=True, timeout=120).returncode:
        raise Unavailable("ddex-builder 0.4.5 does not install here")
    environ = os.environ | {"NODE_PATH": str(folder / "node_modules")}

    def measure() -> float:
        command = [node, str(_PEER)]
        done = subprocess.run(command, env=environ, capture_output=True, check=True, timeout=120)
        return float(json.loads(done.stdout)["ms"])

    return measure


@bench("ern-scale")
def scale() -> Result:
    """Milliseconds a track of an album of 1,000, against those of one of 12."""
    messages, small, large = DdexMessages(_schemas()), album_spec(12), album_spec(1_000)
    return compare(
        "ern-scale",
        ours=lambda: _ms(lambda: messages.build(large), times=5) / 1_000,
        peer=lambda: _ms(lambda: messages.build(small)) / 12,
        peer_name="an album of 12 tracks",
        unit="ms a track",
        less_is_better=True,
    )


@bench("ern-cores")
def cores() -> Result:
    """Albums a second by two processes, against one."""
    context = multiprocessing.get_context("spawn")
    return compare(
        "ern-cores",
        ours=lambda: _rate(context, 2),
        peer=lambda: _rate(context, 1),
        peer_name="one process",
        unit="albums/s",
        rounds=3,
    )


def _rate(context: multiprocessing.context.SpawnContext, processes: int) -> float:
    with context.Pool(processes, _warm_up) as pool:
        pool.map(_build_some, [1] * processes)
        start = time.perf_counter()
        pool.map(_build_some, [500] * processes, chunksize=1)
        return 500 * processes / (time.perf_counter() - start)


_worker: tuple[DdexMessages, MessageSpec]


def _warm_up() -> None:
    global _worker
    _worker = DdexMessages(_schemas()), album_spec()


def _build_some(times: int) -> None:
    messages, spec = _worker
    for _ in range(times):
        messages.build(spec)


@bench("ern-memory")
def memory() -> Result:
    """Peak memory after 10,000 albums, against that after the first 1,000."""
    messages, spec = DdexMessages(_schemas()), album_spec()
    peaks = []
    for count in (1_000, _ALBUMS - 1_000):
        for _ in range(count):
            messages.build(spec)
        gc.collect()
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    first, last = peaks
    name = "after 1,000 albums"
    return Result("ern-memory", round(last, 1), round(first, 1), name, first / last, "MiB", 1)
