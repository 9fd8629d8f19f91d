"""Every wrong value in lore.toml or the environment is told in one line with the fix (OP-07)."""

from pathlib import Path

import pytest

from bot.settings import SLACK_API, load_settings
from knowledge.audience import EVERYONE
from knowledge.errors import SettingsError

SOURCE = '[[sources]]\nkind = "folder"\nname = "wiki"\npath = "pages"\naudience = "everyone"\n'


def settings_of(folder: Path, text: str, **environment: str):
    config = folder / "lore.toml"
    config.write_text(text, encoding="utf-8")
    return load_settings({"LORE_CONFIG": str(config), **environment})


def test_an_empty_file_gives_sensible_defaults(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "")
    assert settings.sources == ()
    assert settings.tokens is None
    assert settings.chat_model is None
    assert settings.embedding_model is None
    assert settings.slack_api_url == SLACK_API
    assert settings.data_dir == tmp_path / ".lore"


def test_paths_are_beside_the_file_and_the_environment_wins(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path, 'data_dir = "data"\n' + SOURCE, LORE_DATA_DIR=str(tmp_path / "elsewhere")
    )
    assert settings.data_dir == tmp_path / "elsewhere"
    assert settings.sources[0].path == tmp_path / "pages"
    assert settings.sources[0].audience == EVERYONE


def test_the_address_of_the_web_api_ends_with_a_slash(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "", SLACK_API_URL="http://127.0.0.1:9/api").slack_api_url.endswith("/api/")


@pytest.mark.parametrize(
    ("stream", "model", "streams"),
    [
        ("auto", "", False),
        ("auto", "ollama:x", True),
        ("always", "", True),
        ("never", "ollama:x", False),
    ],
)
def test_answers_are_streamed_by_default_where_a_model_writes(
    tmp_path: Path, stream: str, model: str, streams: bool
) -> None:
    text = f'[answers]\nstream = "{stream}"\nmodel = "{model}"\n'
    assert settings_of(tmp_path, text).streams_answers is streams


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        '[answers]\nmodel = "openai:gpt-5"\n',
        SLACK_BOT_TOKEN="xoxb-hush",
        SLACK_APP_TOKEN="xapp-hush",
        OPENAI_API_KEY="sk-hush",
    )
    assert settings.require_tokens().bot == "xoxb-hush"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    "model",
    ["ollama:llama3.1", "bedrock_converse:claude", "google_vertexai:gemini", "google_genai:gemini", "groq:g"],
)
def test_no_key_is_wanted_where_the_provider_finds_its_own(tmp_path: Path, model: str) -> None:
    settings = settings_of(tmp_path, f'[answers]\nmodel = "{model}"\n', OPENAI_API_KEY="sk-hush")
    assert (settings.chat_model, settings.chat_api_key) == (model, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("admin = []", "did you mean `admins`?"),
        ('[answers]\nstream = "yes"', 'answers.stream in lore.toml must be one of "auto", "always", "never"'),
        ("[answers]\nworkers = 0", "answers.workers in lore.toml must be more than 0"),
        ('[answers]\ndeadline_s = "20"', "`deadline_s` must be"),
        ("[answers]\ndeadline_s = true", "`deadline_s` must be"),
        ('[answers]\nmodel = "gpt-5"', 'such as "openai:gpt-5"'),
        ('[answers]\nmodel = "openai:gpt-5"', "OPENAI_API_KEY is not set"),
        ('[answers]\nmodel = "anthropic:claude"', "ANTHROPIC_API_KEY is not set"),
        ("[sync]\nevery_minutes = -1", "0 or more"),
        ("[staleness]\nwiki = 'old'", "staleness.wiki"),
        ("admins = [3]", "e-mail addresses or Slack user ids"),
        ("admins = ['mira']", "e-mail addresses or Slack user ids"),
        ("sources = [1]", "[[sources]] tables"),
        (SOURCE + SOURCE, "two sources in lore.toml are named `wiki`"),
        (SOURCE.replace('"everyone"', '"all"'), "[[sources]] number 1 in lore.toml: `audience`"),
        (SOURCE.replace("folder", "folders"), "`kind` must be one of"),
        ("a = ", "not valid TOML"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings_of(tmp_path, text)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN is not set"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN must start with xoxb-"),
        ({"LANGSMITH_TRACING": "true"}, "LANGSMITH_TRACING would send questions"),
        ({"SLACK_API_URL": "slack.com/api"}, "SLACK_API_URL must be a web address"),
    ],
)
def test_a_wrong_variable_is_told_in_one_line(tmp_path: Path, environment: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings_of(tmp_path, "", **environment)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_names_the_variable_that_mends_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LORE_CONFIG"):
        load_settings({"LORE_CONFIG": str(tmp_path / "nowhere.toml")})


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is a folder"):
        load_settings({"LORE_CONFIG": str(tmp_path)})


def test_a_file_of_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "lore.toml").write_bytes(b"data_dir = '\xff'")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings({"LORE_CONFIG": str(tmp_path / "lore.toml")})


def test_without_tokens_people_learn_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="lore manifest"):
        settings_of(tmp_path, "").require_tokens()
