"""The installation's keys: made once, kept to itself, replaced without losing what was signed."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.application.errors import NotFound
from deadwax.infrastructure.signing import FileSigner, is_signed, key_id_of

DATA = b'{"a":1}'


def test_a_key_is_made_on_first_use_and_stays(tmp_path: Path) -> None:
    key = FileSigner(tmp_path).key()
    assert FileSigner(tmp_path).key() == key
    assert key_id_of(key.public_key) == key.id
    signature = FileSigner(tmp_path).sign(key.id, DATA)
    assert is_signed(DATA, signature, key.public_key)


def test_nobody_else_reads_the_private_key(tmp_path: Path) -> None:
    key = FileSigner(tmp_path).key()
    folder = tmp_path / "receipt-keys"
    assert stat.S_IMODE((folder / f"{key.id}.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_many_at_once_agree_on_the_first_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: FileSigner(tmp_path).key(), range(64)))
    assert len(keys) == 1
    assert len(FileSigner(tmp_path).known()) == 1


def test_what_was_signed_before_a_rotation_stays_valid(tmp_path: Path) -> None:
    signer = FileSigner(tmp_path)
    before = signer.key()
    signature = signer.sign(before.id, DATA)
    now = signer.rotate()
    assert now != before
    assert {known.id for known in signer.known()} == {before.id, now.id}
    assert is_signed(DATA, signature, before.public_key)
    with pytest.raises(NotFound):
        signer.sign(before.id, DATA)


@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_no_other_bytes_are_signed(data: bytes, at: int) -> None:
    key, signature = _SIGNED
    changed = bytearray(base64.b64decode(signature))
    changed[at % len(changed)] ^= 1 + at % 255
    assert not is_signed(DATA, base64.b64encode(changed).decode(), key)
    assert is_signed(data, signature, key) == (data == DATA)


@pytest.mark.parametrize("nonsense", ["", "x", "AAAA", "!" * 44])
def test_nonsense_is_no_signature_and_no_key(nonsense: str) -> None:
    key, signature = _SIGNED
    assert not is_signed(DATA, nonsense, key)
    assert not is_signed(DATA, signature, nonsense)
    assert key_id_of(nonsense) is None


@pytest.fixture(scope="module", autouse=True)
def _signed(tmp_path_factory: pytest.TempPathFactory) -> None:
    signer = FileSigner(tmp_path_factory.mktemp("secrets"))
    key = signer.key()
    _SIGNED[:] = [key.public_key, signer.sign(key.id, DATA)]


_SIGNED: list[str] = []
