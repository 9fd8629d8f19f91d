"""A web site on this machine that answers as a test wants, and the names and clock to reach it with."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ingest.sources import Reading, Source
from ingest.web import Limits, Web, World
from knowledge.audience import EVERYONE

CERTIFICATES = Path(__file__).parent / "certificates"
QUICK = Limits(connect_s=2.0, read_s=0.3, whole_s=3.0)


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reply:
    """What is answered; `then` writes more, or breaks off."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/html; charset=utf-8"
    then: Callable[[Any], None] | None = None


Route = Reply | Callable[[Asked], Reply]


@dataclass
class Site:
    """Routes by path with its query, or by path alone; everything else is 404."""

    port: int = 0
    scheme: str = "http"
    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def at(self, host: str) -> str:
        return f"{self.scheme}://{host}:{self.port}"

    def page(self, path: str, words: str, *links: str, head: str = "", **headers: str) -> None:
        """A page of HTML with a heading, words and links."""
        anchors = "".join(f'<p><a href="{link}">to {link}</a></p>' for link in links)
        title = words.split(".")[0]
        body = (
            f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>"
            f"<p>{words}</p>{anchors}</body></html>"
        )
        self.routes[path] = Reply(body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    site: Site

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, self.rfile.read(length))
        self.site.asked.append(asked)
        missing = Reply("nothing here", 404)
        route = (
            self.site.routes.get(self.path) or self.site.routes.get(self.path.partition("?")[0]) or missing
        )
        reply = route(asked) if callable(route) else route
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        given = {name.lower() for name in reply.headers}
        self.send_response(reply.status)
        if "content-type" not in given:
            self.send_header("Content-Type", reply.content_type)
        if "content-length" not in given and reply.then is None:
            self.send_header("Content-Length", str(len(body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if reply.then is not None:
            self.close_connection = True
            reply.then(self)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no news."""


@contextmanager
def web_site(https: bool = False) -> Iterator[Site]:
    """A site that runs until the end of the block; over https it is `wiki.example`."""
    site = Site(scheme="https" if https else "http")
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": site}))
    if https:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / "wiki.example.pem", CERTIFICATES / "wiki.example.key")
        context.sni_callback = lambda _socket, name, _context: site.names.append(name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


class Elsewhere:
    """A world in which names lead where a test says and waiting takes no time."""

    def __init__(self, names: Mapping[str, list[str]] | None = None) -> None:
        self.names = dict(names or {})
        self.looked_up: list[str] = []
        self.slept: list[float] = []
        self._passed = 0.0

    def resolve(self, host: str, _: int) -> list[str]:
        self.looked_up.append(host)
        if host not in self.names:
            raise OSError("no such name")
        return self.names[host]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._passed += seconds

    @property
    def waited(self) -> float:
        return sum(self.slept)

    @property
    def world(self) -> World:
        return World(
            resolve=self.resolve,
            sleep=self.sleep,
            monotonic=lambda: time.monotonic() + self._passed,
            clock=lambda: datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(seconds=self._passed),
            chance=lambda: 0.5,
        )


def source_at(address: str, kind: str = "website", private: bool = True, **options: Any) -> Source:
    """A source whose address is given."""
    options = {"address": address, "private_network": private, **options}
    return Source("site", kind, Path(), EVERYONE, "wiki", options=options)


def web_at(
    address: str,
    elsewhere: Elsewhere | None = None,
    private: bool = True,
    reading: Reading | None = None,
    limits: Limits = QUICK,
    **more: Any,
) -> Web:
    """The door to an address, in a world where waiting takes no time."""
    world = (elsewhere or Elsewhere()).world
    source = source_at(address, private=private)
    return Web.of(source, reading or Reading(), world=world, limits=limits, **more)
