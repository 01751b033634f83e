"""Which targets can have companions."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from deadwax.application.companions import CompanionSpec
from deadwax.domain.addresses.parts import Host, SecretName
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.domain.errors import InvalidValue
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.target import CompanionKind, Confirmation, ErnVersion, TargetSettings
from deadwax.domain.texts import Name

BOTH = (CompanionKind.MEAD, CompanionKind.PIE)


def settings(
    spec: CompanionSpec, ern: ErnVersion, companions: tuple[CompanionKind, ...] = BOTH
) -> TargetSettings:
    return TargetSettings(
        platform=Name("Sandbox"),
        mode=spec.mode,
        protocol=Protocol.SFTP,
        address=SftpAddress(
            host=Host("sftp.example.com"), username=Name("deadwax"), secret=SecretName("sandbox")
        ),
        sender=spec.sender,
        recipient=spec.recipient,
        ern=ern,
        confirmation=Confirmation.NONE,
        companions=companions,
    )


@pytest.mark.parametrize("ern", [v for v in ErnVersion if v.startswith("4")])
def test_a_target_of_ern_4_may_want_companions(ern: ErnVersion, spec: CompanionSpec) -> None:
    wanted = settings(spec, ern)
    assert from_plain(TargetSettings, to_plain(wanted)) == wanted


@pytest.mark.parametrize("ern", [v for v in ErnVersion if v.startswith("3")])
def test_ern_3_has_no_place_to_name_them(ern: ErnVersion, spec: CompanionSpec) -> None:
    with pytest.raises(InvalidValue) as refused:
        settings(spec, ern)
    assert refused.value.code == "companions_not_named"
    body = to_plain(settings(spec, ern, ())) | {"companions": ["mead"]}
    with pytest.raises(ValidationError):
        TypeAdapter(TargetSettings).validate_python(body)


def test_a_target_of_before_wants_none(spec: CompanionSpec) -> None:
    plain = to_plain(settings(spec, ErnVersion.V43))
    del plain["companions"]
    assert from_plain(TargetSettings, plain).companions == ()
