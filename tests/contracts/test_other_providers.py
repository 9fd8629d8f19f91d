"""Chat models of providers that Lore does not know: they find keys by themselves, and hear what they take."""

import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from langchain.chat_models import base
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import ConfigDict, Field, model_validator

from knowledge.adapters.providers import MOST_TOKENS, open_chat_model
from knowledge.errors import SettingsError
from tests.contracts.test_chat_model import BOTH, GOOD, PROMPTS, drafted
from tests.providers.server import provider, says

REGION = "HERON_REGION"
WRITTEN: list["ChatBedrockConverse"] = []


class NoCredentialsError(Exception):
    """As clouds have errors of their own."""


class ChatBedrockConverse(BaseChatModel):
    """A cloud's model: it has credentials of its own, and refuses what it has no field for."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    model_id: str = Field(alias="model")
    max_tokens: int | None = None
    limit_s: float | None = Field(default=None, alias="timeout")

    @model_validator(mode="before")
    @classmethod
    def _with_credentials(cls, values: Any) -> Any:
        if REGION not in os.environ:
            raise NoCredentialsError("Unable to locate credentials\nof the cloud")
        return values

    @property
    def _llm_type(self) -> str:
        return "cloud"

    def with_structured_output(self, schema: Any, **_: Any) -> "Runnable[Any, Any]":
        return self | JsonOutputParser()

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=GOOD))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> Iterator[ChatGenerationChunk]:
        WRITTEN.append(self)
        yield ChatGenerationChunk(message=AIMessageChunk(content=GOOD))


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Its package is installed, and the machine has credentials."""
    package = ModuleType("langchain_aws")
    package.__dict__["ChatBedrockConverse"] = ChatBedrockConverse
    monkeypatch.setitem(sys.modules, "langchain_aws", package)
    monkeypatch.setenv(REGION, "north")
    WRITTEN.clear()
    base._get_chat_model_creator.cache_clear()
    yield
    base._get_chat_model_creator.cache_clear()


@pytest.mark.usefixtures("cloud")
def test_a_cloud_is_asked_with_its_own_credentials_and_told_only_what_it_takes() -> None:
    model = open_chat_model("bedrock_converse:heron", PROMPTS, deadline_s=7.0)
    assert drafted(model) == BOTH
    [asked] = WRITTEN
    assert (asked.model_id, asked.max_tokens, asked.limit_s) == ("heron", MOST_TOKENS, 7.0)


@pytest.mark.usefixtures("cloud")
def test_without_credentials_the_clouds_own_error_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REGION)
    with pytest.raises(SettingsError, match=r"bedrock_converse:heron: .*Unable to locate") as caught:
        open_chat_model("bedrock_converse:heron", PROMPTS)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("cloud")
def test_an_address_that_cannot_be_told_is_refused() -> None:
    with pytest.raises(SettingsError, match="takes no base_url"):
        open_chat_model("bedrock_converse:heron", PROMPTS, base_url="http://127.0.0.1:1")


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(SettingsError, match="langchain-mistralai"):
        open_chat_model("mistralai:small", PROMPTS)


def test_another_providers_real_class_reads_its_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(says(GOOD)) as served:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", served.base_url("azure_openai"))
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", "not-a-key")
        monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
        model = open_chat_model("azure_openai:some-model", PROMPTS)
        assert drafted(model) == BOTH
    [request], [headers] = served.requests, served.headers
    assert headers["api-key"] == "not-a-key"
    assert {"timeout", "max_retries"}.isdisjoint(request)
    assert MOST_TOKENS in (request.get("max_tokens"), request.get("max_completion_tokens"))
