"""`treatywatch rules ...`: try watch rules on tests, on the log, and put them in force."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from streams.ops import log
from streams.settings import Settings, load

EXIT_BUDGET, EXIT_USAGE = 1, 2


def _settings(**over: Any) -> Settings:
    settings = load().but(**{k: v for k, v in over.items() if v is not None})
    log.setup(settings.log_format, settings.log_level, settings.log_file)
    return settings


@click.group()
def rules() -> None:
    """The watch rules: when to alert, how severe, to which topic."""


@rules.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
def test(paths: tuple[Path, ...]) -> None:
    """Run tests of rules.

    Each PATH is a folder of rules, whose own tests are run, or a file of tests that play articles through the rules
    (docs/rules.md). Without any: the tests that stand in the rules in force here.
    """
    from streams import rules as packaged
    from streams.logic.rules import run_tests

    failures: list[str] = []
    for path in paths or (None,):
        if path is not None and path.is_file():
            failures += _play(path)
        else:
            failures += run_tests(packaged.read(path or _settings().rules))
    for failure in failures:
        click.echo(failure)
    click.echo(f"{len(failures)} test(s) failed" if failures else "all tests passed", err=True)
    sys.exit(EXIT_USAGE if failures else 0)


def _play(path: Path) -> list[str]:
    from streams import knowledge, rehearsal
    from streams import rules as packaged
    from streams.logic import yamltext
    from streams.logic.compile import compile_knowledge
    from streams.logic.rules import RulesFault, compile_rules
    from streams.logic.tag import Tagger

    settings, text = _settings(), path.read_text(encoding="utf-8")
    named = yamltext.parse(str(path), text, RulesFault).get("rules")
    folder = path.parent / named if named else settings.rules
    if named and not (path.parent / named).is_dir():
        raise RulesFault(
            f"{path}:{yamltext.line_of(text, 'rules')}: rules takes a folder beside this file; not {named!r}"
        )
    tagger = Tagger(compile_knowledge(knowledge.read(settings.knowledge)))
    return list(rehearsal.run_tests(str(path), text, tagger, compile_rules(packaged.read(folder))))


def moment(text: str) -> datetime:
    """A date or time as an option gives it; UTC when it does not say."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date or RFC 3339 time such as 2008-07-29") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def span_of(start: str, end: str) -> tuple[datetime, datetime]:
    """The time range that two options give."""
    span = moment(start), moment(end)
    if span[0] >= span[1]:
        raise click.BadParameter(f"a range from {start} to {end} holds no moment")
    return span


_RANGE = (
    click.option("--from", "start", default="1900-01-01", show_default=True, help="First moment, by ce_time."),
    click.option("--to", "end", default="9999-01-01", show_default=True, help="Moment before which it ends."),
    click.option("--bootstrap", metavar="HOST:PORT"),
)


def ranged(command: Any) -> Any:
    """Give a command the options that name a time range of the log."""
    for option in reversed(_RANGE):
        command = option(command)
    return command


@rules.command("preview", short_help="What a rule would have matched in the log.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--samples", default=5, show_default=True, help="Alerts to show.")
@ranged
def preview(file: Path, samples: int, start: str, end: str, **over: Any) -> None:
    """Show what the rule in FILE would have matched in the log, before it is put in force."""
    from streams import replay
    from streams import rules as packaged
    from streams.logic.rules import compile_rules

    settings = _settings(**over)
    sides = {name: text for name, text in packaged.read(settings.rules).items() if name == packaged.SIDES}
    alone = compile_rules(sides | {file.name: file.read_text(encoding="utf-8")})
    if not alone.rules:
        raise click.UsageError(f"{file} holds no rule")
    span = span_of(start, end)
    matched = replay.between(settings, *span, alone)
    raised = [told for told in matched.alerts if told.alert.type == "raised"]
    in_force = [told for told in replay.between(settings, *span).alerts if told.alert.type == "raised"]
    click.echo(
        f"{file.name} matches {len(raised)} of {matched.stories} stories ({matched.reports} reports); "
        f"the rules in force raised {len(in_force)} alerts in the same time"
    )
    for told in raised[:samples]:
        click.echo(f"  {replay.cause_time(told):%Y-%m-%d} {told.alert.headline}")
        for evidence in told.alert.evidence[:1]:
            click.echo(f"             “{' '.join(evidence.quote.split())[:200]}”")
    if len(raised) > samples:
        click.echo(f"  and {len(raised) - samples} more (--samples)")


