"""Letters: sent once each by a real mail server, whatever it does, to who may have them."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bot.journal import letters
from bot.journal.letters import DROPPED, FAILED, SENT, WAITING, Letter
from bot.letters import NO_ADDRESS, NOT_OURS, NOT_TOLD, TOO_LATE, UNWANTED, Mail
from bot.mail_server import MailServerAway, MailSession
from bot.mail_settings import STARTTLS, TLS, MailSettings
from tests.bot.office import MONDAY, Office, office, on
from tests.mail import MailServer, mail_server

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOON = on(MONDAY, "12:00")


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def process(lore: Office, server: MailServer, **given: Any) -> Mail:
    return Mail(lore.database, lore.people, server.settings(), **{"answer_s": 20.0, **given})


def put(lore: Office, key: str, to: str = "ana", at: datetime = NOON, hours: float = 48, **said: Any) -> None:
    until = (at + timedelta(hours=hours)).timestamp()
    given = {"kind": "word", "about": key, "subject": f"About {key}", "text": "Words.\n", **said}
    with lore.database.writing() as connection:
        letters.put(connection, Letter(key=key, person=lore.id(to), not_after=until, **given), at.timestamp())


def the(lore: Office, key: str) -> Letter:
    with lore.database.reading() as connection:
        [found] = letters.about(connection, key)
    return found


def ended(lore: Office, *keys: str) -> list[tuple[str, str]]:
    return [(one.state, one.error) for one in (the(lore, key) for key in keys)]


def at(lore: Office, moment: datetime, *processes: Mail) -> None:
    lore.clock.move(moment)
    for one in processes:
        one.send_due(moment)
    lore.post()


def test_it_arrives_once_with_all_its_parts_and_is_forgotten(lore: Office, server: MailServer) -> None:
    put(
        lore,
        "talk",
        subject="Caches\r\nBcc: all@heron.example",
        text="Come at noon – zwölf Uhr.",
        html='<p onclick="x()">Come &amp; <a href="https://meet.example/1">see</a><script>x()</script></p>',
        calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        method="REQUEST",
        unsubscribe="https://slack.example/off?a=1",
    )
    one, other = process(lore, server), process(lore, server)
    for minutes in (0, 1, 60):
        at(lore, NOON + minutes * MINUTE, one, other)
    [message] = server.of("ana@heron.example")
    assert message["Subject"] == "Caches Bcc: all@heron.example"
    assert message["From"] == "Lore <lore@heron.example>"
    assert message["To"] == "ana@heron.example"
    assert message["Date"].datetime == NOON
    assert message["Bcc"] is None
    assert message["List-Unsubscribe"] == "<https://slack.example/off?a=1>"
    assert message["Auto-Submitted"] == "auto-generated"
    parts = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
    assert [*parts] == ["text/plain", "text/html", "text/calendar", "application/ics"]
    assert parts["text/plain"].get_content() == "Come at noon – zwölf Uhr.\r\n"
    assert parts["text/html"].get_content().strip() == (
        '<p>Come &amp; <a href="https://meet.example/1">see</a></p>'
    )
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert parts["text/calendar"].get_content() == "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert parts["application/ics"].get_filename() == "invite.ics"
    sent = the(lore, "talk")
    assert (sent.state, sent.subject, sent.text, sent.html, sent.calendar) == (SENT, "", "", "", "")


def test_who_may_not_have_it_and_what_nobody_wants_is_not_sent(lore: Office, server: MailServer) -> None:
    put(lore, "late", hours=-1)
    put(lore, "unwanted", kind="digest")
    put(lore, "guest", to="gus")
    put(lore, "stranger", to="stranger")
    put(lore, "good", to="ben", kind="digest")
    mail = process(lore, server, wanted={"digest": lambda one: one.about == "good"})
    at(lore, NOON, mail)
    assert ended(lore, "late", "unwanted", "guest", "stranger", "good") == [
        (DROPPED, TOO_LATE), (DROPPED, UNWANTED), (DROPPED, NOT_OURS), (DROPPED, NOT_OURS), (SENT, ""),
    ]  # fmt: skip
    assert server.readers == ["ben@heron.example"]


def test_while_nobody_knows_who_may_have_it_it_waits(lore: Office, server: MailServer) -> None:
    put(lore, "news", kind="digest")
    known: list[bool | None] = [None, True]
    mail = process(lore, server, wanted={"digest": lambda _: known.pop(0)})
    at(lore, NOON, mail)
    assert (the(lore, "news").state, server.readers) == (WAITING, [])
    at(lore, NOON + timedelta(minutes=2), mail)
    assert (the(lore, "news").state, server.readers) == (SENT, ["ana@heron.example"])


def test_without_a_server_nothing_is_tried(lore: Office) -> None:
    put(lore, "talk")
    mail = Mail(lore.database, lore.people)
    at(lore, NOON, mail)
    assert not mail.works
    assert the(lore, "talk").state == WAITING


def test_processes_at_once_send_each_letter_once(lore: Office, server: MailServer) -> None:
    for number in range(30):
        put(lore, f"{number}")
    lore.clock.move(NOON)
    processes = [process(lore, server) for _ in range(3)]
    threads = [threading.Thread(target=one.send_due, args=(NOON,)) for one in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    at(lore, NOON + MINUTE, *processes)
    assert sorted(one["Subject"] for one in server.letters) == sorted(f"About {n}" for n in range(30))


def test_a_letter_that_is_refused_keeps_no_other_back(lore: Office, server: MailServer) -> None:
    server.refusals = {"ana@heron.example": "550 no such user", "ben@heron.example": "450 come back later"}
    for name in ("ana", "ben", "chloe"):
        put(lore, name, to=name)
    mail = process(lore, server)
    at(lore, NOON, mail)
    assert ended(lore, "ana", "ben", "chloe") == [
        (FAILED, "the mail server says 550 no such user"),
        (WAITING, "the mail server says 450 come back later"),
        (SENT, ""),
    ]
    server.refusals = {}
    at(lore, NOON + MINUTE / 2, mail)
    assert the(lore, "ben").state == WAITING
    at(lore, NOON + 2 * MINUTE, mail)
    assert ended(lore, "ana", "ben") == [(FAILED, "the mail server says 550 no such user"), (SENT, "")]
    assert server.readers == ["chloe@heron.example", "ben@heron.example"]
    server.reply = "552 too large"
    put(lore, "large", at=NOON + 3 * MINUTE)
    at(lore, NOON + 3 * MINUTE, mail)
    assert ended(lore, "large") == [(FAILED, "the mail server says 552 too large")]


def test_while_the_server_is_down_they_wait_and_admins_hear_of_it_once(lore: Office) -> None:
    with mail_server() as server:
        pass
    mail = process(lore, server)
    put(lore, "brief", hours=2)
    put(lore, "long", hours=24)
    tried = []
    for minute in range(180):
        before = the(lore, "long").attempts
        at(lore, NOON + minute * MINUTE, mail)
        tried += [minute] if the(lore, "long").attempts > before else []
    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (2, 61), "ever longer, up to an hour"
    away = f"The mail server 127.0.0.1: nothing listens at its port {server.port}"
    assert ended(lore, "brief", "long") == [(FAILED, away), (WAITING, away)]
    [told] = lore.said("ana")
    assert "mail server" in told
    assert "nothing listens" in told
    with mail_server(server.port) as back:
        at(lore, NOON + 5 * HOUR, mail)
        at(lore, NOON + 6 * HOUR, mail)
        assert [one["Subject"] for one in back.letters] == ["About long"]
    assert the(lore, "long").state == SENT


def test_the_address_is_the_one_that_slack_has_when_it_is_sent(lore: Office, server: MailServer) -> None:
    put(lore, "talk")
    put(lore, "nowhere", to="ben")
    mail = process(lore, server)
    for method in ("users.info", "users.list"):
        lore.slack.faults.error(method, "internal_error", times=None)
    at(lore, NOON, mail)
    assert ended(lore, "talk", "nowhere") == [(WAITING, NOT_TOLD), (WAITING, NOT_TOLD)]
    lore.slack.faults.clear()
    lore.slack.change_person("ana", email="ana.heron@heron.example")
    lore.slack.change_person("ben", email="ben@heron.example\r\nBcc: all@heron.example")
    at(lore, NOON + HOUR, mail)
    assert ended(lore, "talk", "nowhere") == [(SENT, ""), (FAILED, NO_ADDRESS)]
    assert server.readers == ["ana.heron@heron.example"]


@pytest.mark.parametrize("step", ["claimed", "made", "sent"])
def test_whoever_dies_on_the_way_another_takes_over(lore: Office, server: MailServer, step: str) -> None:
    def die(reached: str) -> None:
        if reached == step:
            raise Killed(step)

    put(lore, "talk")
    dying, other = process(lore, server, checkpoint=die), process(lore, server)
    with pytest.raises(Killed):
        dying.send_due(NOON)
    at(lore, NOON + MINUTE, other)
    assert the(lore, "talk").state == WAITING, "whoever has it may only be slow"
    at(lore, NOON + 4 * MINUTE, other)
    assert the(lore, "talk").state == SENT
    arrived = server.of("ana@heron.example")
    assert len(arrived) == (2 if step == "sent" else 1), "rather twice than never"
    assert len({one["Message-ID"] for one in arrived}) == 1


def test_a_server_that_hangs_is_left_in_time(lore: Office, server: MailServer) -> None:
    put(lore, "talk")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = Mail(lore.database, lore.people, server.settings(port=silent.getsockname()[1]), answer_s=0.2)
        at(lore, NOON, mute)
    assert ended(lore, "talk") == [(WAITING, "The mail server 127.0.0.1: it does not answer in time")]
    server.wait_s = 5
    at(lore, NOON + 2 * MINUTE, process(lore, server, session_s=0.3))
    assert the(lore, "talk").attempts == 2, "all of it has its time, too"
    mail = process(lore, server)
    sending = threading.Thread(target=mail.send_due, args=(NOON + HOUR,))
    sending.start()
    lore.until(lambda: mail.talking)
    mail.stop()
    sending.join()
    assert (the(lore, "talk").attempts, the(lore, "talk").state) == (2, WAITING), "nobody is to blame"
    server.wait_s = 0
    at(lore, NOON + 2 * HOUR, mail, process(lore, server))
    assert the(lore, "talk").state == SENT


def test_it_logs_in_over_tls_and_says_what_is_wrong(
    lore: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certified(tmp_path)
    login = {"user": "lore", "password": "right"}
    with (
        mail_server(starttls=tls, login="lore:right") as later,
        mail_server(tls=tls, login="lore:right") as at_once,
        mail_server() as plain,
    ):
        wrong = [
            (later.settings(security=STARTTLS, **login), "its certificate is not valid: self-signed"),
            (at_once.settings(security=TLS, **login), "its certificate is not valid: self-signed"),
            (plain.settings(security=STARTTLS, **login), "it cannot do what [mail] wants: STARTTLS"),
            (plain.settings(**login), "it cannot do what [mail] wants: SMTP AUTH"),
        ]
        for number, (settings, why) in enumerate(wrong):
            assert why in refusal(settings)
            day = NOON + number * 24 * HOUR
            put(lore, f"{number}", at=day)
            at(lore, day, Mail(lore.database, lore.people, settings))
            assert why in lore.said("ana")[-1], "at once, since nothing mends itself"
        assert len(lore.said("ana")) == len(wrong)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        wrong_password = later.settings(security=STARTTLS, user="lore", password="wrong")
        assert refusal(wrong_password).startswith("it refuses the login of lore: ")
        for server, security in ((later, STARTTLS), (at_once, TLS)):
            settings = server.settings(security=security, **login)
            assert refusal(settings) == ""
            put(lore, security, at=NOON + 100 * HOUR)
            at(lore, NOON + 100 * HOUR, Mail(lore.database, lore.people, settings))
            assert "About" in server.letters[-1]["Subject"]


def refusal(settings: MailSettings) -> str:
    session = MailSession(settings)
    try:
        session.try_out()
    except MailServerAway as away:
        return str(away)
    finally:
        session.close()
    return ""


def certified(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate of its own, `certificate.pem` in the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.heron.example")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    whole = folder / "whole.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    whole.write_bytes(secret + made.public_bytes(Encoding.PEM))
    (folder / "certificate.pem").write_bytes(made.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(whole)
    return context
