"""What an operator declares of sinks: one file, YAML or TOML. Its JSON schema: docs/contracts/Sinks.json."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from connectors.sinks import lines
from connectors.sinks.secret import Secret, SecretFault
from streams.contracts.records import AlertType, Severity
from streams.settings import SettingsFault

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST_BYTES = 1024 * 1024
_SPAN = re.compile(r"(\d{1,5})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what stands in the file: an unknown key is a mistake."""


class Filter(_Part, frozen=True, kw_only=True):
    """Which alerts a sink wants: all that agree with every key that is given; a key's values are alternatives."""

    proposal: str | list[str] = []
    """Codes of proposals; `coverage` for alerts about sources."""
    severity: Severity | list[Severity] = []
    type: AlertType | list[AlertType] = []
    """Default: all; for mail and chat all but `updated`, which only counts copies."""
    language: str | list[str] = []
    """Of the article: ISO 639-1; `und` where it is not known."""
    rule: str | list[str] = []
    historical: Literal["no", "yes", "only"] = "no"


class Group(_Part, frozen=True, kw_only=True):
    """When alerts go out together: `every: 15m`, or `daily: "08:00"` in a `zone`."""

    every: str | None = None
    """A length of time: 90s, 15m, 2h, 1d; counted from midnight UTC."""
    daily: str | None = None
    """A time of day, HH:MM, in `zone`."""
    zone: str = "UTC"
    empty: bool = True
    """Whether a daily digest goes out when there was no alert: it then says whether we could see."""


class Quiet(_Part, frozen=True, kw_only=True):
    """Hours in which nothing is sent; it waits."""

    begin: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    zone: str = "UTC"
    unless: Severity | list[Severity] = []
    """Severities that go out all the same."""


class _Declared(_Part, frozen=True, kw_only=True, tag_field="kind"):
    """What every sink may say."""

    enabled: bool = True
    filter: Filter = Filter()
    group: Literal["immediately"] | Group = "immediately"
    quiet: Quiet | None = None
    start: str = msgspec.field(default="now", name="from")
    """Where a new sink begins: `now`, `beginning`, or an RFC 3339 time."""
    give_up: str = "1d"
    """How long an alert is tried before it goes to the dead letters."""
    at_once: int = 1
    """How many alerts are on their way at a time; those of one thread keep their order."""


class Webhook(_Declared, frozen=True, kw_only=True, tag="webhook"):
    """POST with the headers and the signature of Standard Webhooks."""

    url: str | Secret
    secrets: list[Secret]
    """Keys to sign with, `whsec_...`: the newest first, then those that receivers still know."""
    authorization: Secret | None = None
    """A whole Authorization header."""
    timeout: str = "15s"
    at_once: int = 4


class Chat(_Declared, frozen=True, kw_only=True, tag="apprise"):
    """Whatever Apprise has an address for."""

    url: Secret


class Mail(_Declared, frozen=True, kw_only=True, tag="mail"):
    """Mail by SMTP."""

    host: str
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: Secret | None = None
    sender: str
    to: list[str]
    timeout: str = "30s"


class Alertmanager(_Declared, frozen=True, kw_only=True, tag="alertmanager"):
    """Prometheus Alertmanager, API v2."""

    url: str | Secret
    """Its root: http://alertmanager:9093."""
    authorization: Secret | None = None
    hold: str = "1d"
    """How long an alert stays firing there."""
    timeout: str = "15s"


class File(_Declared, frozen=True, kw_only=True, tag="file"):
    """A file of JSON lines, rotated."""

    path: str
    megabytes: float = 10
    """Size at which it is rotated."""
    keep: int = 5
    """How many older files are kept."""


class Slack(_Declared, frozen=True, kw_only=True, tag="slack"):
    """Slack by a bot's token: what goes on in a thread stands in it."""

    token: Secret
    channel: str
    """Its id, C0123456789."""
    api: str = "https://slack.com/api"
    timeout: str = "15s"


class Telegram(_Declared, frozen=True, kw_only=True, tag="telegram"):
    """Telegram by a bot's token: what goes on in a thread replies to it."""

    token: Secret
    chat: str
    """Its id, -1001234567890, or @name."""
    api: str = "https://api.telegram.org"
    timeout: str = "15s"


