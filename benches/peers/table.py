"""Turns what was measured into Markdown."""

import argparse
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from install import ONLY_PREDICTS, PEERS, ROOT

NAMES = {"chainrule": "**chainrule**"} | PEERS
Value = float | None


def epoch_seconds(turn: dict, side: str) -> Value:
    """The median without the warm-up; the only epoch there is of one that is slow."""
    if epochs := turn[side].get("full", {}).get("epochs"):
        return statistics.median(epochs[1:] or epochs)
    slow = turn["slow"] and side != "chainrule"
    return turn[side].get("once", {}).get("epochs", [None])[0] if slow else None


def field(process: str, name: str) -> Callable[[dict, str], Value]:
    return lambda turn, side: turn[side].get(process, {}).get(name)


# Heading, value, and whether more of it is better.
COLUMNS = [
    ("s an epoch", epoch_seconds, False),
    ("images/s, batch 128", field("full", "images_per_second"), True),
    ("one image, µs", field("full", "one_us"), False),
    ("one-epoch process, s", field("once", "seconds"), False),
]


def document(results: dict, options: argparse.Namespace) -> str:
    """All tables, with what they were measured on."""
    parts = [
        "# Results",
        "Written by `run.py`; [README.md](README.md) says what is measured and how. Each figure is"
        " the median of the rounds. **÷** is chainrule's time divided by the peer's, the median of"
        " each round's: below 1 chainrule is faster.",
        machine(options.threads),
    ]
    for net, rows in results.items():
        parts += [f"## {net}", *section(rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def section(rows: dict) -> list[str]:
    """The table of one net, and notes on its rows."""
    rows = {peer: rows[peer] for peer in PEERS if peer in rows}
    turns = [turn for row in rows.values() for turn in row["turns"]]
    header = ["", *(cell for heading, *_ in COLUMNS for cell in (heading, "÷"))]
    header += ["peak MiB", "accuracy % (epochs)", "rounds"]
    lines = [header, ["---", *["---:"] * (len(header) - 1)], cells("chainrule", turns)]
    lines += [cells(peer, row["turns"]) for peer, row in rows.items()]
    notes: dict[str, list[str]] = {}
    for peer, row in rows.items():
        for note in remarks(peer, row):
            notes.setdefault(note, []).append(PEERS[peer])
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return [table, "\n".join(f"- {', '.join(names)}: {note}." for note, names in notes.items())]


def cells(side: str, turns: list[dict]) -> list[str]:
    """A row of the table."""
    row = [title(side, turns)]
    for _, value, more_is_better in COLUMNS:
        row.append(number(median(value(turn, side) for turn in turns)))
        ratio = None
        if side != "chainrule":
            pairs = [(value(turn, "chainrule"), value(turn, side)) for turn in turns]
            quotients = [ours / theirs for ours, theirs in pairs if ours and theirs]
            ratio = median(1 / quotient if more_is_better else quotient for quotient in quotients)
        row.append("" if side == "chainrule" else "–" if ratio is None else f"{ratio:.2f}")
    memory = [field(process, "mib") for process in ("once", "full")]
    row.append(number(median(memory[0](t, side) or memory[1](t, side) for t in turns)))
    return [*row, accuracy(side, turns), str(len(turns))]


def title(side: str, turns: list[dict]) -> str:
    """Name, version and variant, as its program has reported them."""
    for report in reports(side, turns):
        if "version" in report:
            how = f", {report['how']}" if report["how"] else ""
            return f"{NAMES[side]} {report['version']}{how}"
    return NAMES[side]


def accuracy(side: str, turns: list[dict]) -> str:
    """That of the longest training, with its epochs."""
    known = [r for r in reports(side, turns) if "accuracy" in r]
    if not known:
        return "–"
    epochs = max(len(r.get("epochs", [])) for r in known)
    value = median(r["accuracy"] for r in known if len(r.get("epochs", [])) == epochs)
    return f"{value:.1f}" + (f" ({epochs})" if epochs else "")


def remarks(peer: str, row: dict) -> list[str]:
    """What a reader must know of a row: why something is missing, or is not like the others."""
    notes = [row["failed"]] if row["failed"] else []
    if peer in ONLY_PREDICTS:
        notes.append("cannot train")
    turns = row["turns"]
    what = {"once": "a process of one epoch", "full": "the longer process"}
    failed = [(p, r["failed"]) for t in turns for p, r in t[peer].items() if "failed" in r]
    notes += dict.fromkeys(f"no value from {what[process]}: {why}" for process, why in failed)
    if any(t["slow"] and "failed" not in t[peer]["once"] for t in turns):
        notes.append("an epoch takes so long that there was one, cold, in one round")
    if images := {t["images"] for t in turns} - {60_000}:
        notes.append(f"trained on {' or '.join(f'{i:,}' for i in images)} images only")
    return notes


def reports(side: str, turns: list[dict]) -> list[dict]:
    """What its processes have reported."""
    return [report for turn in turns for report in turn.get(side, {}).values()]


def brief(turn: dict, side: str) -> str:
    """A turn in a few words."""
    if failed := [r["failed"] for r in turn[side].values() if "failed" in r]:
        return failed[0]
    values = ((heading, value(turn, side)) for heading, value, _ in COLUMNS)
    return ", ".join(f"{number(value)} {heading}" for heading, value in values if value)


def median(values) -> Value:
    """Of those that there are."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def number(value: Value) -> str:
    """With three digits that count."""
    if value is None:
        return "–"
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{float(f'{value:.3g}'):,.{decimals}f}"


def machine(threads: int) -> str:
    """What all this ran on."""

    def said(*command: str) -> str:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()

    info = dict(
        line.split(":", 1)
        for line in Path("/proc/cpuinfo").read_text().replace("\t", "").splitlines()
        if ":" in line
    )
    simd = "with AVX-512" if " avx512f " in info.get("flags", "") else "without AVX-512"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    changed = ", changed since" if said("git", "status", "--porcelain", "src") else ""
    cpu = info.get("model name", platform.machine()).strip()
    cpus = f"{threads} threads on {threads} of {os.cpu_count()} CPUs"
    commit = said("git", "rev-parse", "--short", "HEAD")
    return (
        f"- {cpu} {simd}, {cpus}, {memory:.0f} GiB\n"
        f"- {system}, Linux {platform.release()}, Python {platform.python_version()},"
        f" {said('rustc', '--version')}\n"
        f"- chainrule at commit {commit}{changed}, {time.strftime('%Y-%m-%d')}"
    )
