"""Every table of the journal: who needs all of them takes `metadata` from here."""

from bot.journal import (
    absences,
    added_sources,
    begun_entries,
    drafts,
    feedback,
    hooks,
    personal,
    pings,
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
    absences,
    added_sources,
    begun_entries,
    drafts,
    feedback,
    hooks,
    personal,
    pings,
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
