"""The door to the network: redirects, names that lie, servers that fail, and everything counted."""

import gzip
import logging
import socket
import ssl
import time
import zlib
from dataclasses import replace
from typing import Any

import httpx
import pytest
import requests

from ingest.sources import Reading
from ingest.web import Denied, Gone, Limits, Refused, Unwanted
from ingest.web_addresses import parsed
from ingest.web_asking import _opener
from knowledge.errors import Unreadable
from tests.ingest.web_site import CERTIFICATES, QUICK, Asked, Elsewhere, Reply, Site, web_at, web_site

PUBLIC = "93.184.216.34"
SECRET = "Bearer very-secret-token"


def moved(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://metadata.example/",
        "http://127.0.0.1:1/",
        "http://localhost/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//169.254.169.254/",
        "http://wiki.example@169.254.169.254/",
        "\\\\169.254.169.254\\x",
    ],
)
def test_in_20_a_redirect_to_a_forbidden_place_is_refused(
    site: Site, connections: list[str], to: str
) -> None:
    elsewhere = Elsewhere(
        {"wiki.example": [PUBLIC], "metadata.example": ["169.254.169.254"], "localhost": ["127.0.0.1"]}
    )
    web = web_at(site.at("wiki.example"), elsewhere, private=False, hosts=["metadata.example", "localhost"])
    site.routes["/page"] = moved(to)
    with pytest.raises(Unreadable):
        web.get("page")
    assert set(connections) == {PUBLIC}
    assert len(site.asked) <= 2, "an odd path below the site itself may be asked for"


@pytest.mark.parametrize("to", ["http://other.example/", "http://wiki.example:6379/", "//other.example/x"])
def test_in_20_a_redirect_to_a_host_that_is_not_on_the_list_is_refused(
    site: Site, connections: list[str], to: str
) -> None:
    elsewhere = Elsewhere({"wiki.example": [PUBLIC], "other.example": ["1.1.1.1"]})
    site.routes["/page"] = moved(to)
    for web in (web_at(site.at("wiki.example"), elsewhere, private=one) for one in (True, False)):
        with pytest.raises(Refused, match="hosts"):
            web.get("page")
        with pytest.raises(Refused, match="hosts"):
            web.client().get("http://other.example/")
        with pytest.raises(Refused, match="hosts"):
            web.requests_session().get("http://other.example/")
    assert set(connections) == {PUBLIC}
    assert set(elsewhere.looked_up) == {"wiki.example"}, "its name is not even looked up"


def test_in_20_five_redirects_are_followed_and_six_are_not(site: Site) -> None:
    for at in range(6):
        site.routes[f"/{at}"] = moved(f"/{at + 1}")
    site.routes["/6"] = Reply("the end")
    fetched = web_at(site.address).get("1")
    assert (fetched.data, fetched.url) == (b"the end", f"{site.address}/6")
    with pytest.raises(Unreadable, match="5 redirects"):
        web_at(site.address).get("0")


def test_in_20_a_redirect_from_https_to_http_is_refused(trusted: None, connections: list[str]) -> None:
    with web_site(https=True) as safe:
        safe.routes["/page"] = moved("http://wiki.example/page")
        web = web_at(
            safe.at("wiki.example"), Elsewhere({"wiki.example": [PUBLIC]}), False, hosts=["wiki.example"]
        )
        with pytest.raises(Refused, match="https to http"):
            web.get("page")
        assert len(connections) == 1


@pytest.mark.parametrize("door", ["get", "client", "session"])
def test_in_20_credentials_stay_where_they_belong(site: Site, other_site: Site, door: str) -> None:
    site.routes["/page"] = moved(f"{other_site.address}/page?x=1")
    other_site.routes["/page"] = Reply("there")
    given = {"Authorization": SECRET, "PRIVATE-TOKEN": "x", "Cookie": "a=b", "Accept": "text/html"}
    elsewhere = Elsewhere()
    web = web_at(site.address, elsewhere, hosts=[f"127.0.0.1:{other_site.port}"], headers=given)
    if door == "get":
        assert web.get("page").data == b"there"
    elif door == "client":
        assert web.client(headers=given).get("/page").text == "there"
    else:
        assert web.requests_session().get(f"{site.address}/page", headers=given).text == "there"
    assert site.asked[0].headers["authorization"] == SECRET
    there = other_site.asked[0].headers
    assert not {"authorization", "private-token", "cookie"} & set(there)
    assert there["accept"] == "text/html"
    assert there["host"] == f"127.0.0.1:{other_site.port}"


