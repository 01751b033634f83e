"""Logging in by SSH: whom we trust, and what we prove ourselves with."""

from __future__ import annotations

import getpass
import os
import subprocess
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import pytest
from tests.couriers.ssh_site import (
    OTHER_HOST_KEY,
    PASSWORD,
    AnyPassword,
    SshSite,
    new_key,
    opened,
    private,
)
from tests.couriers.sshd import Sshd, running

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.keys import private_key

Serve = Callable[..., SshSite]


def only(key: asyncssh.SSHKey) -> type[asyncssh.SSHServer]:
    """A server that lets in whoever holds this key."""

    class OneKey(asyncssh.SSHServer):
        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, candidate: asyncssh.SSHKey) -> bool:
            return candidate.public_data == key.public_data

    return OneKey


# -- the server's key


def _recording() -> tuple[type[asyncssh.SSHServer], list[str]]:
    seen: list[str] = []

    class Recorder(AnyPassword):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            seen.append("connected")

        def begin_auth(self, username: str) -> bool:
            seen.append(f"user {username}")
            return True

    return Recorder, seen


@pytest.mark.parametrize("pinned", [None, "SHA256:" + "A" * 43])
def test_no_credential_is_sent_to_a_host_key_that_is_not_pinned(
    serve: Serve, pinned: str | None
) -> None:
    recorder, seen = _recording()
    server = serve(login=recorder)
    host_key = server.address.host_key
    assert host_key is not None
    with pytest.raises(DeliveryFailed) as failed:
        opened(replace(server.address, host_key=pinned), server.secret)
    assert failed.value.category is FailureCategory.AUTH_INVALID
    assert host_key in failed.value.detail
    assert set(seen) == {"connected"}
    server.connect().close()
    assert seen[-1] == "user deadwax"


@pytest.fixture(scope="module")
def sshd_of_three_keys(
    sshd_binary: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sshd]:
    kinds = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")
    with running(sshd_binary, tmp_path_factory.mktemp("three"), kinds) as sshd:
        yield sshd


@pytest.mark.parametrize("number", [0, 1, 2])
def test_any_of_the_keys_that_a_server_has_may_be_the_pinned_one(
    sshd_of_three_keys: Sshd, number: int
) -> None:
    """A server with several shows the first that we ask for."""
    pinned = sshd_of_three_keys.host_keys[number].get_fingerprint()
    address = SftpAddress(**sshd_of_three_keys.login | {"host_key": pinned})
    for _ in range(2):  # the second time it is remembered which kind it was
        courier = opened(address, private(sshd_of_three_keys.key))
        assert courier.probe().proof == {"host_key": pinned}
        courier.close()


def test_a_server_with_none_of_the_pinned_keys_is_told_what_it_has(
    sshd_of_three_keys: Sshd,
) -> None:
    address = SftpAddress(**sshd_of_three_keys.login | {"host_key": OTHER_HOST_KEY})
    with pytest.raises(DeliveryFailed) as failed:
        opened(address, private(sshd_of_three_keys.key))
    for key in sshd_of_three_keys.host_keys:
        assert key.get_fingerprint() in failed.value.detail
    assert failed.value.category is FailureCategory.AUTH_INVALID


def test_several_keys_are_trusted_while_a_server_changes_its_own(sshd: Sshd) -> None:
    known = SftpAddress(**sshd.login)
    assert known.host_key is not None
    changing = known.trusting(OTHER_HOST_KEY, beside=True)
    assert (changing.host_key, changing.trusted) == (
        OTHER_HOST_KEY,
        (OTHER_HOST_KEY, known.host_key),
    )
    opened(changing, private(sshd.key)).close()
    assert changing.trusting(known.host_key, beside=False) == known


# -- our password


class _Asking(asyncssh.SSHServer):
    """Passwords by keyboard-interactive alone."""

    asked: Sequence[tuple[str, bool]] = (("Password: ", False),)

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> object:
        return "", "", "", self.asked

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        return list(responses) == [PASSWORD]


