"""What the parts of the workspace share: the team, the ledger, faults, limits, trigger ids, response_urls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from bot.workspace import ids
from bot.workspace.description import Json
from bot.workspace.faults import Faults
from bot.workspace.ledger import Ledger
from bot.workspace.rate_limits import RateLimits
from bot.workspace.team import Team


class Refused(Exception):
    """The Web API says no, as Slack does: `error` is its code, `more` goes into the answer beside it."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more

    @classmethod
    def with_messages(cls, error: str, messages: list[str]) -> Self:
        """With the details that Slack lists: `errors`, and `response_metadata.messages` as `[ERROR] …`."""
        plain = [message.removeprefix("[ERROR] ") for message in messages]
        full = [f"[ERROR] {message}" for message in plain]
        return cls(error, errors=plain, response_metadata={"messages": full})


@dataclass
class Triggers:
    """Trigger ids: usable once, within three seconds.

    https://docs.slack.dev/interactivity/handling-user-interaction (3 seconds, once); the errors are those
    of https://docs.slack.dev/reference/methods/views.open.
    """

    clock: Callable[[], float]
    seconds: float = 3.0
    _issued: dict[str, tuple[str, float, bool]] = field(default_factory=dict)

    def issue(self, user: str) -> str:
        trigger = f"{ids.fresh('', 13)}.{ids.fresh('', 12)}.{ids.uuid4().replace('-', '')}"
        self._issued[trigger] = (user, self.clock(), False)
        return trigger

    def exchange(self, trigger: str) -> str:
        """The user who caused it. Raises Refused."""
        if trigger not in self._issued:
            raise Refused("invalid_trigger_id")
        user, issued, used = self._issued[trigger]
        if used:
            raise Refused("exchanged_trigger_id")
        if self.clock() - issued > self.seconds:
            raise Refused("expired_trigger_id")
        self._issued[trigger] = (user, issued, True)
        return user


@dataclass
class ResponseUrl:
    """Where a response_url leads: back to one person, in one channel, about one message or none."""

    user: str
    channel: str
    message_ts: str | None
    ephemeral: bool
    thread_ts: str | None
    issued: float
    uses: int = 0


@dataclass
class Site:
    """One running workspace, seen from inside."""

    team: Team
    ledger: Ledger
    faults: Faults
    limits: RateLimits
    triggers: Triggers
    bot_token: str
    app_token: str
    signing_secret: str
    verification_token: str
    url: str = ""
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    new_socket_url: Callable[[], str] = field(default=lambda: "")
    rotating: object | None = None
    expiries: dict[str, float] = field(default_factory=dict)

    def is_bot_token(self, token: str | None) -> bool:
        """The bot token of now, or with token rotation one that was given out before."""
        return token is not None and (token == self.bot_token or token in self.expiries)

    def has_expired(self, token: str | None) -> bool:
        return token is not None and self.team.clock() >= self.expiries.get(token, float("inf"))

    def response_url(self, user: str, channel: str, **about: object) -> str:
        """Issue a response_url for an interaction by this person in this channel."""
        key = f"{self.team.id}/{ids.fresh('', 13)}/{ids.fresh('', 24)}"
        defaults: Json = {"message_ts": None, "ephemeral": False, "thread_ts": None}
        self.response_urls[key] = ResponseUrl(user, channel, issued=self.team.clock(), **(defaults | about))
        return f"{self.url}/response/{key}"
