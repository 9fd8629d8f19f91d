"""The commands about stand-ups and their options; each hands on to the module that does the work."""

from enum import StrEnum
from typing import Annotated

import typer


class Form(StrEnum):
    """How entries are written."""

    CSV = "csv"
    JSON = "json"


standups_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Stand-ups: what was entered, to take away."
)


@standups_app.callback()
def standups() -> None:
    """Stand-ups: what was entered, to take away."""


@standups_app.command()
def export(
    name: Annotated[str, typer.Argument(help="The name of a stand-up.")] = "",
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.CSV,
    person: Annotated[
        str, typer.Option("--person", metavar="ID", help="All entries of this Slack user, of any stand-up.")
    ] = "",
) -> None:
    """Print the entries of a stand-up, or those of one person; withdrawn ones are not in it."""
    if bool(name) == bool(person):
        raise typer.BadParameter("name a stand-up, or a person with --person: one of the two")
    from bot.cli.standups import export_entries
    from bot.rituals.export_files import Format

    export_entries(name, person=person, form=Format(form.value))
