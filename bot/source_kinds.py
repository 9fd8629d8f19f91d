"""All kinds of sources that admins can list: those that `ingest` reads, and Slack itself."""

from collections.abc import Mapping

from bot.threads.kind import SLACK
from ingest.kind import Kind
from ingest.readers import KINDS as OF_INGEST

KINDS: Mapping[str, Kind] = {**OF_INGEST, SLACK.name: SLACK}
"""By the name that lore.toml has for them."""
