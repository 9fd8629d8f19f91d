"""People, places and who can read them, as Slack tells it; what it does not tell means no."""

import logging
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from http.client import HTTPException
from typing import Any, Protocol, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.messages import Place
from bot.person import Person, person_from
from knowledge.audience import UNKNOWN_READERS, WHOLE_WORKSPACE, Readers
from knowledge.ports import Clock

TTL_S = 60.0
PAGE = 200
ASK_FOR_ALL_ABOVE = 25
MOST_PAGES = 500

USER_ID = re.compile(r"[UW][A-Z0-9]{7,}")
CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{7,}")
SHARED_FLAGS = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared", "is_shared", "is_global_shared")
SHARED_LISTS = ("pending_shared", "pending_connected_team_ids", "connected_team_ids", "shared_team_ids")

T = TypeVar("T")
log = logging.getLogger(__name__)


class _NotTold(Exception):
    """Slack did not tell (an error, or half an answer)."""


class Hears(Protocol):
    """Takes Slack's events about people and places."""

    def heard(self, event: Mapping[str, Any]) -> None: ...


class People:
    """Looks up people, groups and who can read a place; remembers for `ttl_s`, failures never.

    Nothing here raises because of Slack: what cannot be looked up is None, or UNKNOWN_READERS, or no.
    """

    def __init__(
        self, client: WebClient, clock: Clock, admins: Collection[str] = (), ttl_s: float = TTL_S
    ) -> None:
        self._client = client
        self._clock = clock
        self._admins = frozenset(map(_folded, admins))
        self._ttl = timedelta(seconds=ttl_s)
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[Any, Any]] = {}
        self._changes = 0

    def person(self, user_id: str) -> Person | None:
        """One user, or None when Slack does not tell."""
        return self._told(lambda: self._person(user_id))

    def many(self, user_ids: Collection[str]) -> Mapping[str, Person]:
        """Those of many users whom Slack tells, by their ids, in a few calls; empty when it is away."""
        if self._told(lambda: self._know(user_ids)) is None:
            return {}
        found = {one: self.person(one) for one in user_ids}
        return {one: person for one, person in found.items() if person is not None}

    def is_full_member(self, user_id: str) -> bool:
        person = self.person(user_id)
        return person is not None and person.full_member

    def name_of(self, owner: str) -> str:
        """The name of somebody whom a document names by id or e-mail; unknown ones as they are written."""
        ids = self.members(owner) if "@" in owner or USER_ID.fullmatch(owner) else None
        person = self.person(next(iter(ids))) if ids and len(ids) == 1 else None
        return owner if person is None else person.name

    def name_of_place(self, channel_id: str) -> str:
        """`#name`, or what a conversation without a name is called; for those who may read it."""
        if channel_id.startswith("D"):
            return "a direct message"
        channel = self._told(lambda: self._channel(channel_id)) or {}
        if channel.get("is_mpim") or not channel.get("name"):
            return "a conversation"
        return f"#{channel['name']}"

    def channel(self, channel_id: str) -> Mapping[str, Any] | None:
        """What Slack says of a conversation; None when it does not tell."""
        return self._told(lambda: self._channel(channel_id))

    def is_admin(self, user_id: str) -> bool:
        """Named in the settings by id or e-mail, or an admin or owner of the workspace, or in a user group
        that the settings name (nobody is, while Slack does not tell who is in it)."""
        person = self.person(user_id)
        if person is None or not person.full_member:
            return False
        return person.workspace_admin or self._is_among(person, self._admins)

    def is_named(self, user_id: str, principals: Collection[str]) -> bool:
        """Whether somebody is one of these e-mail addresses, user ids and user groups, and a full member."""
        person = self.person(user_id)
        if person is None or not person.full_member:
            return False
        return self._is_among(person, frozenset(map(_folded, principals)))

    def admins(self) -> frozenset[str]:
        """The user ids of those whom the settings name, else of the workspace's admins; empty: not told."""
        named = (name if "@" in name else name.upper() for name in self._admins)
        found = frozenset(user_id for name in named for user_id in self.members(name) or ())
        return found or self._told(self._workspace_admins) or frozenset()

    def channel_id(self, name: str) -> str | None:
        """The id of `#name`, or of an id; None where Slack does not tell."""
        return self._told(lambda: self._channel_id(name.removeprefix("#")))

    def shares(self, channel_id: str, user_id: str) -> bool:
        """Whether Lore and this person are both in a conversation; no where Slack does not tell."""
        return self.is_in(channel_id, user_id) or False

    def is_in(self, channel_id: str, user_id: str) -> bool | None:
        """The same; None where Slack does not tell."""
        return self._told(lambda: self._share(channel_id, user_id))

    def readers(self, place: Place) -> Readers:
        """Who can read what is posted there."""
        if place.only:
            return self._alone(place.only)
        return self._told(lambda: self._readers(place.channel)) or UNKNOWN_READERS

    def members(self, principal: str) -> frozenset[str] | None:
        """The people that `#channel`, `@group`, a user id or an e-mail address names; None: unknown."""
        if principal.startswith("#"):
            return self._told(lambda: self._people_in(self._channel_id(principal[1:])))
        if principal.startswith("@"):
            return self._told(lambda: self._group(principal[1:]))
        if USER_ID.fullmatch(principal):
            return self._alone(principal).people or None
        if "@" in principal:
            user_id = self._told(lambda: self._id_by_email(_folded(principal)))
            return None if user_id is None else self._alone(user_id).people or None
        return None

    def has_group(self, handle: str) -> bool | None:
        """Whether there is a user group of that handle, such as `@leads`; None where Slack does not tell."""
        return self._told(lambda: handle.removeprefix("@") in self._groups())

    def heard(self, event: Mapping[str, Any]) -> None:
        """Forget at once what an event says has changed."""
        kind = str(event.get("type") or "")
        subject = event.get("channel") or event.get("user") or ""
        name = str(subject.get("id") or "") if isinstance(subject, Mapping) else str(subject)
        if kind.startswith(("subteam_", "usergroup")):
            self._forget({"groups", "group"})
        elif kind in ("user_change", "team_join", "user_profile_changed", "user_status_changed"):
            self._forget({"person"}, name)
            self._forget({"email"})
        elif kind.startswith(("channel_", "group_", "member_", "im_")):
            self._forget({"channel", "people in"}, name)
            self._forget({"channels"})

    # what is asked of Slack

    def _is_among(self, person: Person, named: Collection[str]) -> bool:
        if ({_folded(person.id), _folded(person.email)} - {""}).intersection(named):
            return True
        return any(person.id in (self.members(one) or ()) for one in named if one.startswith("@"))

    def _alone(self, user_id: str) -> Readers:
        return Readers(people=frozenset({user_id})) if self.is_full_member(user_id) else UNKNOWN_READERS

    def _readers(self, channel_id: str) -> Readers:
        channel = self._channel(channel_id)
        if channel.get("is_im") is True:
            return self._alone(str(channel.get("user") or ""))
        if channel.get("is_ext_shared") is not False or self._shared_beyond_us(channel):
            return UNKNOWN_READERS
        if channel.get("is_channel") is True and channel.get("is_private") is False:
            return WHOLE_WORKSPACE
        if channel.get("is_private") is not True and channel.get("is_mpim") is not True:
            return UNKNOWN_READERS
        members = self._everybody_in(channel_id)
        living = [one for one in members if not one.deleted]
        people = [one for one in living if not one.bot]
        if any(one.foreign for one in living) or not all(one.full_member for one in people):
            return UNKNOWN_READERS
        return Readers(people=frozenset(one.id for one in people))

    def _workspace_admins(self) -> frozenset[str]:
        team = self._our_team()
        everybody = (person_from(user, team) for user in self._pages(self._client.users_list, "members"))
        return frozenset(one.id for one in everybody if one.workspace_admin and one.full_member)

    def _share(self, channel_id: str, user_id: str) -> bool:
        return self._channel(channel_id).get("is_member") is True and user_id in self._ids_in(channel_id)

    def _shared_beyond_us(self, channel: Mapping[str, Any]) -> bool:
        return any(channel.get(flag) for flag in SHARED_FLAGS) or any(
            set(channel.get(name) or ()) - {self._our_team()} for name in SHARED_LISTS
        )

    def _our_team(self) -> str:
        return self._remembered("team", "", lambda: str(self._client.auth_test()["team_id"]))

    def _person(self, user_id: str) -> Person:
        if not USER_ID.fullmatch(user_id):
            raise _NotTold(f"{user_id!r} is not a user id")
        team = self._our_team()
        return self._remembered(
            "person", user_id, lambda: person_from(self._client.users_info(user=user_id)["user"], team)
        )

    def _channel(self, channel_id: str) -> Mapping[str, Any]:
        def ask() -> Mapping[str, Any]:
            channel: Mapping[str, Any] = self._client.conversations_info(channel=channel_id)["channel"]
            return channel

        return self._remembered("channel", channel_id, ask)

    def _people_in(self, channel_id: str) -> frozenset[str]:
        members = self._everybody_in(channel_id)
        return frozenset(one.id for one in members if one.full_member)

    def _ids_in(self, channel_id: str) -> frozenset[str]:
        def ask() -> frozenset[str]:
            return frozenset(self._pages(self._client.conversations_members, "members", channel=channel_id))

        return self._remembered("people in", channel_id, ask)

    def _everybody_in(self, channel_id: str) -> list[Person]:
        ids = self._ids_in(channel_id)
        self._know(ids)
        return [self._person(one) for one in ids]

    def _know(self, user_ids: Collection[str]) -> bool:
        """Remember many users at once, where asking for each would take many calls."""
        team = self._our_team()
        if len([one for one in user_ids if self._peek("person", one) is None]) > ASK_FOR_ALL_ABOVE:
            for user in self._pages(self._client.users_list, "members"):
                self._remembered("person", str(user["id"]), lambda user=user: person_from(user, team))  # type: ignore[misc]
        return True

    def _channel_id(self, name: str) -> str:
        if CHANNEL_ID.fullmatch(name):
            return name

        def ask() -> dict[str, list[str]]:
            found: dict[str, list[str]] = {}
            for one in self._pages(
                self._client.conversations_list, "channels", types="public_channel,private_channel"
            ):
                found.setdefault(str(one["name"]), []).append(str(one["id"]))
            return found

        return _only(self._remembered("channels", "", ask).get(name, []), f"#{name}")

    def _groups(self) -> Mapping[str, Sequence[str]]:
        """The ids of the user groups by their handles."""

        def ask() -> dict[str, list[str]]:
            found: dict[str, list[str]] = {}
            for one in self._client.usergroups_list()["usergroups"]:
                if not one.get("date_delete"):
                    found.setdefault(str(one["handle"]), []).append(str(one["id"]))
            return found

        return self._remembered("groups", "", ask)

    def _group(self, handle: str) -> frozenset[str]:
        def ask_members() -> frozenset[str]:
            return frozenset(self._client.usergroups_users_list(usergroup=group_id)["users"])

        group_id = _only(self._groups().get(handle, []), f"@{handle}")
        return self._remembered("group", group_id, ask_members)

    def _id_by_email(self, email: str) -> str:
        def ask() -> str:
            found = person_from(self._client.users_lookupByEmail(email=email)["user"], self._our_team())
            if _folded(found.email) != email:
                raise _NotTold(f"Slack found nobody who has confirmed {email}")
            return found.id

        return self._remembered("email", email, ask)

    def _pages(self, method: Callable[..., Any], field: str, **arguments: Any) -> Iterator[Any]:
        cursor = ""
        for _ in range(MOST_PAGES):
            page = method(limit=PAGE, cursor=cursor or None, **arguments)
            yield from page[field]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise _NotTold(f"{field} has no end")

    # what is remembered

    def _told(self, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except SlackApiError as error:
            log.warning("Slack does not tell: %s", _error_code(error))
        except (_NotTold, SlackClientError, HTTPException, OSError) as error:
            log.warning("Slack does not tell: %s", error)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            log.warning("Slack told something unexpected: %s: %s", type(error).__name__, error)
        return None

    def _peek(self, kind: str, name: str) -> Any:
        with self._lock:
            until, value = self._known.get((kind, name), (None, None))
        return value if until is not None and self._clock() < until else None

    def _remembered(self, kind: str, name: str, ask: Callable[[], T]) -> T:
        value: T | None = self._peek(kind, name)
        if value is not None:
            return value
        asked_at, changes = self._clock(), self._changes
        fresh = ask()
        with self._lock:
            if changes == self._changes:  # else what we were told may be older than a change we heard of
                self._known[(kind, name)] = (asked_at + self._ttl, fresh)
        return fresh

    def _forget(self, kinds: set[str], name: str | None = None) -> None:
        with self._lock:
            self._changes += 1
            for key in [key for key in self._known if key[0] in kinds and name in (None, "", key[1])]:
                del self._known[key]


def _only(ids: Sequence[str], name: str) -> str:
    if len(ids) != 1:
        raise _NotTold(f"{name} names {len(ids)} things")
    return ids[0]


def _folded(name: str) -> str:
    """In small letters, where that makes no other name of it: ß is not ss, and the Kelvin sign is no k."""
    return name.lower() if name.isascii() else name


def _error_code(error: SlackApiError) -> str:
    return str(error.response.get("error")) if hasattr(error.response, "get") else str(error)
