"""The topics as an AsyncAPI 3 document, for readers in any language: `python -m streams.contracts.asyncapi FILE`.

Payloads are the schemas beside it, by relative reference. A record's `kind` header tells which message it is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple, get_args

from streams.contracts import records
from streams.contracts.topics import (
    ACTIVATE,
    ALERTS,
    ARTICLES,
    BREAKING,
    BUNDLES,
    CANARY,
    DEAD,
    DIGEST,
    DOSSIERS,
    FEEDBACK,
    ITEMS,
    MENTIONS,
    NEAR,
    PARTITIONS,
    SOURCE,
    SOURCES,
    SUPPRESSED,
    TICK,
    TOPICS,
    WITHDRAWN,
    Topic,
)

Kind = type[records.Record]


class Message(NamedTuple):
    """A kind of record in a topic: its `kind` header (empty: the topic's own) and its payload."""

    kind: str
    payload: Kind | None
    """`None`: bytes of any form."""
    key: str
    cloud_event: bool = False


MESSAGES: dict[Topic, tuple[Message, ...]] = {
    ITEMS: (Message("", records.Item, "item id"), Message(CANARY, records.Canary, "`canary`")),
    ARTICLES: (
        Message("", records.Article, "article id"),
        Message(ACTIVATE, records.Activation, "`activate`"),
        Message(CANARY, records.Canary, "`canary`"),
    ),
    MENTIONS: (
        Message("", records.Mention, "dossier id"),
        Message(WITHDRAWN, records.Withdrawn, "dossier id"),
        Message(TICK, records.Tick, "`tick`"),
        Message(SOURCE, records.SourceHealth, "`SOURCES/<source id>`"),
        Message(ACTIVATE, records.Activation, "`activate`"),
        Message(CANARY, records.Canary, "`canary`"),
    ),
    SOURCES: (Message("", records.SourceHealth, "source id"),),
    DOSSIERS: (Message("", records.Dossier, "dossier id"),),
    ALERTS: (Message("", records.Alert, "proposal id, or `SOURCES/<source id>`", cloud_event=True),),
    BREAKING: (Message("", records.Alert, "proposal id", cloud_event=True),),
    DIGEST: (Message("", records.Alert, "proposal id", cloud_event=True),),
    FEEDBACK: (Message("", records.Feedback, "dossier id"),),
    SUPPRESSED: (Message("", records.Suppressed, "proposal id"),),
    NEAR: (Message("", records.NearMiss, "proposal id"),),
    BUNDLES: (Message("", records.Bundle, "hash"), Message(ACTIVATE, records.Activation, "`active`")),
    DEAD: (Message("", None, "as received"),),
}

_CE: dict[str, dict[str, Any]] = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {"type": "string", "description": "the alert's id; the same on every replay: drop what you have seen"},
    "ce_type": {"enum": [f"treatywatch.alert.{kind}.v1" for kind in get_args(records.AlertType)]},
    "ce_source": {"type": "string"},
    "ce_time": {"type": "string", "format": "date-time", "description": "when what caused it was seen"},
    "ce_subject": {"type": "string", "description": "proposal id; empty for a source's"},
    "ce_dataschema": {"type": "string"},
    "content-type": {"const": "application/json"},
}  # fmt: skip
_DEAD: dict[str, dict[str, Any]] = {
    name: {"type": "string"} for name in ("room", "reason", "topic", "partition", "offset", "at")
}


def document() -> dict[str, Any]:
    """The whole document."""
    channels, messages, operations = {}, {}, {}
    for topic in TOPICS:
        name = topic.name.replace(".", "-")
        here = {}
        for message in MESSAGES[topic]:
            label = f"{name}-{message.kind}" if message.kind else name
            messages[label] = _message(topic, message)
            here[message.kind or "record"] = {"$ref": f"#/components/messages/{label}"}
        channels[name] = {
            "address": topic.name,
            "description": topic.about,
            "messages": here,
            "bindings": {"kafka": _kafka(topic)},
        }
        operations[f"read-{name}"] = {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "treatywatch",
            "version": "1",
            "description": (
                "Kafka topics of treatywatch. Values are JSON (UTF-8), times RFC 3339 in UTC; what is not known is "
                "null or []. A record with a `kind` header is no record of the topic's own: pass over kinds "
                "that you do not know. Rules may name further topics `alerts.<name>`, which are as alerts.breaking is."
            ),
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _message(topic: Topic, message: Message) -> dict[str, Any]:
    headers: dict[str, Any] = dict(_CE) if message.cloud_event else dict(_DEAD) if topic is DEAD else {}
    if message.kind:
        headers["kind"] = {"const": message.kind}
    found: dict[str, Any] = {
        "title": message.payload.__name__ if message.payload else "Bytes",
        "contentType": "application/json" if message.payload else "application/octet-stream",
        "bindings": {"kafka": {"key": {"type": "string", "description": message.key}}},
    }
    if message.payload is not None:
        found["payload"] = {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./{message.payload.__name__}.json"},
        }
    if headers:
        found["headers"] = {"type": "object", "required": sorted(headers), "properties": headers}
    return found


def _kafka(topic: Topic) -> dict[str, Any]:
    config: dict[str, Any] = {
        "cleanup.policy": [topic.config["cleanup.policy"]],
        "max.message.bytes": topic.max_record,
    }
    if "retention.ms" in topic.config:
        config["retention.ms"] = topic.retention_ms
    if topic.partitions == PARTITIONS:
        return {"topicConfiguration": config}
    return {"partitions": topic.partitions, "topicConfiguration": config}


def text() -> str:
    """The document as it stands in `docs/contracts/asyncapi.json`."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
