"""Slack's rate limits, kept when the workspace is told to: tiers per method, one post a second per channel.

https://docs.slack.dev/apis/web-api/rate-limits: tier 1 allows about 1 call a minute, tier 2 20, tier 3 50,
tier 4 100. https://docs.slack.dev/reference/methods/chat.postMessage: posting has a tier of its own, one
message a second to a channel and "several hundred messages per minute" to the workspace, and allows bursts.
*Assumed*: how the windows move (sliding, 60 s), how many posts make a burst, and that several hundred are
300.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
POSTS_PER_MINUTE = 300


@dataclass
class RateLimits:
    """Counts calls; `wait` says how many whole seconds a call comes too early, 0 when it is in time."""

    enforced: bool = False
    post_burst: int = 1
    _calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _posts: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, method: str, tier: int | None, channel: str | None, now: float) -> int:
        """Count this call, unless it comes too early; then say for how many seconds to stay away."""
        if not self.enforced:
            return 0
        if tier is None:
            windows = [
                (self._posts[channel or ""], self.post_burst, float(self.post_burst)),
                (self._calls[method], POSTS_PER_MINUTE, 60.0),
            ]
        else:
            windows = [(self._calls[method], PER_MINUTE[tier], 60.0)]
        for window, allowed, seconds in windows:
            while window and window[0] <= now - seconds:
                window.popleft()
            if len(window) >= allowed:
                return max(1, math.ceil(window[0] + seconds - now))
        for window, _, _ in windows:
            window.append(now)
        return 0