def test_a_server_that_asks_for_the_password_by_a_question_gets_it(serve: Serve) -> None:
    server = serve(login=_Asking)
    opened(server.address, PASSWORD).close()
    with pytest.raises(DeliveryFailed) as failed:
        opened(server.address, "another")
    assert failed.value.category is FailureCategory.AUTH_INVALID


@pytest.mark.parametrize(
    "asked",
    [(("Password: ", False), ("Code: ", False)), (("Your name: ", True),)],
)
def test_a_question_for_anything_else_gets_no_password(
    serve: Serve, asked: Sequence[tuple[str, bool]]
) -> None:
    answers: list[str] = []

    class Curious(_Asking):
        def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
            answers.extend(responses)
            return False

    Curious.asked = asked
    with pytest.raises(DeliveryFailed) as failed:
        opened(serve(login=Curious).address, PASSWORD)
    assert failed.value.category is FailureCategory.AUTH_INVALID
    assert asked[-1][0].strip() in failed.value.detail
    assert set(answers) == {""}


# -- our key


@pytest.mark.parametrize(
    "body", ["", "bm90IGEga2V5", "c2VjcmV0LWtleS1tYXRlcmlhbA==\n" * 9, "\u00e9\u00e9"]
)
def test_a_private_key_that_cannot_be_read_is_refused_without_being_told(
    serve: Serve, body: str
) -> None:
    server = serve()
    kind = "OPENSSH PRIVATE KEY"
    secret = f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n"
    with pytest.raises(DeliveryFailed) as failed:
        opened(server.address, secret, 20.0)
    assert failed.value.category is FailureCategory.AUTH_INVALID
    told = "".join(traceback.format_exception(failed.value))
    assert not body.strip() or body.strip() not in told


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem", "pkcs1-pem"])
def test_a_locked_private_key_needs_its_passphrase(serve: Serve, form: str) -> None:
    key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    locked = key.export_private_key(form, passphrase="open sesame").decode()
    server = serve(login=only(key))
    unlocked = replace(server.address, passphrase="unlock")
    for address, told in (
        (server.address, "name it in passphrase"),
        (unlocked, "cannot be unlocked"),
    ):
        with pytest.raises(DeliveryFailed, match=told) as failed:
            opened(address, locked, unlock="open barley")
        assert failed.value.category is FailureCategory.AUTH_INVALID
        assert "barley" not in failed.value.detail
    opened(unlocked, locked, unlock="open sesame\n").close()


def test_a_passphrase_for_a_key_that_has_none_is_told(serve: Serve) -> None:
    server = serve()
    address = replace(server.address, passphrase="unlock")
    with pytest.raises(DeliveryFailed, match="not locked"):
        opened(address, private(new_key()), unlock="open sesame")


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_every_common_kind_of_private_key_logs_in(serve: Serve, algorithm: str, form: str) -> None:
    key = asyncssh.generate_private_key(algorithm)
    server = serve(login=only(key))
    courier = opened(server.address, key.export_private_key(form).decode())
    assert courier.list(".") == []
    courier.close()


