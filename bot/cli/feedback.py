"""`lore feedback`: what people thought of answers, as a summary, JSON or CSV."""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

from bot.cli.output import print_json
from bot.exporting import as_csv, rows
from bot.journal.feedback import judgements
from bot.settings import load_settings
from bot.wiring import open_knowledge
from knowledge.errors import SettingsError


def export_feedback(*, days: int, as_json: bool, as_csv_table: bool, words: bool) -> None:
    """Print the judgements of the last `days` days."""
    if as_json and as_csv_table:
        raise SettingsError("choose one of --json and --csv.")
    knowledge = open_knowledge(load_settings(), repair=False)
    since = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    try:
        with knowledge.database.reading() as connection:
            table = rows(judgements(connection, since), words=words)
    finally:
        knowledge.close()
    if as_json:
        print_json(table)
    elif as_csv_table:
        sys.stdout.write(as_csv(table, words=words))
    else:
        helped = sum(row["helped"] for row in table)
        print(f"{len(table)} judgements in {days} days: {helped} helped, {len(table) - helped} did not.")
        for why, count in Counter(
            row["why"] or "no reason" for row in table if not row["helped"]
        ).most_common():
            print(f"  {count:4}  {why}")
