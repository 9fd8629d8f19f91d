"""Opens a chat model by its name, with what each provider's client wants to hear."""

from typing import TYPE_CHECKING, Any

from knowledge.adapters.chat_model import LangChainChatModel, Prompts
from knowledge.adapters.model_calls import one_line
from knowledge.errors import SettingsError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MOST_TOKENS = 1200
MOST_TOKENS_WITH_REASONING = 6000
METHODS = ("json_schema", "function_calling", "json_mode")
TESTED = frozenset({"openai", "anthropic", "ollama"})
"""Of these Lore knows what their clients want to hear; others are told what their class has a field for."""


def open_chat_model(
    name: str,
    prompts: Prompts,
    *,
    api_key: str = "",
    base_url: str | None = None,
    deadline_s: float = 20.0,
    method: str | None = None,
) -> LangChainChatModel:
    """The chat model `provider:model` (such as `openai:gpt-4.1-mini`), through `init_chat_model`.

    `base_url` names another server that speaks the provider's protocol. `method` is how the model is held to
    the schema, one of `METHODS`; without it, as the provider supports it. Nothing is sent before the first
    question. Raises SettingsError when the provider is unknown, its package is not installed, or it lacks a
    key or credentials.
    """
    from langchain.chat_models import init_chat_model

    provider = name.partition(":")[0]
    options = _options(provider, api_key, base_url, deadline_s)
    try:
        model = init_chat_model(name, **(options if provider in TESTED else {}))
        profile = getattr(model, "profile", None) or {}
        most_tokens = MOST_TOKENS_WITH_REASONING if profile.get("reasoning_output") else MOST_TOKENS
        options |= _writing(provider, base_url, profile, most_tokens)
        model = init_chat_model(name, **(options if provider in TESTED else _taken(type(model), options)))
    except Exception as error:  # each provider has errors of its own for a key or credentials that lack
        raise SettingsError(f"cannot use the chat model {name}: {one_line(error)}") from error
    if provider == "openai":
        _ = model.root_client.beta  # seven hundred modules, which the first question would wait for
    chosen = method or _method(provider, profile)
    return LangChainChatModel(model, name, prompts, deadline_s, chosen, most_tokens)


def _options(provider: str, api_key: str, base_url: str | None, deadline_s: float) -> dict[str, Any]:
    """How the client reaches the provider; it never tries again by itself."""
    if provider == "ollama":
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        return {
            "base_url": base_url or "http://127.0.0.1:11434",
            "client_kwargs": {"timeout": deadline_s, "headers": headers},
        }
    options: dict[str, Any] = {"max_retries": 0, "timeout": deadline_s, "api_key": api_key}
    if base_url:
        options["base_url"] = base_url
    elif provider == "openai":
        options["store"] = False
    return options


def _taken(kind: "type[BaseChatModel]", options: dict[str, Any]) -> dict[str, Any]:
    """The options that a class has a field for; others it would refuse, or send on to its provider.

    Raises ValueError where it cannot be told the address: the questions would go somewhere else.
    """
    known = {
        known
        for name, field in kind.model_fields.items()
        for known in (name, field.alias, field.validation_alias)
        if isinstance(known, str)
    }
    if "base_url" in options and "base_url" not in known:
        raise ValueError(f"{kind.__name__} takes no base_url: leave it out of [answers]")
    return {name: value for name, value in options.items() if name in known and value != ""}


def _writing(
    provider: str, base_url: str | None, profile: dict[str, Any], most_tokens: int
) -> dict[str, Any]:
    """How much the model writes and how freely; a temperature only where it is known to be taken."""
    steady = profile.get("temperature", provider == "ollama" or base_url is not None)
    return {
        "num_predict" if provider == "ollama" else "max_tokens": most_tokens,
        **({"temperature": 0} if steady else {}),
    }


def _method(provider: str, profile: dict[str, Any]) -> str:
    if provider == "anthropic" and not profile.get("structured_output"):
        return "function_calling"
    return "json_schema"
