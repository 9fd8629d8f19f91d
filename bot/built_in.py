"""The sources that every Lore has, without an admin listing them: saved pages, and entries of stand-ups."""

from bot.saved_source import SAVED, read_saved
from bot.standup_source import STANDUPS, read_standups

BUILT_IN = (SAVED, STANDUPS)
NAMES = tuple(source.name for source in BUILT_IN)
READERS = {SAVED.kind: read_saved, STANDUPS.kind: read_standups}
"""What lists each, by its kind, out of the journal."""
