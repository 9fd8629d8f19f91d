"""`lore backup` and `lore restore`: all that Lore keeps, to a file and back."""

import shutil
from contextlib import ExitStack
from pathlib import Path

from bot.backup import back_up
from bot.cli.output import print_json
from bot.restoring import empty, read_manifest, refuse_while_used, restore
from bot.settings import Settings, load_settings
from bot.wiring import now, only_bot, open_knowledge, usable_folder
from knowledge.adapters.database import Database, open_database
from knowledge.adapters.generations import index_lock
from knowledge.errors import StoreError

INDEX_FOLDERS = ("generations", "words")


def back_up_here(path: Path, *, as_json: bool) -> None:
    """Back up the database as it is, whatever its schema."""
    settings = load_settings()
    if not settings.database_url and not _database_file(settings).is_file():
        raise StoreError(f"there is nothing to back up in {settings.data_dir}: run `lore sync` first")
    database = _opened(settings)
    try:
        manifest = back_up(database, path, now)
    finally:
        database.close()
    rows = sum(table.rows for table in manifest.tables.values())
    if as_json:
        print_json({"schema": manifest.schema, "published": manifest.published, "rows": rows})
    else:
        print(f"backed up {rows} rows of {len(manifest.tables)} tables, version {manifest.published}")


def restore_here(path: Path, *, force: bool) -> None:
    """Check the backup, put it back, rebuild the index."""
    settings = load_settings()
    manifest = read_manifest(path)
    data = usable_folder(settings.data_dir)
    with ExitStack() as locks:
        locks.enter_context(only_bot(settings))
        locks.enter_context(index_lock(data, "restore"))
        database = _opened(settings)
        try:
            refuse_while_used(database)
            if force:
                empty(database, manifest)
            laid_to_rest = restore(database, path, manifest)
        finally:
            database.close()
        for name in INDEX_FOLDERS:
            shutil.rmtree(data / name, ignore_errors=True)
    knowledge = open_knowledge(settings, repair=False)
    try:
        with knowledge.generations.lock("rebuild the index"):
            knowledge.generations.settle()
        documents = sum(count for count, _ in knowledge.store.holdings(manifest.published).values())
    finally:
        knowledge.close()
    print(f"restored version {manifest.published} of {manifest.taken_at}: {documents} documents")
    if laid_to_rest:
        print(f"{laid_to_rest} questions waited when it was taken; they are not answered now: ask again")


def _opened(settings: Settings) -> Database:
    return open_database(settings.database_url or _database_file(settings))


def _database_file(settings: Settings) -> Path:
    return settings.data_dir / "lore.db"
