"""Every option of every part, in one table: environment over a TOML file over defaults.

`TREATYWATCH_BOOTSTRAP=kafka:9092` in the environment, `bootstrap = "kafka:9092"` in the file named by
`TREATYWATCH_CONFIG`. A secret may also stand in a file: `TREATYWATCH_SASL_PASSWORD_FILE=/run/secrets/x`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

PREFIX = "TREATYWATCH_"
LEAST_SECRET = 16
RECONNECT = 1000
"""Milliseconds at most between two tries to reach a Kafka that is away, as Kafka's own clients have it.

The defaults of kafka-python and librdkafka are 30 s and 10 s: about as long as whole commands wait for Kafka.
"""


class SettingsFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """The operator's to mend: names the option, the value, and what would be accepted."""


def _number(low: float, high: float, whole: bool) -> Callable[[str], float | int]:
    def read(text: str) -> float | int:
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            value = None  # said below with the bounds
        if value is None or not low <= value <= high:
            raise ValueError(f"a {'whole ' if whole else ''}number from {low:g} to {high:g}")
        return value

    return read


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return text

    return read


def _flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("true or false")


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text else None


def _long(text: str) -> str:
    if 0 < len(text) < LEAST_SECRET:
        raise ValueError(f"{LEAST_SECRET} characters or more, so that nobody finds it by trying")
    return text


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table; `read` turns text into the value or raises with what is accepted."""

    name: str
    default: str
    meaning: str
    read: Callable[[str], Any] = str
    secret: bool = False


OPTIONS: tuple[Option, ...] = (
    Option("data", platformdirs.user_data_dir("treatywatch"), "folder of all local state", _path),
    Option("cache", platformdirs.user_cache_dir("treatywatch"), "folder of what can be had again", _path),
    Option("bootstrap", "127.0.0.1:9092", "Kafka brokers, HOST:PORT,HOST:PORT"),
    Option("partitions", "8", "partitions of topics made from now on; the ceiling on workers", _number(1, 256, True)),
    Option("replication", "1", "copies of each partition on a cluster", _number(1, 9, True)),
    Option("min_insync", "1", "copies that must have a record before it counts as written", _number(1, 9, True)),
    Option("security", "PLAINTEXT", "how clients speak to Kafka", _choice("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")),
    Option("sasl_mechanism", "SCRAM-SHA-512", "how clients log in", _choice("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")),
    Option("sasl_username", "", "name to log in with"),
    Option("sasl_password", "", "password to log in with", secret=True),
    Option("ssl_ca", "", "PEM file of the authorities that are trusted", _path),
    Option("ssl_certificate", "", "PEM file of this client's certificate", _path),
    Option("ssl_key", "", "PEM file of this client's key", _path),
    Option("sources", "", "source list (OPML); empty: the packaged list", _path),
    Option("seeds", "", "folder of seed articles; empty: the packaged one", _path),
    Option("offline", "false", "no remote sources", _flag),
    Option("knowledge", "", "folder of knowledge entries that override the packaged ones", _path),
    Option("rules", "", "folder of watch rules that override the packaged ones", _path),
    Option("poll_interval", "900", "seconds between polls of a source, unless it asks for more", _number(1, 604800, False)),
    Option("canary_interval", "300", "seconds between canaries, records that only go the whole way; 0: none", _number(0, 86400, False)),
    Option("user_agent", "", "how we present ourselves to sources; empty: treatywatch with the contact"),
    Option("contact", "", "address for site owners, sent in the User-Agent; empty: this machine's postmaster"),
    Option("allow", "", "HOST:PORT,... that may be private addresses"),
    Option("push_host", "127.0.0.1", "address that articles are pushed to"),
    Option("push_port", "0", "port that articles are pushed to (POST /items); 0: none", _number(0, 65535, True)),
    Option("push_token", "", "token that who pushes must have", secret=True),
    Option("websub_callback", "", "address of the push port as hubs reach it, https://...; empty: no WebSub"),
    Option("sinks", "", "file (YAML or TOML) of the sinks that alerts are delivered to; empty: none", _path),
    Option("app_id", "treatywatch", "name of the worker's consumer group and of its state"),
    Option("batch", "500", "records a room takes at a time", _number(1, 10000, True)),
    Option("linger", "0.02", "seconds a room waits to fill a batch", _number(0.001, 5, False)),
    Option("standstill", "90", "seconds after which a worker that takes nothing of what waits ends, to be started again; 0: never", _number(0, 86400, False)),
    Option("web_host", "127.0.0.1", "address of the live page"),
    Option("web_open", "false", "serve the page on another address than loopback without a check", _flag),
    Option("web_token", "", "token that readers of the page must have, also on loopback; as a bearer's, or as the password of any name", secret=True),
    Option("web_admin_token", "", "token with which the workbench saves to the folders of `knowledge` and `rules`; 16 characters or more; empty: it saves nothing", _long, secret=True),
    Option("web_reader_header", "", "header in which a reverse proxy names the reader it has checked, such as X-Forwarded-User; must not be reachable past the proxy"),
    Option("web_hosts", "", "names, with commas, that the page may be asked by beside localhost"),
    Option("web_url", "", "address of the page as readers reach it, https://...; for links in feeds"),
    Option("web_port", "8080", "port of the live page", _number(0, 65535, True)),
    Option("metrics_host", "127.0.0.1", "address of the metrics"),
    Option("metrics_port", "0", "port of this process's metrics; 0: the part's own, 9461-9464", _number(0, 65535, True)),
    Option("log_format", "text", "how log lines are written", _choice("text", "json")),
    Option("log_file", "", "file of the log lines, rotated at 10 MB; empty: standard error", _path),
    Option("log_level", "info", "least severity that is logged", _choice("debug", "info", "warning", "error")),
)  # fmt: skip

HOME_FOLDERS = {"data": "the user's data folder", "cache": "the user's cache folder"}


def shown_default(option: Option) -> str:
    """The default for readers: what depends on the machine is said in words."""
    if option.name in HOME_FOLDERS:
        return HOME_FOLDERS[option.name]
    return f"`{option.default}`" if option.default else "none"


BY_NAME = {option.name: option for option in OPTIONS}


@dataclass(frozen=True, slots=True)
class Settings:
    """All options as read; `settings.bootstrap` and so on."""

    values: Mapping[str, Any]
    given: frozenset[str] = frozenset()
    """Names of the options that somebody set: in the environment, in the file, or on the command line."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def but(self, **changes: Any) -> Settings:
        """The same settings with some values changed."""
        for name in changes:
            _known(name, "option")
        return Settings({**self.values, **changes}, self.given | changes.keys())

    def kafka(self) -> dict[str, str]:
        """Connection settings in librdkafka's names: broker addresses, security, and how soon a Kafka is tried again."""
        found = {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.security,
            "reconnect.backoff.max.ms": str(RECONNECT),
        }
        if self.security.startswith("SASL"):
            found |= {
                "sasl.mechanism": self.sasl_mechanism,
                "sasl.username": self.sasl_username,
                "sasl.password": self.sasl_password,
            }
        if self.security.endswith("SSL"):
            files = {
                "ssl.ca.location": self.ssl_ca,
                "ssl.certificate.location": self.ssl_certificate,
                "ssl.key.location": self.ssl_key,
            }
            found |= {name: str(path) for name, path in files.items() if path}
        return found

    def kafka_python(self) -> dict[str, Any]:
        """The same in kafka-python's names."""
        found: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap.split(","),
            "security_protocol": self.security,
            "reconnect_backoff_max_ms": RECONNECT,
        }
        if self.security.startswith("SASL"):
            found |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password,
            }
        if self.security.endswith("SSL"):
            files = {
                "ssl_cafile": self.ssl_ca,
                "ssl_certfile": self.ssl_certificate,
                "ssl_keyfile": self.ssl_key,
            }
            found |= {name: str(path) for name, path in files.items() if path}
        return found


