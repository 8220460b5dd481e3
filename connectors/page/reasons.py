"""Why an alert was held back, in the reader's language.

The record says it in one of these forms (`streams.logic.dossier`); what is none of them, as an older record's, is
shown as it stands.
"""

from __future__ import annotations

import re
from datetime import datetime

from connectors.page.strings import Words

_FORMS = tuple(
    (key, re.compile(form, re.DOTALL))
    for key, form in (
        ("no_rule_fires", r"no rule fires(?:: (?P<what>.+))?"),
        ("no_rule", r"no rule"),
        ("late", r"late report(?:: (?P<at>\S+) is before (?P<before>\S+))?"),
        ("long_ago", r"late report: (?P<at>\S+) is long before (?P<before>\S+)"),
        ("silenced", r"silenced(?: by (?P<who>.+?) until (?P<until>\S+): (?P<why>.*))?"),
        ("inhibited", r"inhibited(?:: (?P<rule>.+) has alerted (?P<at>\S+))?"),
        ("throttled", r"throttled(?:: (?P<rule>.+) has alerted (?P<at>\S+))?"),
        ("copy", r"a copy of what was held back(?: \((?P<reason>.*)\))?"),
        ("copy_of_retracted", r"a copy of a report that was retracted"),
        ("retracted", r"retracted before its digest went out"),
    )
)


def reason(text: str, words: Words) -> str:
    """A reason, or the kind of one (what stands before its particulars), as `words` says it."""
    for key, form in _FORMS:
        found = form.fullmatch(text)
        if found:
            given = {name: _shown(name, value, words) for name, value in found.groupdict().items() if value}
            return words(f"reason.{key}", **given) if len(given) == form.groups else words(f"reason.{key}_kind")
    return text


def _shown(name: str, value: str, words: Words) -> str:
    if name == "what":
        return ", ".join(words.name("happened", one) for one in value.split(", "))
    if name == "reason":
        return reason(value, words)
    if name in ("at", "before", "until"):
        try:
            return words.moment(datetime.fromisoformat(value)) if "T" in value else words.day(value)
        except ValueError:
            return value
    return value
