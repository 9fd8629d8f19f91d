"""reStructuredText as Markdown, through docutils' HTML; files are never included, raw parts never taken."""

import re
from collections.abc import Sequence
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from docutils.core import publish_parts
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.languages import en
from docutils.utils import SystemMessage

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import decode
from ingest.parsing.frontmatter import KNOWN_FIELDS
from ingest.parsing.html import convert_soup
from knowledge.errors import Unreadable

_DIRECTIVE = re.compile(r"^[ \t]*\.\. ([A-Za-z][\w:.+-]{0,60})::", re.MULTILINE)
_ROLE = re.compile(r":([A-Za-z][\w:.+-]{0,60}):`")
_SILENT = ("toctree", "index", "currentmodule", "module", "highlight", "meta", "only", "tabularcolumns")
_OF_THE_PAGE = KNOWN_FIELDS | {"tags"}
_NO_LANGUAGE = ("code", "literal-block")
_TARGET = re.compile(r"^(?P<text>.*?)\s*<[^<>]*>$", re.DOTALL)
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 5,
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "embed_stylesheet": False,
    "stylesheet_path": None,
    "doctitle_xform": True,
    "initial_header_level": 2,
    "line_length_limit": 1_000_000,
}


class _AnyOption(dict[str, Any]):
    """Options of directives that docutils does not know: all are allowed, none is used."""

    def __missing__(self, name: str) -> Any:
        return directives.unchanged


class _Passing(Directive):
    """A directive of somebody else's extension: its words are kept, as far as they are text."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOption(name=directives.unchanged)

    def run(self) -> list[nodes.Node]:
        if self.name in _SILENT:
            return []
        box = nodes.container()
        if self.arguments:
            first, _, rest = self.arguments[0].partition("\n")
            box += nodes.paragraph("", "", nodes.strong(text=first))
            box += [nodes.paragraph(text=rest)] * bool(rest.strip())
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


def convert_rst(parts: Sequence[Part]) -> Converted:
    """Convert one page. Raises Unreadable."""
    decoded = decode(parts[0].data)
    _pass_unknown(decoded.text)
    try:
        published = publish_parts(decoded.text, writer="html5", settings_overrides=_SETTINGS)
    except SystemMessage as error:
        raise Unreadable(f"not valid reStructuredText: {str(error)[:200]}") from None
    soup = BeautifulSoup(published["html_body"], "html.parser")
    front = _field_list(soup)
    for literal in soup.select("span.literal"):
        literal.name = "code"
    for block in soup.select("pre.code"):
        languages = [name for name in block.get_attribute_list("class") if name not in _NO_LANGUAGE]
        block["class"] = f"language-{languages[0]}" if languages else ""
    return convert_soup(soup, decoded.notes, front, whole=True)


def _field_list(soup: BeautifulSoup) -> dict[str, str]:
    """The fields under the title that Lore knows, taken out of the page; the others stay in it."""
    said: dict[str, str] = {}
    for name in soup.select("dl.docinfo > dt"):
        field = name.get_text("", strip=True).removesuffix(":").strip().lower()
        value = name.find_next_sibling("dd")
        if field in _OF_THE_PAGE and value is not None:
            said.setdefault(field, " ".join(value.get_text(" ", strip=True).split()))
            value.decompose()
            name.decompose()
    return said


def _pass_unknown(text: str) -> None:
    """Let docutils read what extensions of it would: a role gives its text, a directive its content."""
    known_directives = _known(directives, "directive") | en.directives.keys()
    known_roles = _known(roles, "role") | en.roles.keys()
    for name in set(_DIRECTIVE.findall(text)) - known_directives:
        directives.register_directive(name, _Passing)
    for name in set(_ROLE.findall(text)) - known_roles:
        roles.register_local_role(name, _role)  # type: ignore[arg-type]


def _known(registry: Any, kind: str) -> set[str]:
    return {*vars(registry)[f"_{kind}_registry"], *vars(registry)[f"_{kind}s"]}


def _role(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    del name, lineno, inliner, options, content
    target = _TARGET.match(text)
    words = target["text"] if target else text.lstrip("~!")
    return [nodes.literal(rawtext, nodes.unescape(words))], []
