"""A real MediaWiki, of Debian's package under PHP's own server, whose pages a test writes through its API."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PACKAGES = ("mediawiki", "mediawiki-classes")
EXTENSIONS = ("intl", "mbstring", "pdo_sqlite", "xml")
ADMIN, PASSWORD = "Admin", "a-long-password-1234"
_LONGEST_S = 60
_ROOT = Path(__file__).parents[2] / ".venv-places" / "mediawiki"


def why_not() -> str | None:
    """What this machine lacks to run a MediaWiki; None: nothing."""
    if shutil.which("php") is None:
        return "there is no PHP: apt-get install php-cli php-sqlite3 php-intl php-mbstring php-xml"
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout.lower().split()
    missing = [name for name in EXTENSIONS if name not in modules]
    if missing:
        return f"PHP lacks {', '.join(missing)}: apt-get install php-sqlite3 php-intl php-mbstring php-xml"
    if not _unpacked() and (shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None):
        return "MediaWiki comes as a Debian package, and there is no apt-get and dpkg-deb"
    return None


@dataclass
class RealWiki:
    """A wiki that runs; its administrator edits through `api`."""

    address: str
    client: httpx.Client
    _token: str = field(default="", repr=False)

    def asked(self, **params: Any) -> Any:
        answer = self.client.post("/api.php", data={"format": "json", "formatversion": "2", **params}).json()
        assert "error" not in answer, answer["error"]
        return answer

    def sign_in(self) -> None:
        token = self.asked(action="query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        said = self.asked(action="login", lgname=ADMIN, lgpassword=PASSWORD, lgtoken=token)
        assert said["login"]["result"] == "Success", said
        self._token = self.asked(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]

    def put(self, title: str, text: str) -> None:
        self.asked(action="edit", title=title, text=text, token=self._token)

    def delete(self, title: str) -> None:
        self.asked(action="delete", title=title, token=self._token)

    def move(self, title: str, to: str) -> None:
        self.asked(action="move", **{"from": title}, to=to, token=self._token)

    def protect(self, title: str) -> None:
        self.asked(action="protect", title=title, protections="edit=sysop", token=self._token)


@contextmanager
def real_wiki(folder: Path, private: bool = False) -> Iterator[RealWiki]:
    """A new wiki below a folder, empty but for its main page; `private` ones show nothing to guests."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    wiki, data = folder / "wiki", folder / "data"
    data.mkdir(parents=True)
    _copied(wiki)
    of_the_database = ("--dbtype=sqlite", f"--dbpath={data}", "--dbname=wiki")
    of_the_site = (f"--server={address}", "--scriptpath=", f"--pass={PASSWORD}", "--lang=en")
    _run("maintenance/install.php", *of_the_database, *of_the_site, "TeamWiki", ADMIN, at=wiki)
    if private:
        settings = wiki / "LocalSettings.php"
        lines = ["$wgGroupPermissions['*']['read'] = false;", "$wgGroupPermissions['*']['edit'] = false;"]
        settings.write_text(settings.read_text() + "\n".join(lines) + "\n")
    server = subprocess.Popen(
        ["php", "-S", f"127.0.0.1:{port}", "-t", str(wiki)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PHP_CLI_SERVER_WORKERS": "2"},
    )
    try:
        with httpx.Client(base_url=address, timeout=_LONGEST_S, trust_env=False) as client:
            _wait_for(client)
            made = RealWiki(address, client)
            made.sign_in()
            yield made
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # its workers do not end with it
        server.wait()


def bot_password(folder: Path) -> tuple[str, str]:
    """A bot password of the administrator, made by the wiki's own maintenance script: user and password."""
    said = _run(
        "maintenance/createBotPassword.php", "--appid", "sync", "--grants", "basic", ADMIN, at=folder / "wiki"
    )
    found = re.search(r"password: ?'?([^\s']+)", said, re.IGNORECASE)
    user = re.search(r"username: ?'?([^\s']+)", said, re.IGNORECASE)
    assert found is not None, said
    assert user is not None, said
    return user[1], found[1].rstrip(".")


def _unpacked() -> bool:
    return (_ROOT / "usr/share/mediawiki/api.php").exists()


def _copied(wiki: Path) -> None:
    """MediaWiki's own files without Debian's links into /etc and /var."""
    if not _unpacked():
        _ROOT.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=_ROOT, check=True, stdout=sys.stderr)
        for package in sorted(_ROOT.glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", package.name, "."], cwd=_ROOT, check=True)
    wiki.mkdir()
    subprocess.run(["cp", "-a", f"{_ROOT}/usr/share/mediawiki/.", str(wiki)], check=True)
    for name in ("LocalSettings.php", "config", "extensions", "images"):
        place = wiki / name
        if place.is_symlink() or place.is_file():
            place.unlink()
        elif place.is_dir():
            shutil.rmtree(place)
    for name in ("extensions", "images"):
        (wiki / name).mkdir()


def _run(*command: str, at: Path) -> str:
    done = subprocess.run(["php", *command], cwd=at, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _wait_for(client: httpx.Client) -> None:
    until = time.monotonic() + _LONGEST_S
    while time.monotonic() < until:
        try:
            if client.get("/api.php", params={"action": "query", "format": "json"}).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the wiki does not answer")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
