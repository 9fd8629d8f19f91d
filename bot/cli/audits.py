"""`lore audit`: who did, or was refused, what, to what, when and from where."""

import csv
import sys
from dataclasses import asdict
from datetime import timedelta

from bot.cli.output import print_json
from bot.exporting import neutral
from bot.journal import audits
from bot.journal.migrate import migrate
from bot.settings import load_settings
from bot.wiring import now, usable_folder
from knowledge.adapters.database import open_database

MOST = 1_000_000
COLUMNS = ("at", "person", "action", "subject", "allowed", "place")


def print_audit(*, days: int, as_json: bool, as_csv: bool) -> None:
    """The acts of the last days, newest first."""
    settings = load_settings()
    database = open_database(settings.database_url or usable_folder(settings.data_dir) / "lore.db")
    migrate(database)
    try:
        with database.reading() as connection:
            since = (now() - timedelta(days=days)).timestamp()
            acts = audits.newest(connection, MOST, since)
    finally:
        database.close()
    rows = [asdict(act) | {"at": act.at.isoformat(timespec="seconds")} for act in acts]
    if as_json:
        print_json(rows)
    elif as_csv:
        table = csv.DictWriter(sys.stdout, COLUMNS)
        table.writeheader()
        table.writerows({name: neutral(value) for name, value in row.items()} for row in rows)
    else:
        for row in rows:
            what = row["action"] if row["allowed"] else f"was refused: {row['action']}"
            of = f" ({row['subject']})" if row["subject"] else ""
            where = f" from {row['place']}" if row["place"] else ""
            print(f"{row['at']}  {row['person'] or 'Slack'}  {what}{of}{where}")
