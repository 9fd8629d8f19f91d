"""Where a Git repository is: how git reaches it, at an address that was judged, and where people see it."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from ingest.sources import Source
from ingest.web import Refused, World, reachable
from ingest.web_addresses import host_of, parsed, port_of
from knowledge.errors import Unreadable

_SSH = re.compile(r"ssh://(?:(?P<user>[\w.-]+)@)?(?P<host>[^\s/@:]+)(?::(?P<port>\d{1,5}))?/(?P<path>\S+)")
_SHORT = re.compile(r"(?P<user>[\w.-]+)@(?P<host>[^\s/@:]+):(?P<path>[^\s:]\S*)")
_KEY_FILE = re.compile(r"[/~][\w./+-]{1,300}")
_BRANCH = re.compile(r"(?![-./])(?!.*(?:\.\.|//|@\{|[\x00-\x20\x7f~^:?*\[\\]))(?!.*(?:/|\.|\.lock)$).{1,200}")


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository as git is told of it. `scheme` is https, http, ssh or file.

    `settings` go to git beside its command, `secret_settings` and `environment` by its environment alone.
    `site` and `project` are where people see it, such as `https://github.com` and `team/wiki`.
    """

    address: str
    scheme: str
    settings: tuple[str, ...] = ()
    secret_settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    ssh_options: tuple[str, ...] = ()
    site: str | None = None
    project: str = ""

    @property
    def is_wiki(self) -> bool:
        """Whether it is the wiki that belongs to a project of GitHub or GitLab."""
        return self.project.endswith(".wiki")


def remote_of(source: Source, world: World) -> Remote:
    """Where the source's repository is. Raises Refused for an address that may not be reached."""
    address = str(source.options["repository"]).strip()
    private = bool(source.options.get("private_network", False))
    if re.search(r"[\x00-\x20\x7f\\]", address) or address.startswith("-"):
        raise Refused("`repository` holds characters that no address has")
    if address.startswith("file://"):
        return _on_this_machine(address)
    if address.lower().startswith(("https://", "http://")):
        return _over_http(address, source, private, world)
    if over_ssh := _SSH.fullmatch(address) or _SHORT.fullmatch(address):
        return _over_ssh(over_ssh.groupdict(), source, private, world)
    raise Refused("`repository` must begin with https://, ssh://, git@ or file:///")


def checked_branch(name: str) -> str:
    """A branch that git would take as one. Raises Unreadable."""
    if not _BRANCH.fullmatch(name):
        raise Unreadable("`branch` is no name of a branch")
    return name


def checked_folder(name: str) -> str:
    """A folder within a repository, without slashes around it. Raises Unreadable."""
    plain = name.strip("/")
    parts = plain.split("/") if plain else []
    if any(part in ("", ".", "..") for part in parts) or "\0" in plain:
        raise Unreadable("`folder` must be a folder within the repository, such as docs/guide")
    return plain


def page_address(remote: Remote, branch: str, path: str) -> str | None:
    """Where people see a file of the repository; None where that cannot be told from its address."""
    if remote.site is None:
        return None
    host = remote.site.partition("://")[2].partition(":")[0]
    stem = path.removesuffix(PurePosixPath(path).suffix)
    project = f"{remote.site}/{quote(remote.project.removesuffix('.wiki'))}"
    place = f"{quote(branch)}/{quote(path)}"
    if host == "github.com" or host.startswith("github."):
        wiki = f"{project}/wiki/{quote(PurePosixPath(stem).name)}"
        return wiki if remote.is_wiki else f"{project}/blob/{place}"
    if host == "gitlab.com" or host.startswith("gitlab."):
        return f"{project}/-/wikis/{quote(stem)}" if remote.is_wiki else f"{project}/-/blob/{place}"
    if host == "bitbucket.org":
        return f"{project}/src/{place}"
    if host == "codeberg.org" or host.startswith(("gitea.", "forgejo.")):
        return f"{project}/src/branch/{place}"
    return None


def _on_this_machine(address: str) -> Remote:
    path = unquote(address.removeprefix("file://"))
    if not path.startswith("/") or "\0" in path:
        raise Refused("a repository on this machine is written as file:///folder/repository")
    return Remote(f"file://{path}", "file")


def _over_http(address: str, source: Source, private: bool, world: World) -> Remote:
    """git connects only to the addresses that are looked at here, and follows no redirect."""
    url = parsed(address)
    if url.query:
        raise Refused("`repository` must not hold a question mark")
    host, port = host_of(url), port_of(url)
    found = reachable(host, port, private, world)
    pinned = ",".join(f"[{one}]" if ":" in one else one for one in found)
    site = f"{url.scheme}://{url.netloc.decode('ascii')}"
    secret: dict[str, str] = {}
    if token := source.secrets.get("token"):
        if url.scheme == "http" and not private:
            raise Refused("a token is not sent over http: write the repository's address with https")
        user = str(source.options.get("user") or "git")
        said = base64.b64encode(f"{user}:{token}".encode()).decode()
        secret[f"http.{site}/.extraHeader"] = f"Authorization: Basic {said}"
    return Remote(
        str(url),
        url.scheme,
        settings=(f"http.curloptResolve={host}:{port}:{pinned}",),
        secret_settings=secret,
        site=site,
        project=_project(url.path),
    )


def _over_ssh(said: Mapping[str, str | None], source: Source, private: bool, world: World) -> Remote:
    """ssh connects to the address that is looked at here; the key of the host must be known."""
    host = host_of(parsed(f"http://{said['host']}"))
    port = int(said.get("port") or 22)
    path = (said["path"] or "").lstrip("/")
    if path.startswith("-"):
        raise Refused("`repository` holds a path that begins with a dash")
    key = source.secrets.get("ssh_key")
    if key and not _KEY_FILE.fullmatch(key):
        raise Refused("what `ssh_key` names must hold the path of a file, without spaces or quotes")
    options: Sequence[str] = (
        *("-o", f"HostName={reachable(host, port, private, world)[0]}", "-o", f"HostKeyAlias={host}"),
        *(("-o", f"IdentityFile={key}", "-o", "IdentitiesOnly=yes") if key else ()),
    )
    user = said["user"] or "git"
    return Remote(
        f"ssh://{user}@{host}:{port}/{path}" if "port" in said else f"{user}@{host}:{path}",
        "ssh",
        ssh_options=tuple(options),
        site=f"https://{host}",
        project=_project(path),
    )


def _project(path: str) -> str:
    return path.strip("/").removesuffix(".git")
