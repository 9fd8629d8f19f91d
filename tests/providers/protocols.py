"""What the streams of three providers look like on the wire: pieces of text as bytes, frame by frame."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

USAGE = (1200, 80)
"""Tokens in and out, as every provider here reports them."""

Frames = Callable[[Sequence[str], str, Mapping[str, Any]], Iterator[bytes]]


def openai(pieces: Sequence[str], finish: str, request: Mapping[str, Any]) -> Iterator[bytes]:
    """Server-sent events of `/v1/chat/completions`, as text or as arguments of the one tool."""

    def event(delta: Mapping[str, Any], ended: str | None = None) -> bytes:
        return _data(
            {
                "id": "c1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "m",
                "choices": [{"index": 0, "delta": delta, "finish_reason": ended}],
            }
        )

    tools = request.get("tools")
    yield event({"role": "assistant", "content": "" if not tools else None})
    for number, piece in enumerate(pieces):
        if tools:
            call: dict[str, Any] = {"index": 0, "function": {"arguments": piece}}
            if number == 0:
                call |= {"id": "t1", "type": "function"}
                call["function"]["name"] = tools[0]["function"]["name"]
            yield event({"tool_calls": [call]})
        else:
            yield event({"content": piece})
    yield event({}, "tool_calls" if tools and finish == "stop" else finish)
    if (request.get("stream_options") or {}).get("include_usage"):
        total = {"prompt_tokens": USAGE[0], "completion_tokens": USAGE[1], "total_tokens": sum(USAGE)}
        yield _data({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                     "choices": [], "usage": total})  # fmt: skip
    yield b"data: [DONE]\n\n"


def anthropic(pieces: Sequence[str], finish: str, request: Mapping[str, Any]) -> Iterator[bytes]:
    """Server-sent events of `/v1/messages`, as text or as input of the one tool."""
    tools = request.get("tools")
    reason = {"stop": "tool_use" if tools else "end_turn", "length": "max_tokens"}[finish]

    def event(kind: str, **more: Any) -> bytes:
        return f"event: {kind}\n".encode() + _data({"type": kind, **more})

    message = {"id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [],
               "stop_reason": None, "stop_sequence": None,
               "usage": {"input_tokens": USAGE[0], "output_tokens": 1}}  # fmt: skip
    yield event("message_start", message=message)
    block: dict[str, Any] = {"type": "text", "text": ""}
    if tools:
        block = {"type": "tool_use", "id": "t1", "name": tools[0]["name"], "input": {}}
    yield event("content_block_start", index=0, content_block=block)
    for piece in pieces:
        delta = {"type": "text_delta", "text": piece}
        if tools:
            delta = {"type": "input_json_delta", "partial_json": piece}
        yield event("content_block_delta", index=0, delta=delta)
    yield event("content_block_stop", index=0)
    yield event("message_delta", delta={"stop_reason": reason, "stop_sequence": None},
                usage={"input_tokens": USAGE[0], "output_tokens": USAGE[1]})  # fmt: skip
    yield event("message_stop")


def ollama(pieces: Sequence[str], finish: str, _request: Mapping[str, Any]) -> Iterator[bytes]:
    """Lines of JSON of `/api/chat`."""

    def line(content: str, **more: Any) -> bytes:
        message = {"role": "assistant", "content": content}
        told = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False, **more}
        return json.dumps(told, ensure_ascii=False).encode() + b"\n"

    for piece in pieces:
        yield line(piece)
    yield line("", done=True, done_reason=finish, prompt_eval_count=USAGE[0], eval_count=USAGE[1])


def _data(told: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(told, ensure_ascii=False).encode() + b"\n\n"


FRAMES: Mapping[str, Frames] = {"openai": openai, "anthropic": anthropic, "ollama": ollama}
