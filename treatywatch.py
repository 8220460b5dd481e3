"""treatywatch: watches the news for security proposals between Russia and NATO.

Each command runs one part. `treatywatch up` runs them all, on an embedded Apache Kafka.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from streams import compiled
from streams.kb_command import documents, kb, published, tagger
from streams.ops import log
from streams.rules_command import ranged, rules, span_of
from streams.settings import Settings, SettingsFault, load

EXIT_USAGE, EXIT_WORLD = 2, 3


class _Group(click.Group):
    """Commands in the order of a first day with treatywatch; ours are the faults, said in words."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        near = difflib.get_close_matches(args[0], self.commands, 1) if args else []
        if near and args[0] not in self.commands:
            ctx.fail(f"no such command {args[0]!r}; did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        # Imported here: `--help` and `tag` must not wait for Kafka clients.
        from streams.contracts.faults import WorldFault
        from streams.logic.knowledge import KnowledgeFault
        from streams.logic.rules import RulesFault

        try:
            return super().invoke(ctx)
        except (SettingsFault, KnowledgeFault, RulesFault) as fault:
            log.fault(str(fault))
            ctx.exit(EXIT_USAGE)
        except click.FileError as fault:
            log.fault(fault.format_message())
            ctx.exit(EXIT_USAGE)
        except BrokenPipeError:
            ctx.exit(0)
        except WorldFault as fault:
            log.fault(str(fault))
            ctx.exit(EXIT_WORLD)


def _settings(**over: Any) -> Settings:
    settings = load().but(**{k: v for k, v in over.items() if v is not None})
    log.setup(settings.log_format, settings.log_level, settings.log_file)
    return settings


_PORT = click.IntRange(0, 65535)
_listed = click.option(
    "--sources", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Source list (OPML or YAML)."
)


def _run(part: str, settings: Settings, main: Callable[[Settings, asyncio.Event], Awaitable[None]]) -> None:
    """Run an asynchronous part with its metrics until SIGINT or SIGTERM."""
    from streams.ops import health, meters

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        health.note(settings.data, part, meters.serve(part, settings.metrics_host, settings.metrics_port))
        meters.HEALTHY.labels(part).set(1)
        looking = asyncio.create_task(health.watch_broker(settings.bootstrap))
        try:
            await main(settings, stop)
        finally:
            looking.cancel()

    asyncio.run(until_told())


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="treatywatch", message=f"%(prog)s %(version)s, its tagger {compiled.FORM}")
def main() -> None:
    """Watch the news for security proposals between Russia and NATO.

    Every alert says who proposed what to whom, what has just happened to it, and in which words.

    \b
    First steps:
      treatywatch up                     everything on this machine; alerts appear below
      treatywatch alerts follow          the alerts, in another terminal
      treatywatch kb try "some text"     what the tagger makes of a text, and why

    Settings come from TREATYWATCH_* variables, or a TOML file named by TREATYWATCH_CONFIG.
    Exit codes: 0 fine, 1 a bug of ours, 2 usage or settings, 3 the outside world failed.
    """


