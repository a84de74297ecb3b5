"""What scripts/databases measures: modes of the documents on real databases, and what becomes of them in a crash."""

import argparse
import json
import os
import re
import shlex
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

SCENARIOS = Path("loadgen/src/cli/documents")
COMMON = ["racy", "process-mutex", "client-side", "acknowledge-first", "client-side-if-match", "optimistic", "atomic"]
LEVELS = ["serializable", "for-update"]
SQL = ["read-committed", "repeatable-read"]
# What each is started as, and what it has beside the modes of all.
DATABASES = {
    "sqlite": (None, LEVELS),
    "postgres": ("postgres", SQL + LEVELS),
    "mariadb": ("mariadb", SQL + LEVELS),
    "mariadb-snapshot": ("mariadb", SQL + LEVELS),
    "mongodb": ("mongodb", []),
    "redis": ("redis", []),
}


def services(command, *names):
    ended = subprocess.run(["scripts/services", command, *names], stdout=subprocess.PIPE, text=True)
    if ended.returncode != 0:
        sys.exit(2)
    return dict(line.split(" ", 1) for line in ended.stdout.splitlines())


class Bench:
    def __init__(self, options):
        self.program = os.path.abspath(options.program)
        self.work = Path(options.work)
        self.out = Path(options.out)
        self.described = {}

    def url(self, name):
        """Where a database is, which is started if it does not run."""
        started_as = DATABASES.get(name, (name,))[0]
        if started_as is None:
            return f"sqlite:{self.work}/{time.monotonic_ns()}.db"
        if started_as == "mongodb" and os.environ.get("MONGODB_URI"):
            return os.environ["MONGODB_URI"]
        place = services("start", started_as)[started_as]
        if started_as.startswith("redis"):
            return f"redis+unix://{place}"
        if started_as == "mariadb":
            return f"{place}&innodb_snapshot_isolation={'ON' if name.endswith('snapshot') else 'OFF'}"
        return place

    def describe(self, name, said):
        # Without its place.
        found = re.search(r"^server: database: (.*?)(?: (?:at|in) \S+)?(: .*)?$", said, re.M)
        if found:
            self.described.setdefault(name, "".join(part for part in found.groups() if part))

    def run(self, arguments, may_not_begin=False):
        """The exit status, the report, and what was said; None where the run did not begin, if it may not."""
        report = self.work / "report.json"
        report.unlink(missing_ok=True)
        command = [self.program, *arguments, "-q", "--output", str(report)]
        ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if not report.exists() and may_not_begin and ended.returncode == 3:
            return None
        if not report.exists():
            print(f"{shlex.join(command)}: exit status {ended.returncode}:\n{ended.stderr}", file=sys.stderr)
            sys.exit(2)
        return ended.returncode, json.loads(report.read_text()), ended.stderr

    def documents(self, name, mode, servers, more):
        arguments = ["--workload", "documents", "--database", self.url(name), "--mode", mode]
        status, comparison, said = self.run([*arguments, "--servers", str(servers), *more])
        self.describe(name, said)
        retries = sum(int(count) for count in re.findall(r"^server: documents: .*\bretries=(\d+)", said, re.M))
        return status == 0, comparison["runs"][0], retries


class Sheet:
    """A file of results, whose lines are shown as they come."""

    def __init__(self, path):
        self.file = open(path, "w")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, line):
        print(line, flush=True)
        print(line, file=self.file, flush=True)


def lost_of(report):
    lost = report["correctness"]["lost"]
    if lost is None:
        return "-"
    return str(lost["min"]) if lost["min"] == lost["max"] else f"{lost['min']}..{lost['max']}"


def table(bench, options):
    """Every mode on each database, by one server and by two."""
    head = ("database", "mode", "servers", "requests/s", "p99 ms", "acknowledged", "lost", "retried", "verdict", "as expected")
    width = (17, 21, 8, 11, 9, 13, 6, 8, 9, 0)
    row = lambda cells: "".join(str(cell).ljust(size) for cell, size in zip(cells, width)).rstrip()
    good = True
    for seed in options.seeds.split(","):
        with Sheet(bench.out / f"seed-{seed}.txt") as sheet:
            sheet.write(row(head))
            cells = expected = 0
            for name in options.only:
                for mode in COMMON[:2] + DATABASES[name][1] + COMMON[2:]:
                    for servers in (1, 2):
                        is_good, report, retries = bench.documents(name, mode, servers, ["--seed", seed])
                        rate = report["throughput"]["requests_per_s"]
                        p99 = report["latency_us"]["p99"] / 1000 if report["latency_us"] else 0
                        correctness = report["correctness"]
                        cells, expected, good = cells + 1, expected + is_good, good and is_good
                        sheet.write(row((name, mode, servers, f"{rate or 0:.0f}", f"{p99:.1f}", correctness["acknowledged"],
                                   lost_of(report), retries, correctness["verdict"], "yes" if is_good else "NO")))
            sheet.write(f"{expected} of {cells} as expected")
    return good


