"""Run every benchmark, or those named on the command line: `python -m tests.bench [name …]`."""

import importlib
import pkgutil
import platform
import sys
import time

import tests.bench


def main() -> None:
    names = sys.argv[1:] or sorted(
        module.name.removeprefix("bench_")
        for module in pkgutil.iter_modules(tests.bench.__path__)
        if module.name.startswith("bench_")
    )
    print(f"# {platform.processor() or platform.machine()}, Python {platform.python_version()}")
    for name in names:
        print(f"\n## {name}", flush=True)
        started = time.perf_counter()
        importlib.import_module(f"tests.bench.bench_{name}").main()
        print(f"(took {time.perf_counter() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
