"""The only reader of the environment and of lore.toml: secrets from the one, the rest from the other."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.admin_settings import admin_settings
from bot.budget_settings import Budgets, budgets
from bot.calm_settings import CalmSettings, calm_settings
from bot.golden_settings import golden_questions
from bot.lead_settings import LeadSettings, lead_settings
from bot.mail_settings import MailSettings, mail_settings
from bot.model_settings import METHODS, chat_api_key, refuse_strangers
from bot.quiet_settings import QuietSettings, quiet_settings
from bot.ritual_settings import RitualSettings, ritual_settings
from bot.slack_settings import (
    HOW_TO_GET_TOKENS,
    HttpSettings,
    RotationSettings,
    SlackTokens,
    http_settings,
    listening,
    rotation_settings,
    slack_tokens,
)
from bot.source_settings import (
    SourceReader,
    SourceSettings,
    read_sources,
    schedule_in_minutes,
    sources_in_slack,
    zone_named,
)
from bot.trust_settings import TrustSettings, trust_settings
from ingest.sources import Source
from knowledge.errors import SettingsError
from knowledge.golden import GoldenQuestion

SLACK_API = "https://slack.com/api/"
STREAM = ("auto", "always", "never")

_TABLES: dict[str, dict[str, tuple[type, ...]]] = {
    "": {"data_dir": (str,), "admins": (list, dict), "answers": (dict,), "embedding": (dict,),
         "sync": (dict,), "staleness": (dict,), "sources": (list,), "experts": (dict,), "trust": (dict,),
         "golden": (list,), "privacy": (dict,), "quiet_help": (dict,), "budgets": (dict,), "team": (dict,),
         "sources_in_slack": (dict,), "standups": (list,), "rituals": (dict,), "mail": (dict,),
         "leads": (dict,)},
    "answers": {"model": (str,), "base_url": (str,), "deadline_s": (int, float), "workers": (int,),
                "stream": (str,), "prompts_dir": (str,), "structured_output": (str,)},
    "embedding": {"model": (str,)},
    "sync": {"every_minutes": (int,)},
    "rituals": {"set_up_by": (str,), "repositories": (list,), "read_papers": (bool,),
                "country": (str,), "work_days": (list,), "days_off": (list,),
                "quiet_hours": (str,), "pings_a_day": (int,), "leave_emoji": (list,), "leave_words": (list,),
                "calendars": (list,), "calendar_minutes": (int,)},
    "team": {"zone": (str,)},
    "trust": {"verified_days": (int,), "remind_hours": (int,)},
    "privacy": {"when_uninstalled": (str,)},
    "quiet_help": {"channels": (list,), "wait_minutes": (int, float), "most_a_day": (int,),
                   "shown_to": (str,), "threshold": (int, float)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a person can set.

    `admins` are e-mail addresses, Slack user ids or @user-groups, beside the workspace's own admins; what
    they are told stands in `admins_channel`, or in a direct message to each. `chat_model` is a
    LangChain name such as `openai:gpt-5`, None for answers made of the passages' own sentences;
    `chat_base_url` names another server that speaks its protocol, `chat_method` how the model is held to a
    schema, `prompts_dir` a folder with words for the model that replace ours. `stream` says whether
    answers are shown while they are written: `auto` where a model is set, `always`, `never`. `deadline_s` is
    how long a question may take, from its receipt.
    `embedding_model` is None for the packaged one. `stale_after_days` maps a kind of document to its limit.
    `listed` says of each of the `sources` when it is synced and who may ask for it by a webhook; sources that
    were added elsewhere are read by `source_reader`. `listens_at` is a host and port, where PORT
    is set. Times of day are of the team's `zone`. `database_url`
    names a PostgreSQL database and `chroma_url` a Chroma server; they are empty where the data folder holds
    both. `mail` is None where letters cannot be sent. `repositories` are folders and Git sources whose
    commits may be put into drafts of entries.
    """

    config: Path
    data_dir: Path
    sources: tuple[Source, ...]
    slack_api_url: str
    tokens: SlackTokens | None
    admins: frozenset[str] = frozenset()
    admins_channel: str = ""
    leads: LeadSettings = field(default_factory=LeadSettings)
    chat_model: str | None = None
    chat_base_url: str | None = None
    chat_api_key: str = field(default="", repr=False)
    chat_method: str | None = None
    prompts_dir: Path | None = None
    deadline_s: float = 20.0
    workers: int = 4
    stream: str = "auto"
    embedding_model: str | None = None
    stale_after_days: Mapping[str, int] | None = None
    listed: tuple[SourceSettings, ...] = ()
    source_reader: SourceReader = field(default_factory=lambda: SourceReader(Path()))
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    database_url: str = field(default="", repr=False)
    chroma_url: str = field(default="", repr=False)
    trust: TrustSettings = field(default_factory=TrustSettings)
    quiet_help: QuietSettings = field(default_factory=QuietSettings)
    calm: CalmSettings = field(default_factory=CalmSettings)
    rituals: RitualSettings = field(default_factory=RitualSettings)
    budgets: Budgets = field(default_factory=Budgets)
    mail: MailSettings | None = None
    http: HttpSettings | None = None
    listens_at: tuple[str, int] | None = None
    rotation: RotationSettings | None = None
    forget_when_uninstalled: bool = True
    golden: tuple[GoldenQuestion, ...] = ()
    repositories: tuple[str, ...] = ()

    @property
    def streams_answers(self) -> bool:
        """Whether answers are shown while they are written."""
        return self.stream == "always" or (self.stream == "auto" and self.chat_model is not None)

    def require_tokens(self) -> SlackTokens:
        """For Socket Mode. Raises SettingsError."""
        if self.tokens is None or not self.tokens.app:
            raise SettingsError(HOW_TO_GET_TOKENS)
        return self.tokens

    def require_http(self) -> tuple[str, HttpSettings]:
        """The bot token, and how to be reached over HTTP. Raises SettingsError."""
        if self.tokens is None:
            raise SettingsError(HOW_TO_GET_TOKENS)
        if self.http is None:
            raise SettingsError(
                "SLACK_SIGNING_SECRET is not set: copy it from your app's Basic Information page"
            )
        return self.tokens.bot, self.http


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment and lore.toml. Raises SettingsError, one line that names the value and the fix."""
    env = os.environ if environment is None else environment
    config = Path(env.get("LORE_CONFIG") or "lore.toml").absolute()
    refuse_strangers(env)
    table = _read_toml(config)
    _check_keys(config, "", table)
    _check_keys(config, "trust", table.get("trust", {}))
    answers, embedding, sync, team = (
        _subtable(config, table, name) for name in ("answers", "embedding", "sync", "team")
    )
    minutes = _not_negative(config, "sync.every_minutes", sync.get("every_minutes", 60))
    allowed = sources_in_slack(config, table.get("sources_in_slack", {}))
    reader = SourceReader(config.parent, dict(env), schedule_in_minutes(minutes), allowed)
    listed = read_sources(config, table.get("sources", []), reader)
    data_dir = env.get("LORE_DATA_DIR") or table.get("data_dir") or ".lore"
    admins = admin_settings(config.name, table.get("admins", []))
    embedding_model = _embedding_model(embedding.get("model", ""))
    prompts_dir = config.parent / answers["prompts_dir"] if answers.get("prompts_dir") else None
    return Settings(
        config=config,
        data_dir=(Path.cwd() if env.get("LORE_DATA_DIR") else config.parent).joinpath(data_dir).absolute(),
        sources=tuple(one.source for one in listed),
        listed=listed,
        source_reader=reader,
        zone=zone_named(team.get("zone", "UTC")),
        slack_api_url=_slack_api_url(env.get("SLACK_API_URL") or SLACK_API),
        tokens=slack_tokens(env),
        http=http_settings(env),
        listens_at=listening(env),
        rotation=rotation_settings(env),
        forget_when_uninstalled=_when_uninstalled(config, _subtable(config, table, "privacy")),
        admins=admins.people,
        admins_channel=admins.channel,
        leads=lead_settings(config.name, table.get("leads", {})),
        chat_model=answers.get("model") or None,
        chat_base_url=answers.get("base_url") or None,
        chat_api_key=chat_api_key(env, answers.get("model", "")),
        chat_method=_chat_method(config, answers.get("structured_output")),
        prompts_dir=prompts_dir,
        deadline_s=float(_positive(config, "answers.deadline_s", answers.get("deadline_s", 20))),
        workers=int(_positive(config, "answers.workers", answers.get("workers", 4))),
        stream=_one_of(config, "answers.stream", answers.get("stream", "auto"), STREAM),
        embedding_model=embedding_model,
        stale_after_days=_staleness(config, table.get("staleness", {})),
        database_url=_database_url(env.get("DATABASE_URL", "").strip()),
        chroma_url=_chroma_url(env.get("CHROMA_URL", "").strip()),
        trust=trust_settings(config.name, table),
        quiet_help=quiet_settings(
            config.name, _subtable(config, table, "quiet_help"), packaged=embedding_model is None
        ),
        rituals=ritual_settings(config, table, prompts_dir),
        calm=calm_settings(
            config, _subtable(config, table, "rituals"), zone_named(team.get("zone", "UTC")), env
        ),
        budgets=budgets(config.name, table.get("budgets", {})),
        mail=mail_settings(config.name, table.get("mail", {}), env),
        golden=golden_questions(config.name, table.get("golden", [])),
        repositories=_names(config, "rituals.repositories", _subtable(config, table, "rituals")),
    )


def golden_now(settings: Settings) -> tuple[GoldenQuestion, ...]:
    """The golden questions as lore.toml has them now, where there is one. Raises SettingsError."""
    if not settings.config.is_file():
        return settings.golden
    return golden_questions(settings.config.name, _read_toml(settings.config).get("golden", []))


def _when_uninstalled(config: Path, privacy: Mapping[str, Any]) -> bool:
    value = privacy.get("when_uninstalled", "forget")
    if value not in ("forget", "keep"):
        raise SettingsError(
            f'privacy.when_uninstalled in {config.name} is "forget" or "keep", not {value!r}.'
        )
    return bool(value == "forget")


def _read_toml(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f"{config} is not there: write a lore.toml (see docs/settings.md), or name one with LORE_CONFIG."
        ) from None
    except IsADirectoryError:
        raise SettingsError(f"{config} is a folder: LORE_CONFIG names the file itself, lore.toml.") from None
    except OSError as error:
        raise SettingsError(f"{config} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{config} is not UTF-8 text: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{config} is not valid TOML: {error}.") from None


def _names(config: Path, name: str, table: Mapping[str, Any]) -> tuple[str, ...]:
    names = table.get(name.rpartition(".")[2], [])
    for one in names:
        if not isinstance(one, str) or not one.strip():
            raise SettingsError(f"{name} in {config.name} are texts in quotes, not {one!r}.")
    return tuple(names)


def _check_keys(config: Path, name: str, table: Mapping[str, Any]) -> None:
    known = _TABLES[name]
    where = f"[{name}] in {config.name}" if name else config.name
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(sorted(known))}."
            raise SettingsError(f"{where} has an unknown key `{key}`: {hint}")
        if not isinstance(value, known[key]) or isinstance(value, bool):
            wanted = " or ".join({str: "text in quotes", int: "a whole number", float: "a number",
                                  list: "a list", dict: "a table"}[kind] for kind in known[key])  # fmt: skip
            raise SettingsError(f"{where}: `{key}` must be {wanted}, not {value!r}.")


def _subtable(config: Path, table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    subtable: Mapping[str, Any] = table.get(name, {})
    _check_keys(config, name, subtable)
    return subtable


def _chat_method(config: Path, method: str | None) -> str | None:
    return method and _one_of(config, "answers.structured_output", method, METHODS)


def _slack_api_url(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise SettingsError(f"SLACK_API_URL must be a web address that ends in /api/, not {url!r}.")
    return url if url.endswith("/") else url + "/"


def _database_url(url: str) -> str:
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError(
            "DATABASE_URL must start with postgresql://: leave it out to keep everything in the data folder."
        )
    return url


def _chroma_url(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise SettingsError(
            "CHROMA_URL must be the web address of a Chroma server, such as http://host:8000."
        )
    return url


def _embedding_model(name: str) -> str | None:
    return None if name in ("", "packaged") else name


def _staleness(config: Path, table: Mapping[str, Any]) -> Mapping[str, int]:
    return {kind: _not_negative(config, f"staleness.{kind}", days) for kind, days in table.items()}


def _one_of(config: Path, name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        quoted = ", ".join(f'"{one}"' for one in known)
        raise SettingsError(f"{name} in {config.name} must be one of {quoted}, not {value!r}.")
    return value


def _positive(config: Path, name: str, value: float) -> float:
    if value <= 0:
        raise SettingsError(f"{name} in {config.name} must be more than 0, not {value}.")
    return value


def _not_negative(config: Path, name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise SettingsError(f"{name} in {config.name} must be a whole number, 0 or more, not {value!r}.")
    return value