def _known(name: str, where: str) -> Option:
    if name in BY_NAME:
        return BY_NAME[name]
    near = difflib.get_close_matches(name, BY_NAME, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise SettingsFault(f"unknown {where} {name!r}{hint}")


def _read(option: Option, text: str, where: str) -> Any:
    try:
        return option.read(text)
    except ValueError as fault:
        shown = "(secret)" if option.secret else repr(text)
        raise SettingsFault(f"{where}: {shown} is not accepted; {option.name} takes {fault}") from fault


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; `SettingsFault` names the first thing that is wrong."""
    environ = os.environ if environ is None else environ
    values = {o.name: _read(o, o.default, f"default of {o.name}") for o in OPTIONS}
    told: set[str] = set()
    config = environ.get(PREFIX + "CONFIG")
    if config:
        try:
            table = tomllib.loads(Path(config).read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as fault:
            raise SettingsFault(f"{PREFIX}CONFIG: cannot read {config}: {fault}") from fault
        for name, value in table.items():
            option = _known(name, f"option in {config}:")
            text = str(value).lower() if isinstance(value, bool) else str(value)
            values[name] = _read(option, text, f"{config}: {name}")
            told.add(name)
    for key, text in sorted(environ.items()):
        if not key.startswith(PREFIX) or key == PREFIX + "CONFIG":
            continue
        name = key.removeprefix(PREFIX).lower()
        if name.endswith("_file") and name.removesuffix("_file") in BY_NAME:
            option = BY_NAME[name.removesuffix("_file")]
            try:
                given = Path(text).read_text(encoding="utf-8").rstrip("\n")
            except OSError as fault:
                raise SettingsFault(f"{key}: cannot read {text}: {fault.strerror}") from fault
        else:
            option, given = _known(name, f"setting {key}:"), text
        values[option.name] = _read(option, given, key)
        told.add(option.name)
    return Settings(values, frozenset(told))
