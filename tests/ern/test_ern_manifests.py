"""Manifests: every version, of one message and of many, and what they call a message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from deadwax.application.messages import (
    BatchSpec,
    DeliveryType,
    ProductType,
    SchemaCheck,
)
from deadwax.domain.choreography_versions import ChoreographyVersion
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.versions import CHOREOGRAPHIES

GOLDEN = Path(__file__).parents[1] / "golden" / "ern" / "4.3"
V = ChoreographyVersion


@pytest.mark.parametrize(
    ("file", "delivery"),
    [
        ("manifest_initial.xml", DeliveryType.NEW_RELEASE),
        ("manifest_update.xml", DeliveryType.REDELIVERY),
        ("manifest_takedown.xml", DeliveryType.TAKEDOWN),
    ],
)
def test_manifest_is_byte_for_byte_the_golden_file(
    file: str, delivery: DeliveryType, batch_spec: BatchSpec, messages: DdexMessages
) -> None:
    (entry,) = batch_spec.entries
    spec = replace(batch_spec, entries=(replace(entry, delivery=delivery),))

    assert messages.manifest(spec) == (GOLDEN / file).read_bytes()


def many(spec: BatchSpec, count: int) -> BatchSpec:
    """So many messages, of every type in turn."""
    (entry,) = spec.entries
    deliveries, products = list(DeliveryType), list(ProductType)
    return replace(
        spec,
        entries=tuple(
            replace(
                entry,
                message_id=f"{n:032x}.1",
                grid=entry.grid if n % 2 else None,
                url=f"./{n}/{n}.xml",
                delivery=deliveries[n % len(deliveries)],
                product=products[n % len(products)],
            )
            for n in range(count)
        ),
    )


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        (V.V15, SchemaCheck.NOT_CHECKED),
        (V.V16, SchemaCheck.VALID),
        (V.V17, SchemaCheck.NOT_CHECKED),
        (V.V18, SchemaCheck.VALID),
    ],
)
def test_manifest_is_valid_in_its_version_and_says_where_that_cannot_be_known(
    version: ChoreographyVersion,
    verdict: SchemaCheck,
    count: int,
    batch_spec: BatchSpec,
    messages: DdexMessages,
) -> None:
    xml = messages.manifest(replace(many(batch_spec, count), version=version))

    assert messages.check(xml) == (verdict, [])
    root = etree.fromstring(xml)
    assert etree.QName(root).namespace == CHOREOGRAPHIES[version].namespace
    assert root.findtext("NumberOfMessages") == str(count)
    assert len(root.findall("MessageInBatch")) == count


@pytest.mark.parametrize(
    ("version", "element"),
    [(V.V15, "HashSum"), (V.V16, "HashSum"), (V.V17, None), (V.V18, "HashSumValue")],
)
def test_hash_of_a_message_is_where_its_version_has_it(
    version: ChoreographyVersion,
    element: str | None,
    batch_spec: BatchSpec,
    messages: DdexMessages,
) -> None:
    root = etree.fromstring(messages.manifest(replace(batch_spec, version=version)))

    found = root.find("MessageInBatch/HashSum")
    if element is None:
        assert found is None
    else:
        assert found is not None
        assert found.findtext(element) == batch_spec.entries[0].md5


def test_every_delivery_and_product_type_is_one_of_ddex(schemas: Path) -> None:
    for version in (V.V16, V.V18):
        standard = CHOREOGRAPHIES[version]
        allowed = Schemas(schemas).allowed_values(standard, "MessageActionType")
        assert allowed is not None
        assert {t.value for t in DeliveryType} | {"UserDefined"} == allowed
        allowed = Schemas(schemas).allowed_values(standard, "ProductType")
        assert allowed is not None
        # Wallpapers and the like are not distributed here.
        assert {t.value for t in ProductType} | {"UserDefined", "GraphicsProduct"} == allowed
