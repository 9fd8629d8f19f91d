"""What each kind of source asks for, and what the values of its settings may be."""

from pathlib import Path
from typing import Any

import pytest

from ingest.kind import Field, Kind
from ingest.readers import KINDS
from ingest.source_tables import COMMON, source_from_table
from ingest.sources import Source
from knowledge.errors import SettingsError

EVERY_SHAPE = Kind(
    "place",
    "A place",
    "log",
    "tests.nowhere:read",
    (
        Field("space", "Space", "Its key.", required=True),
        Field("address", "Address", "Of the server.", "address"),
        Field("pages", "Pages", "Their titles.", "names", default=("Home",)),
        Field("flavour", "Flavour", "Which one.", "choice", choices=("cloud", "own"), default="cloud"),
        Field("depth", "Depth", "How deep.", "number", default=3),
        Field("archived", "Archived", "Those too.", "yes_no", default=False),
        Field("token", "Token", "To sign in.", "secret"),
    ),
)
GOOD = {"name": "wiki", "kind": "place", "audience": "everyone", "space": "ML"}


def made(table: dict[str, Any], environment: dict[str, str] | None = None) -> Source:
    return source_from_table(table, Path("/srv"), {"place": EVERY_SHAPE}, environment or {})


def test_settings_of_a_kind_become_options_and_secrets() -> None:
    said = {"address": "https://wiki.example/", "token": "WIKI_TOKEN", "pages": ["A", "B"], "archived": True}
    source = made({**GOOD, **said}, {"WIKI_TOKEN": "s3cret"})
    assert source.options["address"] == "https://wiki.example"
    assert (source.options["pages"], source.options["archived"]) == (("A", "B"), True)
    assert (source.options["flavour"], source.options["depth"]) == ("cloud", 3)
    assert source.secrets == {"token": "s3cret"}
    assert "s3cret" not in repr(source)
    assert made(GOOD).secrets == {}
    assert made(GOOD).document_kind == "log"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"space": ""}, "`space` is missing: Its key."),
        ({"space": "a\nb"}, "`space` must be one line of text"),
        ({"address": "wiki.example"}, "`address` must be a web address"),
        ({"address": "https://me:secret@wiki.example"}, "`address` must be a web address"),
        ({"pages": [""]}, "`pages` must be a list of texts"),
        ({"flavour": "sour"}, "`flavour` must be one of cloud, own, not 'sour'"),
        ({"depth": -1}, "`depth` must be a whole number"),
        ({"depth": True}, "`depth` must be a whole number"),
        ({"archived": "yes"}, "`archived` must be true or false"),
        ({"token": "xoxb-1-secret"}, "`token` must name the environment variable"),
        ({"token": "WIKI_TOKEN"}, "`token` names the environment variable WIKI_TOKEN, which is not set"),
        ({"spcae": "x"}, "a source of kind place has no key `spcae`"),
    ],
)
def test_each_mistake_is_told_with_the_fix(change: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as told:
        made({**GOOD, **change})
    assert str(told.value).startswith(message)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_can_be_filled_in(kind: Kind) -> None:
    keys = [field.key for field in kind.fields]
    assert len(set(keys)) == len(keys)
    assert not {"name", "kind", "audience"} & set(keys)
    assert not set(COMMON) & set(keys)
    for field in kind.fields:
        assert field.label
        assert field.hint.endswith(".")
        assert not (field.required and field.default is not None)
        assert field.shape != "choice" or field.default in (*field.choices, None)
    assert kind.label
    module, _, name = kind.reader.partition(":")
    assert module.startswith(("ingest.readers.", "bot."))
    assert name
