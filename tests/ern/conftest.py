"""The messages that the ERN tests start from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.conftest import required
from tests.ern.releases import album, single, spec_of

from deadwax.application.messages import (
    BatchEntry,
    BatchSpec,
    DeliveryType,
    MessageKind,
    MessageSpec,
    ProductType,
)
from deadwax.domain.choreography_versions import ChoreographyVersion
from deadwax.infrastructure.ern.builder import DdexMessages


@pytest.fixture(scope="session")
def samples(schemas: Path) -> Path:
    """DDEX's sample messages, beside the schemas."""
    folder = schemas.parent / "samples"
    required(folder.is_dir(), "DDEX samples beside the schemas")
    return folder


@pytest.fixture(scope="session")
def album_spec() -> MessageSpec:
    return spec_of(album(), MessageKind.INITIAL)


@pytest.fixture(scope="session")
def single_spec() -> MessageSpec:
    return spec_of(single(), MessageKind.INITIAL)


@pytest.fixture(scope="session")
def takedown_spec() -> MessageSpec:
    return spec_of(album(), MessageKind.TAKEDOWN)


@pytest.fixture(scope="session")
def messages(schemas: Path) -> DdexMessages:
    return DdexMessages(schemas)


@pytest.fixture(scope="session")
def batch_spec() -> BatchSpec:
    spec = spec_of(album(), MessageKind.INITIAL)
    return BatchSpec(
        version=ChoreographyVersion.V18,
        root="N_20261001123015000",
        created_at=spec.created_at,
        mode=spec.mode,
        sender=spec.sender,
        recipient=spec.recipient,
        entries=(
            BatchEntry(
                message_id=spec.message_id,
                icpn="5901234123457",
                grid="A12425GABC1234002M",
                url="./5901234123457/5901234123457.xml",
                md5=hashlib.md5(b"message").hexdigest(),
                delivery=DeliveryType.NEW_RELEASE,
                product=ProductType.AUDIO,
            ),
        ),
    )
