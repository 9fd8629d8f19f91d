"""The Web API without HTTP: who may call what with which token, arguments, pages of results, refusals.

Follows https://docs.slack.dev/apis/web-api (tokens, `ok`, errors, `response_metadata`),
https://docs.slack.dev/apis/web-api/pagination (cursors) and each method's page under
https://docs.slack.dev/reference/methods. Errors come with status 200; only 429 has a status of its own.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.workspace.description import Channel, Json
from bot.workspace.site import Refused, Site
from bot.workspace.team import NotThere, Team


@dataclass
class Call:
    """One call under way: the site, the arguments as they came, and whether it has changed anything."""

    site: Site
    method: str
    args: Json
    stored: bool = False

    @property
    def team(self) -> Team:
        return self.site.team

    def text(self, name: str) -> str | None:
        """An argument as text; None when left out or empty."""
        value = self.args.get(name)
        return None if value is None or value == "" else str(value)

    def must(self, name: str) -> str:
        """A required argument. *Assumed*: the same error for every method."""
        value = self.text(name)
        if value is None:
            raise Refused.with_messages("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name)
        return default if value in (None, "") else str(value).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        value = self.text(name)
        try:
            return default if value is None else int(value)
        except ValueError:
            raise Refused.with_messages("invalid_arguments", [f"[ERROR] {name} must be a number"]) from None

    def structure(self, name: str, error: str) -> Any:
        """An argument that is JSON, sent as such or as a string; None when left out. Refused with `error`."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value.strip() else None
        except ValueError:
            raise Refused(error) from None

    def channel(self, name: str = "channel") -> Channel:
        """The channel named by an argument, if the app may know of it. Raises Refused."""
        try:
            place = self.team.channel(self.must(name))
        except NotThere:
            raise Refused("channel_not_found") from None
        if not self.team.sees(self.team.app.user_id, place):
            raise Refused("channel_not_found")
        return place

    def needs(self, place: Channel, what: str) -> None:
        """Check for `channels:read`, `groups:history`… as the kind of place asks. Raises Refused."""
        kind = {"im": "im", "mpim": "mpim"}.get(place.kind, "groups" if place.private else "channels")
        require(self.site, (f"{kind}:{what}",))

    def page(self, items: list[Any], default: int, most: int) -> tuple[list[Any], str]:
        """One page of a list, and the cursor of the next ("" at the end)."""
        limit = self.number("limit", default)
        if not 0 < limit <= most:
            limit = default if limit == 0 else most
            if self.number("limit", default) < 0:
                raise Refused("invalid_limit")
        start = _place(self.text("cursor"))
        more = start + limit < len(items)
        return items[start : start + limit], _cursor(start + limit) if more else ""


def _cursor(place: int) -> str:
    return base64.b64encode(f"offset:{place}".encode()).decode()


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        kind, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
        if kind == "offset":
            return int(place)
    except (binascii.Error, ValueError):
        pass
    raise Refused("invalid_cursor")


@dataclass(frozen=True)
class Method:
    """How a method may be called. `scopes`: any one will do. `tier` None: posting's own limit."""

    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    tier: int | None = 3
    takes: Literal["bot", "app", "any", "none"] = "bot"
    takes_effect: bool = False


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: Json
    headers: dict[str, str]
    stored: bool = False


def require(site: Site, scopes: tuple[str, ...]) -> None:
    """https://docs.slack.dev/reference/scopes; `missing_scope` names what is needed and what is there."""
    granted = site.team.app.scopes
    if scopes and not any(scope in granted for scope in scopes):
        raise Refused("missing_scope", needed=",".join(scopes), provided=",".join(granted))


def authorise(site: Site, method: Method, token: str | None) -> None:
    """https://docs.slack.dev/authentication/tokens: which kind of token a method takes."""
    if method.takes == "none":
        return
    if not token:
        raise Refused("not_authed")
    if token != site.app_token and not site.is_bot_token(token):
        raise Refused("invalid_auth")
    if site.has_expired(token):
        raise Refused("token_expired")
    if site.team.token_refusal:
        raise Refused(site.team.token_refusal)
    if method.takes == "any":
        return
    if (token == site.app_token) != (method.takes == "app"):
        raise Refused("not_allowed_token_type")
    if site.is_bot_token(token):
        require(site, method.scopes)


def answer(site: Site, methods: Mapping[str, Method], name: str, args: Json, token: str | None) -> Answer:
    """Run one call from start to end; never raises Refused."""
    headers = {"x-slack-req-id": name}
    method = methods.get(name)
    if method is None:
        return Answer(200, {"ok": False, "error": "unknown_method", "req_method": name}, headers)
    call = Call(site, name, args)
    with site.team.lock:
        if site.is_bot_token(token):
            headers["x-oauth-scopes"] = ",".join(site.team.app.scopes)
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        try:
            authorise(site, method, token)
            wait = site.limits.wait(name, method.tier, call.text("channel"), site.team.clock())
            if wait:
                headers["retry-after"] = str(wait)
                return Answer(429, {"ok": False, "error": "ratelimited"}, headers)
            body = method.run(call)
        except Refused as refused:
            return Answer(200, {"ok": False, "error": refused.error} | refused.more, headers, call.stored)
        return Answer(200, {"ok": True} | body, headers, method.takes_effect)
