"""What is asked of Google Cloud Storage where the emulator does not look, and its refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.couriers.gcs_site import Account, opened, token_endpoint
from tests.couriers.http_stub import Answer, stub

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.object_stores import Bucket, GcsAddress
from deadwax.domain.addresses.parts import BaseUrl, SecretName
from deadwax.domain.failures import FailureCategory

CONTENT = "ab" * 32


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with token_endpoint() as account:
        yield account


def address(endpoint: str) -> GcsAddress:
    return GcsAddress(bucket=Bucket("inbox"), secret=SecretName("gcs"), endpoint=BaseUrl(endpoint))


def answers(standing: dict[str, Any] | None, composed: int) -> Any:
    """Of a bucket where one whole part waits, and something stands there once composing failed."""
    tried: list[int] = []

    def answer(method: str, path: str) -> Answer:
        if "/compose" in path:
            tried.append(1)
            return composed, {"Content-Type": "application/json"}, b"{}"
        if method == "DELETE":
            return 204, {}, b""
        if "prefix=" in path:
            name = f".deadwax/album.wav/{CONTENT}.01-01"
            found = json.dumps({"items": [{"name": name, "size": "4"}]}).encode()
            return 200, {"Content-Type": "application/json"}, found
        if tried and standing is not None:
            return 200, {"Content-Type": "application/json"}, json.dumps(standing).encode()
        return 404, {}, b""

    return answer


def test_composing_is_on_condition_that_nothing_stands_there(account: Account) -> None:
    with stub(answers(None, 200)) as server:
        courier = opened(address(server.url), account.secret)
        courier.publish("album.wav")
        courier.close()
    [composing] = [asked for asked in server.asked if "/compose" in asked]
    assert "ifGenerationMatch=0" in composing
    assert any(asked.startswith("DELETE") for asked in server.asked)


@pytest.mark.parametrize(("content", "same"), [(CONTENT, True), ("cd" * 32, False)])
def test_what_was_there_first_is_looked_at(account: Account, content: str, same: bool) -> None:
    standing = {"name": "album.wav", "size": "4", "metadata": {"deadwax-content": content}}
    with stub(answers(standing, 412)) as server:
        courier = opened(address(server.url), account.secret)
        if same:
            courier.publish("album.wav")
        else:
            with pytest.raises(DeliveryFailed) as failed:
                courier.publish("album.wav")
            assert failed.value.category is FailureCategory.INTEGRITY
        courier.close()


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (401, FailureCategory.AUTH_INVALID),
        (403, FailureCategory.PERMISSION_DENIED),
        (404, FailureCategory.NOT_FOUND),
        (429, FailureCategory.API_RATE_LIMIT),
        (503, FailureCategory.API_UNAVAILABLE),
    ],
)
def test_a_refusal_has_its_category(
    account: Account, status: int, category: FailureCategory
) -> None:
    with stub(lambda method, path: (status, {"Retry-After": "60"}, b"{}")) as server:
        courier = opened(address(server.url), account.secret)
        with pytest.raises(DeliveryFailed) as failed:
            courier.list("inbox")
        courier.close()
    assert failed.value.category is category
    assert failed.value.retry_after is not None


@pytest.mark.parametrize("secret", ["", "{}", "[]", "not json"])
def test_a_secret_that_is_no_key_is_told_and_not_shown(secret: str) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        opened(address("http://127.0.0.1:1"), secret)
    assert failed.value.category is FailureCategory.AUTH_INVALID
