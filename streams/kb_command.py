"""`treatywatch kb ...`: check, try, compare the knowledge base, and put it in force."""

from __future__ import annotations

import codecs
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from streams.ops import log
from streams.settings import Settings, load

if TYPE_CHECKING:
    from streams.logic.tag import Tagger

EXIT_USAGE = 2
WATCH_SECONDS = 2.0


def _settings(**over: Any) -> Settings:
    settings = load().but(**{k: v for k, v in over.items() if v is not None})
    log.setup(settings.log_format, settings.log_level, settings.log_file)
    return settings


def tagger(settings: Settings) -> Tagger:
    """The tagger with the knowledge base of the settings."""
    from streams import knowledge
    from streams.logic.compile import compile_knowledge
    from streams.logic.tag import Tagger

    return Tagger(compile_knowledge(knowledge.read(settings.knowledge)))


def documents(file: IO[bytes]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Id, title, text and the whole of each document of a JSONL file."""
    for number, raw in enumerate(file, 1):
        line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if not line.strip():
            continue
        try:
            document = json.loads(line.decode())
        except UnicodeDecodeError as fault:
            raise click.UsageError(f"line {number}: not UTF-8 at byte {fault.start}") from fault
        except (json.JSONDecodeError, RecursionError) as fault:
            raise click.UsageError(f"line {number}: not JSON: {fault}") from fault
        if not isinstance(document, dict):
            raise click.UsageError(f"line {number}: a document is a JSON object")
        for key in ("id", "title", "text", "lang"):
            value = document.get(key)
            if value is not None and not isinstance(value, (str, int) if key == "id" else str):
                raise click.UsageError(f"line {number}: {key} is a text, not {type(value).__name__}")
        if document.get("id") is None or (document.get("text") is None and not document.get("title")):
            raise click.UsageError(f"line {number}: a document has an id, and a text or a title")
        yield str(document["id"]), document.get("title") or "", document.get("text") or "", document


def published(document: Mapping[str, Any]) -> datetime | None:
    """When a document says that it was published; UTC where it names no zone."""
    stated = str(document.get("published") or "")
    if not stated:
        return None
    try:
        # A magazine states its month: "2015-07".
        found = datetime.fromisoformat(stated + "-01" if len(stated) == len("2015-07") else stated)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@click.group()
def kb() -> None:
    """The knowledge base: proposals, actors, acts, cues."""


_FOLDER = click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))


@kb.command()
@_FOLDER
@click.option("--forms", is_flag=True, help="Also look for each name in every inflected form (nine languages; slow).")
def lint(folder: Path | None, forms: bool) -> None:
    """Check every entry and run the tests that stand in it.

    FOLDER holds entries of your own over the packaged ones; without it, the folder of the settings. --forms takes
    the forms of words from lexica that are an extra: pip install 'treatywatch[morphology]'.
    """
    from streams import knowledge
    from streams.everyday import words

    settings = _settings(knowledge=folder)
    problems = _problems(settings, forms, words())
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(problems)} problem(s)" if problems else "no problem found", err=True)
    if settings.knowledge and not knowledge.of(settings.knowledge):
        click.echo(
            f"{settings.knowledge} holds no entry: *.yaml in proposals/, actors/, ...; only ours were looked at",
            err=True,
        )
    sys.exit(EXIT_USAGE if problems else 0)


def _problems(
    settings: Settings, forms: bool = False, everyday: Mapping[str, Mapping[str, int]] | None = None
) -> list[str]:
    from streams import knowledge
    from streams.logic.lint import lint as check
    from streams.morphology import Lexicon, available

    if forms and not available():
        raise click.UsageError("--forms needs the lexica: pip install 'treatywatch[morphology]'")
    own = knowledge.of(settings.knowledge) if settings.knowledge else None
    return list(check(knowledge.read(settings.knowledge), Lexicon() if forms else None, own, everyday))


@kb.command("try", short_help="What the tagger makes of a text, and why.")
@click.argument("text")
@click.option("--title", default="")
@click.option("--lang")
@click.option("--published", "stated", help="Date of publication, 2008-07-29; resolves dates in the text.")
@click.option("--knowledge", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Entries over ours.")
@click.option("--near", is_flag=True, help="Near misses with all their reasons too.")
def try_(text: str, title: str, lang: str | None, stated: str | None, knowledge: Path | None, near: bool) -> None:
    """Show what the tagger makes of TEXT, and why; `-` reads it from standard input."""
    from streams.logic.tag import explain

    given = click.get_text_stream("stdin", errors="replace").read() if text == "-" else text
    at = published({"published": stated})
    if stated and at is None:
        raise click.BadParameter(f"--published: {stated!r} is no date or RFC 3339 time such as 2008-07-29")
    ours = tagger(_settings(knowledge=knowledge))
    click.echo(explain(ours, title, given, lang, at, near))


def _folder(name: str) -> Path | None:
    """A folder of entries that override the packaged ones; `packaged` is none."""
    if name == "packaged":
        return None
    if not Path(name).is_dir():
        raise click.UsageError(f"{name}: no such folder; 'packaged' is the knowledge base as installed")
    return Path(name)


@kb.command(short_help="What two knowledge bases make of a file.")
@click.argument("old")
@click.argument("new")
@click.option("--gold", type=click.File("rb"), required=True, help="Documents, labelled or not.")
def diff(old: str, new: str, gold: IO[bytes]) -> None:
    """Tag the documents of a file with two knowledge bases and show what changes.

    OLD and NEW are folders of entries over the packaged ones, or the word `packaged`.
    """
    from streams import knowledge
    from streams.logic.compile import compile_knowledge
    from streams.logic.difference import Given, changes
    from streams.logic.tag import Tagger

    taggers = [Tagger(compile_knowledge(knowledge.read(_folder(name)))) for name in (old, new)]
    given = [
        Given(identity, title, text, one.get("lang"), published(one), one.get("label"))
        for identity, title, text, one in documents(gold)
    ]
    told: Counter[tuple[str, str]] = Counter()
    for change in changes(taggers[0], taggers[1], given):
        finding, label = change.finding, change.document.label
        word = "gained" if change.gained else "lost"
        told[word, label or ""] += 1
        whole = ", the whole document" if change.flips else ""
        of = f" labelled {label}" if label else ""
        click.echo(f"{word} {finding.proposal} {finding.score:.2f}{whole}: {change.document.id}{of}")
        for span in finding.evidence[:1]:
            click.echo(f"  [{span.field} {span.start}-{span.end}] {' '.join(span.quote.split())[:300]}")
        strongest = sorted((r for r in finding.why if r.feature not in NO_REASON), key=lambda r: -abs(r.weight))[:3]
        click.echo("  " + ", ".join(f"{r.weight:+.2f} {r.feature}" for r in strongest))
    for word in ("gained", "lost"):
        by_label = {label: n for (what, label), n in sorted(told.items()) if what == word}
        split = ", ".join(f"{n} in {label}" for label, n in by_label.items() if label)
        click.echo(f"{sum(by_label.values())} {word}" + (f" ({split})" if split else ""), err=True)
    click.echo(f"in {len(given)} documents", err=True)


NO_REASON = frozenset(["start", "the rest"])
"""Parts of a score that say nothing of the document."""


@kb.command("activate", short_help="Put entries in force, without a restart.")
@_FOLDER
@click.option("--watch", is_flag=True, help="Again whenever the folder changes, until Ctrl-C.")
@click.option("--bootstrap", metavar="HOST:PORT")
def activate(folder: Path | None, watch: bool, **over: Any) -> None:
    """Put the entries of FOLDER (or of the settings) in force, without a restart.

    The bundle goes whole into config.bundles and an activation into every partition that decides by it; workers
    take it up at that record. The rules in force stay. A folder with an error changes nothing and says what is wrong.
    """
    from streams import knowledge
    from streams.logic.knowledge import KnowledgeFault

    named = _settings(**over)
    settings = named.but(knowledge=folder) if folder else named

    def now() -> Mapping[str, str] | str:
        try:
            return knowledge.read(settings.knowledge)
        except KnowledgeFault as fault:  # said once, by the check
            return str(fault)

    before = now()  # first: what is changed while the first activation goes on is a change
    well = _activate(settings)
    if well and folder and (named.knowledge is None or named.knowledge.resolve() != folder.resolve()):
        click.echo(
            f"a worker that starts puts what its settings name in force: TREATYWATCH_KNOWLEDGE={folder}", err=True
        )

    with contextlib.suppress(KeyboardInterrupt):
        while watch:
            time.sleep(WATCH_SECONDS)
            found = now()
            if found != before:
                before = found
                well = _activate(settings)
    sys.exit(0 if well else EXIT_USAGE)


def _activate(settings: Settings) -> bool:
    """Check and activate; whether there was no problem."""
    from streams import app
    from streams.logic.knowledge import KnowledgeFault

    try:
        problems = _problems(settings)
    except KnowledgeFault as fault:
        problems = [str(fault)]
    if problems:
        for problem in problems:
            click.echo(problem)
        click.echo(f"{len(problems)} problem(s); nothing was changed", err=True)
        return False
    known, watched = app.bundles(settings)
    _, kept = app.in_force(settings)
    written = app.put_in_force(settings, (known, kept or watched))
    click.echo(f"{known.id} {known.version} {'is now' if written else 'was already'} in force")
    return True
