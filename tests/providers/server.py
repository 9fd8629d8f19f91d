"""The server itself: it answers every call with the next of its replies, the last one for ever."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.providers.protocols import FRAMES

PATHS = {
    "/v1/chat/completions": "openai",
    "/v1/messages": "anthropic",
    "/api/chat": "ollama",
    "/openai/deployments/some-model/chat/completions": "openai",
}
CLOSE = {"Connection": "close"}  # the clients keep connections open and have no way to close them


@dataclass(frozen=True)
class Says:
    """Writes these pieces. Breaks the connection after `cut_after` frames, inside the first one from there on
    that holds the bytes `inside`, right before the last of these bytes. `endless` begins again and again."""

    pieces: tuple[str, ...]
    finish: str = "stop"
    cut_after: int | None = None
    inside: bytes = b""
    endless: bool = False
    pause_s: float = 0.0


@dataclass(frozen=True)
class Sends:
    """This body, with this status."""

    status: int
    body: bytes = b'{"error": {"message": "boom", "type": "server_error"}}'


@dataclass(frozen=True)
class Hangs:
    """Takes the call and says nothing until the server ends."""


Reply = Says | Sends | Hangs


def says(text: str, finish: str = "stop", size: int = 16, **more: Any) -> Says:
    """The text in pieces of this many characters."""
    return Says(tuple(text[at : at + size] for at in range(0, len(text), size)), finish, **more)


class _Cut(Exception):
    """Ends a connection in the middle."""


@dataclass
class Provider:
    """`requests` are the bodies that came, `paths` and `headers` what came with them."""

    replies: list[Reply]
    choose: Callable[[dict[str, Any]], Reply] | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        """For openai."""
        return f"http://127.0.0.1:{self.port}/v1"

    def base_url(self, provider: str) -> str:
        return self.url if provider == "openai" else f"http://127.0.0.1:{self.port}"

    async def handle(self, request: Request) -> Response:
        body = json.loads(await request.body())
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        if self.choose is not None:
            reply = self.choose(body)
        else:
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        protocol = PATHS[request.url.path]
        match reply:
            case Sends():
                return Response(reply.body, reply.status, CLOSE, "application/json")
            case Hangs():
                while not self.released.is_set():
                    await asyncio.sleep(0.02)
                return Response(status_code=503, headers=CLOSE)
            case Says():
                kind = "application/x-ndjson" if protocol == "ollama" else "text/event-stream"
                return StreamingResponse(self._stream(reply, protocol, body), headers=CLOSE, media_type=kind)

    async def _stream(self, reply: Says, protocol: str, body: dict[str, Any]) -> AsyncIterator[bytes]:
        pieces: Any = cycle(reply.pieces) if reply.endless else reply.pieces
        for number, frame in enumerate(FRAMES[protocol](pieces, reply.finish, body)):
            if self.released.is_set():
                raise _Cut
            if reply.cut_after is not None and number >= reply.cut_after and reply.inside in frame:
                yield frame[: frame.index(reply.inside) + max(len(reply.inside) - 1, 0)]
                await asyncio.sleep(0.05)
                raise _Cut
            yield frame
            if reply.pause_s or reply.endless:
                await asyncio.sleep(reply.pause_s)


@contextmanager
def provider(*replies: Reply, choose: Callable[[dict[str, Any]], Reply] | None = None) -> Iterator[Provider]:
    """A provider on a free port of this machine."""
    served = Provider(list(replies), choose)
    app = Starlette(routes=[Route(path, served.handle, methods=["POST"]) for path in PATHS])
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    served.port = listening.getsockname()[1]
    config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none", loop="asyncio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.005)
    try:
        yield served
    finally:
        served.released.set()
        server.should_exit = server.force_exit = True
        thread.join(10)
        listening.close()


def nobody() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def reply_of(sentences: Sequence[tuple[str, Sequence[int]]], translations: Sequence[str] = ()) -> str:
    """A whole reply as a model writes it."""
    return json.dumps(
        {
            "sentences": [
                {"text": text, "sources": list(sources), "translation": (translations or [""] * 99)[number]}
                for number, (text, sources) in enumerate(sentences)
            ]
        },
        ensure_ascii=False,
    )
