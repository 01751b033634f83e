"""One of our processes on a machine whose clock is set while it runs.

    wrong_clock PROCESS FILE

FILE says by how many seconds the clock is wrong, from when it is there. Clocks that only count
on are not touched, as by those who set real ones.
"""

from __future__ import annotations

import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

from deadwax.workers import cli


def main() -> None:
    process, file = sys.argv[1], Path(sys.argv[2])
    threading.Thread(target=_jump, args=(file,), daemon=True).start()
    cli.app([process])


def _jump(file: Path) -> None:
    while not file.exists():
        time.sleep(0.02)
    seconds = float(file.read_text())
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True).start()
    file.with_suffix(f".{threading.get_native_id()}").touch()
