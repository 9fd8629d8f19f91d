"""`lore doctor`: looks at every part and says how to mend each that is not well."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.cli.output import print_json
from bot.manifest import SCOPES, granted_scopes, lacking
from bot.settings import Settings, load_settings
from bot.slack_settings import SlackTokens
from knowledge.errors import LoreError


@dataclass(frozen=True, slots=True)
class Finding:
    """One part as found; `said` tells what is there, or what is wrong and how to mend it."""

    part: str
    well: bool
    said: str


def examine(*, as_json: bool) -> None:
    """Print every finding; exits 1 when a part is not well."""
    findings = list(_findings())
    if as_json:
        print_json([{"part": one.part, "ok": one.well, "said": one.said} for one in findings])
    else:
        for one in findings:
            print(f"{'ok  ' if one.well else 'FAIL'}  {one.part}: {one.said}")
    if not all(one.well for one in findings):
        sys.exit(1)


def _findings() -> Iterator[Finding]:
    try:
        settings = load_settings()
    except LoreError as error:
        yield Finding("settings", False, str(error))
        return
    yield Finding("settings", True, str(settings.config))
    yield from _sources(settings)
    yield _look("data folder and index", lambda: _index(settings))
    yield _look("embedding model", lambda: _model(settings))
    yield _look("chat model", lambda: settings.chat_model or "none: answers are the passages' own sentences")
    if settings.tokens is None:
        yield Finding("Slack", True, "no tokens are set: `lore run` needs them, `lore workspace` does not")
    else:
        yield from _slack(settings, settings.tokens)


def _look(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, look())
    except LoreError as error:
        return Finding(part, False, str(error))


def _sources(settings: Settings) -> Iterator[Finding]:
    if not settings.sources:
        yield Finding("sources", False, "lore.toml lists no [[sources]]: add one (see docs/settings.md)")
    for source in settings.sources:
        there = source.path.is_dir()
        said = str(source.path) if there else f"{source.path} is not a folder: mend its path in lore.toml"
        yield Finding(f"source {source.name}", there, said)


def _index(settings: Settings) -> str:
    from bot.wiring import open_knowledge
    from knowledge.errors import IndexDamaged

    knowledge = open_knowledge(settings, repair=False)
    try:
        version = knowledge.store.published()
        if version == 0:
            return f"{settings.data_dir}: nothing is indexed yet, run `lore sync`"
        knowledge.generations.current()
        damage = knowledge.generations.damage
        if damage:
            raise IndexDamaged(f"{damage}; run `lore sync` to rebuild it, the record answers meanwhile")
        documents = sum(documents for documents, _ in knowledge.store.holdings(version).values())
        return f"{settings.data_dir}: version {version}, {documents} documents"
    finally:
        knowledge.close()


def _model(settings: Settings) -> str:
    from knowledge.adapters.embedding import PACKAGED, SentenceTransformerEmbedder

    model = SentenceTransformerEmbedder(settings.embedding_model or PACKAGED, allow_download=True)
    model.embed(["doctor"])
    return f"{model.fingerprint}, licence {model.licence}"


def _slack(settings: Settings, tokens: SlackTokens) -> Iterator[Finding]:
    from slack_sdk.errors import SlackApiError, SlackClientError

    from bot.delivery import slack_client

    client = slack_client(tokens.bot, settings.slack_api_url)
    checks: dict[str, Callable[[], Any]] = {
        "SLACK_BOT_TOKEN": client.auth_test,
    }
    if tokens.app:
        checks["SLACK_APP_TOKEN"] = lambda: client.apps_connections_open(app_token=tokens.app)
    for name, call in checks.items():
        try:
            told = call()
        except SlackApiError as error:
            yield Finding(name, False, f"Slack says {error.response.get('error')}: copy the token anew")
        except (SlackClientError, OSError) as error:
            yield Finding(name, False, f"{settings.slack_api_url} cannot be reached: {error}")
        else:
            yield Finding(name, True, str(told.get("team") or "opens connections"))
            if name == "SLACK_BOT_TOKEN":
                yield _scopes(told.headers)


def _scopes(headers: Any) -> Finding:
    granted = granted_scopes(headers)
    if granted is None:
        return Finding("scopes", False, "Slack did not say which scopes are granted")
    if missing := lacking(granted):
        said = ", ".join(f"{scope.name} ({scope.why})" for scope in missing)
        return Finding("scopes", False, f"missing: {said}; add them and install the app again")
    return Finding("scopes", True, f"all {len(SCOPES)} granted")
