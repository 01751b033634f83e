"""What servers of S3 answer when something is wrong, and credentials that are not ours."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.couriers.http_stub import stub
from tests.couriers.object_servers import moto_server, numbers
from tests.couriers.s3_site import keys, new_bucket, opened

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.object_stores import (
    AssumedRole,
    Bucket,
    CredentialSource,
    ObjectAcl,
    PartChecksum,
    Region,
    RoleArn,
    S3Address,
    StoredAs,
)
from deadwax.domain.addresses.parts import BaseUrl, SecretName
from deadwax.domain.errors import InvalidValue
from deadwax.domain.failures import FailureCategory
from deadwax.domain.texts import Name
from deadwax.infrastructure.couriers.contract import MB, outgoing, some_bytes, upload


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with moto_server(tmp_path_factory.mktemp("moto")) as endpoint:
        yield endpoint


def address(endpoint: str, **more: Any) -> S3Address:
    secret = None if "credentials" in more else SecretName("s3")
    return S3Address(
        bucket=Bucket("inbox"),
        region=Region("us-east-1"),
        secret=secret,
        endpoint=BaseUrl(endpoint),
        **more,
    )


@pytest.mark.parametrize(
    ("status", "code", "category"),
    [
        (403, "AccessDenied", FailureCategory.PERMISSION_DENIED),
        (403, "InvalidAccessKeyId", FailureCategory.AUTH_INVALID),
        (403, "SignatureDoesNotMatch", FailureCategory.AUTH_INVALID),
        (400, "ExpiredToken", FailureCategory.AUTH_EXPIRED),
        (403, "RequestTimeTooSkewed", FailureCategory.AUTH_EXPIRED),
        (503, "SlowDown", FailureCategory.API_RATE_LIMIT),
        (503, "ServiceUnavailable", FailureCategory.API_UNAVAILABLE),
        (500, "InternalError", FailureCategory.API_UNAVAILABLE),
        (404, "NoSuchBucket", FailureCategory.NOT_FOUND),
        (400, "EntityTooLarge", FailureCategory.QUOTA_EXCEEDED),
        (507, "Whatever", FailureCategory.QUOTA_EXCEEDED),
        (403, "QuotaExceeded", FailureCategory.QUOTA_EXCEEDED),
        (429, "Whatever", FailureCategory.API_RATE_LIMIT),
        (400, "BadDigest", FailureCategory.INTEGRITY),
        (418, "Whatever", FailureCategory.UNKNOWN),
    ],
)
def test_an_answer_has_its_category_whichever_call_gets_it(
    status: int, code: str, category: FailureCategory
) -> None:
    body = f"<Error><Code>{code}</Code><Message>quotes a secret</Message></Error>".encode()
    with stub(lambda method, path: (status, {"Retry-After": "120"}, body)) as server:
        courier = opened(address(server.url), keys())
        for call in (lambda: courier.list("inbox"), lambda: courier.fetch("a.xml", 10)):
            with pytest.raises(DeliveryFailed) as failed:
                call()
            assert failed.value.category is category
            assert "quotes a secret" not in failed.value.detail
            wait = failed.value.retry_after
            assert wait is not None
            assert timedelta(0) < wait - datetime.now(UTC) <= timedelta(seconds=120)
        courier.close()


def test_what_the_answer_to_a_look_leaves_out_is_asked_for() -> None:
    """HEAD has no body: 403 alone may be a wrong key, or no leave."""
    body = b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
    with stub(lambda method, path: (403, {}, body)) as server:
        courier = opened(address(server.url), keys())
        with pytest.raises(DeliveryFailed) as failed:
            courier.size("album.wav")
        courier.close()
    assert failed.value.category is FailureCategory.AUTH_INVALID
    assert [asked.partition(" ")[0] for asked in server.asked] == ["HEAD", "GET"]


@pytest.mark.parametrize("secret", ["", "{}", "[1]", '{"access_key_id": "a"}', "not json"])
def test_a_secret_that_holds_no_keys_is_told_and_not_shown(secret: str) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        opened(address("http://127.0.0.1:1"), secret)
    assert failed.value.category is FailureCategory.AUTH_INVALID
    assert "s3" in failed.value.detail


def test_an_object_that_came_in_between_is_never_replaced(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the condition on completing: no look before it can tell."""
    site = new_bucket(moto, f"between-{next(numbers)}")
    courier = site.connect()
    upload(courier, outgoing("album.wav", b"ours.."))
    looked = courier._objects.look(courier._names.key("album.wav"))
    assert looked is None
    complete = courier._uploads.client.complete_multipart_upload

    def late(**request: Any) -> Any:
        site.write("album.wav", b"theirs")
        return complete(**request)

    monkeypatch.setattr(courier._uploads.client, "complete_multipart_upload", late)
    with pytest.raises(DeliveryFailed) as failed:
        courier.publish("album.wav")
    courier.close()
    assert failed.value.category is FailureCategory.INTEGRITY
    assert site.read("album.wav") == b"theirs"


