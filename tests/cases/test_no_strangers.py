"""PV-11: nothing is sent to anybody but the model's own server: no tracing, no telemetry, no gateway."""

import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from bot.settings import load_settings
from knowledge.adapters.chat_model import Prompts
from knowledge.adapters.languages import language_of
from knowledge.adapters.providers import open_chat_model
from knowledge.allowance import UNLIMITED
from knowledge.errors import SettingsError
from prompts.words import template
from tests.knowledge.making import passage
from tests.providers.server import provider, reply_of, says

STRANGERS = {
    "LANGCHAIN_TRACING_V2": "true",
    "LANGCHAIN_TRACING": "1",
    "LANGSMITH_TRACING": "yes",
    "LANGSMITH_TRACING_V2": "TRUE",
    "LANGSMITH_GATEWAY": "true",
    "OPENAI_BASE_URL": "https://elsewhere.example/v1",
    "OPENAI_API_BASE": "https://elsewhere.example/v1",
    "ANTHROPIC_BASE_URL": "https://elsewhere.example",
    "OLLAMA_HOST": "elsewhere.example",
}


@pytest.mark.parametrize("name", STRANGERS)
def test_pv11_an_environment_that_would_send_questions_elsewhere_is_refused(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "lore.toml").write_text("")
    env = {"LORE_CONFIG": str(tmp_path / "lore.toml")}
    load_settings({**env, name: ""})
    with pytest.raises(SettingsError, match=name):
        load_settings({**env, name: STRANGERS[name]})


@pytest.mark.parametrize("kind", ["openai", "anthropic", "ollama"])
def test_pv11_a_draft_reaches_the_models_server_and_nobody_else(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where tracing is turned on behind our back, with a tracing service that would answer."""
    reached: set[Any] = set()
    connect = socket.socket.connect

    def noting(self: socket.socket, address: Any) -> None:
        if threading.current_thread().name != "MainThread" or isinstance(address, tuple):
            reached.add(address[1] if isinstance(address, tuple) else address)
        connect(self, address)

    with provider(says(reply_of([("Kept for 30 days.", [1])]))) as served, provider(says("")) as stranger:
        for name in ("LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING"):
            monkeypatch.setitem(os.environ, name, "true")
        monkeypatch.setitem(os.environ, "LANGSMITH_ENDPOINT", f"http://127.0.0.1:{stranger.port}")
        monkeypatch.setitem(os.environ, "LANGSMITH_API_KEY", "lsv2_not_a_key")
        monkeypatch.setattr(socket.socket, "connect", noting)
        prompts = Prompts(template("answer"), template("translate_question"))
        base_url = served.base_url(kind)
        model = open_chat_model(f"{kind}:m", prompts, api_key="k", base_url=base_url)
        for _ in range(2):
            assert list(model.draft("How long?", [passage("Kept for 30 days.")], [], UNLIMITED))
        assert language_of("Wie lange werden Dateien aufbewahrt?") == "de"
        assert reached == {served.port}
        assert stranger.requests == []


def test_pv11_chroma_is_told_to_keep_to_itself() -> None:
    source = (Path(__file__).parents[2] / "knowledge/adapters/chroma.py").read_text()
    assert "anonymized_telemetry=False" in source
