"""Where files are fetched from and sent to: `url_private` with the bot's token, and upload tickets.

https://docs.slack.dev/reference/objects/file-object#authentication: the token goes into the Authorization
header. *Assumed*, as developers report it: who has no right to the file is not refused but redirected to the
sign-in page, and a deleted file is 404. Faults are laid for the method `url_private`; their arguments are
`file` and `name`.
"""

import asyncio
import contextlib

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.workspace import files
from bot.workspace.faults import CutReply, Drop, Reply, Wait
from bot.workspace.ledger import ApiCall
from bot.workspace.site import Refused, Site
from bot.workspace.team import File


class FileHost:
    """Routes for `/files-pri/TEAM-FILE/…` and `/upload/v1/TICKET`."""

    def __init__(self, site: Site, stopping: asyncio.Event) -> None:
        self._site = site
        self._stopping = stopping

    def routes(self) -> list[Route]:
        return [
            Route("/files-pri/{both}/{rest:path}", self._fetch),
            Route("/upload/v1/{ticket}", self._upload, methods=["POST"]),
        ]

    async def _fetch(self, request: Request) -> Response:
        file_id = request.path_params["both"].partition("-")[2]
        file = self._site.team.files.get(file_id)
        args = {"file": file_id, "name": file.name if file else ""}
        fault = self._site.faults.take("url_private", args)
        status = 0
        try:
            if fault is not None:
                match fault.act:
                    case Reply(status, body, headers):
                        return Response(body, status, headers)
                    case Drop() | CutReply():
                        request.scope["extensions"]["transport"].close()
                        return Response()
                    case Wait(seconds):
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(self._stopping.wait(), seconds)
            response = self._served(request, file)
            status = response.status_code
            return response
        finally:
            self._note(args, status, fault.name if fault else None)

    def _served(self, request: Request, file: File | None) -> Response:
        team = self._site.team
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        with team.lock:
            if scheme.lower() != "bearer" or not self._site.is_bot_token(bearer.strip()):
                return _sign_in(request)
            if self._site.has_expired(bearer.strip()):
                return _sign_in(request)  # *assumed*
            if "files:read" not in team.app.scopes or team.token_refusal:
                return _sign_in(request)
            try:
                known = files.known_to_app(team, file.id if file else "")
            except Refused as refused:
                gone = refused.error == "file_deleted"
                return PlainTextResponse("not found", 404) if gone else _sign_in(request)
            return Response(known.data, media_type=known.mimetype)

    async def _upload(self, request: Request) -> Response:
        """https://docs.slack.dev/messaging/working-with-files#upload_files: the bytes as they are, or a form.

        *Assumed*: 400 when their number is another than was said.
        """
        upload = self._site.team.uploads.get(request.path_params["ticket"])
        if upload is None:
            return PlainTextResponse("not found", 404)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form() as form:
                part = next((each for each in form.values() if not isinstance(each, str)), None)
                data = await part.read() if part is not None else b""
        else:
            data = await request.body()
        if len(data) != upload["length"]:
            return PlainTextResponse("another length than was said", 400)
        upload["data"] = data
        return PlainTextResponse(f"OK - {len(data)}")

    def _note(self, args: dict[str, str], status: int, fault: str | None) -> None:
        now = self._site.team.clock()
        ok = {"ok": status == 200}
        self._site.ledger.note_call(ApiCall("url_private", dict(args), now, status, ok, False, fault))


def _sign_in(request: Request) -> Response:
    return RedirectResponse(f"/?redir={request.url.path}", 302)
