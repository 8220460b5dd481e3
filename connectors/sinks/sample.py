"""`treatywatch deliver --test SINK`: one marked sample to one sink, and what became of it in plain words. No Kafka."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

import msgspec

from connectors.address import allowed
from connectors.sinks.deliver import build, configured
from connectors.sinks.parcel import Parcel, SinkFault, Told
from connectors.sinks.secret import SecretFault, hide
from streams.contracts.records import Alert, ArticleRef, BundleRef, Evidence
from streams.contracts.wire import encode
from streams.settings import Settings

_NONE = BundleRef(id="test", version="0", hash="")


def sample(identity: str, now: datetime) -> Alert:
    """An alert that nobody can take for news: its rule, its source and its words say so."""
    quote = "This is a test of treatywatch. Nothing has happened."
    article = ArticleRef(
        id=identity, revision=1, source="treatywatch test", url="https://example.org/treatywatch-test",
        title="A test of treatywatch", lang="en", published=now, modified=None, seen=now,
    )  # fmt: skip
    return Alert(
        id=identity, type="raised", thread=identity, replaces=None, headline="TEST, not news: a sample of an alert",
        severity="info", historical=False, score=0.0, proposal="TEST", instance=None, proposal_name="Test, no proposal",
        proposer=[], addressee=[], status=None, status_before=None, act=None, actor=[], role=None, voice=None,
        time=None,
        evidence=[Evidence(field="text", start=0, end=len(quote), quote=quote)], article=article, story=None, origins=1,
        copies=0, commitments=[], rule=_NONE, knowledge=_NONE, engine="", why=[], changes=[],
    )  # fmt: skip


async def test(settings: Settings, name: str) -> tuple[bool, str]:
    """Send a sample to the sink `name`; whether it was taken, and what happened."""
    given = configured(settings, [name])[name]
    sink = build(given, settings.sinks.parent, allowed(settings.allow))
    now = datetime.now(UTC).replace(microsecond=0)
    alert = sample("test-" + secrets.token_hex(8), now)
    parcel = Parcel(alert.id, (Told(alert, encode(alert), msgspec.to_builtins(now)),), test=True)
    began = time.monotonic()
    try:
        await sink.give(parcel)
    except (SinkFault, SecretFault) as fault:
        reason = hide(str(fault), sink.secrets())
        again = "; it would be given up at once" if getattr(fault, "final", False) else "; it would be tried again"
        return False, f"{name} ({sink.where}) did not take the sample: {reason}{again}"
    finally:
        await sink.close()
    spent = (time.monotonic() - began) * 1000
    if given.__struct_config__.tag == "file":
        return True, f"{name} ({sink.where}) can be written; a sample is not kept there"
    return True, f"{name} ({sink.where}) took the sample {alert.id} in {spent:.0f} ms"
