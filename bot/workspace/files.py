"""Files: kept in memory, attached to messages, shown as Slack's file objects, fetched with the bot's token.

https://docs.slack.dev/reference/objects/file-object and
https://docs.slack.dev/messaging/working-with-files. *Assumed*: the names of file types beyond the common
ones; a deleted file stays in its messages as `{id, mode: "tombstone"}`; the app may know of a file that is in
a conversation which the app is in.
"""

import mimetypes
from pathlib import PurePosixPath
from typing import Any

from bot.workspace import ids, messages
from bot.workspace.description import Channel, Json
from bot.workspace.site import Refused, Site
from bot.workspace.team import File, Team

MOST_BYTES = 1_000_000_000  # https://slack.com/help/articles/201330736: 1 GB a file
# https://docs.slack.dev/reference/objects/file-object#file_types
FILETYPES = {
    "md": ("markdown", "Markdown"),
    "txt": ("text", "Plain Text"),
    "log": ("text", "Plain Text"),
    "py": ("python", "Python"),
    "js": ("javascript", "JavaScript"),
    "json": ("json", "JSON"),
    "yml": ("yaml", "YAML"),
    "yaml": ("yaml", "YAML"),
    "csv": ("csv", "CSV"),
    "tsv": ("tsv", "TSV"),
    "pdf": ("pdf", "PDF"),
    "png": ("png", "PNG"),
    "jpg": ("jpg", "JPEG"),
    "jpeg": ("jpg", "JPEG"),
    "gif": ("gif", "GIF"),
    "docx": ("docx", "Word Document"),
    "xlsx": ("xlsx", "Excel Spreadsheet"),
    "zip": ("zip", "Zip"),
    "html": ("html", "HTML"),
}


def add(
    site: Site, user: str, name: str, data: bytes, mimetype: str = "", title: str = "", **more: Any
) -> File:
    """A new file that is shared nowhere yet."""
    kind = mimetype or mimetypes.guess_type(name)[0] or "application/octet-stream"
    file = File(ids.fresh("F"), name, title or name, data, user, int(site.team.clock()), kind, **more)
    site.team.files[file.id] = file
    return file


def as_json(site: Site, file: File) -> Json:
    """The file object; of a deleted file only that it was there."""
    if file.mode == "tombstone":
        return {"id": file.id, "mode": "tombstone"}
    team = site.team
    ending = PurePosixPath(file.name).suffix.removeprefix(".").lower()
    filetype, pretty = FILETYPES.get(ending, (ending or "binary", ending.upper() or "Binary"))
    shown = PurePosixPath(file.name).name.lower().replace(" ", "_") or "file"
    private = f"{site.url}/files-pri/{team.id}-{file.id}"
    kinds = [team.channels[each] for each in file.channels if each in team.channels]
    body: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": filetype,
        "pretty_type": pretty,
        "user": file.user,
        "user_team": team.id,
        "editable": file.mode == "snippet",
        "size": file.bytes_said,
        "mode": file.mode,
        "is_external": file.mode == "external",
        "external_type": "gdrive" if file.mode == "external" else "",
        "is_public": any(each.kind == "channel" and not each.private for each in kinds),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{private}/{shown}",
        "permalink": f"{site.url}/files/{file.user}/{file.id}/{shown}",
        "has_rich_preview": False,
        "file_access": "visible",
    }
    if file.mode != "external":
        body["url_private_download"] = f"{private}/download/{shown}"
    return body


def with_places(site: Site, file: File) -> Json:
    """The file object as `files.info` gives it, with where it was shared."""
    team = site.team
    places = [team.channels[each] for each in file.channels]
    return as_json(site, file) | {
        "channels": [each.id for each in places if each.kind == "channel" and not each.private],
        "groups": [each.id for each in places if each.kind == "mpim" or each.private],
        "ims": [each.id for each in places if each.kind == "im"],
        "comments_count": 0,
    }


def known_to_app(team: Team, file_id: str) -> File:
    """A file that the app may know of. Raises Refused."""
    file = team.files.get(file_id)
    app = team.app.user_id
    if file is None:
        raise Refused("file_not_found")
    if file.user != app and not any(app in team.channels[each].people for each in file.channels):
        raise Refused("file_not_found")
    if file.mode == "tombstone":
        raise Refused("file_deleted")
    return file


def share(site: Site, place: Channel, body: Json, files: list[File], thread_ts: str | None = None) -> Json:
    """Post a message with files. https://docs.slack.dev/reference/events/message/file_share

    Also announces each as shared (https://docs.slack.dev/reference/events/file_shared).
    """
    team = site.team
    for file in files:
        if place.id not in file.channels:
            file.channels.append(place.id)
    shown = [as_json(site, file) for file in files]
    body = body | {"subtype": "file_share", "files": shown, "upload": False, "display_as_bot": False}
    message = messages.post(team, place, body, thread_ts)
    for file in files:
        team.announce("file_shared", place.id, file=file.id, user=file.user)
    return message


def delete(team: Team, file: File) -> None:
    """Take a file away; its messages keep a tombstone.

    https://docs.slack.dev/reference/events/file_deleted
    """
    file.mode, file.data = "tombstone", b""
    gone = {"id": file.id, "mode": "tombstone"}
    for channel in file.channels:
        for message in team.messages[channel].values():
            if any(each["id"] == file.id for each in message.get("files", [])):
                message["files"] = [gone if each["id"] == file.id else each for each in message["files"]]
                team.announce("files_changed", channel, message=message)
    team.announce("file_deleted", None, file=file.id, channels=list(file.channels))
