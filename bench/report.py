#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""From Google Benchmark's JSON to Markdown: report.py results.json > results.md"""

import json
import sys


def number(row, counter, factor=1, digits=1):
    """A counter as text, or nothing where the row has none."""
    return f"{row[counter] * factor:.{digits}f}" if counter in row else ""


# Heading, and what a row has there. `lead` is the rival's time by Octavo's.
COLUMNS = [
    ("min us", lambda row: number(row, "min_us")),
    ("median us", lambda row: number(row, "median_us")),
    ("GMAC/s", lambda row: number(row, "GMAC/s")),
    ("peak GMAC/s", lambda row: number(row, "peak_GMAC/s")),
    ("% of peak", lambda row: number(row, "share", 100)),
    ("dots/cycle", lambda row: number(row, "dots_per_cycle", 1, 2)),
    ("GB/s", lambda row: number(row, "bytes/s", 1e-9)),
    ("rival min us", lambda row: number(row, "rival_min_us")),
    ("rival median us", lambda row: number(row, "rival_median_us")),
    ("lead", lambda row: number(row, "lead", 1, 2)),
]


def table(rows):
    """A Markdown table of the columns that any of the rows has."""
    used = [(head, text) for head, text in COLUMNS if any(text(row) for _, row in rows)]
    yield "| row | " + " | ".join(head for head, _ in used) + " |"
    yield "|---|" + "---:|" * len(used)
    for name, row in rows:
        yield f"| {name} | " + " | ".join(text(row) for _, text in used) + " |"


def name_of(row):
    """Without what Google Benchmark appends: /manual_time, /iterations:20."""
    parts = row["name"].split("/")
    return [p for p in parts if p != "manual_time" and not p.startswith("iterations:")]


def report(results):
    """Lines of Markdown: where it was measured, then a table for each group of rows."""
    context = results["context"]
    rival = context.get("rival")
    yield f"Octavo with {context.get('octavo_isa', '?')}; " + (
        f"rival: {rival} with {context.get('rival_isa', '?')}." if rival else "no rival."
    )
    yield f"{context['num_cpus']} CPUs, load {context['load_avg']}, {context['date']}."
    groups = {}
    for row in results["benchmarks"]:
        if row.get("error_occurred"):
            continue
        group, *rest = name_of(row)
        groups.setdefault(group, []).append(("/".join(rest), row))
    for group, rows in groups.items():
        yield f"\n## {group}\n"
        yield from table(rows)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: report.py results.json")
    with open(sys.argv[1], encoding="utf-8") as file:
        results = json.load(file)
    print("\n".join(report(results)))


if __name__ == "__main__":
    main()