@pytest.mark.parametrize("name", ["Authorization", "cookie"])
def test_in_20_credentials_are_not_sent_in_the_open(name: str) -> None:
    with pytest.raises(Refused, match="https"):
        web_at("http://wiki.example", private=False, headers={name: SECRET})
    web_at("https://wiki.example", private=False, headers={name: SECRET})
    web_at("http://wiki.example", private=True, headers={name: SECRET})


def test_in_20_the_sources_credentials_are_not_sent_to_its_other_hosts(site: Site, other_site: Site) -> None:
    other_site.routes["/"] = Reply("there")
    web = web_at(site.address, headers={"Authorization": SECRET}, hosts=[f"127.0.0.1:{other_site.port}"])
    web.get(f"{other_site.address}/")
    assert "authorization" not in other_site.asked[0].headers


def test_in_21_a_name_that_leads_elsewhere_the_second_time_is_judged_again(
    site: Site, connections: list[str]
) -> None:
    elsewhere = Elsewhere({"wiki.example": [PUBLIC]})
    web = web_at(site.at("wiki.example"), elsewhere, private=False, limits=replace(QUICK, tries=1))
    site.routes["/page"] = Reply("fine", headers={"Connection": "close"})
    assert web.get("page").data == b"fine"
    elsewhere.names["wiki.example"] = ["127.0.0.1"]
    with pytest.raises(Refused, match="private address"):
        web.get("page")
    assert connections == [PUBLIC]


def test_in_21_the_address_that_was_judged_is_the_one_that_is_connected_to(
    site: Site, connections: list[str]
) -> None:
    class Rebinding(Elsewhere):
        """Tells the truth once in a while: every answer is another one."""

        def resolve(self, host: str, _: int) -> list[str]:
            self.looked_up.append(host)
            return [PUBLIC] if len(self.looked_up) % 2 else ["169.254.169.254"]

    elsewhere = Rebinding()
    site.routes["/page"] = Reply("fine", headers={"Connection": "close"})
    web = web_at(site.at("wiki.example"), elsewhere, private=False)
    for _ in range(4):
        try:
            web.get("page")
        except Refused:
            continue
    assert connections == [PUBLIC, PUBLIC]
    assert len(elsewhere.looked_up) == 4, "one look for each connection"


