"""The commands and their options; each hands on to the module that does the work."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.source_commands import add_source, sources_app
from bot.cli.standup_commands import standups_app

app = typer.Typer(
    name="lore",
    help="An AI team's memory in Slack: answers with checkable citations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(sources_app, name="sources")
app.add_typer(standups_app, name="standups")
app.command(name="add")(add_source)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=NUMBER",
        help="Try retrieval otherwise: dense, lexical and document weigh its lists, depth and "
        "document_depth say how much of them is read.",
    ),
]
Person = Annotated[
    str | None, typer.Option("--as", help="Read as this person (e-mail or Slack user id), not as everyone.")
]


@app.command()
def run(
    http: Annotated[
        bool, typer.Option("--http", help="Be told things over HTTP on $PORT, instead of Socket Mode.")
    ] = False,
) -> None:
    """Join Slack and answer, until stopped."""
    from bot.cli.running import run_bot

    run_bot(http=http)


@app.command()
def workspace(
    with_bot: Annotated[bool, typer.Option("--with-bot", help="Join it with this bot.")] = False,
    http: Annotated[bool, typer.Option("--http", help="Tell the bot things over HTTP.")] = False,
    port: Annotated[int, typer.Option(help="Port of the page on 127.0.0.1; 0 takes a free one.")] = 3210,
    description: Annotated[
        Path | None,
        typer.Option(help="TOML file of people, channels and groups (default: beside lore.toml)."),
    ] = None,
) -> None:
    """Start a Slack on this machine, with a web page, to try Lore without Slack."""
    from bot.cli.running import run_workspace

    run_workspace(with_bot=with_bot, http=http, port=port, description=description)


@app.command()
def ask(question: str, as_person: Person = None, json: Json = False) -> None:
    """Answer a question here; reads what everyone may read."""
    from bot.cli.asking import ask_here

    ask_here(question, as_person, as_json=json)


@app.command()
def search(
    query: str,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    as_person: Person = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="With the scores of each part, what was cut, and the time.")
    ] = False,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """List the passages that a question finds, with their scores."""
    if explain or settings:
        from bot.cli.benching import explain_here

        explain_here(query, k, as_person, settings or [], as_json=json)
        return
    from bot.cli.asking import search_here

    search_here(query, k, as_person, as_json=json)


@app.command()
def golden(
    version: Annotated[int | None, typer.Option(help="Ask this version, not the published one.")] = None,
    other: Annotated[int | None, typer.Option("--with", help="Compare it with this version.")] = None,
    settings: Settings = None,
    passages: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages count.")] = 12,
    json: Json = False,
) -> None:
    """Ask the golden questions of lore.toml; compare two versions, or what other settings would find."""
    from bot.cli.benching import golden_here

    golden_here(version, other, settings or [], passages, as_json=json)


@app.command()
def sync(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Names of sources; all when none is named.")
    ] = None,
    allow_removals: Annotated[
        bool, typer.Option(help="Go on even where a sync would remove more than a fifth of a source.")
    ] = False,
    publish_anyway: Annotated[
        bool, typer.Option(help="Publish also what no longer answers golden questions.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Say what would be done, and do nothing.")] = False,
    json: Json = False,
) -> None:
    """Read the sources, index what changed and publish a new version."""
    from bot.cli.syncing import sync_here

    sync_here(
        sources or [],
        allow_removals=allow_removals,
        as_json=json,
        publish_anyway=publish_anyway,
        dry_run=dry_run,
    )


@app.command(name="eval")
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Holds corpus.jsonl, queries.jsonl and qrels.tsv.")],
    json: Json = False,
) -> None:
    """Measure retrieval and answers on a folder of questions."""
    from bot.cli.asking import evaluate_here

    evaluate_here(folder, as_json=json)


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(help="A new file, or a folder to put one into.")], json: Json = False
) -> None:
    """Write all that Lore keeps into one file, also while it runs."""
    from bot.cli.backups import back_up_here

    back_up_here(path, as_json=json)


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(help="A file that `lore backup` wrote.")],
    force: Annotated[bool, typer.Option(help="Replace what the data folder or database holds now.")] = False,
) -> None:
    """Put a backup back, bring it up to date and rebuild the index."""
    from bot.cli.backups import restore_here

    restore_here(path, force=force)


@app.command()
def feedback(
    days: Annotated[int, typer.Option(min=1, help="How far back.")] = 90,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV for spreadsheets.")] = False,
    words: Annotated[
        bool, typer.Option("--words", help="With what was asked and commented, not only counts.")
    ] = False,
) -> None:
    """What people thought of answers."""
    from bot.cli.feedback import export_feedback

    export_feedback(days=days, as_json=json, as_csv_table=csv, words=words)


@app.command()
def audit(
    days: Annotated[int, typer.Option(min=1, help="How far back.")] = 90,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV for spreadsheets.")] = False,
) -> None:
    """Who did, or was refused, what: syncs, pauses, removals and what else admins do."""
    from bot.cli.audits import print_audit

    print_audit(days=days, as_json=json, as_csv=csv)


@app.command()
def doctor(json: Json = False) -> None:
    """Check settings, data folder, model, index and Slack, and say how to mend each."""
    from bot.cli.doctor import examine

    examine(as_json=json)


@app.command()
def manifest(
    http: Annotated[
        str, typer.Option("--http", metavar="URL", help="For HTTP: your https address, without a path.")
    ] = "",
    yaml: Annotated[bool, typer.Option("--yaml", help="Print YAML, with the reason for each scope.")] = False,
) -> None:
    """Print the Slack app manifest: the least scopes, events and commands that Lore needs."""
    from bot.cli.manifests import print_manifest

    print_manifest(http, as_yaml=yaml)