def test_keys_of_any_length_are_read() -> None:
    for comment in ("", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg"):
        key = asyncssh.generate_private_key("ecdsa-sha2-nistp256", comment=comment or None)
        read = private_key(key.export_private_key().decode())
        assert read.asbytes() == key.public_data


# -- a certificate for our key


@pytest.fixture
def authority() -> asyncssh.SSHKey:
    return new_key()


@pytest.fixture
def sshd_that_trusts_it(
    sshd_binary: str, tmp_path: Path, authority: asyncssh.SSHKey
) -> Iterator[Sshd]:
    (tmp_path / "ca.pub").write_bytes(authority.export_public_key())
    option = f"TrustedUserCAKeys {tmp_path / 'ca.pub'}"
    with running(sshd_binary, tmp_path, ("ssh-ed25519",), option) as sshd:
        yield sshd


def _certificate(authority: asyncssh.SSHKey, key: asyncssh.SSHKey, **times: datetime) -> str:
    made = authority.generate_user_certificate(
        key, "deadwax", principals=[getpass.getuser()], **times
    )
    return made.export_certificate().decode()


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_a_certified_key_logs_in(
    sshd_that_trusts_it: Sshd, authority: asyncssh.SSHKey, kind: str
) -> None:
    key = asyncssh.generate_private_key(kind)
    address = SftpAddress(**sshd_that_trusts_it.login, certificate="cert")
    opened(address, private(key), cert=_certificate(authority, key)).close()
    with pytest.raises(DeliveryFailed) as failed:
        opened(address, private(key), cert=_certificate(new_key(), key))
    assert failed.value.category is FailureCategory.AUTH_INVALID


def test_an_expired_certificate_is_told_apart(
    sshd_that_trusts_it: Sshd, authority: asyncssh.SSHKey
) -> None:
    key = new_key()
    times = {
        "valid_after": datetime(2020, 1, 1, tzinfo=UTC),
        "valid_before": datetime(2020, 2, 1, tzinfo=UTC),
    }
    address = SftpAddress(**sshd_that_trusts_it.login, certificate="cert")
    with pytest.raises(DeliveryFailed, match="expired on 2020-0") as failed:
        opened(address, private(key), cert=_certificate(authority, key, **times))
    assert failed.value.category is FailureCategory.AUTH_EXPIRED


@pytest.mark.parametrize("certificate", ["", "ssh-ed25519", "ssh-ed25519 bm90IG9uZQ==", "\u00e9 !"])
def test_a_certificate_that_is_none_is_refused(sshd: Sshd, certificate: str) -> None:
    address = SftpAddress(**sshd.login, certificate="cert")
    with pytest.raises(DeliveryFailed, match="certificate cannot be read") as failed:
        opened(address, private(sshd.key), cert=certificate)
    assert failed.value.category is FailureCategory.AUTH_INVALID


# -- an agent that holds our key


@pytest.fixture
def agent(short_tmp: Path, sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """OpenSSH's agent, holding the key of `sshd` and another."""
    socket = short_tmp / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            assert process.poll() is None
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        for number, key in enumerate((new_key(), sshd.key)):
            path = short_tmp / f"key{number}"
            path.touch(mode=0o600)
            path.write_text(private(key))
            subprocess.run(["ssh-add", "-q", str(path)], check=True, env=dict(os.environ))
        yield
    finally:
        process.terminate()
        process.wait()


def _public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode()


def test_an_agent_signs_with_the_key_that_was_named(agent: None, sshd: Sshd) -> None:
    address = SftpAddress(**sshd.login, agent=True)
    courier = opened(address, _public(sshd.key))
    courier.probe()
    courier.close()


def test_no_other_key_of_the_agent_is_tried(agent: None, sshd: Sshd) -> None:
    address = SftpAddress(**sshd.login, agent=True)
    with pytest.raises(DeliveryFailed, match="does not hold the key") as failed:
        opened(address, _public(new_key()))
    assert failed.value.category is FailureCategory.AUTH_INVALID


def test_an_agent_is_only_asked_by_an_address_that_says_so(agent: None, sshd: Sshd) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        opened(SftpAddress(**sshd.login), _public(sshd.key))
    assert failed.value.category is FailureCategory.AUTH_INVALID


def test_an_agent_that_is_not_there_is_told(sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nowhere")
    with pytest.raises(DeliveryFailed, match="SSH_AUTH_SOCK") as failed:
        opened(SftpAddress(**sshd.login, agent=True), _public(sshd.key))
    assert failed.value.category is FailureCategory.AUTH_INVALID


def test_a_private_key_is_not_what_an_agent_needs(agent: None, sshd: Sshd) -> None:
    with pytest.raises(DeliveryFailed, match="the secret is the public key"):
        opened(SftpAddress(**sshd.login, agent=True), private(sshd.key))
