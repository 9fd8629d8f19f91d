"""Faults on demand: what a Web API method or a response_url does instead of answering properly.

Each fault names a method (`"*"` for any, `"response_url"` for those), how often it strikes, which calls it
strikes (`where` gets the arguments) and whether the call has taken effect `after`. Example:

    workspace.faults.drop("chat.postMessage", after=True)           # stored, then the connection is reset
    workspace.faults.rate_limited("*", retry_after="abc", times=3)
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.workspace.description import Json


@dataclass(frozen=True)
class Reply:
    """Another answer than the proper one."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class CutReply:
    """The headers promise the whole body; half of it comes, then the connection ends."""


@dataclass(frozen=True)
class Drop:
    """No answer: the connection is reset (RST), or closed politely (FIN)."""

    reset: bool


@dataclass(frozen=True)
class Wait:
    """The proper answer, late; with `seconds` None it never comes."""

    seconds: float | None


Act = Reply | CutReply | Drop | Wait


def _always(_: Json) -> bool:
    return True


@dataclass
class Fault:
    """One fault; `hits` says how often it struck, `left` how often it still will (None: for ever)."""

    name: str
    method: str
    act: Act
    after: bool
    left: int | None
    where: Callable[[Json], bool] = field(default=_always, repr=False)
    hits: int = 0


class Faults:
    """The faults that are laid; the one laid first strikes first. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._laid: list[Fault] = []

    def _lay(
        self,
        name: str,
        method: str,
        act: Act,
        after: bool,
        times: int | None,
        where: Callable[[Json], bool] | None,
    ) -> Fault:
        fault = Fault(name, method, act, after, times, where or _always)
        with self._lock:
            self._laid.append(fault)
        return fault

    def rate_limited(
        self,
        method: str,
        retry_after: str | None = "1",
        times: int | None = 1,
        where: Callable[[Json], bool] | None = None,
    ) -> Fault:
        """429 with this Retry-After header, whatever it says; None leaves the header out."""
        headers = {"content-type": "application/json"}
        if retry_after is not None:
            headers["retry-after"] = retry_after
        body = json.dumps({"ok": False, "error": "ratelimited"}).encode()
        return self._lay("rate_limited", method, Reply(429, body, headers), False, times, where)

    def status(
        self,
        method: str,
        status: int = 500,
        times: int | None = 1,
        after: bool = False,
        where: Callable[[Json], bool] | None = None,
    ) -> Fault:
        """An HTTP error with a text body, as load balancers make them."""
        act = Reply(status, b"upstream error", {"content-type": "text/plain"})
        return self._lay(f"status_{status}", method, act, after, times, where)

    def html(
        self,
        method: str,
        times: int | None = 1,
        after: bool = False,
        where: Callable[[Json], bool] | None = None,
    ) -> Fault:
        """A web page with status 200 where JSON should be."""
        page = b"<!DOCTYPE html><html><body>Be right back</body></html>"
        act = Reply(200, page, {"content-type": "text/html; charset=utf-8"})
        return self._lay("html", method, act, after, times, where)

    def redirect(self, method: str, location: str, times: int | None = 1) -> Fault:
        """302 to another address."""
        act = Reply(302, b"", {"location": location})
        return self._lay("redirect", method, act, False, times, None)

    def error(
        self,
        method: str,
        error: str = "internal_error",
        times: int | None = 1,
        after: bool = False,
        where: Callable[[Json], bool] | None = None,
    ) -> Fault:
        """`ok: false` with this error, status 200."""
        body = json.dumps({"ok": False, "error": error}).encode()
        act = Reply(200, body, {"content-type": "application/json"})
        return self._lay(error, method, act, after, times, where)

    def cut(
        self,
        method: str,
        times: int | None = 1,
        after: bool = True,
        where: Callable[[Json], bool] | None = None,
    ) -> Fault:
        """Half of the proper answer."""
        return self._lay("cut", method, CutReply(), after, times, where)

    def drop(
        self,
        method: str,
        times: int | None = 1,
        after: bool = False,
        reset: bool = True,
        where: Callable[[Json], bool] | None = None,
    ) -> Fault:
        """No answer; the connection is reset, or closed when `reset` is false."""
        return self._lay("reset" if reset else "closed", method, Drop(reset), after, times, where)

    def delay(
        self,
        method: str,
        seconds: float,
        times: int | None = 1,
        after: bool = True,
        where: Callable[[Json], bool] | None = None,
    ) -> Fault:
        """The proper answer, that many seconds late; the call takes effect before the wait, or with it."""
        return self._lay("delay", method, Wait(seconds), after, times, where)

    def hang(
        self,
        method: str,
        times: int | None = 1,
        after: bool = False,
        where: Callable[[Json], bool] | None = None,
    ) -> Fault:
        """No answer, and the connection stays open: the caller's timeout has to end it."""
        return self._lay("hang", method, Wait(None), after, times, where)

    def take(self, method: str, args: Json) -> Fault | None:
        """The fault that strikes this call, used up by one."""
        with self._lock:
            for fault in self._laid:
                if fault.method in ("*", method) and fault.left != 0 and fault.where(args):
                    fault.hits += 1
                    if fault.left is not None:
                        fault.left -= 1
                    return fault
        return None

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._laid.clear()
