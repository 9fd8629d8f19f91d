"""The commands about sources and their options; each hands on to the module that does the work."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Name = Annotated[str, typer.Argument(help="The name of a source.")]

sources_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@sources_app.callback()
def sources(context: typer.Context, json: Json = False) -> None:
    """List the sources: what each holds, how its last sync went, when the next one is."""
    if context.invoked_subcommand is None:
        from bot.cli.sources import list_sources

        list_sources(as_json=json)


@sources_app.command(name="list")
def list_them(json: Json = False) -> None:
    """List the sources; what `lore sources` does too."""
    from bot.cli.sources import list_sources

    list_sources(as_json=json)


@sources_app.command()
def history(
    name: Annotated[str | None, typer.Argument(help="A source; the versions of all without it.")] = None,
    limit: Annotated[int, typer.Option("-n", min=1, max=500, help="How many.")] = 20,
    json: Json = False,
) -> None:
    """List what was published, and of a source also each of its syncs."""
    from bot.cli.sources import show_history

    show_history(name, limit, as_json=json)


@sources_app.command()
def rollback(
    version: Annotated[int, typer.Argument(min=1, help="One that `lore sources history` shows as kept.")],
    names: Annotated[list[str] | None, typer.Argument(help="Sources; all without any.")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Have nobody sync them until resumed.")] = False,
    json: Json = False,
) -> None:
    """Publish the contents of an older version anew; the next sync reads the sources as they are then."""
    from bot.cli.rolling_back import roll_back

    roll_back(version, names or [], pause=pause, as_json=json)


@sources_app.command()
def cancel(name: Name) -> None:
    """Have the sync of a source stop that waits or is under way, whoever asked for it."""
    from bot.cli.sources import cancel_sync

    cancel_sync(name)


@sources_app.command()
def pause(name: Name) -> None:
    """Have nobody sync a source until it is resumed; what is known of it goes on answering."""
    from bot.cli.sources import pause_source

    pause_source(name)


@sources_app.command()
def resume(name: Name) -> None:
    """End a pause."""
    from bot.cli.sources import resume_source

    resume_source(name)


@sources_app.command(name="test")
def try_out(name: Name, json: Json = False) -> None:
    """List what a source holds, for some seconds, and change nothing; exits 1 when it cannot be listed."""
    from bot.cli.adding import test_source

    test_source(name, as_json=json)


@sources_app.command()
def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a source that was added in Slack or here; its documents go with the next sync."""
    from bot.cli.adding import remove_source

    remove_source(name, sure=yes)


@sources_app.command()
def webhook(name: Name, json: Json = False) -> None:
    """Say where a source's webhook is to be pointed, and show a token that was sent within the hour."""
    from bot.cli.adding import show_webhook

    show_webhook(name, as_json=json)


@sources_app.command()
def kinds(json: Json = False) -> None:
    """List the kinds of sources with the settings of each."""
    from bot.cli.adding import list_kinds

    list_kinds(as_json=json)


def add_source(
    kind: Annotated[str, typer.Argument(help="One of `lore sources kinds`.")],
    name: Annotated[str, typer.Argument(help="What people see.")],
    settings: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE…", help="As in lore.toml; lists with commas: audience=#a,@b"),
    ] = None,
    test: Annotated[bool, typer.Option("--test/--no-test", help="Whether to list it first.")] = True,
    replace: Annotated[bool, typer.Option("--replace", help="In the place of an added one.")] = False,
    json: Json = False,
) -> None:
    """Add a source beside lore.toml; it is tried first, and read at its time or with `lore sync`."""
    from bot.cli.adding import add_here

    add_here(kind, name, settings or [], test=test, replace=replace, as_json=json)
