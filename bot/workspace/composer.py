"""What a person types becomes what Slack's composer sends: escaped text and a rich_text block.

Follows https://docs.slack.dev/messaging/formatting-message-text (escaping, mentions, links) and
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block (elements). *Assumed*: which Markdown-like
marks the composer turns into styles; here bold, italic, strike, code and code fences.
"""

import re
from html import escape

from bot.workspace import ids
from bot.workspace.description import Json
from bot.workspace.team import NotThere, Team

TOKEN = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<\#(?P<channel>[CG][A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<!(?P<range>here|channel|everyone)(?:\|[^>]*)?>"
    r"|<(?P<link>(?:https?|mailto)[^|>\s]+)(?:\|(?P<label>[^>]*))?>"
    r"|(?P<bare>https?://[^\s<>]+[^\s<>.,;:!?)\]'\"])"
    r"|:(?P<emoji>[a-z0-9_+'-]*[a-z][a-z0-9_+'-]*):"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<!\w)\*(?P<bold>[^*\s](?:[^*\n]*[^*\s])?)\*(?!\w)"
    r"|(?<!\w)_(?P<italic>[^_\s](?:[^_\n]*[^_\s])?)_(?!\w)"
    r"|(?<!\w)~(?P<strike>[^~\s](?:[^~\n]*[^~\s])?)~(?!\w)"
)
FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
NAMED = re.compile(r"(?<![\w<@#/|])(?P<sign>[@#])(?P<name>[\w.-]*\w)")
KEPT = re.compile(r"<(?:@[UW]|#[CG]|!|https?://|mailto:)[^<>]*>")


def with_ids(team: Team, typed: str) -> str:
    """Turn @name and #name of people, user groups and channels into Slack's `<@U…>` forms."""

    def named(found: re.Match[str]) -> str:
        try:
            if found["sign"] == "#":
                channel = team.channel(found["name"])
                return f"<#{channel.id}|{channel.name}>"
            if found["name"] in ("here", "channel", "everyone"):
                return f"<!{found['name']}>"
            try:
                return f"<@{team.person(found['name']).id}>"
            except NotThere:
                return f"<!subteam^{team.group(found['name']).id}>"
        except NotThere:
            return found[0]

    return NAMED.sub(named, typed)


def escaped(typed: str) -> str:
    """`&`, `<` and `>` as entities, except in mentions and links that are already in Slack's form."""
    parts, last = [], 0
    for kept in KEPT.finditer(typed):
        parts += [escape(typed[last : kept.start()], quote=False), kept[0]]
        last = kept.end()
    return "".join([*parts, escape(typed[last:], quote=False)])


def rich_text(typed: str) -> Json:
    """The rich_text block for what was typed (with `<@U…>` forms, not escaped)."""
    elements: list[Json] = []
    last = 0
    for fence in FENCE.finditer(typed):
        elements += _section(typed[last : fence.start()].rstrip("\n"))
        elements.append({"type": "rich_text_preformatted", "elements": [_text(fence[1] or " ")]})
        last = fence.end()
    elements += _section(typed[last:].removeprefix("\n") if last else typed)
    return {"type": "rich_text", "block_id": ids.block_id(), "elements": elements}


def _section(typed: str) -> list[Json]:
    pieces: list[Json] = []
    last = 0
    for token in TOKEN.finditer(typed):
        if token.start() > last:
            pieces.append(_text(typed[last : token.start()]))
        pieces.append(_element(token))
        last = token.end()
    if last < len(typed):
        pieces.append(_text(typed[last:]))
    return [{"type": "rich_text_section", "elements": pieces}] if pieces else []


def _element(token: re.Match[str]) -> Json:
    kind, value = next((name, text) for name, text in token.groupdict().items() if text is not None)
    match kind:
        case "user":
            return {"type": "user", "user_id": value}
        case "channel":
            return {"type": "channel", "channel_id": value}
        case "group":
            return {"type": "usergroup", "usergroup_id": value}
        case "range":
            return {"type": "broadcast", "range": value}
        case "link" | "bare":
            label = token["label"]
            return {"type": "link", "url": value} | ({"text": label} if label else {})
        case "emoji":
            return {"type": "emoji", "name": value}
        case style:
            return _text(value) | {"style": {style: True}}


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def mentioned(text: str) -> set[str]:
    """Ids of the people whom a message's text mentions."""
    return {found["user"] for found in TOKEN.finditer(text) if found["user"]}
