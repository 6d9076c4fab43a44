#!/usr/bin/env python3
"""Measures chainrule beside other libraries, in turn, and writes the tables of RESULTS.md.

    python3 benches/peers/run.py
    python3 benches/peers/run.py --nets keras-cnn --peers pytorch,jax --rounds 5

Needs Linux, Python 3.11 or later with `venv`, Rust, the data (`./data-fetch.sh`), and, the first
time, a network and 10 GB of disk. See README.md, beside this file, for what it measures and how.
"""

import argparse
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import table
from install import (
    HERE,
    ONLY_PREDICTS,
    PEERS,
    ROOT,
    CannotInstall,
    Command,
    install,
    install_chainrule,
)

# Epochs of a process, the first of them a warm-up: enough for a median where they are short.
EPOCHS = {"mlp": 8, "keras-cnn": 4, "torch-cnn": 3, "lenet5": 5, "lstm": 4, "transformer": 2}
# Nets for sequences are written in one other library.
ONLY_IN = {"lstm": ["pytorch"], "transformer": ["pytorch"]}
TASKS = ["train", "infer", "one", "once"]


def parse_options() -> argparse.Namespace:
    def names(text: str) -> list[str]:
        return text.split(",")

    def path(text: str) -> Path:
        return Path(text).resolve()

    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    add = parser.add_argument
    add("--nets", type=names, default=list(EPOCHS), help=f"of {','.join(EPOCHS)}")
    add("--peers", type=names, default=list(PEERS), help=f"of {','.join(PEERS)}")
    add("--tasks", type=names, default=TASKS, help=f"of {','.join(TASKS)}")
    add("--rounds", type=int, default=3, help="how often each peer has its turn")
    add("--epochs", type=int, help="a process, with the warm-up (default: by net)")
    add("--images", type=int, default=60_000, help="to train on: fewer for a quick trial")
    add("--threads", type=int, default=2, help="as many CPUs are used")
    add("--limit", type=float, default=60, help="a longer epoch, in s, is measured only once")
    add("--timeout", type=float, default=600, help="a process is stopped after so many s")
    add("--data", type=path, default=ROOT / "data", help="where MNIST's four gzip files are")
    add("--environments", type=path, default=ROOT / "target" / "peers", help="where to install")
    add("--output", type=path, default=HERE / "RESULTS.md", help="the tables")
    options = parser.parse_args()
    choices = [(options.nets, EPOCHS), (options.peers, PEERS), (options.tasks, TASKS)]
    for chosen, known in choices:
        if unknown := set(chosen) - set(known):
            parser.error(f"{', '.join(unknown)}: not one of {', '.join(known)}")
    return options


def cpus(count: int) -> list[int]:
    """So many CPUs that this process may use: of different cores, as far as there are any."""
    first, second, seen = [], [], set()
    for cpu in sorted(os.sched_getaffinity(0)):
        path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        core = path.read_text() if path.exists() else str(cpu)
        (second if core in seen else first).append(cpu)
        seen.add(core)
    return (first + second)[:count]


class Runner:
    """Starts programs with the options that they all have."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options

    def run(self, command: Command, net: str, tasks: set[str], epochs: int) -> dict:
        """What the program reports, with its wall time and peak memory, or why it has failed."""
        options = self.options
        command = [*command, net, f"--tasks={','.join(tasks)}", f"--epochs={epochs}"]
        command += [f"--{name}={getattr(options, name)}" for name in ("images", "threads", "data")]
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            start = time.perf_counter()
            child = subprocess.Popen(command, stdout=out, stderr=err)
            timer = threading.Timer(options.timeout, child.kill)
            timer.start()
            _, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            timer.cancel()
            out.seek(0)
            err.seek(0)
            if child.returncode == 0:
                report = json.loads(out.read().splitlines()[-1])
                return report | {"seconds": seconds, "mib": usage.ru_maxrss / 1024}
            if seconds > options.timeout:
                return {"failed": f"takes longer than {options.timeout:g} s"}
            last = (err.read().strip().splitlines() or ["it said nothing"])[-1]
            return {"failed": f"exit code {child.returncode}: {last}"}

    def turn(self, commands: dict[str, Command], net: str, peer: str) -> dict:
        """The peer and chainrule in turn: a process of one epoch each, and then a longer one."""
        sides, tasks = (peer, "chainrule"), set(self.options.tasks)
        if peer in ONLY_PREDICTS:
            tasks -= {"train", "once"}
        turn = {"images": self.options.images, "slow": False, peer: {}, "chainrule": {}}
        if tasks & {"train", "once"}:
            for side in sides:
                turn[side]["once"] = self.run(commands[side], net, {"train"}, 1)
            once = turn[peer]["once"]
            turn["slow"] = "failed" in once or once["epochs"][0] > self.options.limit
        for side in sides:
            # A slow one has shown how it trains; how fast it predicts does not depend on training.
            longer = tasks - ({"once", "train"} if turn["slow"] and side == peer else {"once"})
            epochs = self.options.epochs or EPOCHS[net]
            if longer:
                turn[side]["full"] = self.run(commands[side], net, longer, epochs)
        return turn


def progress(net: str, peer: str, number: int, turn: dict) -> None:
    """A line on how a round went."""
    sides = [f"{side} {table.brief(turn, side)}" for side in (peer, "chainrule")]
    print(f"{net}, round {number}: {'; '.join(sides)}", flush=True)


def main() -> None:
    options = parse_options()
    options.environments.mkdir(parents=True, exist_ok=True)
    commands, failures = {"chainrule": install_chainrule()}, {}
    for peer in options.peers:
        print(f"installing {PEERS[peer]}", flush=True)
        try:
            commands[peer] = install(peer, options.environments)
        except CannotInstall as reason:
            failures[peer] = f"could not be installed: {reason}"
            print(f"  {failures[peer]}")
    # Inherited by all that is started from here on.
    os.sched_setaffinity(0, cpus(options.threads))

    # What earlier runs have measured stays in the tables until it is measured anew.
    store = options.environments / "results.json"
    stored = json.loads(store.read_text()) if store.exists() else {}
    results = {net: stored.get(net, {}) for net in EPOCHS if net in stored or net in options.nets}
    runner = Runner(options)
    for net in options.nets:
        peers = [peer for peer in options.peers if peer in ONLY_IN.get(net, PEERS)]
        for peer in peers:
            results[net][peer] = {"turns": [], "failed": failures.get(peer)}
        for number in range(1, options.rounds + 1):
            for peer in peers:
                row = results[net][peer]
                if row["failed"] or any(turn["slow"] for turn in row["turns"]):
                    continue
                row["turns"].append(runner.turn(commands, net, peer))
                progress(net, peer, number, row["turns"][-1])
                store.write_text(json.dumps(results, indent=1))
                options.output.write_text(table.document(results, options))
    options.output.write_text(table.document(results, options))
    print(f"\n{options.output.read_text()}")


if __name__ == "__main__":
    main()
