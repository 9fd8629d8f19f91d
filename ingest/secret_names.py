"""Secrets that their name gives away: assigned, in brackets, in a table's column, or beside the name.

Only lines that hold a part of such a name are looked at.
"""

import re
from collections.abc import Iterator

_STEMS = (
    "passw",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "wandb",
    "w&",
    "aws",
    "weights",
)
_NAMES = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|api[_ -]?key|access[_ -]?key|auth[_ -]?key|account[_ -]?key"
    r"|private[_ -]?key|signing[_ -]?key|encryption[_ -]?key|credentials?"
)
_ASSIGNED = re.compile(
    rf"(?P<name>{_NAMES})(?P<more>[\w-]{{0,30}})[\"'`*]{{0,3}}\]?[ \t]{{0,4}}"
    r"(?P<sign>=>|->|→|:=|==?|:|[ \t]is\b(?: set to)?|\||\t|</t[dh]>\s{0,9}<t[dh]>)[ \t]{0,4}"
    r"(?P<quote>[\"'`*]{0,3})(?P<value>[^\s\"'`<>{}()\[\],;|]{6,300})(?P<after>[(\[{]?)",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    rf"(?P<name>wandb|w&b|w&amp;b|weights[ ]?(?:&|and)[ ]?biases|aws|{_NAMES})(?P<between>[^\n]{{0,80}}?)"
    r"(?<![\w+/=])(?P<value>[a-f0-9]{32,64}|[A-Za-z0-9+/]{40}={0,2})(?![\w+/])",
    re.IGNORECASE,
)
_INNOCENT = re.compile(
    r"\b(?:sha\d*|commit|revision|rev|digest|checksum|hash|md5|run|etag|version|tree|blob|pull|merge)\b|/",
    re.I,
)
_SECRET_NAME = re.compile(rf"wandb|w&b|{_NAMES}", re.IGNORECASE)
_CELLS = re.compile(r"</?t[dhr]>", re.IGNORECASE)
_COLUMN = re.compile(
    rf"[ \t\"'`*]{{0,5}}[\w .&-]{{0,30}}?(?P<name>wandb|w&b key|{_NAMES})(?P<more>[\w -]{{0,12}})"
    r"[ \t\"'`*]{0,5}",
    re.IGNORECASE,
)
_DELIMITERS = "|\t,;"
_LONGEST_HEADER = 2000
_SHORTEST = 6
_SHORTEST_BESIDE = 32
_FLAG = re.compile(
    rf"--[\w-]{{0,30}}?(?P<name>{_NAMES})(?P<more>[\w-]{{0,20}})[ \t]{{1,4}}(?P<quote>[\"']?)"
    r"(?P<value>[^\s\"'`<>{}()\[\],;|-][^\s\"'`<>{}()\[\],;|]{5,300})(?P<after>)",
    re.IGNORECASE,
)
_ENCLOSED = re.compile(
    r"(?:passw(?:or)?d|passphrase|pwd)\b[^\n]{0,80}?[(\"'`](?P<value>[^\s\"'`<>{}()\[\],;|]{8,64})[)\"'`]",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"x{3,}|\.{3}|…|\*{2,}|(?<![a-z0-9])(?:your|my[-_]|example)|change[-_]?me|placeholder|redacted|dummy"
    r"|^\$\{?[a-z_]\w*\}?$|^\$\(|%\(|^%[a-z]?$|^%\w+%$|^env\b|environ|undefined|required|optional|\\n|^0x0+$",
    re.I,
)
_OWN_NAME = re.compile(r"password|passwd|secret|token|api[-_]?key", re.I)
_PATH = re.compile(r"^/|^~|^\.|://")
_MARKS = re.compile(r"[!?#%&$+@^*~]")
_AWS_SECRET = re.compile(r"[A-Za-z0-9+/]{40}")


def named_secrets(text: str) -> Iterator[tuple[int, int, str]]:
    """Where secrets start and end that are known by their name, and what each is. They may overlap."""
    lines = list(_telling_lines(text))
    for start, end in lines:
        for rule in (_ASSIGNED, _FLAG):
            for match in rule.finditer(text, start, end):
                name, more = match["name"].lower(), match["more"].lower()
                if not match["after"] and _is_secret(name, more, match["value"]):
                    at = match.start("value")
                    yield at, at + len(match["value"].rstrip(".")), name.replace("_", " ")
        for match in _ENCLOSED.finditer(text, start, end):
            value = match["value"]
            if _is_made_up(value) and not (PLACEHOLDER.search(value) or _PATH.search(value)):
                yield *match.span("value"), "password"
        if end - start > _SHORTEST_BESIDE:
            yield from _beside(text, start, end)
    yield from _in_columns(text, lines)