def until_proof(history):
    """How many increments had been acknowledged when two of them had been answered the same."""
    lines = [json.loads(line) for line in history.read_text().splitlines()[1:]]
    adds = [line for line in lines if line["op"] == "add" and line["outcome"] == "ok" and line["result"] is not None]
    seen = set()
    for count, add in enumerate(sorted(adds, key=lambda line: line["return"]), 1):
        if add["result"] in seen:
            return count
        seen.add(add["result"])
    return None


def proofs(bench, options):
    """Requests until the first proven loss of each that loses while nothing dies."""
    good = True
    with Sheet(bench.out / "proofs.txt") as sheet:
        sheet.write(f"{'database':17}{'mode':21}{'servers':8}{'increments: median':20}{'least':7}most")
        for name in options.only:
            losing = [("racy", 1), ("client-side", 1), ("process-mutex", 2)]
            losing += [("read-committed", 1)] if "read-committed" in DATABASES[name][1] else []
            losing += [("repeatable-read", 1)] if name == "mariadb" else []
            for mode, servers in losing:
                found = []
                for run in range(options.runs):
                    history = bench.work / f"run{'' if mode == 'client-side' else '.{kind}'}.jsonl"
                    more = ["-n", "200", "--seed", str(run + 1), "--history", str(history)]
                    bench.documents(name, mode, servers, more)
                    found.append(until_proof(Path(str(history).replace("{kind}", "counter"))))
                seen = [count for count in found if count is not None]
                good = good and len(seen) == len(found)
                none = "" if len(seen) == len(found) else f"   none in {len(found) - len(seen)} of {len(found)} runs"
                median = statistics.median(seen) if seen else float("nan")
                sheet.write(f"{name:17}{mode:21}{servers:<8}{median:<20g}{min(seen, default=0):<7}{max(seen, default=0)}{none}")
    return good


FAULTS_HEAD = (f"{'database':17}{'mode':19}{'killed':10}{'run':5}{'acknowledged':13}{'unknown':9}{'lost':13}"
               f"{'verdict':9}answers")


