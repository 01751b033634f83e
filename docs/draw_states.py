"""Draws the state table of distributions as docs/states.md.

python docs/draw_states.py           print it
python docs/draw_states.py --write   write docs/states.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from deadwax.domain.states import GROUPS, MOVES, Status

_MEANING = {
    Status.CREATED: "asked for; nothing was checked yet",
    Status.VALIDATING: "the message is built once, to see whether it can be",
    Status.QUEUED: "a worker should send it now",
    Status.SCHEDULED: "wanted later; waits for its time",
    Status.PREPARING: "a worker holds the lease and composes the message",
    Status.UPLOADING: "files are on their way",
    Status.PROCESSING_BY_PLATFORM: "we sent it whole; the platform has not answered",
    Status.DISTRIBUTED: "the platform confirmed that it took the message in",
    Status.LIVE: "the platform confirmed that consumers can get it",
    Status.FAILED: "the last of several attempts failed",
    Status.RETRYING: "an attempt failed; the next one waits for its time",
    Status.NEEDS_ATTENTION: "a person must act; the reasons are named",
    Status.UPDATING: "an update was asked for",
    Status.UPDATED: "the platform confirmed the update",
    Status.TAKEDOWN_REQUESTED: "a takedown was asked for",
    Status.REMOVED: "the platform confirmed the removal",
    Status.PURGE_REQUESTED: "a purge of what was taken down was asked for",
    Status.PURGED: "the platform confirmed that it deleted the release for good",
    Status.REJECTED: "the platform refused the message",
    Status.CANCELLED: "given up before the platform was told",
    Status.SUSPENDED: "held by a person",
    Status.OUTCOME_UNKNOWN: "publishing began and its end was not seen; the server is asked",
}


def page() -> str:
    """The whole page: diagram, then one row per status."""
    moves = [f"    {a} --> {b}" for a in Status for b in sorted(MOVES[a])]
    rows = [
        f"| `{s}` | {_MEANING[s]} | {GROUPS[s]} | "
        + (", ".join(f"`{t}`" for t in sorted(MOVES[s])) or "none")
        + " |"
        for s in Status
    ]
    return "\n".join(
        [
            "# States of a distribution",
            "",
            "Drawn from the table in `domain/states.py` by `docs/draw_states.py`; a test keeps"
            " the two equal.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {Status.CREATED}",
            *moves,
            "```",
            "",
            "| status | meaning | counts as | moves to |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        (Path(__file__).parent / "states.md").write_text(page())
    else:
        sys.stdout.write(page())
