"""One message a second to a channel, with small bursts: when a channel's bucket of tokens is full again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """A channel gains `per_second` tokens a second up to `burst`; each message takes one.

    All that is remembered of a channel is the time at which its bucket is full (Unix seconds), so that
    processes can share it as one number.
    """

    per_second: float = 1.0
    burst: int = 2

    def used(self, full_at: float, now: float) -> float:
        """When the bucket is full again after one more message now."""
        return max(full_at, now) + 1 / self.per_second

    def limit(self, now: float) -> float:
        """A channel whose bucket is full later than this has no whole token, and must rest."""
        return now + (self.burst - 1) / self.per_second + 1e-6

    def wakes(self, full_at: float) -> float:
        """When a channel whose bucket is full at `full_at` has a whole token."""
        return full_at - (self.burst - 1) / self.per_second

    def bound(self, now: float) -> float:
        """No bucket used before now is full later than this: another time was told by another clock."""
        return now + (self.burst + 1) / self.per_second
