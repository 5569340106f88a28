"""Ropewalk and its peers, side by side, doing the same work on the same hosts: see docs/benchmarks.md."""