class Matrix(_Declared, frozen=True, kw_only=True, tag="matrix"):
    """Matrix by an access token: what goes on in a thread stands in it, and a repeat is no second message."""

    token: Secret
    room: str
    """Its id, !abc:example.org."""
    api: str
    """The home server: https://matrix.example.org."""
    timeout: str = "15s"


Sink: TypeAlias = Webhook | Chat | Mail | Alertmanager | File | Slack | Telegram | Matrix
KINDS: dict[str, type[Sink]] = {
    "webhook": Webhook, "apprise": Chat, "mail": Mail, "alertmanager": Alertmanager, "file": File, "slack": Slack,
    "telegram": Telegram, "matrix": Matrix,
}  # fmt: skip
FOR_PEOPLE = (Chat, Mail, Slack, Telegram, Matrix)


class Sinks(_Part, frozen=True, kw_only=True):
    """The whole file."""

    sinks: dict[str, Sink]
    """By name: a-z, 0-9 and `-`. The name is what a sink is known by; another name is a new sink."""


def several(given: str | Sequence[str]) -> list[str]:
    """A value or values, as values."""
    return [given] if isinstance(given, str) else list(given)


def span(text: str) -> timedelta:
    """A length of time such as 90s, 15m, 2h, 1d."""
    found = _SPAN.fullmatch(text)
    if found is None or not int(found[1]):
        raise ValueError(f"a length of time such as 90s, 15m, 2h or 1d, not {text!r}")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def of_day(text: str) -> time:
    """A time of day, HH:MM."""
    try:
        return datetime.strptime(text, "%H:%M").time()
    except ValueError:
        raise ValueError(f"a time of day such as 08:00, not {text!r}") from None


