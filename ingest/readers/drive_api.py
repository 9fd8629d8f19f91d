"""Questions to Google Drive's API as a service account; the one door to google-auth."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ingest.readers.paging import Part, by_cursor
from ingest.readers.restrictions import Named
from ingest.sources import Incomplete, Reading, Source
from ingest.web import Denied, Web, World
from knowledge.errors import Unreadable

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
_SCOPE = "https://www.googleapis.com/auth/drive.readonly"
_TOKENS = "oauth2.googleapis.com"
_PERMISSION = "id,type,emailAddress,domain,deleted,view"
_FILE = (
    "id,name,mimeType,md5Checksum,modifiedTime,size,parents,webViewLink,driveId,permissionIds,trashed,"
    "owners(emailAddress,displayName),lastModifyingUser(emailAddress,displayName),"
    f"capabilities(canDownload),permissions({_PERMISSION})"
)
_ALL_DRIVES = {"supportsAllDrives": "true"}
_FOLDERS_AT_ONCE = 30

File = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """Whether anything changed since a cursor, and the cursor to ask with next time."""

    anything: bool
    cursor: str


class Drive:
    """The API as a service account; `account` is its e-mail address."""

    def __init__(self, source: Source, reading: Reading, world: World) -> None:
        from google.oauth2.service_account import Credentials

        self._reading = reading
        self._web = Web.of(source, reading, hosts=[_TOKENS], world=world)
        try:
            info = json.loads(_key(source.secrets["key"]))
            self._credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                info, scopes=[_SCOPE]
            )
            self.account = str(info["client_email"]).lower()
        except (ValueError, KeyError, TypeError):
            raise Unreadable(
                "`key` does not lead to the key of a service account: set its variable to the path of the "
                "JSON file that Google gave you, or to what is in it"
            ) from None
        self._grantees: dict[str, Mapping[str, Any]] = {}

    def root(self, folder: str) -> File:
        """The folder or shared drive that a source reads. Raises Unreadable."""
        try:
            found = self._json(f"drive/v3/files/{folder}", {"fields": _FILE, **_ALL_DRIVES})
        except Denied:
            raise
        except Unreadable as error:
            raise Unreadable(f"{error}; share the folder with {self.account}") from None
        if found.get("mimeType") != FOLDER:
            raise Unreadable("`folder` is no folder: give the address or id of a folder or a shared drive")
        if found.get("trashed"):
            raise Unreadable("the folder is in the trash")
        return found

    def children(self, folders: Sequence[str]) -> Iterator[File | Incomplete]:
        """What lies directly in these folders and is not in the trash. Raises Unreadable."""
        for start in range(0, len(folders), _FOLDERS_AT_ONCE):
            inside = " or ".join(f"'{one}' in parents" for one in folders[start : start + _FOLDERS_AT_ONCE])
            asked = {
                "q": f"({inside}) and trashed = false",
                "fields": f"nextPageToken,incompleteSearch,files({_FILE})",
                "pageSize": 1000,
                "orderBy": "createdTime",
                "includeItemsFromAllDrives": "true",
                **_ALL_DRIVES,
            }
            yield from by_cursor(partial(self._files, asked), self._reading)

    def cursor(self, drive: str | None) -> str:
        """Where changes begin that come from now on."""
        said = self._json("drive/v3/changes/startPageToken", {"driveId": drive, **_ALL_DRIVES})
        return str(said["startPageToken"])

    def changed(self, cursor: str, drive: str | None) -> Changed:
        """Whether anything changed that the account may see. Raises Unreadable, also for an old cursor."""
        asked = {
            "driveId": drive,
            "pageSize": 1000,
            "includeItemsFromAllDrives": "true",
            "fields": "nextPageToken,newStartPageToken,changes(changeType,fileId)",
            **_ALL_DRIVES,
        }
        said = self._json("drive/v3/changes", {**asked, "pageToken": cursor})
        following = said.get("newStartPageToken")
        return Changed(bool(said.get("changes")) or following is None, str(following or cursor))

    def named(self, file: File) -> Named:
        """Whom a file is shared with, but for the account itself. Raises Unreadable."""
        shared = [one for one in self._permissions(file) if not one.get("deleted") and not one.get("view")]

        def addresses(kind: str) -> frozenset[str]:
            found = {str(one.get("emailAddress") or "").lower() for one in shared if one.get("type") == kind}
            return frozenset(found - {"", self.account})

        domains = {str(one.get("domain") or "").lower() for one in shared if one.get("type") == "domain"}
        return Named(
            e_mails=addresses("user"),
            groups=addresses("group") | domains,
            all_of_it=any(one.get("type") == "anyone" for one in shared),
        )

    def download(self, file_id: str, most_bytes: int) -> bytes:
        """A file's bytes. Raises Unreadable."""
        asked = {"alt": "media", **_ALL_DRIVES}
        return self._web.get(f"drive/v3/files/{file_id}", asked, self._authorized(), most_bytes).data

    def export(self, file_id: str, media_type: str, most_bytes: int) -> bytes:
        """A document of Google's own in another format; at most 10 MB, which is Google's limit."""
        path = f"drive/v3/files/{file_id}/export"
        return self._web.get(path, {"mimeType": media_type}, self._authorized(), most_bytes).data

    def _permissions(self, file: File) -> Sequence[Mapping[str, Any]]:
        """Those of a file; where the listing gives only their ids, each is asked for once: an id stands for
        the same person everywhere."""
        if file.get("permissions"):
            return list(file["permissions"])
        ids = file.get("permissionIds") or ()
        if ids and all(one in self._grantees for one in ids):
            return [self._grantees[one] for one in ids]
        found = []
        path, fields = f"drive/v3/files/{file['id']}/permissions", f"nextPageToken,permissions({_PERMISSION})"

        def part(cursor: str | None) -> Part[Mapping[str, Any]]:
            asked = {"fields": fields, "pageSize": 100, "pageToken": cursor, **_ALL_DRIVES}
            said = self._json(path, asked)
            return Part(said.get("permissions") or (), said.get("nextPageToken"))

        for one in by_cursor(part, self._reading):
            if isinstance(one, Incomplete):
                raise Unreadable(f"it is not told whom it is shared with: {one.reason}")
            found.append(one)
            if not one.get("view"):
                self._grantees[str(one["id"])] = one
        return found

    def _files(self, asked: Mapping[str, Any], cursor: str | None) -> Part[File | Incomplete]:
        said = self._json("drive/v3/files", {**asked, "pageToken": cursor})
        files: list[File | Incomplete] = list(said.get("files") or ())
        if said.get("incompleteSearch"):
            files.append(Incomplete("Google says that it did not search everything"))
        return Part(files, said.get("nextPageToken"))

    def _json(self, path: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        said = self._web.json(path, asked, self._authorized())
        if not isinstance(said, dict):
            raise Unreadable("Google Drive answered something else than an object")
        return said

    def _authorized(self) -> Mapping[str, str]:
        """The header with a token that still holds, renewed in time. Raises Denied and Unreadable."""
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request

        if not self._credentials.valid:
            try:
                self._credentials.refresh(Request(session=self._web.requests_session()))
            except GoogleAuthError as error:
                said = str(error.args[0] if error.args else error).splitlines()[0][:200]
                raise Denied(f"Google refuses the key of {self.account} ({said}): make a new one") from None
        return {"authorization": f"Bearer {self._credentials.token}"}


def _key(said: str) -> str:
    """The JSON of a key, which is given itself or as the path of its file."""
    if said.lstrip().startswith("{"):
        return said
    try:
        return Path(said).expanduser().read_text("utf-8")
    except (OSError, ValueError) as error:
        raise Unreadable(f"the file that `key` leads to cannot be read ({type(error).__name__})") from None