@pytest.mark.parametrize("bad", ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1%eth0"])
def test_in_21_one_bad_address_among_good_ones_spoils_them(connections: list[str], bad: str) -> None:
    for names in ([PUBLIC, bad], [bad, PUBLIC]):
        with pytest.raises(Refused):
            web_at("http://wiki.example/", Elsewhere({"wiki.example": names}), private=False).get()
    assert connections == []


def test_in_21_name_and_certificate_are_those_of_the_host_not_of_its_address(
    trusted: None, connections: list[str]
) -> None:
    with web_site(https=True) as safe:
        safe.routes["/page"] = Reply("safe")
        elsewhere = Elsewhere({"wiki.example": [PUBLIC], "other.example": [PUBLIC]})
        address = safe.at("wiki.example")
        assert web_at(address, elsewhere, private=False).get("page").data == b"safe"
        assert safe.names == ["wiki.example"]
        assert safe.asked[0].headers["host"] == f"wiki.example:{safe.port}"
        with pytest.raises(Unreadable, match="certificate"):
            web_at(safe.at("other.example"), elsewhere, private=False).get("page")
        assert len(safe.asked) == 1
    assert set(connections) == {PUBLIC}


def test_in_21_the_second_address_is_tried_when_the_first_does_not_answer(site: Site) -> None:
    site.routes["/"] = Reply("here")
    elsewhere = Elsewhere({"wiki.example": ["::1", "127.0.0.1"]})
    assert web_at(site.at("wiki.example"), elsewhere).get("").data == b"here"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_in_23_what_fails_once_is_asked_for_again(site: Site, status: int) -> None:
    elsewhere = Elsewhere()
    answers = [Reply("busy", status), Reply("fine")]
    site.routes["/page"] = lambda _: answers.pop(0)
    assert web_at(site.address, elsewhere).get("page").data == b"fine"
    assert 0.5 <= elsewhere.waited <= 1


def test_in_23_what_fails_for_ever_is_given_up_with_waits_that_grow(site: Site) -> None:
    elsewhere = Elsewhere()
    site.routes["/page"] = Reply("broken", 500)
    web = web_at(site.address, elsewhere)
    with pytest.raises(Unreadable, match="answered 500, 4 times"):
        web.get("page?token=very-secret")
    assert len(site.asked) == 4
    assert elsewhere.waited == pytest.approx(0.75 + 1.5 + 3, abs=0.1)


def test_in_23_a_host_that_fails_again_and_again_is_left_alone(site: Site) -> None:
    site.routes["/page"] = Reply("broken", 500)
    web = web_at(site.address, limits=replace(QUICK, tries=2, failures=3))
    for _ in range(10):
        with pytest.raises(Unreadable):
            web.get("page")
    assert len(site.asked) == 6
    with pytest.raises(Unreadable, match="left alone"):
        web.get("page")


@pytest.mark.parametrize(
    ("value", "waited"), [("7", 7.5), ("Mon, 02 Mar 2026 09:00:30 GMT", 30), ("nonsense", 0.75), ("0", 0.5)]
)
def test_in_23_retry_after_is_honoured_in_seconds_and_as_a_date(
    site: Site, value: str, waited: float
) -> None:
    elsewhere = Elsewhere()
    answers = [Reply("slow down", 429, {"Retry-After": value}), Reply("fine")]
    site.routes["/page"] = lambda _: answers.pop(0)
    assert web_at(site.address, elsewhere).get("page").data == b"fine"
    assert elsewhere.waited == pytest.approx(waited, abs=1)


def test_in_23_a_wait_that_is_too_long_is_told_and_not_waited_for(site: Site) -> None:
    elsewhere = Elsewhere()
    site.routes["/page"] = Reply("slow down", 503, {"Retry-After": "3600"})
    with pytest.raises(Unreadable, match="asked to wait 60 minutes"):
        web_at(site.address, elsewhere).get("page")
    assert elsewhere.waited == 0


def test_in_23_a_limit_that_is_said_with_403_is_one(site: Site) -> None:
    answers = [Reply("slow down", 403, {"X-RateLimit-Remaining": "0", "Retry-After": "1"}), Reply("fine")]
    site.routes["/page"] = lambda _: answers.pop(0)
    assert web_at(site.address).get("page").data == b"fine"


@pytest.mark.parametrize("status", [401, 403])
def test_in_23_a_refusal_stops_at_once_and_says_what_to_check(site: Site, status: int) -> None:
    site.routes["/page"] = Reply("no", status)
    with pytest.raises(Denied, match=f"refuses access \\({status}\\): check the secret"):
        web_at(site.address, headers={"Authorization": SECRET}).get("page")
    assert len(site.asked) == 1


def test_in_23_credentials_that_were_refused_are_not_tried_a_thousand_times(site: Site) -> None:
    site.routes["/page"] = Reply("no", 401)
    web = web_at(site.address, headers={"Authorization": SECRET})
    for _ in range(5):
        with pytest.raises(Denied):
            web.get("page")
    assert len(site.asked) == 1


def test_in_23_one_forbidden_space_does_not_close_the_others(site: Site) -> None:
    site.routes["/secret"] = Reply("no", 403)
    site.routes["/open"] = Reply("fine")
    web = web_at(site.address, headers={"Authorization": SECRET})
    with pytest.raises(Denied):
        web.get("secret")
    assert web.get("open").data == b"fine"


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_gone(site: Site, status: int) -> None:
    site.routes["/page"] = Reply("", status)
    with pytest.raises(Gone):
        web_at(site.address).get("page")
    assert len(site.asked) == 1


def test_in_23_a_silent_server_a_dripping_one_and_a_cut_answer_end_in_time(site: Site) -> None:
    def drip(handler: Any) -> None:
        for _ in range(100):
            handler.wfile.write(b".")
            handler.wfile.flush()
            time.sleep(0.02)

    def cut(handler: Any) -> None:
        handler.connection.shutdown(socket.SHUT_RDWR)

    site.routes["/silent"] = Reply(headers={"Content-Length": "5"}, then=lambda _: time.sleep(0.6))
    site.routes["/drip"] = Reply(headers={"Content-Length": "100000"}, then=drip)
    site.routes["/cut"] = Reply("half", headers={"Content-Length": "100000"}, then=cut)
    web = web_at(site.address, limits=Limits(read_s=0.2, whole_s=0.3, tries=2))
    for path, reason in (
        ("silent", "took too long"),
        ("drip", "took too long"),
        ("cut", "broke off"),
    ):
        with pytest.raises(Unreadable, match=reason):
            web.get(path)
    assert len(site.asked) == 6


def test_nobody_listening_is_said_in_words(site: Site) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreadable, match="cannot be reached"):
        web_at(f"http://127.0.0.1:{port}").get("page")
    with pytest.raises(Unreadable, match="has no address"):
        web_at("http://nowhere.example").get("page")