class Faults:
    """Runs in whose middle something is killed and started again."""

    def __init__(self, bench):
        self.bench = bench
        self.port = subprocess.run(["scripts/free-port"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        self.missed = False

    def server(self, url, mode):
        return [self.bench.program, "server", "--workload", "documents", "--database", url, "--mode", mode,
                "--listen", f"127.0.0.1:{self.port}"]

    def kill_server(self):
        pattern = f"^{re.escape(self.bench.program)} server .*:{self.port}$"
        # None runs where the load has not begun, or has ended.
        self.missed |= subprocess.run(["pkill", "-KILL", "-f", pattern]).returncode != 0

    def run(self, name, mode, scenario, kills, more, seconds=None):
        """The report of a run with these kills, each a time and what is killed. The server is started again as soon as it
        has ended. A kill that comes before the load has begun is no kill of a run: then all takes longer."""
        for longer in (1, 2, 4):
            self.missed = False
            duration = ["--duration", f"{seconds * longer}s"] if seconds else []
            kills_then = [(after * longer, what) for after, what in kills]
            ended = self.once(name, mode, scenario, kills_then, [*more, *duration])
            if ended is not None and not self.missed:
                return ended[1]
        sys.exit(2)

    def once(self, name, mode, scenario, kills, more):
        url = self.bench.url(name)
        again = f"while :; do {shlex.join(self.server(url, mode))}; sleep 0.1; done"
        timers = []
        for after, what in kills:
            kill = self.kill_server if what == "server" else lambda: services("crash", DATABASES.get(name, (name,))[0])
            timers.append(threading.Timer(after, kill))
        arguments = ["run", str(scenario), f"http://127.0.0.1:{self.port}", "--exec", shlex.join(["bash", "-c", again]), "-r"]
        for timer in timers:
            timer.start()
        ended = self.bench.run([*arguments, *more], may_not_begin=True)
        for timer in timers:
            timer.join()
        return ended


def counted(report):
    requests, correctness = report["requests"], report["correctness"]
    answers = " ".join(f"{status}:{count}" for status, count in sorted(requests["status"].items()))
    why = f" ({correctness['reason']})" if correctness["verdict"] == "unknown" else ""
    return f"{correctness['acknowledged']:<13}{requests['unknown']:<9}{lost_of(report):<13}{correctness['verdict']:<9}{answers}{why}"


def faults(bench, options):
    """Database and server killed, five times each."""
    good, faults = True, Faults(bench)
    mixed, first = SCENARIOS / "mixed.yaml", SCENARIOS / "acknowledge-first.yaml"
    strong = [name for name in ("sqlite", "postgres", "mariadb", "redis-aof") if name.split("-")[0] in options.only]
    weak = [name for name in ("redis", "postgres-async") if name.split("-")[0] in options.only]
    with Sheet(bench.out / "faults.txt") as sheet:
        sheet.write(FAULTS_HEAD)

        def series(name, mode, scenario, killed, is_right, needed=5):
            whats = {"both": ["database", "server"]}.get(killed, [killed])
            rights = 0
            for run in range(1, 6):
                kills = [(2.0 + 0.7 * place, what) for place, what in enumerate(whats)]
                report = faults.run(name, mode, scenario, kills, ["-c", "20", "--seed", str(run)], seconds=5)
                rights += is_right(report)
                sheet.write(f"{name:17}{mode:19}{killed:10}{run:<5}{counted(report)}")
            return rights >= needed

        valid = lambda report: report["correctness"]["verdict"] == "valid"
        invalid = lambda report: report["correctness"]["verdict"] == "invalid"
        for name in strong:
            for killed in ["server"] if name == "sqlite" else ["database", "server", "both"]:
                good &= series(name, "atomic", mixed, killed, valid)
                good &= series(name, "acknowledge-first", first, killed, invalid, needed=1)
        # What these lose is theirs to lose: no expectation is held against them.
        for name in weak:
            series(name, "atomic", mixed, "database", valid, needed=0)
    return good


def many(bench, options):
    """100,000 increments at least that are acknowledged, while the database and the server are killed once: twice as many
    requests, since those that come meanwhile are refused at once."""
    scenario = bench.work / "many.yaml"
    text = (SCENARIOS / "acknowledge-first.yaml").read_text()
    text = text.replace("does: { add: counter }", "does: { add: counter, result: json:/value }")
    scenario.write_text(text.replace("judge: { counter: counter }", "judge: { counter: fetch-and-add }"))
    kills = [(2.0, "database"), (5.0, "server")]
    report = Faults(bench).run("postgres", "atomic", scenario, kills, ["-n", "200000", "-c", "20", "--history-limit", "1000000"])
    history = report["correctness"]["history"]
    with Sheet(bench.out / "many.txt") as sheet:
        sheet.write(FAULTS_HEAD)
        sheet.write(f"{'postgres':17}{'atomic':19}{'each once':10}{1:<5}{counted(report)}")
        sheet.write(f"{history['operations']} operations judged in {report['elapsed_s']:.0f} s of load")
    return report["correctness"]["verdict"] == "valid" and report["correctness"]["acknowledged"] >= 100_000


def main():
    parser = argparse.ArgumentParser(prog="scripts/databases", allow_abbrev=False)
    for part in ("table", "proofs", "faults", "many"):
        parser.add_argument(f"--{part}", action="store_true")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(DATABASES))
    for needed in ("program", "work", "out"):
        parser.add_argument(f"--{needed}", required=True)
    options = parser.parse_args()
    unknown = [name for name in options.only if name not in DATABASES]
    if unknown:
        parser.error(f"--only: {unknown[0]}: expected names of {', '.join(DATABASES)}")
    bench = Bench(options)
    parts = [part for part in (table, proofs, faults, many) if getattr(options, part.__name__)] or [table, proofs, faults, many]
    good = [part(bench, options) for part in parts]
    (bench.work / "databases").write_text("".join(f"{name}: {text}\n" for name, text in bench.described.items()))
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
