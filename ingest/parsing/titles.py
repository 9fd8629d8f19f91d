"""The title of a page: its first heading, else its file name made readable."""

import re
from pathlib import PurePosixPath

_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_HEADING = re.compile(r" {0,3}#[ \t]+(?P<text>[^\n]*?)(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}=+[ \t]*$")
_HTML_HEADING = re.compile(r"[ \t]*<h1\b[^>]{0,500}>(?P<text>[^<]{1,500})</h1>", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\]\n]{0,500}\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[(?P<text>[^\]\n]{0,500})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,500}\])")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]{0,500}>|\{#[^}\n]{0,200}\}")
_EMPHASIS = re.compile(r"(\*\*|__|`+|(?<!\w)[*_]|[*_](?!\w))")
_MOST_LINES = 2000
_INDEX_NAMES = ("readme", "index", "_index", "home")


def first_heading(text: str) -> str | None:
    """The first heading of level 1 outside code, as plain words; None when there is none."""
    fence = ""
    previous = ""
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        opening = _FENCE.match(line)
        if opening and (not fence or (line.strip().startswith(fence) and not line.strip(" `~"))):
            fence = "" if fence else opening[1]
        elif not fence:
            heading = _HEADING.match(line) or _HTML_HEADING.match(line)
            found = heading["text"] if heading else previous if _UNDERLINE.match(line) else ""
            if words := plain_words(found):
                return words
        previous = line if not fence and not opening else ""
    return None


def plain_words(markdown: str) -> str:
    """One line of Markdown as the words a person sees, at most 300 characters."""
    text = _LINK.sub(lambda link: link["text"], _IMAGE.sub("", markdown[:2000]))
    return " ".join(_EMPHASIS.sub("", _TAG.sub("", text)).replace("\\", "").split())[:300]


def title_from_path(path: str) -> str:
    """`guides/gpu-quotas.md` → `Gpu quotas`; a README is called after its folder."""
    place = PurePosixPath(path)
    stem = place.stem
    if stem.lower() in _INDEX_NAMES and place.parent.name:
        stem = place.parent.name
    words = " ".join(re.sub(r"[_\s]+|(?<=[^\W\d])-(?=\w)|(?<=\w)-(?=[^\W\d])", " ", stem).split())
    return (words[:1].upper() + words[1:]) or path
