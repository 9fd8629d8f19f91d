"""What the environment says of chat models: keys are taken from it, and nothing else is."""

from collections.abc import Mapping

from knowledge.errors import SettingsError

METHODS = ("json_schema", "function_calling", "json_mode")
_TRACING = ("LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING", "LANGSMITH_TRACING", "LANGSMITH_TRACING_V2")
_ELSEWHERE = (
    "OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_PROXY", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL",
    "ANTHROPIC_PROXY", "OLLAMA_HOST",
)  # fmt: skip
_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "ollama": "OLLAMA_API_KEY"}
_WANT_A_KEY = ("openai", "anthropic")
_OFF = ("", "0", "false", "no", "off")


def refuse_strangers(env: Mapping[str, str]) -> None:
    """Raises SettingsError where the environment would send questions and passages somewhere unseen.

    LangChain's tracing sends all of them to a tracing service, its gateway puts one between us and the
    provider; the clients take another address from the environment.
    """
    for name in _TRACING:
        if env.get(name, "").strip().lower() not in _OFF:
            raise SettingsError(f"{name} would send questions and passages to a tracing service: unset it.")
    for name in env:
        if name.startswith("LANGSMITH_GATEWAY") and env[name].strip().lower() not in _OFF:
            raise SettingsError(f"{name} would send questions and passages through a gateway: unset it.")
    for name in _ELSEWHERE:
        if env.get(name, "").strip():
            raise SettingsError(
                f"{name} would send questions and passages somewhere else: unset it, and write the address "
                "as base_url under [answers] in lore.toml."
            )


def chat_api_key(env: Mapping[str, str], model: str) -> str:
    """The key that Lore hands to the model's provider: OPENAI_API_KEY for `openai:…`, and so on.

    Empty for a provider that Lore knows nothing of: its LangChain class finds keys and credentials by itself.
    Raises SettingsError.
    """
    provider, colon, _ = model.partition(":")
    if not model:
        return ""
    if not colon:
        raise SettingsError(f'answers.model must name its provider, such as "openai:{model}".')
    name = _KEYS.get(provider, "")
    key = env.get(name, "")
    if not key and provider in _WANT_A_KEY:
        raise SettingsError(
            f"answers.model is {model} but {name} is not set: set it, or leave the model out."
        )
    return key
