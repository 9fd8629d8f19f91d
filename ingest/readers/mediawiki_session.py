"""Questions to a MediaWiki's API: where it is, who asks, and what its answers of 200 that are none mean."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from ingest.parsing.frontmatter import as_time
from ingest.sources import Reading, Source
from ingest.web import Denied, Gone, Web, World
from knowledge.errors import Unreadable

_PLACES = ("api.php", "w/api.php", "wiki/api.php")
_DENIED = frozenset(
    ("readapidenied", "permissiondenied", "assertuserfailed", "assertbotfailed", "assertnameduserfailed",
     "blocked", "mustbeloggedin", "notloggedin")
)  # fmt: skip
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_GONE = frozenset(("nosuchrevid", "missingtitle", "nosuchpageid", "missingcontent-revid"))


class Session:
    """The API of one wiki, as a guest or signed in with a bot password.

    `site` is the wiki's own name for itself; `server_time` its clock when the session was opened.
    """

    def __init__(self, web: Web, api: str, signed_in: bool) -> None:
        self._web = web
        self._api = api
        self._signed_in = signed_in
        answer = self.query(
            {"meta": "siteinfo", "siprop": "general|namespaces|namespacealiases", "curtimestamp": 1}
        )
        said = answer.get("query", {})
        time = as_time(answer.get("curtimestamp"))
        if "general" not in said or time is None:
            raise Unreadable("the wiki's API does not say what it is: check `address`")
        self.site = str(said["general"].get("wikiid") or said["general"].get("base") or "")
        self.server_time: datetime = time
        self._spaces = said.get("namespaces", {})
        self._aliases = said.get("namespacealiases", ())

    @classmethod
    def opened(cls, source: Source, reading: Reading, world: World) -> "Session":
        """Find the API and sign in, where the source says as whom. Raises Unreadable."""
        web = Web.of(source, reading, world=world)
        api = _place_of_api(web)
        user, password = source.options["user"], source.secrets.get("password")
        if not user and not password:
            return cls(web, api, signed_in=False)
        if not user or not password:
            raise Unreadable("`user` and `password` belong together: set both, or none for a public wiki")
        if web.url("").scheme == "http" and not source.options["private_network"]:
            raise Unreadable("a password is not sent over http: write the wiki's address with https")
        cookies = _signed_in(web, api, str(user), password)
        return cls(Web.of(source, reading, headers={"cookie": cookies}, world=world), api, signed_in=True)

    def query(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to one `action=query`. Raises as `asked` does."""
        return self.asked({"action": "query", **params})

    def asked(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to one question. Raises Denied, Gone and Unreadable, in the wiki's own words."""
        signed = {"assert": "user"} if self._signed_in else {}
        asked = {"format": "json", "formatversion": 2, **signed, **params}
        if "titles" in asked:  # fifty of them are too long for an address
            form = urlencode(asked).encode()
            answer = self._web.json(self._api, None, _FORM, "POST", form)
        else:
            answer = self._web.json(self._api, asked)
        if not isinstance(answer, dict):
            raise Unreadable("the wiki's API answered something else than an object: check `address`")
        error = answer.get("error")
        if error is None:
            return answer
        code, info = str(error.get("code", "")), str(error.get("info", ""))[:300]
        if code in _DENIED:
            raise Denied(f"the wiki refuses access ({info}): check `user` and `password`")
        if code in _GONE:
            raise Gone(f"it is not in the wiki any more ({info})")
        raise Unreadable(f"the wiki answered: {info or code}")

    def namespaces(self, wanted: Sequence[str]) -> list[int]:
        """The numbers of namespaces given by number or name. Raises Unreadable for an unknown one."""
        names = {"main": 0}
        for number, space in self._spaces.items():
            names |= {str(space.get(key, "")).casefold(): int(number) for key in ("name", "canonical")}
        names |= {str(one["alias"]).casefold(): int(one["id"]) for one in self._aliases}
        names[""] = 0
        found = []
        for one in wanted:
            number = int(one) if one.isdecimal() else names.get(one.replace("_", " ").casefold())
            if number is None or str(number) not in self._spaces:
                raise Unreadable(f"`namespaces` holds {one!r}, which the wiki does not have")
            found.append(number)
        return list(dict.fromkeys(found))


def _place_of_api(web: Web) -> str:
    """The path of api.php below the source's address, which may be that of the wiki. Raises Unreadable."""
    if web.address.endswith(".php"):
        return ""
    for place in _PLACES:
        try:
            web.json(place, {"action": "query", "meta": "siteinfo", "format": "json"})
        except Gone:
            continue
        return place
    raise Unreadable(f"no api.php is found at {web.address}: give its full address")


def _signed_in(web: Web, api: str, user: str, password: str) -> str:
    """The cookies of a session that was opened with a bot password. Raises Denied and Unreadable."""
    with web.client() as client:
        address = str(web.url(api))
        asked = {"action": "query", "meta": "tokens", "type": "login", "format": "json", "formatversion": "2"}
        tokens = client.get(address, params=asked)
        login = {"action": "login", "format": "json", "formatversion": "2", "lgname": user}
        try:
            token = tokens.json()["query"]["tokens"]["logintoken"]
            answer = client.post(address, data={**login, "lgpassword": password, "lgtoken": token}).json()
            result = answer["login"]["result"]
        except (ValueError, KeyError, TypeError):
            raise Unreadable("the wiki does not let anybody sign in at its API: check `address`") from None
        if result != "Success":
            raise Denied(
                f"the wiki does not let {user} in ({result}): check `user` and `password`, which are those "
                "of Special:BotPasswords"
            )
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
