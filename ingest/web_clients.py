"""The door to the network as libraries want it: a transport for httpx, an adapter for requests."""

import io
from http.client import HTTPMessage
from types import SimpleNamespace
from typing import Any

import httpx
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from ingest.web_addresses import parsed
from ingest.web_asking import Answer, Asking

_LEFT_OUT = ("set-cookie", "content-encoding", "content-length", "transfer-encoding")
_OF_THE_WIRE = ("host", "connection", "accept-encoding", "content-length", "transfer-encoding")


class GuardedTransport(httpx.BaseTransport):
    """Sends what an httpx client asks through the door; answers are read in full."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name not in _OF_THE_WIRE}
        answer = self._asking.ask(request.method, parsed(str(request.url)), headers, request.read())
        return httpx.Response(answer.status, headers=_headers(answer), content=answer.data)


class _GuardedAdapter(BaseAdapter):
    """Sends what a session of requests asks through the door."""

    def __init__(self, asking: Asking) -> None:
        super().__init__()
        self._asking = asking

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        headers = {
            name: value if isinstance(value, str) else value.decode("latin-1")
            for name, value in request.headers.items()
            if name.lower() not in _OF_THE_WIRE
        }
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        if not isinstance(content, bytes):
            content = b"".join(content)
        url = parsed(request.url or "")
        answer = self._asking.ask(request.method or "GET", url, headers, content)
        raw = HTTPResponse(
            body=io.BytesIO(answer.data),
            headers=dict(_headers(answer)),
            status=answer.status,
            preload_content=False,
            original_response=_with_cookies(answer),
        )
        response = HTTPAdapter().build_response(request, raw)
        response.url = str(answer.url)
        return response

    def close(self) -> None:
        """Nothing is held here."""


def guarded_session(asking: Asking) -> requests.Session:
    """A session that reaches the network through the door alone, and reads no settings around it."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _GuardedAdapter(asking))
    return session


def _headers(answer: Answer) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in answer.headers.items() if name not in _LEFT_OUT]
    return kept + [("set-cookie", line) for line in answer.cookies]


def _with_cookies(answer: Answer) -> Any:
    """What requests takes cookies from: a message of http.client."""
    message = HTTPMessage()
    for line in answer.cookies:
        message["set-cookie"] = line
    return SimpleNamespace(msg=message, isclosed=lambda: True, close=lambda: None)
