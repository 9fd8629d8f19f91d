"""What hangs on the pages of a Confluence space: comments and attached files, found by its search."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.parsing.frontmatter import as_time
from ingest.readers.confluence_api import Attachment, Confluence, Space
from ingest.sources import Incomplete
from knowledge.errors import Unreadable

_LISTED = "version,container,extensions.resolution"
_IN_FULL = "body.storage,history,version,ancestors,extensions.inlineProperties,extensions.resolution"
_LONGEST_NAME = 80
_LONGEST_SELECTION = 200
_OPEN = ("", "open", "reopened")


@dataclass(slots=True)
class Attached:
    """By the id of their page: the state of its comments (id, version and resolution of each, sorted) and its
    attachments; `incomplete` where the search was cut."""

    comments: dict[str, list[list[object]]] = field(default_factory=dict)
    attachments: dict[str, list[Attachment]] = field(default_factory=dict)
    incomplete: list[Incomplete] = field(default_factory=list)


def attached_in(site: Confluence, space: Space, comments: bool, attachments: bool) -> Attached:
    """What hangs on the pages of a space, of the kinds that are wanted. Raises Unreadable."""
    found = Attached()
    kinds = [kind for kind, wanted in (("comment", comments), ("attachment", attachments)) if wanted]
    if not kinds:
        return found
    cql = f'space = "{space.key}" and type in ({", ".join(kinds)}) order by created'
    for one in site.search(cql, _LISTED):
        if isinstance(one, Incomplete):
            found.incomplete.append(one)
            continue
        page_id = str((one.get("container") or {}).get("id") or "")
        if one.get("type") == "comment":
            state = [str(one["id"]), int(one["version"]["number"]), _resolution(one)]
            found.comments.setdefault(page_id, []).append(state)
        elif one.get("type") == "attachment":
            found.attachments.setdefault(page_id, []).append(_attachment(one, page_id))
    for states in found.comments.values():
        states.sort(key=str)
    return found


def comments_of(site: Confluence, page_id: str) -> bytes:
    """The comments of a page as they are now, each with what is said of it, replies below what they reply to:
    JSON for the converter; empty where there are none. Raises Unreadable."""
    found: dict[str, Mapping[str, Any]] = {}
    for one in site.search(f"container = {page_id} and type = comment order by created", _IN_FULL):
        if isinstance(one, Incomplete):
            raise Unreadable(f"its comments could not be read: {one.reason}")
        found[str(one["id"])] = one
    told = [_told(one, found) for one in _threaded(found)]
    return json.dumps(told).encode() if told else b""


def _threaded(found: Mapping[str, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Each comment before its replies, otherwise by time."""
    below: dict[str | None, list[str]] = {}
    for comment_id in sorted(found, key=lambda one: (_created(found[one]) or "", one)):
        below.setdefault(_replies_to(found[comment_id], found), []).append(comment_id)
    waiting = below.pop(None, [])[::-1]
    while waiting or below:
        if not waiting:  # comments that reply to one another
            waiting = below.pop(next(iter(below)))[::-1]
        comment_id = waiting.pop()
        yield found[comment_id]
        waiting += below.pop(comment_id, [])[::-1]


def _replies_to(one: Mapping[str, Any], found: Mapping[str, Any]) -> str | None:
    above = [str(other.get("id")) for other in one.get("ancestors") or ()]
    return next((comment_id for comment_id in reversed(above) if comment_id in found), None)


def _told(one: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]]) -> dict[str, object]:
    when = as_time(_created(one))
    inline = (one.get("extensions") or {}).get("inlineProperties") or {}
    resolution = _resolution(one)
    above = _replies_to(one, found)
    return {
        "by": _author(one),
        "on": f"{when.day} {when:%B %Y}" if when else "",
        "to": _author(found[above]) if above else "",
        "about": _one_line(inline.get("originalSelection"), _LONGEST_SELECTION),
        "state": "" if resolution in _OPEN else resolution,
        "storage": str(one["body"]["storage"]["value"]),
    }


def _attachment(one: Mapping[str, Any], page_id: str) -> Attachment:
    said, links, version = one.get("extensions") or {}, one.get("_links") or {}, one["version"]
    return Attachment(
        id=str(one["id"]),
        page_id=page_id,
        name=str(one["title"]),
        version=int(version["number"]),
        size=int(said.get("fileSize") or 0),
        when=version.get("when"),
        author=_person(version.get("by")),
        download=links.get("download"),
        address=links.get("webui") or links.get("download"),
    )


def _created(one: Mapping[str, Any]) -> str | None:
    return (one.get("history") or {}).get("createdDate") or (one.get("version") or {}).get("when")


def _author(one: Mapping[str, Any]) -> str:
    by = (one.get("history") or {}).get("createdBy") or (one.get("version") or {}).get("by")
    return _person(by) or "Somebody"


def _person(by: Mapping[str, Any] | None) -> str | None:
    by = by or {}
    name = by.get("displayName") or by.get("publicName") or by.get("username")
    return _one_line(name, _LONGEST_NAME) or None


def _resolution(one: Mapping[str, Any]) -> str:
    said = ((one.get("extensions") or {}).get("resolution") or {}).get("status")
    return _one_line(said, _LONGEST_NAME).lower()


def _one_line(words: object, most: int) -> str:
    return " ".join(str(words or "").split())[:most]
