"""How a platform wants its deliveries laid out: a DDEX choreography, and what may be agreed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from deadwax.domain.choreography_versions import (
    RULES,
    BatchPriority,
    Checksums,
    ChoreographyKind,
    ChoreographyVersion,
    Completion,
    Rules,
    UploadOrder,
)
from deadwax.domain.errors import InvalidValue
from deadwax.domain.file_names import (
    FileNames,
    FixedFolder,
    FolderName,
    InReleaseFolder,
    MessageName,
)
from deadwax.domain.package_paths import PackagePaths, checksum_path

MOST_HOURS = 8_760
MOST_DAYS = 36_525
_ACKNOWLEDGEMENTS = FixedFolder("acknowledgements")


MOST_GATHERED = 1_000
MOST_GATHERING_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """Messages share a batch: up to `most`, the first of them waiting up to `seconds` for
    others. A takedown does not wait."""

    most: int
    seconds: int
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if not 2 <= self.most <= MOST_GATHERED:
            raise InvalidValue(
                "gathering_most_invalid",
                f"A batch cannot gather {self.most} messages.",
                f"Give 2 to {MOST_GATHERED}; leave gathering out for one message a batch.",
            )
        if not 0 <= self.seconds <= MOST_GATHERING_SECONDS:
            raise InvalidValue(
                "gathering_seconds_invalid",
                f"A message cannot wait {self.seconds} seconds for others.",
                f"Give 0 to {MOST_GATHERING_SECONDS}.",
            )


@dataclass(frozen=True, kw_only=True)
class Choreography:
    """A target's choreography. What is None is as DDEX has it for `kind` and `version`.

    `folder` holds a whole delivery, `release_folder` (in a batch) one message of it with its
    resources; `names` are the files in there. `marker` is the empty file of completion `marker`;
    `acknowledgements` the folder where the platform leaves its answers. `answer_hours` is how
    long it may take to answer; `back_catalogue_days` how long ago a release came out that is
    announced as back catalogue. Without `gathering` each message is a batch of its own.

    Raises InvalidValue for what no version of DDEX has, and for names that would collide.
    """

    kind: ChoreographyKind = ChoreographyKind.SFTP_BATCH
    version: ChoreographyVersion = ChoreographyVersion.V18
    priority: BatchPriority = BatchPriority.NORMAL
    folder: FolderName | None = None
    release_folder: InReleaseFolder | None = None
    names: FileNames | None = None
    order: UploadOrder = UploadOrder.RESOURCES_FIRST
    manifest: bool | None = None
    completion: Completion | None = None
    marker: MessageName | None = None
    checksums: Checksums = Checksums.NONE
    acknowledgements: FixedFolder = _ACKNOWLEDGEMENTS
    answer_hours: int | None = None
    back_catalogue_days: int | None = None
    gathering: Gathering | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        for code, message, fix in _contradictions(self):
            raise InvalidValue(code, message, fix)

    @property
    def is_batch(self) -> bool:
        return self.kind is ChoreographyKind.SFTP_BATCH

    @property
    def is_pulled(self) -> bool:
        """Whether the platform fetches each message from us."""
        return self.kind is ChoreographyKind.WEB_SERVICE

    @property
    def rules(self) -> Rules:
        return RULES[self.kind, self.version]

    @property
    def file_names(self) -> FileNames:
        return self.names or self.rules.names

    @property
    def has_manifest(self) -> bool:
        return self.is_batch if self.manifest is None else self.manifest

    @property
    def completed_by(self) -> Completion:
        if self.completion is not None:
            return self.completion
        return Completion.MANIFEST if self.is_batch else Completion.MESSAGE


def _contradictions(c: Choreography) -> Iterator[tuple[str, str, str]]:
    """Code, message and fix of what does not go together, the gravest first."""
    what = f"{c.kind.value} {c.version.value}"
    rules = RULES.get((c.kind, c.version))
    if rules is None:
        yield (
            "choreography_unknown",
            f"DDEX has no {what}: cloud storage came with 1.8, web services are at 1.7.",
            "Give the version of the kind, or another kind.",
        )
        return
    if c.priority not in rules.priorities:
        allowed = ", ".join(sorted(rules.priorities))
        yield (
            "priority_not_in_version",
            f"Folders of {what} do not have the priority {c.priority.value}.",
            f"Give one of {allowed}.",
        )
    if c.has_manifest and not c.is_batch:
        yield (
            "manifest_without_batch",
            f"A manifest lists the messages of a batch, and {what} has none.",
            "Leave the manifest out.",
        )
    if c.completed_by is Completion.MANIFEST and not c.has_manifest:
        yield (
            "completion_without_manifest",
            "The manifest shall complete the delivery, and none is sent.",
            "Send a manifest, or choose another completion.",
        )
    if c.is_batch and c.completed_by not in (Completion.MANIFEST, Completion.MARKER):
        yield (
            "batch_without_end",
            "A batch may hold many messages: none of them can say that it is whole.",
            "Complete batches with the manifest, or with a marker.",
        )
    if (c.completed_by is Completion.MARKER) != (c.marker is not None):
        yield (
            "marker_unclear",
            "A marker's name belongs to the completion `marker`, and to no other.",
            "Give both, or neither.",
        )
    if c.completed_by is Completion.MESSAGE and c.order is UploadOrder.MESSAGE_FIRST:
        yield (
            "message_first_and_last",
            "The message cannot complete the delivery and be its first file.",
            "Send resources first, or choose another completion.",
        )
    if c.release_folder is not None and not c.is_batch:
        yield (
            "release_folder_without_batch",
            f"In {what} the folder of the delivery is the folder of the release.",
            "Leave release_folder out.",
        )
    if c.folder is not None and "{batch}" not in c.folder:
        yield (
            "folder_not_unique",
            "Without {batch} a second delivery would get the folder of the first.",
            "Use {batch} in the folder.",
        )
    if c.folder is not None and c.is_batch and ("{icpn}" in c.folder or "{grid}" in c.folder):
        yield (
            "folder_not_of_batch",
            "The folder of a batch holds many releases and cannot be named after one.",
            "Use {priority} and {batch} only.",
        )
    if c.gathering is not None and not c.is_batch:
        yield (
            "gathering_without_batch",
            f"In {what} every release is a delivery of its own.",
            "Leave gathering out, or choose the kind sftp_batch.",
        )
    if c.is_pulled and not _plain(c):
        yield (
            "nothing_is_laid_out",
            f"In {what} the platform fetches what it wants from us; nothing lies in folders.",
            "Leave folder, manifest, completion, marker, checksums and order out.",
        )
    if c.answer_hours is not None and not 1 <= c.answer_hours <= MOST_HOURS:
        yield ("answer_hours_invalid", f"It is 1 to {MOST_HOURS}.", "Give the hours to wait.")
    if c.back_catalogue_days is not None and not 1 <= c.back_catalogue_days <= MOST_DAYS:
        said = f"It is 1 to {MOST_DAYS}."
        yield ("back_catalogue_days_invalid", said, "Give days, or leave it out.")
    twice = _collision(c)
    if twice:
        yield (
            "file_names_collide",
            f"Two different files would both be {twice}.",
            "Use placeholders that tell them apart, such as {disc} and {track}.",
        )


def _plain(c: Choreography) -> bool:
    """Whether nothing is asked for that needs folders to be filled."""
    usual = c.order is UploadOrder.RESOURCES_FIRST and c.checksums is Checksums.NONE
    return usual and c.folder is None and c.completed_by is Completion.MESSAGE


def _collision(c: Choreography) -> str | None:
    """A path that a delivery of two releases would use twice."""
    paths = PackagePaths(c, "20260102030405000")
    seen: set[str] = set()
    every: list[str] = []
    for release in _EXAMPLES if c.is_batch else _EXAMPLES[:1]:
        folder, named = paths.release(release), c.file_names.examples(release)
        every += [f"{folder}/{name}" for name in named]
        every.append(paths.message(release))
    if c.checksums is not Checksums.NONE:
        every += [checksum_path(path) for path in every]
    if c.has_manifest:
        every.append(paths.manifest(_EXAMPLES[0]))
    if c.completed_by is Completion.MARKER:
        every.append(paths.marker(_EXAMPLES[0]))
    for path in every:
        if path in seen:
            return path
        seen.add(path)
    return None


_EXAMPLES: tuple[dict[str, str], ...] = (
    {"icpn": "5901234123457", "grid": "A12425GABC1234002M"},
    {"icpn": "5901234123464", "grid": "A12425GABC1234003K"},
)


DDEX_BATCH = Choreography()
"""The batch of 1.8, everything as DDEX has it."""
