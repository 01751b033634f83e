"""A delivery target: its settings change, its mode does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from deadwax.domain.addresses.ftp import FtpAddress
from deadwax.domain.addresses.parts import Host, SecretName
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.addresses.ssh import HostKey, SftpAddress
from deadwax.domain.errors import InvalidValue, Refused
from deadwax.domain.identifiers import Dpid
from deadwax.domain.message_style import MessageStyle, TakedownForm
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.target import (
    Confirmation,
    DeliveryTarget,
    ErnVersion,
    Mode,
    Party,
    Route,
    TargetAmended,
    TargetSettings,
)
from deadwax.domain.texts import Name

PARTY = Party(dpid=Dpid("PADPIDA2013042401U"), name=Name("Analog Revival"))
KEY = HostKey("SHA256:uNiVztksCsDhcc0u9e8BrrJXVGe1qQvBaaq0NRc0v4E")
SETTINGS = TargetSettings(
    platform=Name("Sandbox"),
    mode=Mode.TEST,
    protocol=Protocol.SFTP,
    address=SftpAddress(
        host=Host("sftp.example.com"), username=Name("deadwax"), secret=SecretName("sandbox-sftp")
    ),
    sender=PARTY,
    recipient=PARTY,
    ern=ErnVersion.V43,
    confirmation=Confirmation.DDEX_ACKNOWLEDGEMENT,
)


def given(*amendments: TargetSettings) -> DeliveryTarget:
    target = DeliveryTarget.open(UUID(int=2), SETTINGS)
    for settings in amendments:
        target.amend(settings)
    target.collect_events()
    return target


def test_the_settings_come_back_as_they_were() -> None:
    assert given().settings == SETTINGS


def test_only_what_changed_is_stored() -> None:
    target = given()
    pinned = replace(SETTINGS, address=replace(SETTINGS.address, host_key=KEY))
    target.amend(pinned)

    [amended] = target.collect_events()
    assert isinstance(amended, TargetAmended)
    assert list(amended.changes) == ["address"]
    assert amended.changes["address"]["to"]["host_key"] == KEY
    assert target.settings == pinned


@pytest.mark.parametrize("ern", list(ErnVersion))
def test_a_takedown_is_flagged_where_the_version_has_the_flag(ern: ErnVersion) -> None:
    style = MessageStyle(takedown=TakedownForm.FLAG)
    if ern.startswith("3.8"):
        assert replace(SETTINGS, ern=ern, style=style).style is style
        return
    with pytest.raises(InvalidValue) as refused:
        replace(SETTINGS, ern=ern, style=style)
    assert refused.value.code == "takedown_form_unknown"


def test_a_key_that_is_no_longer_pinned_is_gone() -> None:
    pinned = replace(SETTINGS, address=replace(SETTINGS.address, host_key=KEY))

    assert given(pinned, SETTINGS).settings == SETTINGS


def test_the_same_settings_store_nothing() -> None:
    target = given()
    target.amend(SETTINGS)

    assert list(target.collect_events()) == []


def test_a_test_target_does_not_turn_into_a_live_one() -> None:
    target = given()

    with pytest.raises(Refused, match="A test target stays one") as refused:
        target.amend(replace(SETTINGS, mode=Mode.LIVE))

    assert [(p.code, p.field) for p in refused.value.problems] == [("mode_is_fixed", "mode")]
    assert list(target.collect_events()) == []


def test_a_replay_gives_the_same_target() -> None:
    target = DeliveryTarget.open(UUID(int=2), SETTINGS)
    target.amend(replace(SETTINGS, platform=Name("Another")))

    replayed: Any = None
    for event in target.collect_events():
        replayed = event.mutate(replayed)

    assert vars(replayed) == vars(target)


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(InvalidValue) as refused:
        replace(SETTINGS.address, port=port)

    assert (refused.value.code, refused.value.fix) == ("port_invalid", "Give the server's port.")


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (Host, "sftp://example.com"),
        (Host, "example.com/in"),
        (Host, ""),
        (HostKey, "MD5:aa:bb"),
        (HostKey, "SHA256:short"),
        (SecretName, "../etc/passwd"),
        (SecretName, "Spotify"),
        (SecretName, "a b"),
    ],
)
def test_what_is_no_address_is_refused_with_the_fix(
    kind: type[Host | HostKey | SecretName], wrong: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        kind(wrong)

    assert refused.value.code == kind.code
    assert refused.value.fix


def test_a_target_of_before_a_setting_existed_is_not_changed_by_its_default() -> None:
    target = given()
    del target.document["choreography"], target.document["style"]

    target.amend(SETTINGS)

    assert target.collect_events() == []


@pytest.mark.parametrize("as_fallback", [False, True])
def test_a_live_target_is_reached_in_the_clear_only_if_that_was_agreed(as_fallback: bool) -> None:
    clear = FtpAddress(host=Host("ftp.example.com"), username=Name("x"), secret=SecretName("x"))

    def settings(address: FtpAddress, mode: Mode) -> TargetSettings:
        way = Route(protocol=Protocol.FTP, address=address)
        if as_fallback:
            return replace(SETTINGS, mode=mode, fallback=way)
        return replace(SETTINGS, mode=mode, protocol=way.protocol, address=way.address)

    with pytest.raises(InvalidValue) as refused:
        settings(clear, Mode.LIVE)
    assert refused.value.code == "clear_text_not_agreed"
    settings(clear, Mode.TEST)
    agreed = settings(replace(clear, clear_text_agreed=True), Mode.LIVE)
    assert not clear.is_encrypted
    assert from_plain(TargetSettings, to_plain(agreed)) == agreed
