"""Google Drive's API v3 and the token endpoint of service accounts, from Google's published reference."""

import base64
import hashlib
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from google.auth import jwt
from google.auth.crypt import RSAVerifier

from tests.protocols.server import Answer, Asked, Protocol, Refusal

ACCOUNT = "lore@project.iam.gserviceaccount.com"
ROOT = "1RootFolderOfTheTeam"
FOLDER = "application/vnd.google-apps.folder"
DOCUMENT = "application/vnd.google-apps.document"
ANYONE = {"id": "anyoneWithLink", "type": "anyone", "role": "reader"}


@cache
def _private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_of(address: str) -> str:
    """The JSON of a service account's key whose tokens are made at an address."""
    pem = _private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "project",
            "private_key_id": "k1",
            "private_key": pem.decode(),
            "client_email": ACCOUNT,
            "client_id": "1",
            "token_uri": f"{address}/token",
        }
    )


def user(e_mail: str) -> dict[str, Any]:
    """The permission of one person."""
    return {
        "id": hashlib.sha256(e_mail.encode()).hexdigest()[:12],
        "type": "user",
        "role": "reader",
        "emailAddress": e_mail,
    }


def group(e_mail: str) -> dict[str, Any]:
    return {**user(e_mail), "type": "group"}


class DriveServer(Protocol):
    """A folder that is shared with the service account; `shared_drive` leaves permissions out of lists."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, bytes] = {}
        self.exports: dict[tuple[str, str], bytes] = {}
        self.permissions: dict[str, list[dict[str, Any]]] = {ROOT: [ANYONE, user(ACCOUNT)]}
        self.shared_drive = False
        self.part = 3
        self.changes_made = 100
        self.tokens = 0
        self._folder(ROOT, "Team", None)

    def _folder(self, file_id: str, name: str, parent: str | None) -> None:
        self.files[file_id] = {
            "id": file_id,
            "name": name,
            "mimeType": FOLDER,
            "parents": [parent] if parent else [],
        }

    def folder(self, name: str, parent: str = ROOT) -> str:
        file_id = f"1Folder{len(self.files):08}"
        self._folder(file_id, name, parent)
        self.permissions[file_id] = list(self.permissions[parent])
        self.touched()
        return file_id

    def add(self, name: str, data: bytes, parent: str = ROOT, kind: str = "text/markdown") -> str:
        file_id = f"1File{len(self.files):010}"
        self.files[file_id] = {
            "id": file_id,
            "name": name,
            "mimeType": kind,
            "parents": [parent],
            "modifiedTime": f"2026-01-02T09:{len(self.files):02}:00.000Z",
            "webViewLink": f"https://drive.google.com/file/d/{file_id}/view",
            "lastModifyingUser": {"emailAddress": "ana@example.com", "displayName": "Ana Ruiz"},
            "trashed": False,
            "capabilities": {"canDownload": True},
        }
        self.permissions[file_id] = list(self.permissions[parent])
        self.write(file_id, data)
        return file_id

    def write(self, file_id: str, data: bytes) -> None:
        file = self.files[file_id]
        self.touched()
        if file["mimeType"] == DOCUMENT:
            self.exports[file_id, "text/markdown"] = data
            file["modifiedTime"] = f"2026-01-03T09:{self.changes_made % 60:02}:00.000Z"
        else:
            self.contents[file_id] = data
            file |= {"size": str(len(data)), "md5Checksum": hashlib.md5(data).hexdigest()}

    def touched(self) -> None:
        """Something changed that the account may see."""
        self.changes_made += 1

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens}":
            raise Refusal(401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}})
        match asked.path.strip("/").split("/"):
            case ["drive", "v3", "files"]:
                return self._files(asked)
            case ["drive", "v3", "files", file_id]:
                if file_id not in self.files:
                    raise Refusal(404, {"error": {"code": 404, "errors": [{"reason": "notFound"}]}})
                if asked.query.get("alt") == "media":
                    return Answer(
                        self.contents[file_id], headers={"content-type": "application/octet-stream"}
                    )
                return Answer(self._file(file_id))
            case ["drive", "v3", "files", file_id, "export"]:
                data = self.exports.get((file_id, asked.query["mimeType"]))
                if data is None:
                    raise Refusal(
                        403, {"error": {"code": 403, "errors": [{"reason": "exportSizeLimitExceeded"}]}}
                    )
                return Answer(data, headers={"content-type": asked.query["mimeType"]})
            case ["drive", "v3", "files", file_id, "permissions"]:
                return Answer({"permissions": self.permissions[file_id]})
            case ["drive", "v3", "changes", "startPageToken"]:
                return Answer({"startPageToken": str(self.changes_made)})
            case ["drive", "v3", "changes"]:
                since = int(asked.query["pageToken"])
                changes = [{"changeType": "file", "fileId": "1"}] * (self.changes_made - since)
                return Answer({"changes": changes, "newStartPageToken": str(self.changes_made)})
        raise Refusal(404)

    def _token(self, asked: Asked) -> Answer:
        """A token for an assertion that the account's own key has signed."""
        assertion = asked.query["assertion"]
        public = _private_key().public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        claims = jwt.decode(assertion, certs=None, verify=False)
        signed, _, signature = assertion.rpartition(".")
        padded = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        if not RSAVerifier.from_string(pem).verify(signed.encode(), padded) or claims["iss"] != ACCOUNT:
            raise Refusal(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        assert claims["scope"] == "https://www.googleapis.com/auth/drive.readonly"
        self.tokens += 1
        return Answer({"access_token": f"token-{self.tokens}", "expires_in": 3599, "token_type": "Bearer"})

    def _files(self, asked: Asked) -> Answer:
        parents = [part.split("'")[1] for part in asked.query["q"].split(" or ") if "'" in part]
        found = [
            self._file(file_id)
            for file_id, one in self.files.items()
            if set(one["parents"]) & set(parents) and not one.get("trashed")
        ]
        start = int(asked.query.get("pageToken", "0"))
        end = start + self.part
        said: dict[str, Any] = {"files": found[start:end], "incompleteSearch": False}
        if end < len(found):
            said["nextPageToken"] = str(end)
        return Answer(said)

    def _file(self, file_id: str) -> dict[str, Any]:
        shared = self.permissions[file_id]
        said = {**self.files[file_id], "permissionIds": [one["id"] for one in shared]}
        return said if self.shared_drive else {**said, "permissions": shared}
