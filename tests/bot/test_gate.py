"""The gate: only what Slack signed, now, and in a form that Slack uses, gets past it."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.gate import (
    MOST_BYTES,
    CertificateCheck,
    Challenge,
    Letter,
    Opened,
    Refused,
    Request,
    SigningSecrets,
    Throttled,
    look,
    open_letter,
)
from tests.bot.signing import FORM, JSON, SECRET, signature, signed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRETS = SigningSecrets(SECRET)
EVENT = json.dumps(
    {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_mention", "text": "hi"}}
).encode()

Headers = list[tuple[bytes, bytes]]


def judged(headers: Headers, body: bytes, secrets: SigningSecrets = SECRETS, now: datetime = NOW) -> Any:
    letter = look(headers, now)
    if isinstance(letter, Refused):
        return letter
    if len(body) > letter.most_bytes:
        return Refused(413, "too long")
    return open_letter(letter, body, secrets.at(now))


def with_header(headers: Headers, name: bytes, *values: bytes) -> Headers:
    """The headers with one replaced: by none, by another, or by several."""
    return [each for each in headers if each[0] != name] + [(name, value) for value in values]


def test_what_slack_signed_is_opened() -> None:
    opened = judged(signed(AT, EVENT), EVENT)
    assert isinstance(opened, Request)
    assert opened.body["event"]["text"] == "hi"
    assert opened.keys == ("event:Ev1",)
    assert opened.retry is None


def test_slacks_own_example_fits() -> None:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = [
        (b"content-type", FORM),
        (b"x-slack-request-timestamp", b"1531420618"),
        (b"x-slack-signature", b"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
    ]
    secrets = SigningSecrets("8f742231b10e8888abcd99yyyzzz85a5")
    opened = judged(headers, body, secrets, datetime.fromtimestamp(1531420618, UTC))
    assert isinstance(opened, Request)
    assert opened.body["command"] == "/webhook-collect"
    assert opened.body["text"] == ""


def test_retry_headers_are_kept_where_they_are_of_slacks_form() -> None:
    repeat = [(b"x-slack-retry-num", b"2"), (b"x-slack-retry-reason", b"http_timeout")]
    assert judged(signed(AT, EVENT) + repeat, EVENT).retry == ("2", "http_timeout")
    wild = [(b"x-slack-retry-num", b"2\r\nX"), (b"x-slack-retry-reason", b"<script>")]
    assert judged(signed(AT, EVENT) + wild, EVENT).retry is None


@pytest.mark.parametrize(
    "given_signature",
    [
        *(b"", b"v0=", b"v0", b"v1=" + b"0" * 64, b"v0=" + b"0" * 63, b"v0=" + b"0" * 65, b"v0=" + b"g" * 64),
        *(signature(AT, EVENT).upper(), signature(AT, EVENT) + b" ", b" " + signature(AT, EVENT)),
        *(
            b"v0=" + "é".encode() * 32,
            b"v0=" + b"\xff" * 64,
            b"v0=" + "٣".encode() * 64,
            b"x" * 10_000,
        ),
        signature(AT, EVENT, "another-secret-of-32-characters!"),
        signature(AT + 1, EVENT),
        signature(AT, EVENT + b" "),
        signature(AT, EVENT) + b"\n",
    ],
)
def test_sp13_a_signature_that_is_wrong_in_any_way_is_401(given_signature: bytes) -> None:
    refused = judged(with_header(signed(AT, EVENT), b"x-slack-signature", given_signature), EVENT)
    assert isinstance(refused, Refused)
    assert refused.status == 401


def test_sp13_no_signature_and_two_are_401() -> None:
    right = signature(AT, EVENT)
    for values in ((), (right, right), (b"v0=" + b"0" * 64, right)):
        refused = judged(with_header(signed(AT, EVENT), b"x-slack-signature", *values), EVENT)
        assert isinstance(refused, Refused)
        assert refused.status == 401


def test_sp13_the_old_secret_counts_within_its_grace_window_only() -> None:
    until = NOW + timedelta(hours=1)
    rotated = SigningSecrets("0123456789abcdef0123456789abcdef", SECRET, until)
    assert isinstance(judged(signed(AT, EVENT), EVENT, rotated), Request)
    later = NOW + timedelta(hours=1)
    old, new = signed(int(later.timestamp()), EVENT), rotated.current
    assert judged(old, EVENT, rotated, later).status == 401
    now_signed = signed(int(later.timestamp()), EVENT, secret=new)
    assert isinstance(judged(now_signed, EVENT, rotated, later), Request)
    assert SECRET not in repr(rotated)


@pytest.mark.parametrize(
    "timestamp",
    [
        *(b"", b"abc", b"1e9", b"-1", b"0", b" ", b"1" * 5000, b"9" * 10, b"99999999999", b"0x6", b"1.5"),
        *(b"%d\n" % AT, b" %d" % AT, b"+%d" % AT, b"%d.0" % AT, b"0%d" % AT, "١٧٧٢٤٤٢٠٠٠".encode()),
        *(b"%d" % (AT - 360), b"%d" % (AT + 360)),
    ],
)
def test_sp14_a_timestamp_that_is_wrong_in_any_way_is_401(timestamp: bytes) -> None:
    digest = signature(AT, EVENT)
    if timestamp.strip().isdigit() and len(timestamp) <= 10:
        digest = signature(int(timestamp), EVENT)  # signed for that time, and still refused
    headers = with_header(signed(AT, EVENT), b"x-slack-signature", digest)
    refused = judged(with_header(headers, b"x-slack-request-timestamp", timestamp), EVENT)
    assert isinstance(refused, Refused)
    assert refused.status == 401


@pytest.mark.parametrize("off", [-299, 0, 299])
def test_sp14_five_minutes_either_way_are_allowed(off: int) -> None:
    assert isinstance(judged(signed(AT + off, EVENT), EVENT), Request)


def test_sp15_the_order_of_headers_does_not_matter_and_another_body_does() -> None:
    assert isinstance(judged(signed(AT, EVENT)[::-1], EVENT), Request)
    foreign = EVENT.replace(b"Ev1", b"Ev2")
    refused = judged(signed(AT, EVENT), foreign)
    assert isinstance(refused, Refused)
    assert refused.status == 401


NASTY = {
    "bad JSON": b"{",
    "null": b"null",
    "a list": b"[1]",
    "a number": b"7",
    "deep": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "invalid UTF-8": b'{"type":"\xff\xfe"}',
    "duplicate keys": b'{"type":"event_callback","type":"url_verification","challenge":"x"}',
    "a form as JSON": b"type=url_verification&challenge=x",
    "NaN": b'{"type":NaN}',
    "huge number": b'{"type":' + b"9" * 100_000 + b"}",
    "a BOM": b'\xef\xbb\xbf{"type":"event_callback"}',
    "gzip": b"\x1f\x8b\x08\x00",
    "empty": b"",
}


@pytest.mark.parametrize("content_type", [JSON, FORM, b"", b"text/plain", b"application/json; charset=utf-7"])
@pytest.mark.parametrize("name", NASTY)
def test_sp16_nothing_of_an_unsigned_body_is_parsed(name: str, content_type: bytes) -> None:
    headers = with_header(signed(AT, NASTY[name]), b"content-type", content_type)
    for wrong in (
        [each for each in headers if not each[0].startswith(b"x-slack")],
        with_header(headers, b"x-slack-signature", b"v0=" + b"0" * 64),
    ):
        started = time.process_time()
        refused = judged(wrong, NASTY[name])
        assert isinstance(refused, Refused)
        assert refused.status in (401, 413, 415)
        assert time.process_time() - started < 0.05


@pytest.mark.parametrize("content_type", [JSON, FORM])
@pytest.mark.parametrize("name", NASTY)
def test_sp16_signed_nonsense_is_refused_without_an_exception(name: str, content_type: bytes) -> None:
    refused = judged(signed(AT, NASTY[name], content_type), NASTY[name])
    if name == "duplicate keys" and content_type == JSON:
        assert isinstance(
            refused, Challenge
        )  # JSON's own rule: the last counts, and it was Slack that signed
    else:
        assert isinstance(refused, Refused)
        assert refused.status == 400


def test_sp16_twenty_megabytes_are_refused_by_their_announcement() -> None:
    for length in (b"%d" % (MOST_BYTES + 1), b"20000000", b"9" * 10, b"9" * 400, b"-1", b"1e3", b""):
        refused = look(with_header(signed(AT, EVENT), b"content-length", length), NOW)
        assert isinstance(refused, Refused)
        assert refused.status == 413


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"gzip, identity", b"x"])
def test_sp16_compressed_bodies_are_refused(coding: bytes) -> None:
    refused = look([*signed(AT, EVENT), (b"content-encoding", coding)], NOW)
    assert isinstance(refused, Refused)
    assert refused.status == 415


def test_sp17_an_unsigned_certificate_check_is_answered_and_nothing_else_in_it() -> None:
    def unsigned(body: bytes) -> Any:
        return judged([(b"content-type", FORM), (b"content-length", b"%d" % len(body))], body)

    assert isinstance(unsigned(b"ssl_check=1"), CertificateCheck)
    assert isinstance(unsigned(b"ssl_check=1&token=abcDEF123"), CertificateCheck)
    assert isinstance(unsigned(b"token=abcDEF123&ssl_check=1"), CertificateCheck)
    command = {"ssl_check": "1", "command": "/lore", "text": "sync", "user_id": "U1", "team_id": "T1"}
    for body in (
        urlencode(command).encode(),
        b"ssl_check=1&command=%2Flore",
        b"ssl_check=1\n",
        b"ssl_check=11",
    ):
        assert unsigned(body).status == 401


def test_sp17_a_signed_certificate_check_runs_no_command_that_is_in_it() -> None:
    body = urlencode({"ssl_check": "1", "command": "/lore", "text": "sync"}).encode()
    assert isinstance(judged(signed(AT, body, FORM), body), CertificateCheck)


def test_sp17_a_challenge_is_answered_only_when_it_is_signed() -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    assert judged(signed(AT, body), body) == Challenge("3eZbrw1aB")
    assert judged([(b"content-type", JSON)], body).status == 401
    for challenge in (None, 7, ["x"], "x" * 1000):
        odd = json.dumps({"type": "url_verification", "challenge": challenge}).encode()
        assert judged(signed(AT, odd), odd).status == 400


def test_forms_are_commands_or_interactions_and_nothing_else() -> None:
    def formed(fields: dict[str, str]) -> Any:
        body = urlencode(fields).encode()
        return judged(signed(AT, body, FORM), body)

    click = {"type": "block_actions", "user": {"id": "U1"}, "trigger_id": "1.2.abc"}
    assert formed({"payload": json.dumps(click)}).keys == ("trigger:1.2.abc",)
    assert formed({"command": "/ask", "text": "why?", "trigger_id": "3.4.d"}).keys == ("trigger:3.4.d",)
    assert formed({"payload": json.dumps(click), "command": "/ask"}).body["command"] == "/ask"
    for fields in (
        {"a": "b"},
        {"payload": "[1]"},
        {"payload": json.dumps({"type": "x"})},
        {"command": "ask"},
    ):
        assert formed(fields).status == 400


def test_json_of_unknown_kinds_is_refused() -> None:
    for told in ({}, {"type": "event_callback"}, {"type": "event_callback", "event": "x"}, {"type": 7}):
        body = json.dumps(told).encode()
        assert judged(signed(AT, body), body).status == 400
    throttled = b'{"type": "app_rate_limited", "minute_rate_limited": 1518467820}'
    assert isinstance(judged(signed(AT, throttled), throttled), Throttled)


words = st.binary(max_size=40)
names = st.sampled_from(
    [
        *(b"x-slack-signature", b"x-slack-request-timestamp", b"content-type", b"content-length"),
        *(b"content-encoding", b"x-slack-retry-num", b"x-slack-retry-reason", b"host"),
    ]
)
likely = st.sampled_from(
    [
        *(JSON, FORM, signature(AT, EVENT), signature(AT, b""), b"v0=" + b"a" * 64, b"%d" % AT, b"1e9"),
        *(b"0", b"11", b"255", b"1000000", b"identity", b"gzip", b"http_timeout"),
    ]
)
bodies = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([*NASTY.values(), b"ssl_check=1&token=x", b"payload=%7B%7D"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)
requests = st.tuples(st.lists(st.tuples(names | words, likely | words), max_size=8), bodies)


def nothing_gets_past(request: tuple[Headers, bytes]) -> None:
    """No exception, and never more than an empty answer to a certificate check."""
    headers, body = request
    outcome = judged(headers, body)
    if isinstance(outcome, Refused):
        assert outcome.status in (400, 401, 413, 415)
        return
    genuine = (b"x-slack-signature", signature(AT, body)) in headers
    assert genuine or isinstance(outcome, CertificateCheck)


@settings(max_examples=800)
@given(requests)
def test_sp18_whatever_is_sent_nothing_unsigned_gets_past_the_gate(request: tuple[Headers, bytes]) -> None:
    nothing_gets_past(request)


@settings(max_examples=300)
@given(bodies, st.sampled_from([JSON, FORM]))
def test_sp18_whatever_slack_signs_is_opened_or_refused(body: bytes, content_type: bytes) -> None:
    outcome: Opened | Refused = judged(signed(AT, body, content_type), body)
    assert not isinstance(outcome, Refused) or outcome.status == 400


def test_a_letter_says_how_much_of_it_is_read() -> None:
    letter = look(signed(AT, EVENT), NOW)
    assert isinstance(letter, Letter)
    assert letter.most_bytes == MOST_BYTES
