"""Secrets: from a file or the environment only, and out of everything that is said."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from streams.settings import PREFIX

HIDDEN = "***"
SHORTEST = 4
"""Parts of a secret address that are shorter than this tell nothing, and hiding them would garble all words."""


class SecretFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """The operator's: a secret cannot be had; says from where, never what."""


class Secret(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a secret stands: `{file: PATH}`, relative to the sinks file, or `{env: NAME}`."""

    file: str | None = None
    env: str | None = None

    def read(self, folder: Path) -> str:
        """The secret as it stands there now, so that one may be changed while we run."""
        if bool(self.file) == bool(self.env):
            raise SecretFault("a secret is {file: PATH} or {env: NAME}")
        if self.env:
            if self.env.startswith(PREFIX):
                raise SecretFault(f"{self.env}: names in {PREFIX}* are settings; give the secret another")
            found = os.environ.get(self.env, "").strip()
            if not found:
                raise SecretFault(f"the environment has no {self.env}")
            return found
        try:
            found = (folder / str(self.file)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise SecretFault(f"no secret can be read from {self.file}: {type(fault).__name__}") from None
        if not found:
            raise SecretFault(f"{self.file} is empty")
        return found


def parts(secret: str) -> set[str]:
    """A secret and, of an address, everything in it that may be one: user, password, path, query."""
    found = {secret}
    if "://" in secret:
        scheme, _, rest = secret.partition("://")
        split = urlsplit("x://" + rest)
        pieces = [rest, split.path, split.query, split.netloc.rpartition("@")[0]]
        pieces += re.split(r"[/?&=:@,;#]", rest)
        # What follows the scheme of an http address is a host that anybody may know.
        host = split.netloc.rpartition("@")[2] if scheme.lower() in {"http", "https"} else ""
        found |= {one for one in pieces if one not in {host, host.partition(":")[0]}}
    found |= {unquote(one) for one in found}
    return {one for one in found if len(one) >= SHORTEST}


def hide(text: str, secrets: Iterable[str]) -> str:
    """`text` with every part of every secret in it hidden, the longest first."""
    known = sorted({part for one in secrets for part in parts(one)}, key=len, reverse=True)
    for part in known:
        text = text.replace(part, HIDDEN)
    return text
