"""`files.*`: what the app may know of files, and its own uploads in three steps."""

from bot.workspace import files, ids, messages
from bot.workspace.description import Channel, Json
from bot.workspace.site import Refused
from bot.workspace.web_api import Call, Method


def info(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/files.info"""
    file = files.known_to_app(call.team, call.must("file"))
    return {"file": files.with_places(call.site, file), "comments": []}


def get_upload_url(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""
    name, length = call.must("filename"), call.number("length", 0)
    if not 0 < length <= files.MOST_BYTES:
        raise Refused.with_messages("invalid_arguments", ["[ERROR] length must be the size in bytes"])
    file_id, ticket = ids.fresh("F"), ids.fresh("", 24)
    call.team.uploads[ticket] = {"id": file_id, "name": name, "length": length, "data": None}
    return {"upload_url": f"{call.site.url}/upload/v1/{ticket}", "file_id": file_id}


def complete_upload(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal

    Without `channel_id` or `channels` the files stay private to the app. The message has the app as its
    author. Among `channels` may be ids of people: the direct message with them (*assumed*).
    """
    named = call.structure("files", "invalid_arguments")
    if not isinstance(named, list) or not named:
        raise Refused.with_messages("invalid_arguments", ["[ERROR] missing required field: files"])
    places = _places(call)
    uploads = {upload["id"]: ticket for ticket, upload in call.team.uploads.items()}
    made = []
    for each in named:
        ticket = uploads.get(str(each.get("id")))
        if ticket is None or call.team.uploads[ticket]["data"] is None:
            raise Refused("file_not_found")
        upload = call.team.uploads.pop(ticket)
        title = str(each.get("title") or "")
        file = files.add(call.site, call.team.app.user_id, upload["name"], upload["data"], title=title)
        del call.team.files[file.id]
        file.id = upload["id"]
        call.team.files[file.id] = file
        made.append(file)
    for place in places:
        said = messages.by_app(call.team, call.text("initial_comment") or "", [])
        files.share(call.site, place, said, made, call.text("thread_ts"))
    return {"files": [{"id": file.id, "title": file.title} for file in made]}


def _places(call: Call) -> list[Channel]:
    named = [one.strip() for one in (call.text("channels") or "").split(",") if one.strip()]
    app = call.team.app.user_id
    found = [call.channel("channel_id")] if call.text("channel_id") else []
    for one in named:
        if one in call.team.people:
            found.append(call.team.dm(app, one))
        elif one in call.team.channels:
            found.append(call.team.channels[one])
        else:
            raise Refused("channel_not_found")
    if any(app not in place.people for place in found):
        raise Refused("not_in_channel")
    return found


def delete(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/files.delete: an app deletes its own only."""
    file = files.known_to_app(call.team, call.must("file"))
    if file.user != call.team.app.user_id:
        raise Refused("cant_delete_file")
    files.delete(call.team, file)
    return {}


METHODS = {
    "files.info": Method(info, ("files:read",), tier=4),
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",), tier=4),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",), tier=4, takes_effect=True),
    "files.delete": Method(delete, ("files:write",), takes_effect=True),
}
