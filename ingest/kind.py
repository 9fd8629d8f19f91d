"""A kind of place that knowledge comes from: its settings, and what reads it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from ingest.sources import Listed, Reading, Source

Shape = Literal["text", "address", "folder", "names", "choice", "number", "yes_no", "secret"]
"""What a setting holds: a line of text, a web address, a folder here, a list of texts, one of its choices, a
whole number, true or false, or the name of an environment variable that holds a secret."""


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a kind: its key in lore.toml, its label and hint in a form.

    `default` is what an absent setting is, None where it then has no value; a required one has none.
    """

    key: str
    label: str
    hint: str
    shape: Shape = "text"
    required: bool = False
    default: str | int | bool | tuple[str, ...] | None = None
    choices: tuple[str, ...] = ()


PRIVATE_NETWORK = Field(
    "private_network",
    "In a private network",
    "Whether its addresses may be ones that only your network knows (10.…, 192.168.…, 127.…).",
    "yes_no",
    default=False,
)
"""The setting that every remote kind has: without it, only public addresses are reached."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`reader` names what lists such a source, as `module:function`; it is imported when first used.

    `document_kind` is what its documents are, unless the source says otherwise. Documents of a `remote` kind
    come over a network: they are fetched before the index is locked, and what was fetched is kept until
    it is published.
    """

    name: str
    label: str
    document_kind: str
    reader: str
    fields: tuple[Field, ...] = ()
    remote: bool = True

    def read(self, source: Source, reading: Reading) -> Iterable[Listed]:
        """List what the source holds. Raises Unreadable when it cannot be listed as a whole."""
        module, _, name = self.reader.partition(":")
        reader: Callable[[Source, Reading], Iterable[Listed]] = getattr(import_module(module), name)
        return reader(source, reading)