def test_sizes_are_counted_announced_or_not_and_after_decompression(site: Site) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    assert len(bomb) < 50_000
    twice = gzip.compress(b"x" * 600_000) + gzip.compress(b"x" * 600_000)
    site.routes["/announced"] = Reply(b"x" * 10, headers={"Content-Length": "2000000"})
    site.routes["/chunked"] = Reply(
        headers={"Transfer-Encoding": "chunked"},
        then=lambda handler: [handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n") for _ in range(40)],
    )
    site.routes["/bomb"] = Reply(bomb, headers={"Content-Encoding": "gzip"})
    site.routes["/members"] = Reply(twice, headers={"Content-Encoding": "gzip"})
    site.routes["/deflate"] = Reply(
        zlib.compress(b"\0" * 30_000_000), headers={"Content-Encoding": "deflate"}
    )
    web = web_at(site.address)
    for path in ("announced", "chunked", "bomb", "members", "deflate"):
        with pytest.raises(Unreadable, match=r"too large: the limit is 1\.0 MB"):
            web.get(path, most_bytes=1_000_000)


def test_whatever_is_compressed_comes_in_small_parts() -> None:
    opened = _opener("gzip", parsed("https://wiki.example/"))
    sizes = [len(part) for part in opened(gzip.compress(b"\0" * 30_000_000))]
    assert sum(sizes) == 30_000_000
    assert max(sizes) <= 65_536


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
def test_what_is_compressed_is_opened(site: Site, coding: str) -> None:
    words = b"words " * 50_000
    data = {"gzip": gzip.compress(words), "deflate": zlib.compress(words), "identity": words}[coding]
    site.routes["/page"] = Reply(data, headers={"Content-Encoding": coding})
    counted: list[int] = []
    web = web_at(site.address, reading=Reading(fetched=counted.append))
    assert web.get("page").data == words
    assert sum(counted) == len(data)
    assert web.client().get("/page").content == words
    assert web.requests_session().get(f"{site.address}/page").content == words
    assert {asked.headers["accept-encoding"] for asked in site.asked} == {"gzip, deflate"}


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip"])
def test_what_is_compressed_otherwise_or_not_at_all_is_refused(site: Site, coding: str) -> None:
    site.routes["/page"] = Reply(b"no such thing", headers={"Content-Encoding": coding})
    with pytest.raises(Unreadable, match="compressed"):
        web_at(site.address).get("page")


def test_a_body_that_is_not_wanted_is_not_fetched(site: Site) -> None:
    site.routes["/film"] = Reply(b"x" * 100, content_type="video/mp4")
    with pytest.raises(Unwanted, match="video/mp4"):
        web_at(site.address).get("film", wanted=lambda headers, _: headers["content-type"] == "text/html")


def test_conditional_questions_are_handed_through(site: Site) -> None:
    def conditional(asked: Asked) -> Reply:
        known = asked.headers.get("if-none-match") == '"1"'
        return Reply("" if known else "page", 304 if known else 200, {"ETag": '"1"'})

    site.routes["/page"] = conditional
    web = web_at(site.address)
    fetched = web.get("page")
    again = web.get("page", headers={"If-None-Match": fetched.headers["etag"]})
    assert (again.status, again.data) == (304, b"")


def test_no_secret_is_in_any_error_or_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    site.routes["/broken"] = Reply("", 500)
    site.routes["/denied"] = Reply("", 403)
    site.routes["/moved"] = moved("http://evil.example/?token=very-secret-token")
    site.routes["/text"] = Reply("very-secret-token")
    web = web_at(site.address, headers={"Authorization": SECRET})
    for path in ("broken", "denied", "gone", "moved"):
        with pytest.raises(Unreadable) as error:
            web.get(path, {"token": "very-secret-token"})
        assert "very-secret" not in str(error.value)
    with pytest.raises(Unreadable) as error:
        web.json("text", {"token": "very-secret-token"})
    assert "very-secret" not in str(error.value)
    with pytest.raises(Refused) as refused:
        web.get("http://user:very-secret-token@127.0.0.1/")
    assert "very-secret" not in str(refused.value)
    assert "very-secret" not in repr(web.get("text"))
    spoilt = web_at(site.address, headers={"Authorization": "Bearer very-secret\x01 token\n"})
    with pytest.raises(Unreadable, match="forbidden characters") as error:
        spoilt.get("text")
    assert "very-secret" not in str(error.value)
    assert "very-secret" not in caplog.text


def test_somebody_asks_to_stop_and_nothing_more_is_asked(site: Site) -> None:
    asks = iter([False, False, True])
    site.routes["/page"] = Reply("broken", 500)
    reading = Reading(stopped=lambda: next(asks, True))
    with pytest.raises(Unreadable, match="stopped"):
        web_at(site.address, reading=reading).get("page")
    assert len(site.asked) <= 1


def test_one_host_is_asked_at_a_pace(site: Site) -> None:
    elsewhere = Elsewhere()
    site.routes["/page"] = Reply("fine")
    web = web_at(site.address, elsewhere, limits=Limits(per_second=2, at_once=3))
    for _ in range(3):
        web.get("page")
    assert elsewhere.waited == 0
    for _ in range(10):
        web.get("page")
    assert 4 <= elsewhere.waited <= 5.5


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.routes["/page"] = Reply("fine")
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    web = web_at(site.address)
    assert web.get("page").data == b"fine"
    assert web.client().get("/page").text == "fine"
    assert web.requests_session().get(f"{site.address}/page").text == "fine"


def test_libraries_that_bring_a_client_meet_the_same_door(site: Site, no_connection: list[str]) -> None:
    web = web_at(site.address, private=False)
    with pytest.raises(Refused):
        web.client().get("http://169.254.169.254/")
    with pytest.raises(Refused):
        web.requests_session().get("http://169.254.169.254/")
    with pytest.raises(Refused):
        web.client().get("/page")
    assert no_connection == []


def test_libraries_keep_cookies_send_bodies_and_see_errors(site: Site) -> None:
    def login(asked: Asked) -> Reply:
        if asked.method == "POST":
            return Reply(b'{"got": %d}' % len(asked.body), headers={"Set-Cookie": "session=1; Path=/"})
        return Reply(asked.headers.get("cookie", "none"))

    site.routes["/login"] = login
    web = web_at(site.address)
    client = web.client()
    assert client.post("/login", json={"a": 1}).json() == {"got": 7}
    assert client.get("/login").text == "session=1"
    session = web.requests_session()
    assert session.post(f"{site.address}/login", data={"a": "1"}).json() == {"got": 3}
    assert session.get(f"{site.address}/login").text == "session=1"
    with pytest.raises(httpx.HTTPStatusError):
        client.get("/gone").raise_for_status()
    with pytest.raises(requests.HTTPError):
        session.get(f"{site.address}/gone").raise_for_status()


def test_questions_with_a_body_are_not_redirected(site: Site) -> None:
    site.routes["/query"] = moved("/elsewhere", 307)
    with pytest.raises(Unreadable, match="has moved"):
        web_at(site.address).send("POST", "query", body={"a": 1})


def test_json_is_read_or_said_to_be_none(site: Site) -> None:
    site.routes["/api"] = Reply('{"a": [1]}', content_type="application/json")
    site.routes["/page"] = Reply("<html>Sign in</html>")
    site.routes["/deep"] = Reply("[" * 200_000)
    web = web_at(site.address)
    assert web.json("api") == {"a": [1]}
    for path in ("page", "deep"):
        with pytest.raises(Unreadable, match="no JSON"):
            web.json(path)


def test_connections_end_with_the_door(site: Site) -> None:
    site.routes["/page"] = Reply("fine")
    web = web_at(site.address)
    web.get("page")
    del web  # a socket that is still open would fail the test as a warning


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate of `wiki.example` is trusted."""
    context = ssl.create_default_context(cafile=str(CERTIFICATES / "wiki.example.pem"))
    monkeypatch.setattr("ingest.web_asking.tls", lambda: context)
