"""Papers as people name them, how near they are to what a team works on, and what became of them; pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from prompts.topics import are_the_same

YES, NOT_YET, NO = "yes", "not yet", "no"
USES = (YES, NOT_YET, NO)
"""What somebody says to “did we use it?”."""
MOST_DOCUMENTS = 3
LONGEST_GIVEN, LONGEST_DOI = 4_000, 300
MOST_AUTHORS_NAMED = 3

_WRAPPED = re.compile(r"<(https?://[^|<>\s]{1,3000})(?:\|[^<>]{0,3000})?>", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w/.:@-])(?=(?:www\.|dx\.)?(?:arxiv|doi)\.org/\S)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"“”«»]{1,3000}", re.IGNORECASE)
_VERSION = r"(?:v[1-9]\d{0,2})"
_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_OLD = r"[a-z]{1,12}(?:-[a-z]{2,4})?(?:\.[a-z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ARXIV = rf"(?P<id>{_NEW}|{_OLD})(?P<version>{_VERSION}?)(?![\w/])"
_ARXIV_NAMED = re.compile(rf"\barxiv\s?[:.]?\s?{_ARXIV}", re.IGNORECASE)
_ARXIV_ALONE = re.compile(_ARXIV, re.IGNORECASE)
_ARXIV_PATH = re.compile(rf"/(?:abs|pdf|html|format|ps|src|e-print|papers)/{_ARXIV}", re.IGNORECASE)
_ARXIV_HOSTS = ("arxiv.org", "ar5iv.org", "alphaxiv.org", "huggingface.co")
_ARXIV_DOI = re.compile(rf"10\.48550/arxiv\.{_ARXIV}", re.IGNORECASE)
_DOI = re.compile(
    r"(?:\bdoi\s?:\s?)?(?<![\w.])(?P<doi>10\.\d{4,9}(?:\.\d{1,9})*/[^\s<>\"“”«»]+)", re.IGNORECASE
)
_DOI_HOSTS = ("doi.org", "dx.doi.org")
_BEHIND_DOI = re.compile(
    r"(?:/(?:full|pdf|epdf|abstract|meta|html|fulltext|summary))+$|\.(?:full|pdf)$", re.IGNORECASE
)
_ENDS = ".,;:!?'’”\"*_~`…"
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]|\{\s*\}|<\s*>")
_NO_TITLE = re.compile(r"(?:(?:doi|arxiv|link|paper|see|this|please|read)\b[\s:.,!?]*)+", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper as somebody named it. `identifier` is `arxiv:2401.00001` (without a version) or `doi:10.…` in
    lower case; `link` is where it is (http or https), `title` the words beside them. Each may be empty."""

    identifier: str = ""
    link: str = ""
    title: str = ""

    @property
    def scheme(self) -> str:
        """`arxiv`, `doi` or nothing."""
        return self.identifier.partition(":")[0]

    @property
    def number(self) -> str:
        """The identifier without its scheme."""
        return self.identifier.partition(":")[2]


def reference(given: str) -> Reference:
    """What a text names: an arXiv id, a DOI or an address, wherever in it they stand; else it is a title.

    The first address counts, then the first arXiv id, then the first DOI. Numbers that only look like an
    arXiv id are one where nothing else is said.
    """
    text = _WRAPPED.sub(r" \1 ", unescape(given[:LONGEST_GIVEN])).strip()
    text = _BARE.sub("https://", text)
    if (url := _URL.search(text)) is not None:
        address = _trimmed(url[0])
        of_address = _of_address(address)
        if of_address is not None:
            rest = f"{text[: url.start()]} {text[url.start() + len(address) :]}"
            return Reference(of_address.identifier, of_address.link, _words(rest))
    found = _ARXIV_DOI.search(text) or _ARXIV_NAMED.search(text) or _ARXIV_ALONE.fullmatch(text)
    if found is not None:
        return _arxiv(found, _without(text, found))
    if (found := _DOI.search(text)) is not None:
        doi = _trimmed(found["doi"])[:LONGEST_DOI]
        rest = f"{text[: found.start()]} {text[found.start('doi') + len(doi) :]}"
        return Reference(f"doi:{doi.lower()}", _doi_link(doi), _words(rest))
    return Reference(title=_words(text))


def same_paper(one: Mapping[str, Any], title: str, other: Mapping[str, Any], other_title: str) -> bool:
    """Whether two proposals are of one paper: by identifier, address, or the words of their titles."""
    identifier, place = one.get("identifier"), _place(one.get("link"))
    if (identifier and identifier == other.get("identifier")) or (
        place and place == _place(other.get("link"))
    ):
        return True
    return are_the_same(title, other_title)


def names(authors: Sequence[str]) -> str:
    """The first few authors, and how many more there are."""
    told = [" ".join(str(one).split()) for one in authors if str(one).strip()]
    if len(told) > MOST_AUTHORS_NAMED:
        return f"{', '.join(told[:MOST_AUTHORS_NAMED])} and {len(told) - MOST_AUTHORS_NAMED} more"
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def authors_of(typed: str) -> tuple[str, ...]:
    """Authors as somebody types them: with commas, semicolons, `and` or a line for each between them."""
    apart = r"\s*;\s*|\n+" if ";" in typed or "\n" in typed.strip() else r"\s*,\s*(?:and\s+)?|\s+and\s+"
    return tuple(" ".join(one.split()) for one in re.split(apart, typed.strip()) if one.strip())


