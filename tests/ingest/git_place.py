"""A Git repository that tests write to, and git's own server for it over http."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Repository:
    """A repository with a working folder; commits are a minute apart."""

    folder: Path
    branch: str = "main"
    minutes: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.git("init", "--quiet", f"--initial-branch={self.branch}")
        self.git("config", "uploadpack.allowFilter", "true")

    @property
    def address(self) -> str:
        return f"file://{self.folder}"

    def git(self, *arguments: str) -> str:
        when = f"2026-01-01T10:{self.minutes:02}:00+00:00"
        who = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", "Ana"), ("EMAIL", "ana@example.com"), ("DATE", when))
        }
        environment = {"PATH": os.defpath, "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **who}
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], env=environment, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def write(self, **files: str) -> None:
        """Write files by their paths, with `__` for `/` and `_md` for `.md`."""
        self.put({name.replace("__", "/").replace("_md", ".md"): text for name, text in files.items()})

    def put(self, files: Mapping[str, str | bytes]) -> None:
        for name, text in files.items():
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode() if isinstance(text, str) else text)

    def commit(self, *more: str, author: str | None = None) -> str:
        self.minutes += 1
        self.git("add", "--all")
        by = (f"--author=Somebody <{author}>",) if author else ()
        self.git("commit", "--quiet", "--allow-empty", "--message=change", *by, *more)
        return self.git("rev-parse", "HEAD")


@dataclass
class GitServer:
    """`git http-backend` over http; `password` is asked for where there is one."""

    folder: Path
    port: int = 0
    password: str | None = None
    moved_to: str | None = None
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"


class _Handler(BaseHTTPRequestHandler):
    server_of: GitServer

    def do_GET(self) -> None:
        place = self.server_of
        headers = {name.lower(): value for name, value in self.headers.items()}
        place.asked.append((self.path, headers))
        body = self.rfile.read(int(headers.get("content-length") or 0))
        if place.moved_to:
            self._answer(302, {"Location": place.moved_to + self.path})
        elif place.password and not self._is_known(headers.get("authorization", ""), place.password):
            self._answer(401, {"WWW-Authenticate": 'Basic realm="git"'})
        else:
            self._git(body, headers)

    do_POST = do_GET

    def _is_known(self, said: str, password: str) -> bool:
        _, _, value = said.partition("Basic ")
        return base64.b64decode(value or "").decode().endswith(f":{password}")

    def _answer(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def _git(self, body: bytes, headers: Mapping[str, str]) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.defpath,
            "HOME": "/nonexistent",
            "GIT_PROJECT_ROOT": str(self.server_of.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True)
        head, _, data = done.stdout.partition(b"\r\n\r\n")
        given = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.send_response(int(given.pop("Status", "200").split()[0]))
        for name, value in {**given, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@contextmanager
def git_server(folder: Path) -> Iterator[GitServer]:
    """Serves the repositories below a folder until the end of the block."""
    place = GitServer(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_of": place}))
    server.daemon_threads = True
    place.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()