def test_a_lost_answer_to_completing_is_found_out_by_looking(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new_bucket(moto, f"lost-{next(numbers)}")
    courier, data = site.connect(), some_bytes(11 * MB)
    upload(courier, outgoing("album.wav", data))
    complete = courier._uploads.client.complete_multipart_upload

    def twice(**request: Any) -> Any:
        complete(**request)
        return complete(**request)

    monkeypatch.setattr(courier._uploads.client, "complete_multipart_upload", twice)
    courier.publish("album.wav")
    assert not courier.pending("album.wav")
    assert site.read("album.wav") == data
    courier.close()


def test_objects_are_stored_as_the_platform_wants(moto: str) -> None:
    wanted = StoredAs(acl=ObjectAcl.BUCKET_OWNER_FULL_CONTROL, storage_class=Name("STANDARD_IA"))
    site = new_bucket(moto, f"stored-{next(numbers)}", stored_as=wanted)
    courier = site.connect()
    upload(courier, outgoing("album.wav", b"ours"))
    courier.publish("album.wav")
    courier.close()
    key = f"{site.address.prefix}/album.wav"
    found = site.client.head_object(Bucket=site.address.bucket, Key=key)
    assert found["StorageClass"] == "STANDARD_IA"


def test_a_role_is_assumed_with_the_id_that_the_platform_told(moto: str) -> None:
    role = AssumedRole(
        arn=RoleArn("arn:aws:iam::123456789012:role/delivery"),
        external_id=Name("label-1"),
        endpoint=BaseUrl(moto),
    )
    site = new_bucket(moto, f"role-{next(numbers)}", role=role)
    courier = site.connect()
    assert "publish" in courier.probe().steps
    used = courier._client._request_signer._credentials  # type: ignore[attr-defined]
    assert used.get_frozen_credentials().token
    courier.close()


def test_temporary_keys_of_a_role_are_asked_for_again_when_they_end() -> None:
    ends = iter([datetime.now(UTC) + timedelta(seconds=1), datetime.now(UTC) + timedelta(hours=1)])

    def answer(method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        if method == "POST":
            body = f"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
            <AssumeRoleResult><Credentials><AccessKeyId>a</AccessKeyId>
            <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
            <Expiration>{next(ends):%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>
            </AssumeRoleResult></AssumeRoleResponse>"""
            return 200, {"Content-Type": "text/xml"}, body.encode()
        return 200, {}, b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"

    with stub(answer) as server:
        arn = RoleArn("arn:aws:iam::123456789012:role/delivery")
        role = AssumedRole(arn=arn, endpoint=BaseUrl(server.url))
        courier = opened(address(server.url, role=role), keys())
        assert courier.list("inbox") == courier.list("inbox") == []
        courier.close()
    assert len([asked for asked in server.asked if asked.startswith("POST")]) == 2


def test_the_role_of_the_instance_is_only_taken_when_the_address_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = {"AccessKeyId": "instance", "SecretAccessKey": "s", "Token": "t"}
    given = json.dumps(ours | {"Expiration": "2999-01-01T00:00:00Z"}).encode()
    empty = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    with stub(lambda method, path: (200, {}, given if path == "/role" else empty)) as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/role")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "from-the-environment")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("AWS_PROFILE", "nobody")
        opened(address(server.url), keys()).list("inbox")
        assert not any("/role" in asked for asked in server.asked)
        instance = address(server.url, credentials=CredentialSource.INSTANCE_ROLE)
        opened(instance, "").list("inbox")
        assert any("/role" in asked for asked in server.asked)


def test_an_instance_without_a_role_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "from-the-environment")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    courier = opened(address("http://127.0.0.1:1", credentials=CredentialSource.INSTANCE_ROLE), "")
    with pytest.raises(DeliveryFailed) as failed:
        courier.list("inbox")
    assert failed.value.category is FailureCategory.AUTH_INVALID


def test_parts_are_sent_with_their_sha256_where_the_server_keeps_it(moto: str) -> None:
    site = new_bucket(moto, f"sha-{next(numbers)}", checksum=PartChecksum.SHA256)
    courier, data, sent = site.connect(), some_bytes(6 * MB), []
    courier._client.meta.events.register(
        "before-send.s3.UploadPart",
        lambda request, **_: sent.append(request.headers["x-amz-checksum-sha256"]),
    )
    upload(courier, outgoing("album.wav", data))
    courier.publish("album.wav")
    courier.close()
    parts = [data[: 5 * MB], data[5 * MB :]]
    assert [word.decode() for word in sent] == [_sha256(part) for part in parts]
    assert site.read("album.wav") == data


@pytest.mark.parametrize("same", [True, False])
def test_the_checksum_that_the_server_keeps_of_all_parts_proves_the_object(same: bool) -> None:
    """Also where the ETag is no MD5, as of what KMS encrypts."""
    data = some_bytes(6 * MB)
    digests = [hashlib.sha256(part).digest() for part in (data[: 5 * MB], data[5 * MB :])]
    whole = base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode()
    headers = {
        "Content-Length": str(len(data)),
        "ETag": '"e59ff97941044f85df5297e1c302d260-2"',
        "x-amz-checksum-sha256": f"{whole if same else _sha256(b'other')}-2",
    }
    other = {"Content-Length": str(64 * 1024)}
    with stub(
        lambda method, path: (200, headers, b"") if method == "HEAD" else (206, other, b"x" * 65536)
    ) as server:
        courier = opened(address(server.url, checksum=PartChecksum.SHA256), keys())
        if same:
            assert courier.verify(outgoing("album.wav", data)) == "sha256"
        else:
            with pytest.raises(DeliveryFailed) as failed:
                courier.verify(outgoing("album.wav", data))
            assert failed.value.category is FailureCategory.INTEGRITY
        courier.close()


def _sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": None},
        {"credentials": CredentialSource.INSTANCE_ROLE},
    ],
)
def test_who_we_are_is_said_in_exactly_one_way(wrong: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"bucket": "inbox", "region": "us-east-1", "secret": "s3"}
    with pytest.raises(InvalidValue) as refused:
        S3Address(**fields | wrong)
    assert refused.value.code == "credentials_unclear"


def test_a_key_of_kms_goes_with_kms_only() -> None:
    with pytest.raises(InvalidValue) as refused:
        StoredAs(kms_key=Name("alias/dsp"))
    assert refused.value.code == "kms_key_without_kms"
