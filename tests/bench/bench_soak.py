"""What grows while a bot answers: memory, open files and threads, over SOAK_S seconds (a minute unless told).

`SOAK_S=28800 python -m tests.bench soak` is a night.
"""

import os

from tests.torture.soaking import soak

WARM_SHARE = 0.2
SAMPLES = 10


def main() -> None:
    seconds = float(os.environ.get("SOAK_S", "60"))
    seen = soak(seconds, SAMPLES)
    warm, last = seen.samples[int(SAMPLES * WARM_SHARE)], seen.samples[-1]
    print(f"seconds: {seconds:.0f}; questions asked: {seen.asked}, answered: {seen.answered}")
    for name, before, after in (
        ("memory in MB", warm.memory, last.memory),
        ("open files", warm.files, last.files),
        ("threads", warm.threads, last.threads),
    ):
        print(f"{name}, once warm and at the end: {before:.0f}, {after:.0f} ({after / before - 1:+.1%})")
