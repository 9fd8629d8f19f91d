"""What it costs to store what readers saw at the last midnights: a week of hourly syncs, with and without."""

import random
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.publishing import NIGHTS
from ingest.sync import Syncer
from knowledge.adapters.generations import KEEP
from tests.fakes import HashEmbedder
from tests.sources import Team

PAGES, RUNS, WORDS, DAYS = 1_000, 50, 400, NIGHTS + 1
CHANGED_A_DAY, CHANGED_AN_HOUR = 20, 10
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)


def main() -> None:
    print(f"{PAGES:,} pages, {CHANGED_A_DAY} changed a day; {RUNS} runs, {CHANGED_AN_HOUR} changed an hour")
    for lasting in (False, True):
        which = f"and the last {NIGHTS} midnights" if lasting else "alone"
        print(f"the newest {KEEP} versions {which}: {a_week(lasting):.1f} MB in SQL")


def a_week(lasting: bool) -> float:
    """How much of the database is used in the end, in megabytes."""
    drawn = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        embedder = HashEmbedder(dimension=384)
        team = Team(Path(folder), embedder=embedder, pages={"wiki": {}, "runs": {}})
        team.wiki.update({f"{number}.md": text(drawn) for number in range(PAGES)})
        team.pages["runs"].update({f"{number}.md": text(drawn) for number in range(RUNS)})
        for hour in range(24 * DAYS):
            if hour % 24 == 0:
                for number in drawn.sample(range(PAGES), CHANGED_A_DAY):
                    team.wiki[f"{number}.md"] = text(drawn)
            for number in drawn.sample(range(RUNS), CHANGED_AN_HOUR):
                team.pages["runs"][f"{number}.md"] = text(drawn)
            syncer(team, BEGIN + timedelta(hours=hour), lasting).sync(team.sources())
        database = team.store.database
        with database.reading() as connection:
            count, free, size = (
                int(connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0)
                for name in ("page_count", "freelist_count", "page_size")
            )
        database.close()
        return (count - free) * size / 1e6


def syncer(team: Team, at: datetime, lasting: bool) -> Syncer:
    return replace(team.syncer(), clock=lambda: at, retractable=lambda _: not lasting)


def text(drawn: random.Random) -> str:
    """Two paragraphs of words that occur nowhere else."""
    words = [f"{drawn.getrandbits(30):x}" for _ in range(WORDS)]
    return f"Page\n\n{' '.join(words[: WORDS // 2])}\n\n{' '.join(words[WORDS // 2 :])}"


if __name__ == "__main__":
    main()
