"""MEAD and PIE reach the platform with the release, and are fixed with its message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from lxml import etree
from tests.faults.rig import Rig

from deadwax.application import evidence
from deadwax.domain.distribution_events import AttentionNeeded, MessageComposed
from deadwax.domain.enrichment import Enrichment, ReleaseEnrichment
from deadwax.domain.enrichment_terms import ScopedTerm
from deadwax.domain.identifiers import Isni
from deadwax.domain.party_enrichment import PartyEnrichment, PartyNameType, PartyType
from deadwax.domain.release import Release
from deadwax.domain.target import CompanionKind, DeliveryTarget
from deadwax.domain.texts import Name


def test_companions_are_delivered_named_and_rebuilt(rig: Rig) -> None:
    rig.keep_what_arrived()
    id = rig.distribute()
    _enrich(rig, rig.distribution(id).release_id)
    _want(rig, rig.distribution(id).target_id)
    for _ in range(2):  # validate, deliver
        rig.container.deliveries.advance(id, lambda: True)

    (message,) = [e.message for e in rig.events(id) if isinstance(e, MessageComposed)]
    assert [c["kind"] for c in message["companions"]] == ["mead", "pie"]
    assert {c["schema"] for c in message["companions"]} == {"not checked"}
    upload = Path(rig.dsp.describe()["upload"])
    with rig.container.asset_store.open(message["xml_sha256"]) as kept:
        document = etree.fromstring(kept.read())
    named = [e.text for e in document.iterfind("SupplementalDocumentList/*/URI")]
    assert named == [f"resources/{c['file']}" for c in message["companions"]]
    for companion in message["companions"]:
        (path,) = (f["path"] for f in message["files"] if f["path"].endswith(companion["file"]))
        with rig.container.asset_store.open(companion["sha256"]) as kept:
            assert (upload / path).read_bytes() == kept.read()

    rebuilt = evidence.rebuild(rig.container.log, rig.container.composer, message["id"])
    assert rebuilt.equal


def test_what_cannot_be_said_stops_the_delivery_before_anything_is_sent(rig: Rig) -> None:
    id = rig.distribute()
    stranger = PartyEnrichment(
        name=Name("Nobody Here"), type=PartyType.GROUP, types=(PartyNameType.STAGE_NAME,)
    )
    _enrich(rig, rig.distribution(id).release_id, stranger)
    _want(rig, rig.distribution(id).target_id)
    rig.container.deliveries.advance(id, lambda: True)
    (needed,) = [e for e in rig.events(id) if isinstance(e, AttentionNeeded)]
    codes = {problem["code"] for problem in needed.problems}
    assert codes == {"party_id_missing", "enriched_party_unknown"}
    assert not [e for e in rig.events(id) if isinstance(e, MessageComposed)]


def _enrich(rig: Rig, release_id: UUID, party: PartyEnrichment | None = None) -> None:
    with rig.acting():
        release = rig.container.catalogue.get(Release, release_id)
        artist = release.metadata.artists[0].name
        described = party or PartyEnrichment(
            name=artist,
            isni=Isni("0000000121032683"),
            type=PartyType.GROUP,
            types=(PartyNameType.STAGE_NAME,),
        )
        enrichment = Enrichment(
            release=ReleaseEnrichment(moods=(ScopedTerm(value=Name("Chill")),)),
            parties=(described,),
        )
        rig.container.releases.amend(
            release.id, replace(release.metadata, enrichment=enrichment), None
        )


def _want(rig: Rig, target_id: UUID) -> None:
    with rig.acting():
        target = rig.container.catalogue.get(DeliveryTarget, target_id)
        settings = replace(target.settings, companions=tuple(CompanionKind))
        rig.container.targets.amend(target.id, settings, None)