def _telling_lines(text: str) -> Iterator[tuple[int, int]]:
    """Lines with a part of a name in them, each with the one after it; those that meet are one."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter that is two when it is small
        yield 0, len(text)
        return
    begun: tuple[int, int] | None = None
    for start, end in sorted({line for stem in _STEMS for line in _lines_with(lower, stem)}):
        if begun is not None and start <= begun[1]:
            begun = begun[0], max(end, begun[1])
            continue
        if begun is not None:
            yield begun
        begun = start, end
    if begun is not None:
        yield begun


def _lines_with(text: str, stem: str) -> Iterator[tuple[int, int]]:
    at = text.find(stem)
    while at >= 0:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        following = text.find("\n", end + 1)
        yield text.rfind("\n", 0, at) + 1, len(text) if following < 0 else following
        at = text.find(stem, end)


def _beside(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _BESIDE.finditer(text, start, end):
        name, value = match["name"].lower(), match["value"]
        if _INNOCENT.search(_CELLS.sub("", match["between"])) or not is_random(value):
            continue
        if name.startswith("w"):
            if re.fullmatch(r"[a-f0-9]{40}", value):
                yield *match.span("value"), "W&B key"
        elif name != "aws" or len(value) == 40:
            yield *match.span("value"), "AWS secret" if name == "aws" else name.replace("_", " ")


def _in_columns(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Cells of tables under a header that names a secret; each line is looked at once."""
    done = 0
    for first, last in lines:
        at = max(first, done)
        columns: dict[int, tuple[str, str]] = {}
        delimiter, width = "", 0
        while at < len(text) and (at < last or columns):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            line = text[at:end]
            if columns and line.count(delimiter) == width:
                yield from _cells(line, at, delimiter, columns)
            else:
                delimiter, width, columns = _header(line) if at < last else ("", 0, {})
            at = end + 1
        done = at


def _header(line: str) -> tuple[str, int, dict[int, tuple[str, str]]]:
    """What separates the cells of a header, how often, and which of them name a secret."""
    delimiter = next((each for each in _DELIMITERS if each in line), "")
    if not delimiter or len(line) > _LONGEST_HEADER:
        return "", 0, {}
    found = ((number, _COLUMN.fullmatch(cell)) for number, cell in enumerate(line.split(delimiter)))
    columns = {number: (cell["name"].lower(), cell["more"].lower()) for number, cell in found if cell}
    return delimiter, line.count(delimiter), columns


def _cells(
    line: str, start: int, delimiter: str, columns: dict[int, tuple[str, str]]
) -> Iterator[tuple[int, int, str]]:
    for number, cell in enumerate(line.split(delimiter)):
        value = cell.strip(" \t\r\"'`*")
        if number in columns and len(value) >= _SHORTEST and _is_secret(*columns[number], value):
            at = start + cell.find(value)
            yield at, at + len(value), columns[number][0].replace("_", " ")
        start += len(cell) + 1


def _is_secret(name: str, more: str, value: str) -> bool:
    """Whether a value is a secret, given what it is called; `more` is the rest of that."""
    if PLACEHOLDER.search(value) or more.startswith(("s", "iz", "_id", "_name", "_url", "_path")):
        return False
    if _PATH.search(value):
        return bool(_AWS_SECRET.fullmatch(value)) and is_random(value)
    if _OWN_NAME.search(value):
        return bool(_MARKS.search(value)) and _is_made_up(value)
    if name.startswith(("pass", "pwd")):
        return _classes(value) >= 2 and not value.isalpha()
    return len(value) >= 12 and is_random(value)


def _is_made_up(value: str) -> bool:
    """Whether a person, told to mix letters, digits and marks, may have thought of it."""
    if not re.search(r"\d", value) or not re.search("[A-Za-z]", value):
        return False
    return bool(_MARKS.search(value)) or bool(re.search("[a-z]", value) and re.search("[A-Z]", value))


def is_random(value: str) -> bool:
    """Whether letters and digits are mixed as no word or number is."""
    digits = sum(character.isdigit() for character in value)
    letters = sum(character.isalpha() for character in value)
    if not digits or letters < 3:
        return False
    runs = len(re.findall(r"[A-Z]+|[a-z]+|\d+", value))
    return runs >= 4 or (runs >= 3 and len(value) <= 12)


def _classes(value: str) -> int:
    return sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", r"\d", r"[^\w]"))
