"""The sources that every Lore has, without an admin listing them: saved pages, entries, recaps."""

from bot.learning.talk_source import TALKS, read_talks
from bot.saved_source import SAVED, read_saved
from bot.standup_source import STANDUPS, read_standups

BUILT_IN = (SAVED, STANDUPS, TALKS)
NAMES = tuple(source.name for source in BUILT_IN)
READERS = {SAVED.kind: read_saved, STANDUPS.kind: read_standups, TALKS.kind: read_talks}
"""What lists each, by its kind, out of the journal."""