@rules.command("backtest", short_help="Compare new rules with those in force over the log.")
@click.argument("new", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--old", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Instead of those in force.")
@click.option("--budget", type=float, help="Raised alerts a day that the new rules may not exceed on average.")
@ranged
def backtest(new: Path, old: Path | None, budget: float | None, start: str, end: str, **over: Any) -> None:
    """Compare the rules of folder NEW with the ones in force over the log: gained, lost, per day.

    `+` is an alert gained, `-` one lost, `=` one that another rule raises now.
    Exit code 1 when the new rules raise more alerts a day than --budget.
    """
    from streams import replay
    from streams import rules as packaged
    from streams.logic.rules import compile_rules

    settings = _settings(**over)
    span = span_of(start, end)
    # Both are read before the log is: a mistake in them is said at once.
    theirs, ours = (compile_rules(packaged.read(folder)) if folder else None for folder in (old, new))
    before, after = replay.between(settings, *span, theirs), replay.between(settings, *span, ours)
    was, now = replay.raised(before.alerts), replay.raised(after.alerts)
    for sign, found in (("+", now.keys() - was.keys()), ("-", was.keys() - now.keys())):
        of = now if sign == "+" else was
        for told in sorted((of[key] for key in found), key=lambda one: (replay.cause_time(one), one.alert.id)):
            click.echo(f"{sign} {replay.cause_time(told):%Y-%m-%d} {told.alert.rule.id}: {told.alert.headline}")
    for key in sorted(was.keys() & now.keys(), key=lambda one: (replay.cause_time(now[one]), now[one].alert.id)):
        old_rule, told = was[key].alert.rule.id, now[key]
        if told.alert.rule.id != old_rule:
            click.echo(
                f"= {replay.cause_time(told):%Y-%m-%d} {told.alert.rule.id}, not {old_rule}: {told.alert.headline}"
            )
    gained, lost = len(now.keys() - was.keys()), len(was.keys() - now.keys())
    rate = replay.per_day(len(now), after.days)
    most, on = replay.busiest(list(now.values()))
    click.echo(
        f"{len(was)} before, {len(now)} after: {gained} gained, {lost} lost; "
        f"{replay.per_day(len(was), before.days):.2f} a day before, {rate:.2f} after, over {after.days} day(s)"
        + (f"; at most {most} on one day ({on})" if most else ""),
        err=True,
    )
    if budget is not None and rate > budget:
        click.echo(f"above the budget of {budget:g} alerts a day", err=True)
        sys.exit(EXIT_BUDGET)


@rules.command("precision", short_help="Per rule, the share of alerts called relevant.")
@click.option("--bootstrap", metavar="HOST:PORT")
def precision(**over: Any) -> None:
    """Per rule, the share of alerts that readers called relevant, with its 95 % interval."""
    from streams import replay
    from streams.logic.precision import interval

    told = replay.verdicts(_settings(**over))
    if not told:
        click.echo("no reader has said anything yet; `treatywatch feedback ALERT_ID relevant` does", err=True)
    for rule, said in sorted(told.items()):
        relevant, total = said["relevant"], sum(said.values())
        low, high = interval(relevant, total)
        rest = "".join(f", {n} {verdict}" for verdict, n in sorted(said.items()) if verdict != "relevant")
        click.echo(f"{rule:<24} {relevant}/{total} relevant ({low:.0%} to {high:.0%}){rest}")


@rules.command("volume", short_help="How much is alerted, by rule.")
@ranged
def volume(start: str, end: str, **over: Any) -> None:
    """How much is alerted: per rule, and per 1,000 relevant articles, before and after grouping."""
    from streams import replay

    found = replay.volume(_settings(**over), *span_of(start, end))
    for rule, n in sorted(found.by_rule.items()):
        click.echo(f"{rule:<24} {n} raised")
    click.echo(
        f"{found.articles} relevant articles, {found.stories} stories; per 1,000 relevant articles: "
        f"{found.per_thousand(found.reports):.0f} alerts if each report alerted, "
        f"{found.per_thousand(found.raised + found.digests):.0f} as grouped "
        f"({found.per_thousand(found.updated):.0f} updates, {found.per_thousand(found.held):.0f} held back)",
        err=not found.by_rule,
    )


@rules.command("activate", short_help="Put rules in force, without a restart.")
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--bootstrap", metavar="HOST:PORT")
def activate(folder: Path | None, **over: Any) -> None:
    """Put the rules of FOLDER (or of the settings) in force, without a restart; a rule's topic is made first.

    The knowledge in force stays. Rules whose tests fail change nothing.
    """
    from streams import app
    from streams import rules as packaged
    from streams.logic.rules import run_tests

    settings = _settings(**over)
    if folder:
        settings = settings.but(rules=folder)
    failures = list(run_tests(packaged.read(settings.rules)))
    for failure in failures:
        click.echo(failure)
    if failures:
        click.echo(f"{len(failures)} test(s) failed; nothing was changed", err=True)
        sys.exit(EXIT_USAGE)
    knowledge, watched = app.bundles(settings)
    kept, _ = app.in_force(settings)
    written = app.put_in_force(settings, (kept or knowledge, watched))
    click.echo(f"{watched.id} {watched.version} {'is now' if written else 'was already'} in force")