@main.command(short_help="Run everything on this machine; Ctrl-C stops it.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder of all state.")
@_listed
@click.option("--sinks", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Deliver alerts to these.")
@click.option(
    "--bootstrap", metavar="HOST:PORT", help="Use this Kafka, not the embedded one; as TREATYWATCH_BOOTSTRAP does."
)
@click.option("--offline", is_flag=True, default=None, help="No remote sources.")
@click.option("--web-port", type=_PORT, help="Port of the live page (8080).")
def up(**over: Any) -> None:
    """Run everything: broker, topics, connectors, worker, live page. Ctrl-C stops it."""
    from connectors.sinks import terminal
    from streams import app, up

    settings = _settings(**over)
    embedded = "bootstrap" not in settings.given
    # A mistake in a file of the operator's is said before anything runs.
    if settings.sources and not settings.offline:
        from connectors.sources import catalogue

        catalogue.read(settings.sources)
    parts: tuple[str, ...] = up.PARTS
    if settings.sinks is not None:
        from connectors.sinks import deliver as part

        part.configured(settings)
        parts = (*parts, "deliver")
    sys.exit(up.run(settings, embedded=embedded, prepare=app.prepare, follow=terminal.follow, parts=parts))


@main.command(short_help="Run only the embedded Apache Kafka.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder of all state.")
def broker(**over: Any) -> None:
    """Run only the embedded Apache Kafka; its data folder is kept."""
    from streams import up

    sys.exit(up.run_broker(_settings(**over)))


@main.command(short_help="Make the topics; put knowledge and rules in force.")
@click.option("--bootstrap", metavar="HOST:PORT")
@click.option(
    "--wait-for",
    "awaited",
    multiple=True,
    metavar="TOPIC",
    help="Make nothing; return when another hand has made these.",
)
def topics(awaited: tuple[str, ...], **over: Any) -> None:
    """Create or check the topics, and put knowledge and rules in force. Safe to repeat."""
    from streams import app
    from streams.transport import topics as table

    settings = _settings(**over)
    if awaited:
        table.wait_for(settings, awaited)
        return
    click.echo(table.ensure(settings).words())
    known, watched = app.prepare(settings)
    click.echo(f"in force: knowledge {known.version}, rules {watched.version}")


@main.command(short_help="Write the log anew with more partitions.")
@click.argument("partitions", type=click.IntRange(1, 256))
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="Folder for the old log (in the data folder)."
)
@click.option("--bootstrap", metavar="HOST:PORT")
def repartition(partitions: int, keep: Path | None, **over: Any) -> None:
    """Write the log anew with a multiple of its PARTITIONS; connectors and workers are stopped.

    Start workers with another TREATYWATCH_APP_ID afterwards: they replay the log, and every alert has the id it had.
    Broken off, it is to be done again. deploy/README.md has the steps.
    """
    from streams.transport import repartition as again

    settings = _settings(**over)
    again.run(settings, partitions, keep or settings.data / "repartition", lambda text: click.echo(text, err=True))


@main.command()
@_listed
@click.option("--bootstrap", metavar="HOST:PORT")
def connect(**over: Any) -> None:
    """Poll the configured sources and publish what they bring."""
    from connectors import runner

    _run("connect", _settings(**over), runner.run)


@main.command(short_help="Publish an archive of articles (JSON lines).")
@click.argument("file", type=click.File("rb"))
@click.option("--wait", is_flag=True, help="Return when all that this caused has come out.")
@click.option(
    "--clock",
    type=click.Choice(["seen", "published"]),
    default="seen",
    show_default=True,
    help="published: play the archive as if each article had been seen when it was published.",
)
@click.option("--bootstrap", metavar="HOST:PORT")
def ingest(file: IO[bytes], wait: bool, clock: str, **over: Any) -> None:
    """Publish articles from FILE (JSON lines; - is standard input) as items.

    \b
    One object a line: {"url", "title", "text", "published"?, "lang"?, "source"?, "id"?}
    The same id or url again is a revision; "kind": "retraction" withdraws. An entry is told by source and id, or url;
    of two lines of one file the later may leave the source out, and so may a retraction of what came another day.
    Old material is history and alerts quietly; with --clock published it alerts as on its day.

    A line that is no such article is said and kept in news.dead, and costs no other; where none is one it ends with 2.
    """
    from connectors import ingest as intake
    from streams.contracts.topics import MENTIONS
    from streams.transport import progress

    settings = _settings(**over)
    if clock == "published":
        from connectors import play

        way = progress.Progress(settings, sys.stderr)
        try:
            report = play.play(file, settings, sys.stderr, way.through, way.partitions(MENTIONS.name))
        finally:
            way.close()
    else:
        report = intake.publish(file, settings, sys.stderr)
        if wait and report.sent:
            progress.wait_through(settings, report.offsets, sys.stderr)
    click.echo(report.words(), err=True)
    if report.useless:
        sys.exit(EXIT_USAGE)


@main.command()
@click.option("--bootstrap", metavar="HOST:PORT")
def worker(**over: Any) -> None:
    """Run a Faust worker: normalise, tag, dossier. Add as many as there are partitions."""
    from streams import app

    sys.exit(app.run(_settings(**over)))


@main.command()
@click.option("--bootstrap", metavar="HOST:PORT")
@click.option("--web-port", type=_PORT)
def web(**over: Any) -> None:
    """Serve the live page, the feeds of alerts and the API."""
    from connectors.page import server

    _run("web", _settings(**over), server.run)


