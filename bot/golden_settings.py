"""`[[golden]]` of lore.toml: questions that a new version must still answer before it is published."""

from typing import Any

from ingest.sources import parse_audience
from knowledge.audience import EVERYONE, Audience
from knowledge.errors import SettingsError
from knowledge.golden import GoldenQuestion

_KEYS = ("question", "expect", "audience")
MOST = 500


def golden_questions(config: str, tables: list[Any]) -> tuple[GoldenQuestion, ...]:
    """Read the tables of lore.toml (`config` is its name). Raises SettingsError, naming value and fix."""
    if len(tables) > MOST:
        raise SettingsError(f"{config} has {len(tables)} [[golden]] questions: {MOST} are the most.")
    questions = tuple(
        _question(f"[[golden]] number {n} in {config}", table) for n, table in enumerate(tables, 1)
    )
    asked = [(one.question, one.audience) for one in questions]
    for n, one in enumerate(asked, 1):
        if one in asked[: n - 1]:
            raise SettingsError(f"[[golden]] number {n} in {config} asks what another asks: remove one.")
    return questions


def _question(where: str, table: Any) -> GoldenQuestion:
    if not isinstance(table, dict):
        raise SettingsError(f"{where} must be a table, not {table!r}.")
    unknown = sorted(set(table) - set(_KEYS))
    if unknown:
        raise SettingsError(f"{where} has an unknown key `{unknown[0]}`: known are {', '.join(_KEYS)}.")
    question, expect = table.get("question"), table.get("expect")
    if not isinstance(question, str) or not question.strip():
        raise SettingsError(f"{where}: `question` is what is asked, in quotes, not {question!r}.")
    expect = [expect] if isinstance(expect, str) else expect
    texts = isinstance(expect, list) and all(isinstance(one, str) and one.strip() for one in expect)
    if not texts or not expect:
        raise SettingsError(
            f'{where}: `expect` lists what must be found: "source/path" of a document, or exact words, '
            f"not {expect!r}."
        )
    return GoldenQuestion(question.strip(), tuple(one.strip() for one in expect), _audience(where, table))


def _audience(where: str, table: dict[str, Any]) -> Audience:
    if "audience" not in table:
        return EVERYONE
    audience = parse_audience(table["audience"])
    if audience is None:
        raise SettingsError(
            f'{where}: `audience` says as whom it is asked: "everyone", or a list as a source has it, '
            f"not {table['audience']!r}."
        )
    return audience
