"""An ERN message names the messages that travel beside it, and stays valid."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from tests.ern.conftest import single, spec_of

from deadwax.application.companions import CompanionSpec, companions_of, naming
from deadwax.application.messages import MessageKind, MessageSpec, SchemaCheck
from deadwax.domain.enrichment import Enrichment, TrackEnrichment
from deadwax.domain.target import NAMING_COMPANIONS, CompanionKind, ErnVersion
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.mead.builder import DdexEnrichments

MEAD = (CompanionKind.MEAD,)


@pytest.fixture
def single_message(spec: CompanionSpec) -> MessageSpec:
    """The single of the ERN tests, with something to say of it."""
    said = spec.release.enrichment
    assert said is not None
    isrc = single().tracks[0].isrc
    assert isrc is not None
    enrichment = Enrichment(release=said.release, tracks=(TrackEnrichment(isrc=isrc),))
    return spec_of(replace(single(), enrichment=enrichment), MessageKind.INITIAL)


@pytest.mark.parametrize("ern", sorted(NAMING_COMPANIONS))
def test_every_version_that_can_name_companions_does(
    ern: ErnVersion, single_message: MessageSpec, builder: DdexEnrichments, schemas: Path
) -> None:
    asked = replace(single_message, ern=ern)
    (companion,) = companions_of(asked, MEAD, builder)
    built = DdexMessages(schemas).build(naming(asked, [companion]))
    assert built.schema is SchemaCheck.VALID
    document = etree.fromstring(built.xml)
    assert document[-1].tag == "SupplementalDocumentList"
    (named,) = document[-1]
    assert named.findtext("URI") == f"resources/{companion.file_name}"
    assert named.findtext("HashSum/HashSumValue") == hashlib.md5(companion.xml).hexdigest()


def test_the_message_is_otherwise_the_same(
    single_message: MessageSpec, builder: DdexEnrichments, schemas: Path
) -> None:
    messages = DdexMessages(schemas)
    named = naming(single_message, companions_of(single_message, MEAD, builder))
    document = etree.fromstring(messages.build(named).xml)
    document.remove(document[-1])
    plain = replace(single_message, release=replace(single_message.release, enrichment=None))
    alone = etree.fromstring(messages.build(plain).xml)
    assert etree.tostring(document, method="c14n") == etree.tostring(alone, method="c14n")
