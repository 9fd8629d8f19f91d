"""The app was uninstalled or lost its token: dealt with at once, then acknowledged."""

from typing import Any

from slack_bolt import App

from bot.leaving import Leaving


def register(app: App, leaving: Leaving) -> None:
    @app.event("app_uninstalled")
    def uninstalled(body: dict[str, Any]) -> None:
        leaving.uninstalled(str(body.get("team_id") or ""))

    @app.event("tokens_revoked")
    def revoked(body: dict[str, Any], event: dict[str, Any]) -> None:
        tokens = event.get("tokens")
        bots = tokens.get("bot") if isinstance(tokens, dict) else None
        leaving.revoked(str(body.get("team_id") or ""), bots if isinstance(bots, list) else [])
