"""All words of the page, one TOML file a language, and numbers and dates as that language writes them (CLDR)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

HERE = Path(__file__).parent / "strings"
LOCALES = {"en": "en_GB", "de": "de_DE"}
"""The languages that there is a file for, and whose habits they follow."""


class Words:
    """One language: `words("now.heading")`, `words("now.fresh", n=3)`."""

    def __init__(self, lang: str) -> None:
        self.lang, self.locale = lang, Locale.parse(LOCALES[lang])
        self._texts: Mapping[str, Mapping[str, Any]] = tomllib.loads(
            (HERE / f"{lang}.toml").read_text(encoding="utf-8")
        )

    def __call__(self, key: str, **values: Any) -> str:
        """The text of a key, with its values in it; numbers as the language writes them."""
        section, _, name = key.partition(".")
        text = self._texts[section][name]
        if isinstance(text, Mapping):
            text = text.get(self.locale.plural_form(values["n"])) or text["other"]
        shown = {k: self.number(v) if isinstance(v, int) else v for k, v in values.items()}
        return str(text).format(**shown)

    def name(self, section: str, code: str | None) -> str:
        """What a code of the contracts is called here; one that is not known stands for itself."""
        return str(self._texts[section].get(code or "", code or self("page.unknown")))

    def language(self, code: str) -> str:
        """What a language is called here, by its code of ISO 639."""
        return str(self.locale.languages.get(code, code))

    def act(self, code: str, actors: Sequence[str]) -> str:
        """What is done, as it is said of one or of several: "agrees", "agree"."""
        return self.name("act_of_several" if len(actors) > 1 else "act", code)

    def keys(self) -> set[str]:
        """All keys."""
        return {f"{section}.{name}" for section, texts in self._texts.items() for name in texts}

    def number(self, value: float) -> str:
        """12,345.6 or 12.345,6."""
        return str(format_decimal(value, locale=self.locale))

    def signed(self, value: float) -> str:
        """A weight: two digits and always its sign."""
        return ("+" if value >= 0 else "\N{MINUS SIGN}") + str(format_decimal(abs(value), "0.00", locale=self.locale))

    def share(self, value: float) -> str:
        """A share as per cent."""
        return str(format_percent(value, locale=self.locale))

    def moment(self, at: datetime) -> str:
        """Day and minute."""
        return f"{format_date(at, 'medium', locale=self.locale)}, {format_time(at, 'short', locale=self.locale)}"

    def day(self, text: str) -> str:
        """A date as our contracts have it: `2008`, `2008-06` or `2008-09-24`, or a time."""
        try:
            if len(text) == 4:
                return text
            if len(text) == 7:
                return str(format_skeleton("yMMM", date.fromisoformat(text + "-01"), locale=self.locale))
            return str(format_date(date.fromisoformat(text[:10]), "medium", locale=self.locale))
        except ValueError:
            return text

    def month(self, text: str) -> str:
        """`2008-06` as a label of a picture."""
        return str(format_skeleton("yMMM", date.fromisoformat(text + "-01"), locale=self.locale))

    def span(self, seconds: float) -> str:
        """A length of time, roughly."""
        return str(format_timedelta(timedelta(seconds=seconds), locale=self.locale, threshold=1.2))

    def people(self, codes: Sequence[str]) -> str:
        """Actor codes as they are; several with a slash."""
        return "/".join(code.removeprefix("other:") for code in codes)


def negotiated(header: str) -> str:
    """The first of our languages that an Accept-Language header asks for, by its weights; else English."""
    wanted: list[tuple[float, int, str]] = []
    for number, part in enumerate(header[:500].split(",")):
        tag, _, parameters = part.partition(";")
        quality = parameters.strip().removeprefix("q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        wanted.append((-weight, number, tag.strip().split("-")[0].casefold()))
    return next((lang for weight, _, lang in sorted(wanted) if weight < 0 and lang in LOCALES), "en")
