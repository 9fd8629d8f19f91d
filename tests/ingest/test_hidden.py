"""Text that nobody sees is not read, and hostile markup costs linear time."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.parsing.converted import Part
from ingest.parsing.process import ParsingProcess, convert
from ingest.redaction import redact
from knowledge.errors import Unreadable
from tests.ingest.reading import loaded

HIDDEN = [
    '<p style="display:none">HIDDEN</p>',
    '<p style="color: #fff">HIDDEN</p>',
    '<font color="white">HIDDEN</font>',
    '<p style="color:red;background-color: red">HIDDEN</p>',
    '<p style="color:#fefefe">HIDDEN</p>',
    '<p style="color:rgb(254, 255, 255); background: #ffffff">HIDDEN</p>',
    '<p style="color: rgba(0,0,0,0)">HIDDEN</p>',
    '<span style="font-size:0px">HIDDEN</span>',
    '<span style="font-size: 1px;">HIDDEN</span>',
    '<div style="max-height:0; overflow:hidden">HIDDEN</div>',
    '<div style="mso-hide:all">HIDDEN</div>',
    '<div style="clip-path: inset(100%)">HIDDEN</div>',
    '<span style="FONT-SIZE: 0">HIDDEN</span>',
    '<div style="opacity: 0">HIDDEN <b>HIDDEN</b></div>',
    '<div style="position:absolute; left:-9999px">HIDDEN</div>',
    '<div style="visibility:hidden">HIDDEN</div>',
    "<div hidden>HIDDEN</div>",
    '<style>.gone, p.note2 {display: none}</style><p class="big gone">HIDDEN</p><p class="note2">HIDDEN</p>',
    '<style>/* x */ #gone{visibility:hidden}</style><p id="gone">HIDDEN</p>',
]
NEVER_SHOWN = [
    "<!-- HIDDEN -->",
    "<template>HIDDEN</template>",
    "<noscript>HIDDEN</noscript>",
    '<input type="hidden" value="HIDDEN">',
    "<script>HIDDEN</script>",
    "<svg><text>HIDDEN</text></svg>",
    "<![CDATA[HIDDEN]]>",
]
SHOWN = [
    '<td style="background:#123456"><span style="color:white">SHOWN</span></td>',
    '<div style="background:black"><p><b style="color:#fff">SHOWN</b></p></div>',
    '<p style="opacity: 0.5">SHOWN</p>',
    '<p style="font-size: 1em">SHOWN</p>',
    '<p style="color:#eee; background:transparent">SHOWN</p>',
    '<p style="font-size: 0.8em">SHOWN</p>',
    '<p style="border-color: white">SHOWN</p>',
    "<style>@media print { .screen {display:none} }</style><p class=screen>SHOWN</p>",
    "<details><summary>More</summary>SHOWN</details>",
]


@pytest.mark.parametrize("markup", HIDDEN)
def test_in_17_hidden_elements_are_left_out_and_reported(tmp_path: Path, markup: str) -> None:
    document = loaded(tmp_path, "a.html", f"<h1>Page</h1>{markup}<p>Words.</p>")
    assert document.text == "# Page\n\nWords."
    assert len(document.notes) == 1
    assert document.notes[0].endswith("hidden parts left out")


@pytest.mark.parametrize("markup", NEVER_SHOWN)
def test_in_17_what_browsers_never_show_is_left_out(tmp_path: Path, markup: str) -> None:
    assert loaded(tmp_path, "a.html", f"<h1>Page</h1>{markup}<p>Words.</p>").text == "# Page\n\nWords."


@pytest.mark.parametrize("markup", SHOWN)
def test_what_is_seen_is_read(tmp_path: Path, markup: str) -> None:
    document = loaded(tmp_path, "a.html", f"<h1>Page</h1>{markup}<p>Words.</p>")
    assert "SHOWN" in document.text
    assert document.notes == ()


def test_in_17_invisible_characters_are_left_out_and_scripts_and_emoji_keep_theirs(tmp_path: Path) -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all")
    text = f"pass\u200bword{tags} \u202eabc\u2066 so\u00adft a\ufe0fb\n👩\u200d🔬 می\u200cخواهم ❤\ufe0f\n"
    document = loaded(tmp_path, "a.md", text)
    assert document.text == "password abc soft ab\n👩\u200d🔬 می\u200cخواهم ❤\ufe0f\n"
    assert document.notes == ("15 invisible characters removed",)


MANY = 30_000
HOSTILE = {
    "a": "a" * 500_000,
    "brackets": "[" * 100_000 + "](" * 50_000,
    "headings": "# Heading\n" * MANY,
    "backticks": "`" * 200_000,
    "emphasis": "*a " * 60_000,
    "spaces": "x" + " " * 300_000 + "x",
    "secrets": "sk-" * 60_000,
    "passwords": "password " * 40_000,
    "assigned": "password:" * 40_000,
    "addresses": "https://a:" * 40_000,
    "keys": "-----BEGIN PRIVATE KEY-----\n" * 3000,
    "wrapped": "sk-" + "a1\n" * 60_000,
    "beside": "token " + "a1" * 60_000,
    "web tokens": "eyJ-" * 60_000,
    "web tokens on lines": "eyJ\n" * 60_000,
    "web tokens in one": "eyJabcdefgh." * 20_000,
    "web tokens broken": "eyJabcdefgh.\n" * 20_000,
    "web tokens' breaks": "eyJ" + "``a" * 60_000,
    "columns": "|" + "a|" * 5000 + "\n|" + "-|" * 5000 + "\n" + ("|" + "1|" * 5000 + "\n") * 10,
    "divs": "<div>" * 60_000,
    "paragraphs": "<p>a" * MANY,
    "navs": "<nav>" * 20_000,
    "hidden": "<b hidden>a" * 20_000,
    "colours": "<b style='color:red'>" * 5000,
    "styles": "<style>" + "a{" * 100_000,
    "comments": "<!--" * 100_000,
    "cells": "<table>" + "<tr>" + "<td>a|b" * 5000,
    "substitutions": "|a|_ " * 3000,
    "front matter": "---\n" + "a: [" * 15_000 + "\n---\n",
    "nested": "[" * 300_000,
    "quotes": '"' * 300_000,
    "commas": "a,b\n" + "," * 300_000,
}


@pytest.fixture(scope="module")
def process() -> Iterator[ParsingProcess]:
    made = ParsingProcess(cpu_s=1)
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["html", "rst", "table", "records", "run"])
def test_in_16_hostile_markup_is_read_or_refused_within_the_limits(
    process: ParsingProcess, kind: str
) -> None:
    reasons = []
    for text in HOSTILE.values():
        part = Part("a.json" if kind == "run" else "a", text[: len(text) // 30].encode())
        try:
            process.convert(kind, [part])
        except Unreadable as error:
            reasons.append(str(error))
    assert not [
        reason for reason in reasons if "signal" in reason or ("(" in reason and "valid" not in reason)
    ]
    assert sum("CPU" in reason for reason in reasons) <= 4
    assert process.convert("text", [Part("a", b"Words.")]).text == "Words."


def cost(text: str) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    redact(convert("text", [Part("a.md", text.encode())]).text)
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


@pytest.mark.parametrize("name", [name for name, text in HOSTILE.items() if not text.startswith("<")])
def test_in_16_text_and_redaction_take_time_in_proportion(name: str) -> None:
    text = HOSTILE[name]
    small, large = cost(text[: len(text) // 4]), cost(text)
    assert large <= 10 * small + 0.2, "four times the text takes far more than four times as long"