@main.command(short_help="Deliver alerts to webhooks, mail, chat, files.")
@click.option(
    "--sinks", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Sinks file (YAML or TOML)."
)
@click.option("--sink", "only", multiple=True, metavar="NAME", help="Only this sink; may be given several times.")
@click.option("--test", "tested", metavar="SINK", help="Send a marked sample to this sink and say what happened.")
@click.option("--again", is_flag=True, help="Send once more what was given up, then end.")
@click.option("--bootstrap", metavar="HOST:PORT")
def deliver(only: tuple[str, ...], tested: str | None, again: bool, **over: Any) -> None:
    """Deliver alerts to the configured sinks: webhooks, mail, chat, Alertmanager, files.

    Runs until Ctrl-C or SIGTERM. A sink that is down holds back only itself; nothing is lost meanwhile.
    """
    from connectors.sinks import deliver as part

    settings = _settings(**over)
    part.configured(settings, only)  # a mistake in the file is said before anything runs
    if tested is not None:
        from connectors.sinks import sample

        taken, said = asyncio.run(sample.test(settings, tested))
        click.echo(said)
        sys.exit(0 if taken else EXIT_WORLD)
    if again:
        from connectors.sinks import again as once_more

        sys.exit(0 if asyncio.run(once_more.again(settings, only, click.echo)) else EXIT_WORLD)
    _run("deliver", settings, lambda settings, stop: part.run(settings, stop, only))


@main.group()
def alerts() -> None:
    """Alerts in the terminal."""


@alerts.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for pipes.")
@click.option("--from-beginning", is_flag=True, help="All that are kept, then the new ones.")
@click.option("--bootstrap", metavar="HOST:PORT")
def follow(as_json: bool, from_beginning: bool, **over: Any) -> None:
    """Print alerts as they come."""
    from connectors.sinks import terminal

    terminal.follow(_settings(**over), as_json, None, from_beginning)


@main.command(short_help="Tag documents without a broker (JSON lines).")
@click.argument("file", type=click.File("rb"), default="-")
# Half of a pair is no character: in JSON it stands as it came, escaped.
@click.option("--output", type=click.File("w", encoding="utf-8", errors="backslashreplace"), default="-")
def tag(file: IO[bytes], output: IO[str]) -> None:
    """Tag documents offline: JSON lines {"id","title","text","lang"?,"published"?} in, JSON lines out."""
    from streams.logic.tag import document as as_line

    ours = tagger(_settings())
    for identity, title, text, given in documents(file):
        found = ours.tag(title, text, given.get("lang"), published(given))
        output.write(json.dumps(as_line(found, identity), ensure_ascii=False) + "\n")


@main.command()
@click.argument("gold", type=click.File("rb"))
def evaluate(gold: IO[bytes]) -> None:
    """Tag a labelled file and score the tags against its labels."""
    from streams.logic import evaluate as measure
    from streams.logic.tag import document as as_line

    ours = tagger(_settings())
    labelled, answers = [], {}
    for identity, title, text, given in documents(gold):
        missing = measure.missing(given)
        if missing:
            raise click.UsageError(f"document {identity}: {missing}")
        labelled.append(given)
        answers[identity] = as_line(ours.tag(title, text, given.get("lang"), published(given)), identity)
    if not labelled:
        raise click.UsageError("there is no document to score")
    click.echo(json.dumps(measure.score(labelled, answers), indent=1, ensure_ascii=False))


main.add_command(kb)
main.add_command(rules)


@main.command(short_help="Why an alert fired, decided again from the log.")
@click.argument("alert_id")
@click.option("--bootstrap", metavar="HOST:PORT")
def explain(alert_id: str, **over: Any) -> None:
    """Why an alert fired: the whole decision, decided again from the log."""
    from streams import explanation, replay

    settings = _settings(**over)
    told = explanation.explain(settings, alert_id)
    if told is None:
        gone = replay.forgotten(settings)
        why = f"; the log no longer reaches back in partition(s) {', '.join(map(str, gone))}" if gone else ""
        raise click.UsageError(f"the log gives no alert {alert_id}{why}")
    click.echo(told)


