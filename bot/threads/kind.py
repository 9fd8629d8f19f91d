"""The kind of source `slack`: its settings, and where its documents stand."""

import re

from ingest.kind import Field, Kind

NAME = "slack"
REACTION, ANY = "reaction", "any"

SLACK = Kind(
    NAME,
    "Slack threads",
    "practice",
    "bot.threads.reading:read",
    (
        Field(
            "channels",
            "Channels",
            "Their names or ids; invite Lore to each. A name stands for the channel that has it at first.",
            "names",
            required=True,
        ),
        Field("since", "Days back", "Threads that began earlier are left out.", "number", default=365),
        Field(
            "answered",
            "What counts as answered",
            "A reaction that accepts a reply; or any sign of the person who asked, such as thanks, too.",
            "choice",
            default=REACTION,
            choices=(REACTION, ANY),
        ),
        Field(
            "accepted_by",
            "Reactions that accept",
            "Names of emoji, without colons.",
            "names",
            default=("white_check_mark", "heavy_check_mark", "ballot_box_with_check"),
        ),
        Field(
            "taken_out_by",
            "Reactions that take a thread out",
            "Names of emoji; they count when an author in the thread or an admin gives them.",
            "names",
            default=("no_entry", "no_entry_sign"),
        ),
        Field(
            "experts_only",
            "Experts only",
            "Only replies of the people under [experts] in lore.toml count as answers.",
            "yes_no",
            default=False,
        ),
        Field(
            "shared_channels",
            "Shared channels too",
            "Read channels that are shared with another organisation; only our own members are answered.",
            "yes_no",
            default=False,
        ),
    ),
)

_PATH = re.compile(r"(?P<source>[^/]+)/(?P<channel>[CG][A-Z0-9]{7,})/(?P<ts>\d{10}\.\d{6})")


def path_of(channel: str, ts: str) -> str:
    """Where the thread that begins with this message stands in its source, for ever."""
    return f"{channel}/{ts}"


def place_of_document(document_id: str) -> tuple[str, str, str] | None:
    """Source, channel and root of the thread that a document is of; None for other documents."""
    found = _PATH.fullmatch(document_id)
    return None if found is None else (found["source"], found["channel"], found["ts"])
