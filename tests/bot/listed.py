"""Sources of now, as tests of the Slack edge set them up."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.schedules import Every, Schedule
from bot.source_settings import SourceReader, SourceSettings, Webhook
from bot.sources_now import SourcesNow
from ingest.sources import Source
from knowledge.audience import EVERYONE

HOURLY = Every(timedelta(hours=1))


def listed(
    name: str, schedule: Schedule = HOURLY, kind: str = "folder", secret: str | None = None
) -> SourceSettings:
    """One source; with `secret` (empty: its variable is not set) it has a webhook."""
    source = Source(name, kind, Path(f"/{name}"), EVERYONE, "wiki")
    webhook = None if secret is None else Webhook("HOOK_SECRET", secret)
    return SourceSettings(source, schedule, webhook, {"name": name, "kind": kind, "audience": "everyone"})


def listed_now(*names: str, more: tuple[SourceSettings, ...] = ()) -> SourcesNow:
    """Hourly sources of these names, and more."""
    every = (*(listed(name) for name in names), *more)
    return SourcesNow(every, {}, {}, (), SourceReader(Path("/")), ZoneInfo("UTC"))