@main.command(short_help="Decide a time range again; send or compare it.")
@click.option("--scratch", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, send nothing.")
@ranged
def replay(scratch: Path | None, start: str, end: str, **over: Any) -> None:
    """Decide a time range of the log again, and send its alerts once more (same ids, same bytes).

    With --scratch they go to a file (JSON lines), and are compared with what alerts.all holds.
    """
    from streams import replay as again

    settings, span = _settings(**over), span_of(start, end)
    gone = again.forgotten(settings)
    if gone:
        click.echo(f"the log no longer reaches back in partition(s) {', '.join(map(str, gone))}: "
                   "what was decided there before is missing", err=True)  # fmt: skip
    found = again.between(settings, *span).alerts
    if scratch is not None:
        scratch.write_bytes(b"".join(told.outgoing[0].value + b"\n" for told in found))
        result = again.compare(found, again.kept_alerts(settings))
        click.echo(", ".join(f"{len(ids)} {how}" for how, ids in result.items()), err=True)
        if not found:
            click.echo(
                "no alert has its ce_time in that range: when a report was seen, not when it was published", err=True
            )
        sys.exit(1 if result["different"] else 0)
    from connectors.producer import Publisher

    publisher = Publisher(settings)
    try:
        publisher.publish([out for told in found for out in told.outgoing], "replay")
    finally:
        publisher.close()
    click.echo(f"{len(found)} alert(s) sent again", err=True)


@main.command()
@click.argument("alert_id")
@click.argument("verdict", type=click.Choice(["relevant", "not-relevant", "duplicate", "wrong-span"]))
@click.option("--by", default="", help="Who says so.")
@click.option("--bootstrap", metavar="HOST:PORT")
def feedback(alert_id: str, verdict: Any, by: str, **over: Any) -> None:
    """Say what an alert was worth. It changes nothing by itself; `rules precision` sums it up."""
    from connectors.producer import Publisher
    from streams import replay as again
    from streams.contracts.records import Alert, Feedback
    from streams.contracts.topics import FEEDBACK, Outgoing
    from streams.contracts.wire import decode, encode

    settings = _settings(**over)
    kept = again.kept_alerts(settings).get(alert_id)
    if kept is None:
        raise click.UsageError(f"alerts.all holds no alert {alert_id}")
    alert = decode(Alert, kept)
    key = (alert.proposal or "coverage") + (f"/{alert.instance}" if alert.instance else "")
    said = Feedback(
        alert=alert.id, thread=alert.thread, rule=alert.rule.id, verdict=verdict, by=by, at=datetime.now(UTC)
    )
    publisher = Publisher(settings)
    try:
        publisher.publish([Outgoing(FEEDBACK.name, key, encode(said))], "feedback")
    finally:
        publisher.close()
    click.echo(f"noted: {alert.headline}: {verdict}", err=True)


@main.group()
def sources() -> None:
    """The source list and how its sources are doing."""


@sources.command("list", short_help="List the sources, and how each is doing.")
@_listed
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def sources_list(as_json: bool, **over: Any) -> None:
    """List the configured sources, and how each was doing when it was last asked."""
    from connectors.sources import catalogue

    click.echo(catalogue.listing(_settings(**over), as_json))


@sources.command(short_help="Ask every enabled source now; publish nothing.")
@_listed
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def check(as_json: bool, **over: Any) -> None:
    """Ask every enabled source now: fresh, stale, gone, refused, failed or not-a-feed. Nothing is published."""
    from connectors.sources import catalogue

    click.echo(asyncio.run(catalogue.check(_settings(**over), as_json)))


@sources.command(short_help="Do the work due for one source, without Kafka.")
@click.argument("url")
@click.option("--format", "form", default="feed", show_default=True, help="Or sitemap, page, gdelt, opml.")
@click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where it is kept what is known."
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="JSON lines are added to it."
)
@click.option(
    "--allow", default="", metavar="HOST:PORT,...", help="May be private addresses, as those of TREATYWATCH_ALLOW."
)
@click.option("--full-text", is_flag=True, help="Fetch the articles behind entries.")
def poll(url: str, form: str, state: Path, output: Path, allow: str, full_text: bool) -> None:
    """Do the work due now for one source, without Kafka; one JSON object per event."""
    from connectors.sources import poll as once

    settings = _settings()
    may = ",".join(filter(None, (allow, settings.allow)))
    sys.exit(once.run(url, form, state, output, may, full_text, settings.contact))


@main.command()
@click.argument("part", type=click.Choice(["connect", "worker", "web", "deliver"]), default="worker")
@click.option("--port", type=_PORT, default=0, help="Metrics port of the part.")
def health(part: str, port: int) -> None:
    """Exit 0 when PART on this machine does its work."""
    from streams.ops import health as asked

    settings = load()
    given = port or settings.metrics_port
    told = [
        asked.check(part, settings.metrics_host, p) for p in ([given] if given else asked.ports(settings.data, part))
    ]
    well, words = max(told, key=lambda one: one[0])
    click.echo(words)
    sys.exit(0 if well else EXIT_WORLD)


if __name__ == "__main__":
    main()