def zone(name: str) -> zoneinfo.ZoneInfo:
    """A time zone by its IANA name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"a time zone such as Europe/Brussels, not {name!r}") from None


def beginning(text: str) -> datetime | None:
    """The moment that `from: TIME` names; `None` for `now` and `beginning`."""
    if text in {"now", "beginning"}:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"now, beginning, or a time such as 2026-03-01T00:00:00Z, not {text!r}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def read(path: Path) -> dict[str, Sink]:
    """The enabled sinks of a file by name; `SettingsFault` says `file:line: what`, and what would be accepted."""
    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise SettingsFault(f"cannot read the sinks file {path}: {fault.strerror}") from fault
    if len(raw) > MOST_BYTES:
        raise SettingsFault(f"{path}: a sinks file is at most {MOST_BYTES} bytes")
    try:
        given, where = lines.parse(raw, path.suffix)
    except ValueError as fault:
        raise SettingsFault(f"{path}:{fault}") from fault
    found = {name: sink for name, sink in _sinks(path, given, where).items() if sink.enabled}
    if not found:
        raise SettingsFault(f"{path}: it names no enabled sink")
    return found


def _sinks(path: Path, given: dict[str, Any], where: lines.Lines) -> dict[str, Sink]:
    def wrong(keys: Sequence[str | int], what: object) -> SettingsFault:
        return SettingsFault(f"{path}:{where.of(keys)}: {what}")

    for key in given:
        if key != "sinks":
            raise wrong([key], f"unknown key {key!r}" + lines.nearest(key, ["sinks"]))
    sinks = given.get("sinks")
    if not isinstance(sinks, dict):
        raise wrong(["sinks"], "sinks is a mapping of names to sinks")
    found: dict[str, Sink] = {}
    for name, one in sinks.items():
        at: list[str | int] = ["sinks", name]
        if not NAME.fullmatch(name):
            raise wrong(at, f"the name of a sink is made of a-z, 0-9 and '-'; not {name!r}")
        if not isinstance(one, dict):
            raise wrong(at, f"{name}: a sink is a mapping with a kind and more")
        if one.get("kind") not in KINDS:
            hint = lines.nearest(str(one["kind"]), KINDS) if "kind" in one else f"; it is one of {', '.join(KINDS)}"
            raise wrong([*at, "kind"], f"{name}: unknown kind {one['kind']!r}{hint}" if "kind" in one else
                        f"{name}: kind is missing{hint}")  # fmt: skip
        kind = KINDS[one["kind"]]
        try:
            found[name] = msgspec.convert(one, kind, strict=False)
        except msgspec.ValidationError as fault:
            keys, what = lines.explained(str(fault), kind)
            raise wrong([*at, *keys], f"{name}: {what}") from None
        for about, check in _checks(found[name], path.parent):
            try:
                check()
            except (ValueError, SecretFault) as fault:
                raise wrong([*at, *about], f"{name}: {'.'.join(about)} takes {fault}"
                            if isinstance(fault, ValueError) else f"{name}: {fault}") from None  # fmt: skip
    return found


def _checks(sink: Sink, folder: Path) -> list[tuple[list[str], Any]]:
    """What the types do not say: each with the keys that it is about."""
    found: list[tuple[list[str], Any]] = [
        (["from"], lambda: beginning(sink.start)), (["give_up"], lambda: span(sink.give_up)),
        (["at_once"], lambda: _between(sink.at_once, 1, 64)),
    ]  # fmt: skip
    if isinstance(sink.group, Group):
        group = sink.group
        found.append((["group"], lambda: _one_of(group)))
        found += [(["group", "every"], lambda: span(group.every or ""))] if group.every else []
        found += [(["group", "daily"], lambda: of_day(group.daily or ""))] if group.daily else []
        found.append((["group", "zone"], lambda: zone(group.zone)))
    if sink.quiet:
        quiet = sink.quiet
        found += [(["quiet", "from"], lambda: of_day(quiet.begin)), (["quiet", "to"], lambda: of_day(quiet.end)),
                  (["quiet"], lambda: _apart(quiet)), (["quiet", "zone"], lambda: zone(quiet.zone))]  # fmt: skip
    for key in ("timeout", "hold"):
        if hasattr(sink, key):
            found.append(([key], lambda key=key: span(getattr(sink, key))))
    for key in ("url", "authorization", "password", "token", "api"):
        given = getattr(sink, key, None)
        if isinstance(given, Secret):
            found.append(([key], lambda given=given: given.read(folder)))
        elif key in {"url", "api"} and given is not None:
            found.append(([key], lambda given=given: address(given)))
    if isinstance(sink, Webhook):
        found.append((["secrets"], lambda: _some(sink.secrets)))
        found += [(["secrets"], lambda one=one: signing(one.read(folder))) for one in sink.secrets]
    if isinstance(sink, Mail):
        found += [(["to"], lambda: _some(sink.to)), (["port"], lambda: _between(sink.port, 1, 65535))]
        found += [(["to"], lambda one=one: mailbox(one)) for one in sink.to]
        found.append((["sender"], lambda: mailbox(sink.sender)))
        found.append((["password"], lambda: _both(sink)))
    if isinstance(sink, File):
        found += [(["megabytes"], lambda: _between(sink.megabytes, 0.001, 10_000)),
                  (["keep"], lambda: _between(sink.keep, 0, 1000))]  # fmt: skip
    return found


def address(url: str) -> None:
    """`ValueError` unless `url` is an http or https address without a password in it."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - it raises
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an http or https address")
    if "@" in parts.netloc:
        raise ValueError("an address without a password; with one it stands in a file or the environment: {file: ...}")


def mailbox(text: str) -> None:
    """`ValueError` unless it is one address that mail may go to."""
    local, at, domain = text.rpartition("@")
    if not (at and local and domain) or any(c.isspace() or c in '<>,;:"()' or not c.isprintable() for c in text):
        raise ValueError(f"addresses such as desk@example.org, not {text!r}")


def signing(text: str) -> None:
    """`SecretFault` unless it is a key of Standard Webhooks."""
    from connectors.sinks.webhook import key_of  # noqa: PLC0415 - it needs this module's types

    key_of(text)


def _one_of(group: Group) -> None:
    if bool(group.every) == bool(group.daily):
        raise ValueError("every or daily, one of the two")


def _apart(quiet: Quiet) -> None:
    if of_day(quiet.begin) == of_day(quiet.end):
        raise ValueError("hours that begin and end at different times: nothing would ever be sent")


def _both(sink: Mail) -> None:
    if bool(sink.user) != bool(sink.password):
        raise ValueError("its user beside it, and a user its password")
    if sink.password and sink.tls == "none":
        raise ValueError("tls: a password is not sent over an open line")


def _some(given: Sequence[object]) -> None:
    if not given:
        raise ValueError("one or more")


def _between(value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"a number from {low:g} to {high:g}, not {value:g}")
