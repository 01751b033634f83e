"""`deadwax receipts verify`: offline, and never satisfied by what was changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deadwax.application.receipts import FORMAT, canonical
from deadwax.infrastructure.signing import FileSigner
from deadwax.workers.cli import app

Receipt = dict[str, Any]


@pytest.fixture
def receipt(tmp_path: Path) -> Receipt:
    signer = FileSigner(tmp_path / "secrets")
    key = signer.key()
    document = {
        "format": FORMAT,
        "message_id": "m.1",
        "target": {"platform": "Vinyl Stream ♫"},
        "endpoint": "sftp://x:22",
        "files": [{"path": "a/b.wav", "size": 3, "sha256": "0" * 64, "verified": "sha256"}],
        "confirmed_at": "2031-05-01T12:00:00+00:00",
        "established": "published",
        "key": {"id": key.id, "public_key": key.public_key},
    }
    return {
        "document": document,
        "signature": signer.sign(key.id, canonical(document)),
        "public_key": key.public_key,
        "key": key.id,
    }


def verify(tmp_path: Path, receipt: Any, *options: str) -> Result:
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt, indent=3))
    return CliRunner().invoke(app, ["receipts", "verify", str(file), *options])


def test_a_receipt_as_it_was_given_is_valid(tmp_path: Path, receipt: Receipt) -> None:
    told = verify(tmp_path, receipt)
    assert told.exit_code == 0
    assert "Vinyl Stream ♫" in told.output
    assert receipt["key"] in told.output
    assert verify(tmp_path, receipt, "--key", receipt["key"]).exit_code == 0


def _size(receipt: Receipt) -> None:
    receipt["document"]["files"][0]["size"] = 4


def _file(receipt: Receipt) -> None:
    receipt["document"]["files"].append(copy.deepcopy(receipt["document"]["files"][0]))


def _unnamed_key(receipt: Receipt) -> None:
    receipt["document"]["key"]["id"] = "0" * 16


@pytest.mark.parametrize("change", [_size, _file, _unnamed_key])
def test_a_changed_receipt_is_refused(
    tmp_path: Path, receipt: Receipt, change: Callable[[Receipt], None]
) -> None:
    change(receipt)
    told = verify(tmp_path, receipt)
    assert told.exit_code == 1
    assert told.output


def test_a_receipt_that_another_signed_is_not_of_the_wanted_key(
    tmp_path: Path, receipt: Receipt
) -> None:
    forger = FileSigner(tmp_path / "forger")
    key = forger.key()
    document = receipt["document"] | {"key": {"id": key.id, "public_key": key.public_key}}
    forged = {
        "document": document,
        "signature": forger.sign(key.id, canonical(document)),
        "public_key": key.public_key,
        "key": key.id,
    }
    assert verify(tmp_path, forged).exit_code == 0, "of whom it is, only the id of the key tells"
    assert verify(tmp_path, forged, "--key", receipt["key"]).exit_code == 1
    forged["public_key"] = receipt["public_key"]
    assert verify(tmp_path, forged).exit_code == 1


@pytest.mark.parametrize("nonsense", [None, [], {}, {"document": {}}, {"document": {"format": 1}}])
def test_what_is_no_receipt_is_told_so(tmp_path: Path, nonsense: Any) -> None:
    assert verify(tmp_path, nonsense).exit_code == 2


def test_keys_are_listed_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEADWAX_SECRETS_DIR", str(tmp_path))
    before = FileSigner(tmp_path).key()
    now = CliRunner().invoke(app, ["receipts", "rotate-key"]).output.strip()
    listed = CliRunner().invoke(app, ["receipts", "keys"]).output.splitlines()
    assert {line[2:].split(" ")[0]: line[0] for line in listed} == {before.id: " ", now: "*"}
