"""`lore manifest`: what an app in Slack has to be told to be Lore."""

import json
import re
from urllib.parse import urlsplit

import yaml

from bot.manifest import AGENT, SCOPES, manifest
from knowledge.errors import SettingsError

_SCOPE_LINE = re.compile(r"^ *- (?P<scope>[a-z_]+:[a-z_.:]+|commands)$")


def print_manifest(url: str, *, as_yaml: bool) -> None:
    """Print it for Socket Mode, or for HTTP at this address. Raises SettingsError for another kind of one."""
    told = manifest(url=_origin(url) if url else "")
    if not as_yaml:
        print(json.dumps(told, indent=2))
        return
    for line in yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100).splitlines():
        found = _SCOPE_LINE.match(line)
        scope = SCOPES.get(found["scope"]) if found else None
        print(line if scope is None else f"{line}  # {_reason(scope.name)}")


def _reason(name: str) -> str:
    scope = SCOPES[name]
    if name == AGENT:
        return f"{scope.why}; Slack gives it to every agent"
    return scope.why if scope.needed else f"{scope.why}; without it there is no: {scope.feature}"


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme != "https" or not parts.hostname or not bare:
        raise SettingsError(
            f"--http wants an https address without a path, such as https://lore.example.com, not {url!r}."
        )
    return f"https://{parts.netloc}"
