"""Sitemaps: the addresses that a site lists itself, in XML (also compressed) or one to a line."""

import json
import zlib
from collections.abc import Sequence

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from ingest.parsing.converted import Converted, Part
from knowledge.errors import Unreadable

MOST_ADDRESSES = 50_000
_MOST_BYTES = 50_000_000
_LONGEST = 2_000


def convert_sitemap(parts: Sequence[Part]) -> Converted:
    """JSON: `pages` are pairs of an address and when it changed (or ""), `sitemaps` are addresses of more.

    Raises Unreadable when it is no sitemap.
    """
    data = _inflated(parts[0].data)
    said = _of_lines(data) if data.lstrip()[:4] in (b"http", b"\xef\xbb\xbfh") else _of_xml(data)
    return Converted(json.dumps(said))


def _of_xml(data: bytes) -> dict[str, list[object]]:
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        raise Unreadable("it is no sitemap: it cannot be parsed as XML") from None
    kind = _plain(root.tag)
    if kind not in ("urlset", "sitemapindex"):
        raise Unreadable(f"it is no sitemap but <{kind[:40]}>")
    found: list[object] = []
    for entry in root:
        said = {_plain(part.tag): (part.text or "").strip() for part in entry}
        place = said.get("loc", "")
        if place and len(place) <= _LONGEST and len(found) < MOST_ADDRESSES:
            found.append((place, said.get("lastmod", "")[:40]) if kind == "urlset" else place)
    return {"pages": found, "sitemaps": []} if kind == "urlset" else {"pages": [], "sitemaps": found}


def _of_lines(data: bytes) -> dict[str, list[object]]:
    lines = (line.strip() for line in data.decode("utf-8-sig", "replace").splitlines())
    pages = [(line, "") for line in lines if line.startswith("http") and len(line) <= _LONGEST]
    return {"pages": list(pages[:MOST_ADDRESSES]), "sitemaps": []}


def _inflated(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        opened = inflater.decompress(data, _MOST_BYTES)
    except zlib.error:
        raise Unreadable("it is no sitemap: it cannot be decompressed") from None
    if inflater.unconsumed_tail:
        raise Unreadable("the sitemap is too large")
    return opened


def _plain(tag: object) -> str:
    return str(tag).rpartition("}")[2].lower()
