"""docs/web-service.md: its examples run, the label's and then the platform's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.api.caller import Caller
from tests.api.conftest import Projecting
from tests.api.server import Start
from tests.api.test_acknowledgements import about, xml
from tests.api.test_ddex_service import SOUND, Offering
from tests.conftest import required

from deadwax.domain.distribution import Distribution
from deadwax.infrastructure.container import Container

PAGE = (Path(__file__).parents[2] / "docs" / "web-service.md").read_text()
SHOWN = '\necho "$TARGET $PLATFORM_KEY"'


def _run(script: str, folder: Path, **environ: str) -> str:
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | environ,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_examples_run(
    start: Start, admin: Caller, container: Container, projecting: Projecting, tmp_path: Path
) -> None:
    required(shutil.which("curl"), "curl")
    label, platform = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    url = start().url
    target_id, key = _run(label + SHOWN, tmp_path, URL=url, KEY=admin.key).split()
    offering = Offering(admin, container)
    d = offering.offer(target_id=target_id)
    assert d.message
    (tmp_path / "acknowledgement.xml").write_bytes(xml(about(d.message["id"])))
    base = f"{url}/api/v1/ddex"
    with projecting():
        offering.platform = Caller(admin.http, key)
        offering.feed()  # the read models have come to it
        said = _run(platform, tmp_path, BASE=base, PLATFORM_KEY=key)
    assert (tmp_path / "track.wav").read_bytes() == SOUND
    assert re.findall(r"^(\d{3})$", said, re.MULTILINE) == ["304", "204", "208"]
    assert f"content-length: {len(SOUND)}" in said.lower()
    found = container.catalogue.find(Distribution, d.id)
    assert found is not None
    assert found.status == "live"
    assert [t for t in offering.collected(d) if t != "started"][-1] == "finished"
