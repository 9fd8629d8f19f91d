"""MediaWiki's action API as its documentation describes it; `tests/places` holds the reader to a real one."""

import hashlib
import json
from typing import Any

from tests.protocols.server import Answer, Asked, Protocol, Refusal

USER, PASSWORD = "Lore@sync", "bot-password"
SPACES = {0: "", 4: "Project", 10: "Template", 12: "Help"}


class MediaWikiServer(Protocol):
    """A wiki at `/w/api.php`, public unless `private`; `clock` is the time that it tells."""

    def __init__(self) -> None:
        super().__init__()
        self.private = False
        self.part = 3
        self.clock = "2026-03-02T09:00:00Z"
        self.pages: dict[str, dict[str, Any]] = {}
        self.recent: list[dict[str, Any]] = []
        self.texts: dict[int, str] = {}
        self._ids = 100
        self._sessions: set[str] = set()

    def put(self, title: str, html: str, user: str = "Ana") -> None:
        """A page is made or edited."""
        kind = "edit" if title in self.pages else "new"
        page = self.pages.setdefault(title, {"title": title, "ns": _namespace(title), "pageid": self._next()})
        self._revise(page, hashlib.sha1(html.encode()).hexdigest(), html, user)
        self._happened(kind, title)

    def delete(self, title: str) -> None:
        del self.pages[title]
        self._happened("log", title, logtype="delete", logaction="delete")

    def move(self, title: str, to: str) -> None:
        """As with real wikis, the moved page gets a revision with the same text, and a redirect stays."""
        page = self.pages.pop(title)
        page |= {"title": to, "ns": _namespace(to)}
        self.pages[to] = page
        revision = page["revision"]
        self._revise(page, revision["sha1"], self.texts[revision["revid"]], "Ana")
        redirect = {"title": title, "ns": _namespace(title), "pageid": self._next(), "redirect": True}
        self.pages[title] = redirect
        self._revise(redirect, hashlib.sha1(to.encode()).hexdigest(), f"Redirect to {to}", "Ana")
        self._happened("log", title, logtype="move", logaction="move", logparams={"target_title": to})

    def _revise(self, page: dict[str, Any], sha1: str, html: str, user: str) -> None:
        revid = self._next()
        self.texts[revid] = html
        page["revision"] = {
            "revid": revid,
            "timestamp": self.clock,
            "user": user,
            "sha1": sha1,
            "size": len(html),
        }

    def _happened(self, kind: str, title: str, **more: Any) -> None:
        self.recent.append(
            {"type": kind, "ns": _namespace(title), "title": title, "timestamp": self.clock, **more}
        )

    def _next(self) -> int:
        self._ids += 1
        return self._ids

    def answer(self, asked: Asked) -> Answer:
        if asked.path != "/w/api.php":
            raise Refusal(404)
        said = asked.query
        match said.get("action"), said.get("meta"), said.get("list"), said.get("generator"):
            case "query", "tokens", _, _:
                cookies = "wiki_session=s1; path=/; HttpOnly\nUseDC=master; path=/"
                return Answer({"query": {"tokens": {"logintoken": "t1+\\"}}}, headers={"set-cookie": cookies})
            case "login", _, _, _:
                return self._login(asked)
        if self.private and "wiki_session=s2" not in asked.headers.get("cookie", ""):
            return Answer({"error": {"code": "readapidenied", "info": "You need read permission."}})
        match said.get("action"), said.get("meta"), said.get("list"), said.get("generator"):
            case "query", "siteinfo", _, _:
                return Answer(self._site())
            case "query", _, "recentchanges", _:
                return self._recent(said)
            case "query", _, _, "allpages":
                return self._all(said)
            case "query", _, _, _ if "titles" in said:
                titles = said["titles"].split("|")
                pages = [self._page(title) for title in titles]
                return Answer({"batchcomplete": True, "query": {"pages": pages}})
            case "parse", _, _, _:
                return self._parsed(int(said["oldid"]))
        return Answer({"error": {"code": "badvalue", "info": "Unrecognized value."}})

    def _login(self, asked: Asked) -> Answer:
        said = asked.query
        right = (said.get("lgname"), said.get("lgpassword"), said.get("lgtoken")) == (USER, PASSWORD, "t1+\\")
        if not right or "wiki_session=s1" not in asked.headers.get("cookie", ""):
            return Answer({"login": {"result": "Failed", "reason": "Incorrect username or password."}})
        cookies = "wiki_session=s2; path=/; HttpOnly\nwikiUserName=Lore; path=/"
        return Answer({"login": {"result": "Success", "lgusername": "Lore"}}, headers={"set-cookie": cookies})

    def _site(self) -> dict[str, Any]:
        spaces = {str(n): {"id": n, "name": name, "canonical": name} for n, name in SPACES.items()}
        general = {"wikiid": "team", "generator": "MediaWiki 1.39.17", "server": self.address}
        return {
            "curtimestamp": self.clock,
            "query": {
                "general": general,
                "namespaces": spaces,
                "namespacealiases": [{"id": 4, "alias": "Team"}],
            },
        }

    def _all(self, said: dict[str, str] | Any) -> Answer:
        """Pages of one namespace by title; what is told of them comes in two answers, as it may."""
        found = sorted(
            title
            for title, one in self.pages.items()
            if one["ns"] == int(said["gapnamespace"]) and not one.get("redirect")
        )
        found = [title for title in found if title >= said.get("gapcontinue", "")]
        some, rest = found[: self.part], found[self.part :]
        pages = [self._page(title) for title in some]
        following = {"gapcontinue": rest[0], "continue": "gapcontinue||"} if rest else None
        if pages and "rvcontinue" not in said:
            for page in pages[1:]:
                del page["revisions"]
            again = {"rvcontinue": "1", "continue": "||info"}
            if "gapcontinue" in said:
                again["gapcontinue"] = said["gapcontinue"]
            return Answer({"continue": again, "query": {"pages": pages}})
        answer: dict[str, Any] = {"batchcomplete": True}
        if pages:
            answer["query"] = {"pages": pages}
        if following:
            answer["continue"] = following
        return Answer(answer)

    def _page(self, title: str) -> dict[str, Any]:
        one = self.pages.get(title)
        if one is None:
            return {"title": title, "ns": _namespace(title), "missing": True}
        address = f"https://wiki.example/wiki/{title.replace(' ', '_')}"
        return {
            **{key: one[key] for key in ("title", "ns", "pageid")},
            **({"redirect": True} if one.get("redirect") else {}),
            "contentmodel": "wikitext",
            "length": one["revision"]["size"],
            "lastrevid": one["revision"]["revid"],
            "canonicalurl": address,
            "revisions": [one["revision"]],
        }

    def _recent(self, said: dict[str, str] | Any) -> Answer:
        found = [one for one in self.recent if one["timestamp"] >= said["rcstart"]]
        start = int(said.get("rccontinue", "0").rpartition("|")[2])
        answer: dict[str, Any] = {
            "batchcomplete": True,
            "query": {"recentchanges": found[start : start + self.part]},
        }
        if start + self.part < len(found):
            answer["continue"] = {"rccontinue": f"20260302|{start + self.part}", "continue": "-||"}
        return Answer(answer)

    def _parsed(self, revid: int) -> Answer:
        html = self.texts.get(revid)
        if html is None:
            return Answer(
                {"error": {"code": "nosuchrevid", "info": f"There is no revision with ID {revid}."}}
            )
        categories = [{"category": "Training_runs"}, {"category": "Hidden", "hidden": True}]
        text = f'<div class="mw-parser-output">{html}</div>'
        return Answer({"parse": {"revid": revid, "text": text, "categories": categories}})


def _namespace(title: str) -> int:
    lead = title.partition(":")[0]
    return next((number for number, name in SPACES.items() if name and name == lead), 0)


def without_entries(answer: Answer) -> Answer:
    """The same part of a listing, empty."""
    body = json.loads(json.dumps(answer.body))
    body.get("query", {}).pop("pages", None)
    return Answer(body)