def described(why: str, paper: Mapping[str, Any]) -> str:
    """What an invitation says of a paper: its authors, where it is, and why it was proposed."""
    link = str(paper.get("link") or "")
    lines = [names(paper.get("authors") or ()), link, why.strip()]
    return "\n".join(line for line in lines if line)


# how near it is


@dataclass(frozen=True, slots=True)
class Near:
    """A document of the team, and how alike a paper is to what it says, up to 1."""

    document_id: str
    title: str
    audience_key: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Fit:
    """How near a paper is to what a team works on: a score up to 1, the documents that make it so (the
    nearest first), and how many of the team's questions are near it."""

    score: float
    documents: tuple[Near, ...] = ()
    questions: int = 0


def fit(near: Iterable[Near], questions: Iterable[float], enough: float) -> Fit:
    """The score is the mean likeness of the three nearest documents; one that is missing counts as 0, so
    that one page that happens to share words makes no paper near. Named are those that are near enough."""
    best: dict[str, Near] = {}
    for one in near:
        known = best.get(one.document_id)
        if known is None or one.likeness > known.likeness:
            best[one.document_id] = one
    ranked = sorted(best.values(), key=lambda one: (-one.likeness, one.document_id))[:MOST_DOCUMENTS]
    score = sum(max(0.0, one.likeness) for one in ranked) / MOST_DOCUMENTS
    return Fit(
        round(score, 4),
        tuple(one for one in ranked if one.likeness >= enough),
        sum(likeness >= enough for likeness in questions),
    )


def fit_words(titles: Sequence[str], questions: int) -> str:
    """Why a paper is near, in one line."""
    asked = f"{questions} recent question{'s' * (questions != 1)}" if questions else ""
    named = ", ".join(f"“{title}”" for title in titles)
    told = " and ".join(part for part in (named, asked) if part)
    return f"Near to what we work on: {told}" if told else "I found nothing of ours that is near it."


# what became of it


def use_words(uses: Sequence[str]) -> str:
    """What those who came have said, in one line; empty where nobody has."""
    counts = Counter(uses)
    told = [f"{counts[one]} {one}" for one in USES if counts[one]]
    return f"Did we use it? {' · '.join(told)}" if told else ""


def is_used(uses: Sequence[str]) -> bool:
    """Whether anybody has used it."""
    return YES in uses


# within


def _of_address(address: str) -> Reference | None:
    """What an address names by itself; None where it is none."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if not host:
        return None
    path = unquote(parts.path)
    if any(host == one or host.endswith(f".{one}") for one in _ARXIV_HOSTS):
        found = _ARXIV_PATH.search(path.rstrip("/").removesuffix(".pdf"))
        if found is not None:
            return _arxiv(found, "")
    own = host in _DOI_HOSTS
    named = path if own else f"{path} {' '.join(parse_qs(parts.query).get('doi', ()))}"
    if (found := _ARXIV_DOI.search(named)) is not None:
        return _arxiv(found, "")
    if (found := _DOI.search(named.lstrip("/") if own else named)) is not None:
        doi = _trimmed(found["doi"])
        doi = doi if own else _BEHIND_DOI.sub("", doi)
        link = _doi_link(doi) if own else _plain(address)
        return Reference(f"doi:{doi[:LONGEST_DOI].lower()}", link)
    return Reference(link=_plain(address))


def _arxiv(found: re.Match[str], title: str) -> Reference:
    number = found["id"].lower()
    if "/" in number:
        archive, _, rest = number.partition("/")
        number = f"{archive.partition('.')[0]}/{rest}"  # the class behind the archive is no part of the id
    return Reference(f"arxiv:{number}", f"https://arxiv.org/abs/{number}{found['version'].lower()}", title)


def _doi_link(doi: str) -> str:
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}"


def _plain(address: str) -> str:
    return address.partition("#")[0]


def _place(link: Any) -> str:
    """An address as two people would write the same one."""
    address = _plain(str(link or "")).partition("://")[2].rstrip("/")
    host, slash, rest = address.partition("/")
    return f"{host.lower().removeprefix('www.')}{slash}{rest}"


def _trimmed(text: str) -> str:
    """Without the marks of a sentence that stand behind it, and brackets that it does not open."""
    while text:
        last = text[-1]
        if last in _ENDS or (last in _PAIRS and text.count(last) > text.count(_PAIRS[last])):
            text = text[:-1]
        else:
            break
    return text


def _without(text: str, found: re.Match[str]) -> str:
    return _words(f"{text[: found.start()]} {text[found.end() :]}")


def _words(text: str) -> str:
    """What is left beside an identifier, as a title: without what only led to it."""
    said = " ".join(_EMPTY.sub(" ", text).split()).strip(' ,;:<>|-–—"“”')
    said = re.sub(r"\s+[.,;:]+$", "", said)
    return "" if _NO_TITLE.fullmatch(said) or _LETTER.search(said) is None else said
