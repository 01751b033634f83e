"""What the sandbox DSP did, one JSON line each: its only memory, and the evidence of tests."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

Record = dict[str, Any]

BATCH_EVENTS = frozenset({"ingested", "rejected", "duplicate"})


class Journal:
    """An append-only file, on disk before anything is acknowledged, and what follows from it.

    `event` of a record is one of
      ingested, rejected, duplicate   a batch, with its `messages` and their planned `steps`;
                                      one with any rejected message counts as rejected
      published, removed              a step that changed what is live
      acknowledged                    a step that only wrote an acknowledgement
      consumed                        a batch folder was taken out of the upload folder
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # The messages that were accepted, by sender and message id.
        self.accepted: dict[tuple[str, str], Record] = {}
        # Names of acknowledgements ever planned, and the steps not taken yet with their message.
        self.names: set[str] = set()
        self.open_steps: dict[str, tuple[Record, Record]] = {}
        # Batches ever recorded, and those still in the upload folder with their event.
        self.batches: set[str] = set()
        self.unconsumed: dict[str, str] = {}
        for record in self._read():
            self._fold(record)

    def append(self, record: Record) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._fold(record)

    def due_steps(self, now: str) -> list[tuple[Record, Record]]:
        """The open steps that are due, oldest first, each with its message."""
        due = [pair for pair in self.open_steps.values() if pair[1]["due"] <= now]
        return sorted(due, key=lambda pair: pair[1]["due"])

    def _read(self) -> list[Record]:
        """All whole lines; half a line, left by a crash, is cut off."""
        if not self._path.exists():
            return []
        data = self._path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            os.truncate(self._path, len(whole))
        return [json.loads(line) for line in whole.splitlines()]

    def _fold(self, record: Record) -> None:
        if record["event"] in BATCH_EVENTS:
            self.batches.add(record["batch"])
            self.unconsumed[record["batch"]] = record["event"]
            for message in record["messages"]:
                if message["outcome"] == "ingested":
                    self.accepted[message["sender"], message["message_id"]] = message
                for step in message["steps"]:
                    self.names.add(step["name"])
                    self.open_steps[step["name"]] = (message, step)
        elif record["event"] == "consumed":
            self.unconsumed.pop(record["batch"], None)
        else:
            self.open_steps.pop(record["name"], None)
