"""`/lore stats`: the numbers for leads, said to the lead who asks alone, or sent to them as a file."""

from dataclasses import dataclass

from slack_sdk import WebClient

from bot.blocks.statistics import stats_pages
from bot.journal.records import Audit
from bot.journal.work import Done, Item
from bot.replies import reply, say
from bot.rituals.exporting import as_text
from bot.statistics import Statistics
from bot.statistics_file import as_csv
from bot.uploading import upload
from prompts.statistics import PERIODS, USUAL, Overview

STATS = "stats"
CSV = "csv"


@dataclass(frozen=True, slots=True)
class TellingNumbers:
    """Works off `/lore stats`."""

    statistics: Statistics
    client: WebClient

    def command(self, item: Item) -> Done:
        """The numbers of the stretch that is named; who may not have them is told whom they are for."""
        wanted = [word.lower() for word in item.text.split()[1:]]
        periods = [word for word in wanted if word in PERIODS]
        if len(periods) > 1 or set(wanted) - {*PERIODS, CSV}:
            return Done(say=say(item, "stats_help"))
        period, as_file = (periods or [USUAL])[0], CSV in wanted
        overview = self.statistics.overview(item.person, period, weeks=as_file or PERIODS[period] > 7)
        audit = Audit(item.person, STATS, " ".join(wanted), allowed=overview is not None)
        if overview is None:
            return Done(say=say(item, "stats_leads_only"), record=(audit,))
        if as_file:
            return self._send(item, overview, audit)
        return Done(say=reply(item, stats_pages(overview)), record=(audit,))

    def _send(self, item: Item, overview: Overview, audit: Audit) -> Done:
        text, told = as_csv(overview), say(item, "stats_sent")
        if item.attempts > 1:  # a file may stand there already, and cannot be looked for
            return Done(say=say(item, "export_interrupted"), record=(audit,))
        name = f"lore-stats-{overview.now.period.end:%Y-%m-%d}.csv"
        if upload(self.client, item.person, name, text.encode("utf-8-sig", "replace")):
            return Done(say=told, record=(audit,))
        return Done(say=(*as_text(item.person, text), *told), record=(audit,))
