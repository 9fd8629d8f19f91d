"""Webhooks are proved before anything is done: each form of proof, and whatever is not one."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hook_gate import WINDOW_S, Handshake, NotProved, Proved, handshake, judge

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
NAMES = (
    b"x-hub-signature-256",
    b"x-hub-signature",
    b"x-notion-signature",
    b"webhook-signature",
    b"webhook-id",
    b"webhook-timestamp",
    b"x-gitlab-token",
    b"authorization",
    b"x-other",
)


def digest(body: bytes = BODY, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def standard(
    body: bytes = BODY, key: bytes = SECRET.encode(), at: datetime = NOW
) -> list[tuple[bytes, bytes]]:
    stamp = b"%d" % at.timestamp()
    made = base64.b64encode(hmac.new(key, b"msg_1." + stamp + b"." + body, hashlib.sha256).digest())
    return [
        (b"webhook-id", b"msg_1"),
        (b"webhook-timestamp", stamp),
        (b"webhook-signature", b"v1,AAAA v1," + made),
    ]


def test_the_example_of_githubs_documentation_is_proved() -> None:
    signature = b"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert isinstance(judge([(b"x-hub-signature-256", signature)], BODY, SECRET, NOW), Proved)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"x-hub-signature-256", b"sha256=" + digest()), (b"x-hub-signature", b"sha1=00")],
        [(b"x-hub-signature", b"sha256=" + digest())],
        [(b"x-notion-signature", b"sha256=" + digest())],
        [(b"x-gitlab-token", SECRET.encode()), (b"x-gitlab-event", b"Push Hook")],
        [(b"authorization", b"Bearer " + SECRET.encode())],
        standard(),
    ],
    ids=["github", "confluence", "notion", "gitlab's token", "bearer", "standard"],
)
def test_each_form_is_proved_and_no_other_secret_or_body(headers: list[tuple[bytes, bytes]]) -> None:
    assert isinstance(judge(headers, BODY, SECRET, NOW), Proved)
    assert isinstance(judge(headers, BODY, SECRET + "x", NOW), NotProved)
    assert isinstance(judge(headers, BODY, "", NOW), NotProved)
    signed = not any(name in (b"x-gitlab-token", b"authorization") for name, _ in headers)
    assert isinstance(judge(headers, BODY + b" ", SECRET, NOW), NotProved) is signed


def test_a_signing_token_of_gitlab_is_a_key_in_base64() -> None:
    key = b"0123456789abcdef0123456789abcdef"
    secret = "whsec_" + base64.b64encode(key).decode()
    assert isinstance(judge(standard(key=key), BODY, secret, NOW), Proved)


@pytest.mark.parametrize("off", [timedelta(seconds=WINDOW_S + 1), -timedelta(seconds=WINDOW_S + 1)])
def test_a_signed_time_that_is_far_off_proves_nothing(off: timedelta) -> None:
    assert isinstance(judge(standard(at=NOW + off), BODY, SECRET, NOW), NotProved)


def test_a_weaker_proof_beside_a_wrong_signature_is_not_looked_at() -> None:
    headers = [(b"x-hub-signature-256", b"sha256=" + b"0" * 64), (b"x-gitlab-token", SECRET.encode())]
    assert isinstance(judge(headers, BODY, SECRET, NOW), NotProved)


def test_a_proof_that_is_given_twice_is_none() -> None:
    headers = [(b"x-hub-signature-256", b"sha256=" + digest())]
    assert isinstance(judge(headers * 2, BODY, SECRET, NOW), NotProved)


def test_an_unset_secret_is_nobodys_key() -> None:
    for headers in (
        [(b"x-hub-signature-256", b"sha256=" + digest(secret=""))],
        [(b"x-gitlab-token", b"")],
        [(b"authorization", b"Bearer ")],
        standard(key=b""),
        [],
    ):
        assert isinstance(judge(headers, BODY, "", NOW), NotProved)
        assert isinstance(judge(headers, BODY, SECRET, NOW), NotProved)


def test_the_very_same_is_known_again_where_it_can_be() -> None:
    github = [(b"x-hub-signature-256", b"sha256=" + digest())]
    first, again = judge(github, BODY, SECRET, NOW), judge(github, BODY, SECRET, NOW + timedelta(hours=1))
    assert isinstance(first, Proved)
    assert first == again
    assert first.key
    token = judge([(b"x-gitlab-token", SECRET.encode())], BODY, SECRET, NOW)
    assert token == Proved()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.binary(max_size=90),
        ),
        max_size=6,
    ),
    st.binary(max_size=200),
)
def test_whatever_is_sent_without_the_secret_proves_nothing(
    headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    assert isinstance(judge(headers, body, SECRET, NOW), NotProved)


def test_notions_first_request_brings_a_token_and_nothing_else_is_taken_for_it() -> None:
    token = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
    assert handshake(json.dumps({"verification_token": token}).encode()) == Handshake(token)
    for body in (
        b"",
        b"[]",
        b"{",
        b'{"verification_token": 1}',
        b'{"verification_token": "a b"}',
        json.dumps({"verification_token": token, "type": "page.created"}).encode(),
        json.dumps({"verification_token": "x" * 500}).encode(),
        b"[" * 390,
    ):
        assert handshake(body) is None
