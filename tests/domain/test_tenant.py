"""Tenants with their labels, and the keys that act for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from deadwax.domain.api_key import ApiKey, ApiKeyIssued, Role
from deadwax.domain.assets import Asset, AssetFacts, ImageFacts
from deadwax.domain.cause import Cause, acting, current_cause
from deadwax.domain.errors import Refused
from deadwax.domain.identifiers import Dpid
from deadwax.domain.tenant import Label, Tenant, TenantKind
from deadwax.domain.texts import Name
from deadwax.domain.vocabulary import AssetKind

_ID = "5f0c0a1b9d3e4c53a2f7d1c6b8e4a901"
LABEL = Label(name=Name("Analog Revival"), dpid=Dpid("PADPIDA2013042401U"))


def replay(root: Any) -> Any:
    replayed: Any = None
    for event in root.collect_events():
        replayed = event.mutate(replayed)
    return replayed


def tenant() -> Tenant:
    return Tenant.register(UUID(int=7), name="Ada", kind=TenantKind.ARTIST, review=False)


def test_a_tenant_has_labels() -> None:
    registered = tenant()
    registered.add_label(LABEL)
    registered.add_label(Label(name=Name("Second Groove")))

    assert registered.labels["Analog Revival"] == LABEL
    assert sorted(registered.labels) == ["Analog Revival", "Second Groove"]
    assert vars(replay(registered)) == vars(registered)


def test_a_label_is_added_once() -> None:
    registered = tenant()
    registered.add_label(LABEL)
    registered.collect_events()

    with pytest.raises(Refused, match="There is a label Analog Revival already") as refused:
        registered.add_label(Label(name=Name("Analog Revival")))

    assert [p.code for p in refused.value.problems] == ["label_exists"]
    assert list(registered.collect_events()) == []


def test_a_key_admits_its_own_secret_only() -> None:
    key, text = ApiKey.issue(role=Role.MANAGER, name="laptop")
    parts = ApiKey.split(text)

    assert parts is not None
    assert parts[0] == key.id
    assert key.admits(parts[1])
    assert not key.admits(parts[1] + "x")
    assert not key.admits("")
    assert vars(replay(key)) == vars(key)


def test_a_revoked_key_admits_nobody() -> None:
    key, text = ApiKey.issue(role=Role.VIEWER, name="laptop")
    key.revoke()
    key.revoke()

    parts = ApiKey.split(text)
    assert parts is not None
    assert not key.admits(parts[1])
    assert len(list(key.collect_events())) == 2


def test_the_secret_is_in_no_event() -> None:
    key, text = ApiKey.issue(role=Role.ADMIN, name="laptop")
    [issued] = key.collect_events()

    assert isinstance(issued, ApiKeyIssued)
    assert text.rpartition("_")[2] not in repr(vars(issued))


def test_no_two_keys_are_alike() -> None:
    assert len({ApiKey.issue(role=Role.ADMIN, name="x")[1] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "text",
    [
        *("", "dwx", "dwx_", f"dwx_{_ID}", f"dwx_{_ID}_", "dwx_not-hex_secret"),
        f"abc_{_ID}_secret",
    ],
)
def test_what_has_not_the_form_of_a_key_is_no_key(text: str) -> None:
    assert ApiKey.split(text) is None


def test_a_secret_may_hold_underscores() -> None:
    id = uuid4()

    assert ApiKey.split(f"dwx_{id.hex}_a_b_c") == (id, "a_b_c")


def test_the_same_bytes_are_one_asset_of_a_tenant() -> None:
    facts = AssetFacts(
        sha256="a" * 64,
        md5="0" * 32,
        size=5,
        filename="cover.png",
        kind=AssetKind.IMAGE,
        image=ImageFacts(codec="PNG", width=3000, height=3000),
    )
    asset = Asset.store(UUID(int=7), facts)

    assert asset.facts == facts
    assert asset.id == Asset.store(UUID(int=7), facts).id
    assert asset.id != Asset.store(UUID(int=8), facts).id
    assert vars(replay(asset)) == vars(asset)


def test_an_event_is_caused_by_who_acts_now_and_nobody_else() -> None:
    outer = current_cause()
    with acting(Cause(UUID(int=9), "process:worker-1", "correlation-2", "event-1")):
        inside = tenant()
    after = tenant()

    assert inside.tenant_id == UUID(int=9)
    assert inside.last_event.actor == "process:worker-1"
    assert inside.last_event.causation_id == "event-1"
    assert (after.tenant_id, after.last_event.actor) == (outer.tenant_id, outer.actor)
