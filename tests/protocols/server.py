"""A web server whose answers a test makes, and in which anything can be made to go wrong."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

FOR_EVER = 1_000_000


@dataclass(frozen=True)
class Asked:
    """One request: `query` holds the last value of each parameter, of the address and of a form."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def line(self) -> str:
        said = "&".join(f"{key}={value}" for key, value in sorted(self.query.items()))
        return f"{self.method} {self.path}?{said} {self.body.decode('utf-8', 'replace')}"

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"{}")


@dataclass(frozen=True)
class Answer:
    """JSON, or bytes as they are."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Fault:
    pattern: re.Pattern[str]
    times: int
    after: int
    change: Callable[[Answer], Answer | None]


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, body: Any = None) -> None:
        super().__init__(status)
        self.answer = Answer({} if body is None else body, status)


class Protocol:
    """What answers; a subclass has `answer`. Faults hold for requests in whose line a pattern is found."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.address = ""
        self._faults: list[_Fault] = []
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def fails(
        self,
        pattern: str = "",
        status: int = 500,
        times: int = FOR_EVER,
        after: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """The next requests of a kind get this status, but for the first `after`."""
        self.changes(pattern, lambda _: Answer({}, status, headers or {}), times, after)

    def drops(self, pattern: str = "", times: int = FOR_EVER, after: int = 0) -> None:
        """The connection breaks off in the middle of the answer."""
        self.changes(pattern, lambda _: None, times, after)

    def changes(
        self, pattern: str, change: Callable[[Answer], Answer | None], times: int = FOR_EVER, after: int = 0
    ) -> None:
        """The answers of a kind are changed; to None: the connection breaks off in their middle."""
        self._faults.append(_Fault(re.compile(pattern), times, after, change))

    def heals(self) -> None:
        """Everything goes right again."""
        self._faults.clear()

    def count(self, pattern: str) -> int:
        """How many requests of a kind came so far."""
        return sum(1 for one in self.asked if re.search(pattern, one.line))

    def answered(self, asked: Asked) -> tuple[Answer, bool]:
        """The answer, and whether the connection breaks off in its middle."""
        with self._lock:
            self.asked.append(asked)
            try:
                answer = self.answer(asked)
            except Refusal as refusal:
                answer = refusal.answer
            for fault in self._faults:
                if not fault.times or not fault.pattern.search(asked.line):
                    continue
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                changed = fault.change(answer)
                return (answer, True) if changed is None else (changed, False)
            return answer, False


@contextmanager
def serving(protocol: Protocol) -> Iterator[str]:
    """The address at which a protocol answers, until the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        disable_nagle_algorithm = True
        wbufsize = -1

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            query = {key: values[-1] for key, values in parse_qs(parts.query, True).items()}
            if "form-urlencoded" in (self.headers.get("content-type") or ""):
                query |= {key: values[-1] for key, values in parse_qs(body.decode(), True).items()}
            headers = {key.lower(): value for key, value in self.headers.items()}
            answer, dropped = protocol.answered(Asked(self.command, parts.path, query, headers, body))
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            sent = {"content-type": "application/json", **answer.headers, "content-length": str(len(data))}
            for name, value in sent.items():
                for one in value.split("\n"):
                    self.send_header(name, one)
            self.end_headers()
            self.wfile.write(data[: len(data) * 63 // 100] if dropped else data)
            self.wfile.flush()
            self.close_connection = dropped or self.close_connection

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            """Tests are told enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    protocol.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield protocol.address
    finally:
        server.shutdown()
        server.server_close()
