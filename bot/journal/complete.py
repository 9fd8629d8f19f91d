"""Every table of the journal: who needs all of them takes `metadata` from here."""

from bot.journal import (
    added_sources,
    feedback,
    hooks,
    personal,
    quiet,
    replays,
    requests,
    ritual_tables,
    saved_pages,
    spending,
    streams,
    sync_tables,
    tables,
    thread_tables,
    tokens,
    verified,
)

metadata = tables.metadata

MODULES = (
    added_sources,
    feedback,
    hooks,
    personal,
    quiet,
    replays,
    requests,
    ritual_tables,
    saved_pages,
    spending,
    streams,
    sync_tables,
    tables,
    thread_tables,
    tokens,
    verified,
)
