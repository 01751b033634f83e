"""A tray, as a process: `python tray.py FOLDER PORT KEY`. Not part of the package."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socketserver
import sys
from pathlib import Path
from typing import Any


class Tray(socketserver.StreamRequestHandler):
    folder: Path
    key: str

    def handle(self) -> None:
        for line in self.rfile:
            said = json.loads(line)
            refused = said["key"] != self.key
            answer = {"error": "refused"} if refused else self._done(said)
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    def _done(self, said: dict[str, Any]) -> dict[str, Any]:
        final = self.folder / "tray" / said["path"]
        hidden = self.folder / hashlib.sha256(said["path"].encode()).hexdigest()
        match said["do"]:
            case "put":
                hidden.write_bytes(base64.b64decode(said["data"]))
            case "publish" if not hidden.is_file():
                return {} if final.is_file() else {"error": "absent"}
            case "publish":
                if final.is_file() and final.read_bytes() != hidden.read_bytes():
                    return {"error": "stands"}
                final.parent.mkdir(parents=True, exist_ok=True)
                os.replace(hidden, final)
            case "look":
                if not final.is_file():
                    return {"error": "absent"}
                data = final.read_bytes()
                return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            case "pending":
                return {"pending": hidden.is_file()}
            case "remove":
                final.unlink(missing_ok=True)
                hidden.unlink(missing_ok=True)
        return {}


def main(folder: str, port: str, key: str) -> None:
    Tray.folder, Tray.key = Path(folder), key
    (Tray.folder / "tray").mkdir(exist_ok=True)
    with socketserver.ThreadingTCPServer(("127.0.0.1", int(port)), Tray) as server:
        server.serve_forever()


main(*sys.argv[1:])
