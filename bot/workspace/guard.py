"""Only this machine's own page may talk to the workspace: a check of Host and Origin on every request.

Listening on loopback does not keep other web sites out: a browser on this machine can be made to post to
127.0.0.1, or to resolve a stranger's name to it (DNS rebinding). So the Host must be a loopback name, a
browser's Origin must be ours, and what the page posts must be JSON, which other sites cannot send unasked.
"""

from typing import Any

NAMES = ("127.0.0.1", "localhost")


class Guard:
    """ASGI middleware that answers 403 to requests from elsewhere."""

    def __init__(self, inner: Any, port: int) -> None:
        self._inner = inner
        self._hosts = {host for name in NAMES for host in (name, f"{name}:{port}")}
        self._origins = {f"http://{name}:{port}" for name in NAMES}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket") and not self._allowed(scope):
            await _refuse(scope, receive, send)
        else:
            await self._inner(scope, receive, send)

    def _allowed(self, scope: Any) -> bool:
        headers: dict[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        if headers.get("host", "").lower() not in self._hosts:
            return False
        if "origin" in headers and headers["origin"].lower() not in self._origins:
            return False
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return scope.get("method") == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if scope["path"].startswith("/page/") and scope.get("method") == "POST":
            return headers.get("content-type", "").partition(";")[0].strip() == "application/json"
        return True


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"This workspace answers its own page only.\n"})
