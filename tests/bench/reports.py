"""What a report costs: made-up rows by the number, as `waft serve` stores them, and the processor time and memory of `waft report` and of
its printed query in the machine's own sqlite3. `python3 tests/bench/reports.py` fails where a budget is not met. Standard library only."""

import argparse
import multiprocessing
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
DAY = 86_400_000
NOW = 1_780_000_000_000
RULESET = ROOT / "tests/oracles/report.yaml"
# exposures, events: seconds of CPU and MB of memory at most.
BUDGETS = {(200_000, 80_000): (3, 150), (2_000_000, 800_000): (30, 150)}


def fill(path, exposures, events, versions, variants, seed=7):
    """Visitors with one page view each; a tenth of clocks ahead, a tenth behind, and a purchase for each third."""
    chance = random.Random(seed)
    schema = (ROOT / "crates/cli/src/serve/store/schema.sql").read_text()
    with sqlite3.connect(path) as connection:
        connection.executescript("PRAGMA journal_mode = wal;" + schema)
        connection.execute("PRAGMA application_id = 0x57616674")
        connection.execute("PRAGMA user_version = 6")
        arms = ["control"] * 5 + ["a"] * 3 + ["b"] * 2
        clocks = [0] * 8 + [-400, 90_000]
        browsers = ["Chrome", "Firefox", "Safari", None]
        entered = []

        def of_page(number, at):
            clock = clocks[number % 10]
            sent = at + chance.randrange(2_000)
            received = sent + chance.randrange(30, 4_000)
            return at - clock, sent - clock, received, received

        def exposure(number):
            at = NOW - chance.randrange(20 * DAY) - DAY // 2
            entered.append(at)
            variant = f"forged-{number % variants}" if variants and number % 10 == 0 else chance.choice(arms)
            unit, view = f"{number:024x}", f"{chance.getrandbits(128):032x}"
            entered[-1] = (at, view)
            return (f"{chance.getrandbits(128):032x}", "till", 3, variant, "test", "till", "visitor", unit, f'{{"visitor":"{unit}"}}',
                    "harbour/production", 1 + chance.randrange(versions), "ab" * 32, chance.getrandbits(32), chance.choice(browsers), view, 0,
                    *of_page(number, at))

        def event(number):
            of = chance.randrange(exposures)
            at, view = entered[of]
            later = chance.randrange(-8 * DAY, 8 * DAY) if number % 3 else chance.randrange(9_000)
            if number % 3:
                view = f"{chance.getrandbits(128):032x}"
            name = chance.choice(["purchase", "purchase", "js_error", "o'clock \\ \"done\""])
            return (f"{chance.getrandbits(128):032x}", name, round(chance.lognormvariate(3, 1), 2), '{"pieces \'n\' \\"more\\"":2}',
                    f'{{"visitor":"{of:024x}"}}', "harbour/production", view, 1 + number % 7, *of_page(of, min(at + later, NOW - 5_000)))

        connection.executemany(
            "INSERT INTO exposures (id, experiment, phase, variant, rule, flag, unit_kind, unit, units, set_id, snapshot_version, snapshot_digest,"
            " point, browser, page_view, sequence, time, sent_at, first_received, last_received)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", map(exposure, range(exposures)))
        connection.executemany(
            "INSERT INTO events (id, name, value, properties, units, set_id, page_view, sequence, time, sent_at, first_received, last_received)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", map(event, range(events)))


def measured(command, **options):
    """Processor time in seconds, the largest memory in MB, and what it wrote."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, **options) as process:
        written = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command}: {process.returncode}"
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1_024, time.monotonic() - start, written


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--waft", default=ROOT / "target/release/waft")
    options.add_argument("--rows", nargs=2, type=int, action="append", metavar=("EXPOSURES", "EVENTS"))
    options.add_argument("--versions", type=int, default=3, help="different versions of the rules")
    options.add_argument("--variants", type=int, default=0, help="variants that nobody has, in a tenth of exposures")
    options.add_argument("--keep", type=Path, help="where the database is left")
    chosen = options.parse_args()
    over = []
    for exposures, events in chosen.rows or BUDGETS:
        with tempfile.TemporaryDirectory() as folder:
            path = chosen.keep or Path(folder) / "waft.db"
            if not path.exists():
                # In a process of its own: what follows would be measured with the memory of the one that starts it.
                filling = multiprocessing.Process(target=fill, args=(path, exposures, events, chosen.versions, chosen.variants))
                filling.start()
                filling.join()
                assert filling.exitcode == 0, "the database was not filled"
            command = [chosen.waft, "report", RULESET, "--environment", "production", "--now", "2026-05-28T20:26:40Z"]
            cpu, memory, took, page = measured([*command, "--db", path, "--format", "html"])
            print(f"{exposures} exposures, {events} events: {cpu:.1f} s of CPU, {memory:.0f} MB, {took:.1f} s; a page of {len(page) / 1e3:.0f} kB", flush=True)
            query = measured([*command, "--print-sql", "sqlite"])[3]
            (Path(folder) / "query.sql").write_bytes(query)
            with (Path(folder) / "query.sql").open() as script:
                printed, memory_of_it, took, _ = measured(["sqlite3", "-readonly", path], stdin=script)
            version = subprocess.run(["sqlite3", "--version"], check=True, capture_output=True, text=True).stdout.split()[0]
            print(f"  printed, in sqlite3 {version}: {printed:.1f} s of CPU, {memory_of_it:.0f} MB, {took:.1f} s", flush=True)
            most_cpu, most_memory = BUDGETS.get((exposures, events), (float("inf"), float("inf")))
            over += [name for name, found, most in [("CPU", cpu, most_cpu), ("memory", memory, most_memory), ("printed", printed, 2 * cpu + 0.5)] if found > most]
    if over:
        sys.exit(f"over budget: {', '.join(over)}")


if __name__ == "__main__":
    main()
