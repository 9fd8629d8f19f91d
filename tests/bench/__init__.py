"""Benchmarks: each module `bench_*` has a `main()` that prints one line a figure."""
