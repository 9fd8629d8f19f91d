"""Alembic runs its migrations here, on the connection (and in the transaction) that it is handed."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from bot.journal.complete import metadata as journal_tables
from knowledge.adapters.tables import metadata as record_tables


def plain_types(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Migrations name SQL's own types, not ours, so that they stay true when ours change."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance.__class__.__name__}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[record_tables, journal_tables],
    render_item=plain_types,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
