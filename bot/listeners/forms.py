"""What was put into a submitted modal, by the ids of its blocks."""

from collections.abc import Mapping
from typing import Any


def typed(body: Mapping[str, Any], block_id: str) -> str:
    """What was put into the only element of an input block; empty when nothing was."""
    for state in _states(body, block_id):
        chosen = state.get("selected_option") or {}
        moment = state.get("selected_date") or state.get("selected_time")
        return str(state.get("value") or moment or chosen.get("value") or "").strip()
    return ""


def chosen_conversation(body: Mapping[str, Any], block_id: str) -> str:
    """The conversation that was chosen in an input block; empty when none was."""
    found = (str(state.get("selected_conversation") or "") for state in _states(body, block_id))
    return next(found, "")


def chosen_options(body: Mapping[str, Any], block_id: str) -> tuple[str, ...]:
    """The values of those of an input block's checkboxes that are ticked."""
    options = (one for state in _states(body, block_id) for one in state.get("selected_options") or ())
    return tuple(str(one.get("value") or "") for one in options)


def ticked(body: Mapping[str, Any], block_id: str) -> bool:
    """Whether any of an input block's checkboxes is ticked."""
    return any(state.get("selected_options") for state in _states(body, block_id))


def _states(body: Mapping[str, Any], block_id: str) -> list[Mapping[str, Any]]:
    values = ((body.get("view") or {}).get("state") or {}).get("values") or {}
    return [*(values.get(block_id) or {}).values()]
