"""What a watch rule can ask of a report, its story and its dossier: fields, and Sigma's way of asking. Pure.

`actor: [NATO, EU]` asks for one of these values; `title|contains: draft`, `origins|gte: 2`, `actor|side: west` ask
otherwise. Values are compared without regard to case.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from streams.contracts.records import Act, Role, Status, Time, Voice
from streams.logic import yamltext

Kind = Literal["text", "number", "date", "actor"]
Fields = Mapping[str, Sequence[str]]
"""What is known of a report, as texts; a field that says nothing is empty or left out."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that rules match on."""

    kind: Kind
    about: str
    values: tuple[str, ...] = ()
    """The closed list of its values, when there is one."""


FIELDS: dict[str, Field] = {
    # of the report
    "proposal": Field("text", "id of the proposal, `EST`"),
    "instance": Field("text", "its instance, `new-start`"),
    "proposal_name": Field("text", "its name"),
    "other_name": Field("text", "how the text calls it, for `OTHER-*`"),
    "proposer": Field("actor", "whose proposal it is"),
    "addressee": Field("actor", "whom it is put to"),
    "status": Field("text", "the state reported", get_args(Status)),
    "act": Field("text", "what is done to it now", get_args(Act)),
    "actor": Field("actor", "who does it"),
    "role": Field("text", "main topic, or in passing", get_args(Role)),
    "voice": Field("text", "who says so", get_args(Voice)),
    "time": Field("text", "news, or a look back", get_args(Time)),
    "when": Field("date", "the date that the text gives the act"),
    "score": Field("number", "how sure the tagger is, 0 to 1"),
    "promised_by": Field("actor", "who promises something in it"),
    "formula": Field("text", "id of a formula that it quotes"),
    "speaker": Field("actor", "who used the formula"),
    "quote": Field("text", "the evidence, verbatim"),
    "title": Field("text", "the article's headline"),
    "url": Field("text", "its address"),
    "source": Field("text", "id of its source"),
    "lang": Field("text", "its language (ISO 639-1; `und` when unknown)"),
    "historical": Field("text", "whether it is old material", ("yes", "no")),
    # of the story
    "origins": Field("number", "independent reports of the event so far"),
    "copies": Field("number", "further copies of them"),
    # of the dossier, as it was before
    "status_before": Field("text", "the state that the proposal was in", get_args(Status)),
    "open_commitments": Field("number", "promises whose day is to come"),
    "overdue_commitments": Field("number", "promises whose day has passed"),
    "contradictions": Field("number", "contradictions kept"),
    "quiet_days": Field("number", "whole days since anything was reported of it"),
}
SIDES = ("russia", "west", "ukraine", "other")

_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "": lambda found, wanted: found == wanted,
    "contains": lambda found, wanted: wanted in found,
    "startswith": lambda found, wanted: found.startswith(wanted),
    "endswith": lambda found, wanted: found.endswith(wanted),
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda found, wanted: found == wanted,
    "gte": lambda found, wanted: found >= wanted,
    "gt": lambda found, wanted: found > wanted,
    "lte": lambda found, wanted: found <= wanted,
    "lt": lambda found, wanted: found < wanted,
}
MODIFIERS: dict[Kind, tuple[str, ...]] = {
    "text": tuple(_TEXTS),
    "actor": (*_TEXTS, "side"),
    "number": tuple(_ORDERS),
    "date": tuple(_ORDERS),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that is asked of a field: any of `wanted`."""

    field: str
    how: str
    wanted: tuple[str, ...]


Asks = tuple[Ask, ...]


def holds(asks: Asks, fields: Fields, sides: Mapping[str, str]) -> bool:
    """Whether all that is asked is so; of a field that says nothing, nothing is."""
    return all(_holds(ask, fields.get(ask.field, ()), sides) for ask in asks)


def _holds(ask: Ask, found: Sequence[str], sides: Mapping[str, str]) -> bool:
    kind = FIELDS[ask.field].kind
    if ask.how == "side":
        return any(sides.get(one, "other") in ask.wanted for one in found)
    if kind == "number":
        return any(_ORDERS[ask.how](float(one), float(wanted)) for one in found for wanted in ask.wanted)
    if kind == "date":
        return any(_ORDERS[ask.how](one, wanted) for one in found for wanted in ask.wanted)
    return any(_TEXTS[ask.how](one.casefold(), wanted.casefold()) for one in found for wanted in ask.wanted)


def asks(path: str, text: str, given: Any, fault: Callable[[str], Exception]) -> Asks:
    """Read a `match` or `unless`; `fault("path:line: what")` names what would be accepted."""
    return tuple(_ask(path, text, key, value, fault) for key, value in (given or {}).items())


def _ask(path: str, text: str, key: str, value: Any, fault: Callable[[str], Exception]) -> Ask:
    line = yamltext.line_of(text, key)
    name, bar, how = key.partition("|")
    yamltext.known_at(f"{path}:{line}", name, FIELDS, fault, "field")
    field = FIELDS[name]
    if bar:
        yamltext.known_at(f"{path}:{line}", how, [m for m in MODIFIERS[field.kind] if m], fault, f"modifier of {name}")
    wanted = (value,) if isinstance(value, str) else tuple(str(one) for one in value or ())
    if not wanted:
        raise fault(f"{path}:{line}: {key} names no value")
    for one in wanted:
        _check(f"{path}:{line}", key, field, how, one, fault)
    return Ask(name, how, wanted)


def _check(place: str, key: str, field: Field, how: str, one: str, fault: Callable[[str], Exception]) -> None:
    closed = SIDES if how == "side" else field.values if not how else ()
    if closed and one not in closed:
        near = difflib.get_close_matches(one, closed, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise fault(f"{place}: {key} takes {', '.join(closed)}; not {one!r}{hint}")
    try:
        if field.kind == "number":
            float(one)
        elif field.kind == "date":
            date.fromisoformat(one)
    except ValueError:
        wanted = "a number" if field.kind == "number" else "a date such as 2008-09-24"
        raise fault(f"{place}: {key} takes {wanted}; not {one!r}") from None
