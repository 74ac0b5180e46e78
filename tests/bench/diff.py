"""What `waft diff` takes against a population: two snapshots of 1,000 flags, of which 10 or all differ, or 10 that ask for lists, over
1,000,000 people.
`python3 tests/bench/diff.py` fails where a budget is not met. Standard library only."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Flags that differ: seconds at most, on one core, with reading the file.
BUDGETS = {10: 10, 1_000: 120}
# Ids of a list that each of ten flags asks for, one of 20 people.
LISTED, APART = 10, 20
COUNTRIES = "AT AU BE BG BR CA CH CL CN CZ DE DK EE EG ES FI FR GB GR HR HU IE IL IN IS IT JP KE KR LT LU LV MX MY NG NL NO NZ PE PH PL PT".split()


def flag(index, chance):
    """Three rules, and an experiment for whoever is left, as in tests/bench/ruleset.mjs."""
    first = chance.randrange(90)
    return {
        "type": "boolean", "whenOff": "off", "default": "off",
        "rules": [
            {"id": "country", "if": {"country": {"is": chance.choice(COUNTRIES)}}, "serve": "on"},
            {"id": "plan", "if": {"plan": {"in": [f"plan-{first + place:03}" for place in range(10)]}}, "serve": "off"},
            {"id": "version", "if": {"appVersion": {"gte": f"{1 + chance.randrange(9)}.{chance.randrange(20)}.0"}}, "serve": "on"},
            {"id": "test", "experiment": f"flag-{index:05}"},
        ],
    }


def ruleset(flags, different):
    """`different` of the flags are others than in the one where none is."""
    names = [f"flag-{index:05}" for index in range(flags)]
    same = random.Random(1)
    written = {name: flag(index, same) for index, name in enumerate(names)}
    other = random.Random(2)
    for index in range(0, flags, flags // different) if different else ():
        written[names[index]] = flag(index, other)
    phases = [{"id": 1, "from": "2026-01-01T00:00Z", "split": {"on": "50%", "off": "50%"}}]
    return {
        "project": "bench", "environments": {"production": {}},
        "attributes": {"userId": "string", "country": "string", "plan": "string", "appVersion": "semver", "age": "number"},
        "units": {"user": {"attribute": "userId"}},
        "experiments": {name: {"unit": "user", "phases": phases} for name in names},
        "flags": written,
    }


def listed(folder, rules, rows, first):
    """The same rules, where ten flags begin with a list of their own, of every 20th person from the first on."""
    folder.mkdir()
    names = [f"list-{index}" for index in range(LISTED)]
    for index, name in enumerate(names):
        ids = (f"user-{row:07}" for row in range(first + index, rows, APART))
        (folder / f"{name}.csv").write_text("\n".join(["id", *ids]) + "\n")
    flags = list(rules["flags"].values())
    for index, name in enumerate(names):
        flags[index * len(flags) // LISTED]["rules"].insert(0, {"id": "listed", "if": {"list": name}, "serve": "on"})
    rules["lists"] = {name: {"file": f"{name}.csv", "column": "id", "attribute": "userId"} for name in names}
    (folder / "rules.json").write_text(json.dumps(rules))


def people(path, rows):
    chance = random.Random(3)
    with path.open("w") as file:
        file.write("userId,country,plan,appVersion,age\n")
        for row in range(rows):
            version = f"{1 + chance.randrange(9)}.{chance.randrange(20)}.0"
            file.write(f"user-{row:07},{chance.choice(COUNTRIES)},plan-{chance.randrange(100):03},{version},{18 + row % 60}\n")


def measured(command):
    """Processor time in seconds, the largest memory in MB, the whole time, what it wrote, and how often it told progress."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as err, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err) as process:
        written = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        told = err.read().decode()
    assert process.returncode == 0, f"{command}: {told}"
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1_024, time.monotonic() - start, written, told.count("waft: decided")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--waft", default=ROOT / "target/release/waft")
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--flags", type=int, default=1_000)
    chosen = options.parse_args()
    over = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        people(folder / "people.csv", chosen.rows)
        for different in [0, *BUDGETS]:
            (folder / f"{different}.json").write_text(json.dumps(ruleset(chosen.flags, min(different, chosen.flags))))
        for first in (0, 7):
            listed(folder / f"listed-{first}", ruleset(chosen.flags, 0), chosen.rows, first)
        for rules in [*folder.glob("*.json"), *folder.glob("listed-*/rules.json")]:
            subprocess.run([chosen.waft, "build", rules, "--environment", "production", "--version", "1", "--out", rules.with_suffix(".waft")],
                           check=True, capture_output=True)
        compared = [("", different, "0", str(different), budget) for different, budget in BUDGETS.items()]
        compared.append((" that ask for lists", LISTED, "listed-0/rules", "listed-7/rules", BUDGETS[LISTED]))
        for what, different, before, after, budget in compared:
            command = [chosen.waft, "diff", folder / f"{before}.waft", folder / f"{after}.waft", "--population", folder / "people.csv", "--json"]
            cpu, memory, took, written, progress = measured(command)
            told = json.loads(written)
            flags = told["population"]["flags"]
            moved = told["population"]["moved"]["share"]
            print(f"{len(flags)} of {chosen.flags} flags{what} differ, {chosen.rows} rows: {cpu:.1f} s of CPU, {took:.1f} s, {memory:.0f} MB;"
                  f" {moved:.1%} moved; progress told {progress} times", flush=True)
            assert len(flags) == min(different, chosen.flags), "not the flags that were changed"
            if took > budget:
                over.append(f"{different} flags{what}: {took:.1f} s, at most {budget} s")
            if took > 5 and not progress:
                over.append(f"{different} flags{what}: no progress was told")
    if over:
        sys.exit(f"over budget: {', '.join(over)}")


if __name__ == "__main__":
    main()
