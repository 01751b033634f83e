"""Platforms with HTTP interfaces that are busy, down or lose their answers: what the operator
sees of it, and that each file arrives once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.couriers.http_addresses import BEARER, PUT, address
from tests.couriers.http_dsp import door
from tests.couriers.http_fixtures import Tls
from tests.couriers.http_site import Platform
from tests.faults.rig import BACKGROUND, Rig

from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.target import Confirmation, TargetSettings

pytestmark = pytest.mark.faults

_FILES = 5  # two tracks, a cover, the message, the manifest
_LOST_AT_THE_END = [*[{"method": "POST", "do": "nothing"}] * (_FILES - 1)]


def _by_http(rig: Rig, platform: Platform, account: str, **more: Any) -> TargetSettings:
    """Files are staged by PUT and shown by a POST each; nobody says what became of them."""
    where = address("rest", f"{platform.url}/bearer/{account}/rest", PUT, **more)
    rig.container.secrets.put(rig.tenant_id, "key", door.TOKEN)
    return replace(
        rig.settings(), protocol=Protocol.REST, address=where, confirmation=Confirmation.NONE
    )


def _failures(rig: Rig, id: UUID) -> list[Any]:
    return [event for event in rig.events(id) if event.TOPIC == "distribution.attempt_failed"]


@pytest.mark.parametrize(
    ("answers", "category", "strategy", "failed"),
    [
        pytest.param(
            [{"method": "PUT", "status": 429, "headers": {"Retry-After": "3"}}],
            *("api_rate_limit", "scheduled", 1),
            id="429 with Retry-After",
        ),
        pytest.param(
            [{"method": "PUT", "status": 503}] * 4,
            *("api_unavailable", "scheduled", 4),
            id="a burst of 503",
        ),
        pytest.param(
            [{"method": "PUT", "status": 503, "headers": {"Retry-After": "2"}}],
            *("api_unavailable", "scheduled", 1),
            id="503 with Retry-After",
        ),
        pytest.param(
            [{"method": "POST", "do": "lose"}],
            *("network_connectivity", "exponential", 1),
            id="the answer to a file is lost",
        ),
    ],
)
def test_a_platform_that_cannot_now_is_tried_again_when_it_can(
    rig: Rig,
    http_dsp: Platform,
    answers: list[dict[str, Any]],
    category: str,
    strategy: str,
    failed: int,
) -> None:
    busy, quiet = uuid4().hex, uuid4().hex
    http_dsp.instead(busy, *answers)
    rig.start("worker", *BACKGROUND)
    id = rig.distribute(target=rig.open_target(_by_http(rig, http_dsp, busy)))
    other = rig.distribute(target=rig.open_target(_by_http(rig, http_dsp, quiet)))
    rig.wait_for(other, "distributed")
    rig.wait_for(id, "distributed")
    failures = _failures(rig, id)
    assert [(f.category, f.strategy) for f in failures] == [(category, strategy)] * failed
    told = answers[0].get("headers", {}).get("Retry-After")
    if told:
        starts = [e for e in rig.events(id) if e.TOPIC == "distribution.attempt_started"]
        assert starts[1].timestamp - failures[0].timestamp > timedelta(seconds=int(told) - 1.5)
    assert _failures(rig, other) == []
    assert _shown(http_dsp, busy) == _FILES, "a lost answer is looked for, too"
    assert rig.topics(id).count("distribution.message_composed") == 1


def test_an_answer_that_is_lost_after_success_is_found_and_nothing_is_sent_again(
    rig: Rig, http_dsp: Platform
) -> None:
    account = uuid4().hex
    http_dsp.instead(account, *_LOST_AT_THE_END, {"method": "POST", "do": "lose"})
    rig.start("worker", *BACKGROUND)
    id = rig.distribute(target=rig.open_target(_by_http(rig, http_dsp, account)))
    rig.wait_for(id, "distributed")
    topics = rig.topics(id)
    assert topics.count("distribution.outcome_became_unknown") == 1
    assert topics.count("distribution.upload_started") == 1
    (sent,) = (event for event in rig.events(id) if event.TOPIC == "distribution.sent")
    assert sent.evidence["found"] == "manifest"
    assert _shown(http_dsp, account) == _FILES


def test_an_expired_certificate_is_told_and_a_new_one_is_taken(
    rig: Rig, platform_with_tls: Platform, http_tls: Tls
) -> None:
    auth = {**BEARER, "certificate": "certificate"}
    settings = _by_http(
        rig, platform_with_tls, uuid4().hex, auth=auth, authority=http_tls.authority
    )
    rig.container.secrets.put(rig.tenant_id, "certificate", http_tls.expired)
    rig.start("worker", *BACKGROUND)
    id = rig.distribute(target=rig.open_target(settings))
    rig.wait_for(id, "failed")
    assert [(f.category, f.strategy, f.advice) for f in _failures(rig, id)] == [
        *[("auth_expired", "refresh_credentials", "check_credentials")] * 2,
        ("auth_expired", "needs_a_person", "check_credentials"),
    ]
    rig.container.secrets.put(rig.tenant_id, "certificate", http_tls.client)
    with rig.acting():
        rig.container.distributions.retry(id)
    rig.wait_for(id, "distributed")


def _shown(platform: Platform, account: str) -> int:
    """How often a file was to be shown."""
    return platform.seen(account).count("POST publish")
