"""What one question may take of a chat model, asked before each call."""

from typing import Protocol


class Allowance(Protocol):
    """What one question may still take of a chat model: time, and whoever pays for it."""

    def seconds(self) -> float:
        """How long an answer is still waited for."""
        ...

    def refused(self, tokens: int) -> str | None:
        """Asked before each call, with an estimate of what it takes: None when it may be made and is now
        counted, else in plain words why not."""
        ...

    def took(self, estimated: int, tokens_in: int, tokens_out: int) -> None:
        """Told after a call whose estimate was counted what it really took."""
        ...


class _Unlimited:
    """Nobody counts and nobody waits: the command line, evaluation, tests."""

    def seconds(self) -> float:
        return float("inf")

    def refused(self, tokens: int) -> str | None:  # noqa: ARG002
        return None

    def took(self, estimated: int, tokens_in: int, tokens_out: int) -> None:
        pass


UNLIMITED: Allowance = _Unlimited()


def unlimited(_asked: object) -> Allowance:
    """Nobody counts, whatever is asked."""
    return UNLIMITED
