"""Fixing a message: its ids, its time and its bytes, once, for all its attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import deadwax
from deadwax.application.catalogue import Catalogue
from deadwax.application.companions import CompanionMessage, Enrichments, companions_of, naming
from deadwax.application.drafts import Draft
from deadwax.application.forms import Files, Wanted
from deadwax.application.message_ids import message_id
from deadwax.application.messages import (
    BatchSpec,
    BuiltMessage,
    MessageBuilder,
    MessageKind,
    MessageSpec,
    ResourceFile,
)
from deadwax.application.packaging import (
    delivery_type,
    package_of,
    release_ids,
)
from deadwax.application.ports import BatchNumbers, Keeping, StoredAsset
from deadwax.application.specs import Shape, Sources, Specs
from deadwax.domain.deal_rules import beyond_rights, rights_proof
from deadwax.domain.differences import Change
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Refused
from deadwax.domain.message_style import UpdateForm
from deadwax.domain.package_paths import PackagePaths
from deadwax.domain.plain import to_plain
from deadwax.domain.rights_proof import RightsProof

_PREVIEW = (".preview_start", ".preview_length")


_NO_BATCH = "0" * 17
"""Where names are tried, in place of a batch id."""


class Composer:
    def __init__(
        self,
        catalogue: Catalogue,
        assets: Keeping,
        messages: MessageBuilder,
        enrichments: Enrichments,
        batch_numbers: BatchNumbers,
    ) -> None:
        self._specs, self._assets = Specs(catalogue), assets
        self._messages, self._enrichments = messages, enrichments
        self._batch_numbers = batch_numbers

    def rehearse(self, distribution: Distribution) -> None:
        """Build the message and throw it away. Refused names everything that stands in the way."""
        sources = self._specs.sources(distribution)
        then = datetime(2000, 1, 1, tzinfo=UTC)
        shape = self._specs.whole(distribution, sources)
        files = self._specs.files(distribution, sources, shape)
        spec, _ = self._spec(distribution, "rehearsal", then, sources, shape, files)
        self._messages.build(spec)
        _prove(sources, spec)
        _judge(sources, spec, shape, files)
        choreography = sources.target.settings.choreography
        PackagePaths(choreography, _NO_BATCH).message(release_ids(spec.release))
        if choreography.has_manifest:
            delivery_type(spec, choreography)

    def still_stand(self, members: Sequence[Distribution]) -> bool:
        """Whether their composed messages still say what would be said now, and make up one
        whole delivery: then it can be resumed as it is."""
        together = sorted(d.id.hex for d in members)
        return all(self._still_stands(d) and _delivered_with(d) == together for d in members)

    def _still_stands(self, distribution: Distribution) -> bool:
        message = distribution.message
        if message is None or message["kind"] != distribution.kind:
            return False
        sources = self._specs.sources(distribution)
        same = Shape.stored(message).form == self._specs.form(distribution, sources)
        return bool(same and message["sources"] == sources.versions)

    def missing(self, distribution: Distribution) -> list[Wanted]:
        """The renditions that its next message needs and that were not made yet."""
        return self._specs.missing(distribution, self._specs.sources(distribution))

    def rebuild(self, distribution: Distribution) -> bytes:
        """The bytes of the message that `distribution` holds, built again from the log.

        `distribution` is as it was when the message was composed (Catalogue.as_of). The same
        history gives the same bytes, unless another version of the builder is at work.
        """
        message = distribution.message
        assert message is not None
        sources = self._specs.sources_of(distribution, message)
        then = datetime.fromisoformat(message["created_at"])
        shape = Shape.stored(message)
        files = self._specs.files(distribution, sources, shape)
        spec, _ = self._spec(distribution, message["id"], then, sources, shape, files)
        return self._messages.build(spec).xml

    def draft(self, distribution: Distribution, now: datetime) -> Draft | None:
        """Build the message; None if it is an update that would say what the platform goes by
        already, unless it is forced. Its bytes are kept in the asset store under their hash, as
        evidence and for the upload. Raises Refused."""
        now = now.astimezone(UTC).replace(microsecond=0)
        id = message_id(distribution.id, distribution.token)
        sources = self._specs.sources(distribution)
        updates = distribution.kind == MessageKind.UPDATE
        changes = self._specs.changes(distribution) if updates else None
        if distribution.known and changes == [] and not distribution.forced:
            return None
        shape = self._specs.shape(distribution, now, sources)
        files = self._specs.files(distribution, sources, shape)
        spec, companions = self._spec(distribution, id, now, sources, shape, files)
        proof = _prove(sources, spec)
        _judge(sources, spec, shape, files)
        spec, built, resources = self._built(distribution, spec, changes)
        choreography = sources.target.settings.choreography
        draft = Draft(
            distribution_id=distribution.id,
            target_id=distribution.target_id,
            spec=spec,
            built=built,
            resources=resources,
            companions=[(companion, self._put(companion.xml)) for companion in companions],
            versions=sources.versions,
            form=shape.form,
            renditions=shape.renditions,
            proof=proof,
            changes=changes,
            choreography=choreography,
            xml=self._put(built.xml),
            delivery=delivery_type(spec, choreography) if choreography.has_manifest else None,
        )
        # What stands in the way of this one alone must not stand in the way of a whole batch.
        package_of(PackagePaths(choreography, _NO_BATCH), [draft.files], None, self._put)
        return draft

    def _built(
        self, distribution: Distribution, spec: MessageSpec, changes: Sequence[Change] | None
    ) -> tuple[MessageSpec, BuiltMessage, tuple[ResourceFile, ...]]:
        """The message without files where the platform has them, else with; and the files that
        it relies on either way."""
        if not _may_leave_files(distribution, spec):
            whole = self._messages.build(spec)
            return spec, whole, whole.resources
        bare = replace(spec, with_files=False)
        alone, resources = self._messages.build(bare), self._messages.files(spec)
        if _has(distribution, resources) and not _cuts_anew(changes):
            return bare, alone, resources
        whole = self._messages.build(spec)
        if _has(distribution, resources) and not set(alone.omitted) - set(whole.omitted):
            return bare, alone, resources
        return spec, whole, resources

    def lay_out(self, drafts: Sequence[Draft]) -> list[dict[str, Any]]:
        """The fields of MessageComposed of each: one delivery to one target. Raises Refused."""
        if not drafts:
            return []
        choreography = drafts[0].choreography
        pulled = choreography.is_pulled
        name = drafts[0].spec.message_id if pulled else self._batch_numbers.next()
        paths = PackagePaths(choreography, name)
        manifest = self._manifest(paths, drafts) if choreography.has_manifest else None
        package = package_of(paths, [draft.files for draft in drafts], manifest, self._put)
        together = sorted(draft.distribution_id.hex for draft in drafts)
        return [
            {
                "id": draft.spec.message_id,
                "target_id": str(draft.target_id),
                "thread_id": draft.spec.thread_id,
                "kind": draft.spec.kind.value,
                "batch_id": paths.batch_id,
                "batch": together,
                **draft.ids,
                "created_at": draft.spec.created_at.isoformat(),
                "ern": draft.spec.ern.value,
                "schema": draft.built.schema.value,
                "builder": f"deadwax {deadwax.__version__}",
                "made_with": dict(draft.built.made_with),
                "sources": draft.versions,
                "form": to_plain(draft.form),
                "renditions": to_plain(draft.renditions),
                "with_files": draft.spec.with_files,
                "withdrawn_from": to_plain(draft.spec.withdrawn_from),
                "ends": to_plain(draft.spec.ends),
                "resources": [{"uri": r.uri, "sha256": r.sha256} for r in draft.resources],
                "omitted": list(draft.built.omitted),
                "changes": to_plain(draft.changes),
                "proof": to_plain(draft.proof),
                "xml_sha256": draft.xml.sha256,
                "choreography": f"{choreography.kind} {choreography.version}",
                "manifest_sha256": package.manifest_sha256,
                "files": to_plain(files),
                "companions": [
                    {
                        "kind": companion.kind.value,
                        "id": companion.message_id,
                        "file": companion.file_name,
                        "schema": companion.schema.value,
                        "sha256": stored.sha256,
                    }
                    for companion, stored in draft.companions
                ],
            }
            for draft, files in zip(drafts, package.by_release, strict=True)
        ]

    def _manifest(self, paths: PackagePaths, drafts: Sequence[Draft]) -> bytes:
        first = drafts[0].spec
        return self._messages.manifest(
            BatchSpec(
                version=paths.choreography.version,
                root=paths.root(drafts[0].ids),
                created_at=first.created_at,
                mode=first.mode,
                sender=first.sender,
                recipient=first.recipient,
                entries=tuple(draft.entry(paths) for draft in drafts),
            )
        )

    def _put(self, data: bytes) -> StoredAsset:
        return self._assets.put([data])

    def _spec(
        self,
        distribution: Distribution,
        id: str,
        now: datetime,
        sources: Sources,
        shape: Shape,
        files: Files,
    ) -> tuple[MessageSpec, tuple[CompanionMessage, ...]]:
        """What is said, and what travels beside it."""
        spec = self._specs.spec(distribution, id, now, sources, shape, files)
        wanted = sources.target.settings.companions
        companions = companions_of(spec, wanted, self._enrichments)
        return naming(spec, companions), companions


def _prove(sources: Sources, spec: MessageSpec) -> RightsProof | None:
    """That what the message offers is held; None if it offers nothing. Raises Refused."""
    if spec.kind in (MessageKind.TAKEDOWN, MessageKind.PURGE) and spec.ends is None:
        return None
    proof = rights_proof(sources.release.metadata, spec.recipient.dpid, spec.ends)
    if not proof.holds:
        raise Refused("The message would offer what is not held", beyond_rights(proof))
    return proof


def _judge(sources: Sources, spec: MessageSpec, shape: Shape, files: Files) -> None:
    """Refused for files that break the limits of their platform."""
    if spec.kind not in (MessageKind.TAKEDOWN, MessageKind.PURGE):
        files.require_within(sources.target.settings.media.limits_for(shape.form))


def _may_leave_files(d: Distribution, spec: MessageSpec) -> bool:
    """Whether the platform has files from a message of the same version, and its target does not
    want them again."""
    known = d.known
    if spec.kind is not MessageKind.UPDATE or known is None or d.forced:
        return False
    return bool(known["ern"] == spec.ern.value) and spec.style.updates is UpdateForm.METADATA


def _has(d: Distribution, resources: Sequence[ResourceFile]) -> bool:
    """Whether the platform has accepted these very files, under these names."""
    files = [{"uri": r.uri, "sha256": r.sha256} for r in resources]
    return bool(d.known and d.known.get("resources") == files)


def _cuts_anew(changes: Sequence[Change] | None) -> bool:
    """Whether a preview changed. Versions that tell of it with its file only leave it out of a
    message without files, so that the change would never be told."""
    return any(change.field.endswith(_PREVIEW) for change in changes or ())


def _delivered_with(d: Distribution) -> list[str]:
    """The distributions that share the delivery of its message, itself included."""
    assert d.message is not None
    return list(d.message.get("batch", [d.id.hex]))
