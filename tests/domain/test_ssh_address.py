"""Addresses of SSH servers: what they trust, and what contradicts itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deadwax.domain.addresses.parts import Host, SecretName
from deadwax.domain.addresses.ssh import HostKey, ScpAddress, SftpAddress
from deadwax.domain.errors import InvalidValue
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.texts import Name

OLD, NEW, OTHER = (HostKey(f"SHA256:{letter * 43}") for letter in "ONX")
ADDRESS = SftpAddress(
    host=Host("sftp.example.com"), username=Name("label"), secret=SecretName("sftp"), host_key=OLD
)


def test_what_was_stored_before_there_were_several_keys_is_still_read() -> None:
    stored = {"host": "sftp.example.com", "username": "label", "secret": "sftp", "port": 22}
    read = from_plain(SftpAddress, {**stored, "root": ".", "host_key": OLD})
    assert read == ADDRESS
    assert read.trusted == (OLD,)
    assert read.evidence == {"endpoint": "sftp://sftp.example.com:22", "host_key": OLD}


@pytest.mark.parametrize("kind", [SftpAddress, ScpAddress])
def test_all_of_an_address_is_stored(kind: type[SftpAddress]) -> None:
    address = kind(
        host=ADDRESS.host,
        username=ADDRESS.username,
        secret=ADDRESS.secret,
        host_key=NEW,
        host_keys=(OLD, OTHER),
        certificate=SecretName("certificate"),
        agent=True,
    )
    assert from_plain(kind, to_plain(address)) == address


def test_a_key_is_trusted_beside_others_until_it_is_trusted_alone() -> None:
    changing = ADDRESS.trusting(NEW, beside=True)
    assert changing.trusted == (NEW, OLD)
    assert changing.trusting(OTHER, beside=True).trusted == (OTHER, NEW, OLD)
    assert changing.trusting(OLD, beside=True).trusted == (OLD, NEW)
    assert changing.trusting(NEW, beside=False).trusted == (NEW,)
    assert changing.evidence["host_key"] == f"{NEW} or {OLD}"


def test_nothing_is_trusted_by_itself() -> None:
    assert replace(ADDRESS, host_key=None).trusted == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"agent": True, "passphrase": SecretName("unlock")}, "passphrase_not_needed"),
        ({"host_keys": (NEW,) * 9}, "host_keys_too_many"),
        ({"port": 0}, "port_invalid"),
    ],
)
def test_what_contradicts_itself_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        replace(ADDRESS, **change)
    assert refused.value.code == code
