"""One message a second to a channel, with small bursts: a bucket of tokens for each channel."""


class Pace:
    """Says which channels must rest. Times are Unix seconds.

    A channel gains `per_second` tokens a second up to `burst`; each message takes one.
    """

    def __init__(self, per_second: float = 1.0, burst: int = 2) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[str, tuple[float, float]] = {}

    def used(self, channel: str, now: float) -> None:
        """A message went to the channel."""
        self._buckets[channel] = (self._tokens(channel, now) - 1, now)

    def resting(self, now: float) -> set[str]:
        """The channels that must wait."""
        self._buckets = {
            channel: bucket
            for channel, bucket in self._buckets.items()
            if self._tokens(channel, now) < self._burst
        }
        return {channel for channel in self._buckets if self._tokens(channel, now) < 1 - 1e-6}

    def wakes(self, now: float) -> list[float]:
        """When each resting channel may be written to again."""
        return [now + (1 - self._tokens(channel, now)) / self._per_second for channel in self.resting(now)]

    def _tokens(self, channel: str, now: float) -> float:
        tokens, at = self._buckets.get(channel, (float(self._burst), now))
        return min(float(self._burst), tokens + max(0.0, now - at) * self._per_second)
