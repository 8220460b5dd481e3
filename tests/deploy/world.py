"""The world outside, for the compose test: three feeds, and a place that keeps what is posted to it.

Runs in a container of our own image; standard library only.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NOW = datetime.now(UTC)
STORIES = {
    "rss": (
        "Moscow tables a treaty",
        "Russia on Tuesday proposed a new European Security Treaty to NATO. Foreign Minister Sergei Lavrov handed the "
        "draft of the European Security Treaty to NATO ambassadors in Brussels.",
    ),
    "atom": (
        "Alliance says no",
        "NATO on Wednesday rejected Russia's proposal for a moratorium on the deployment of intermediate-range "
        "missiles in Europe, the alliance's secretary general said.",
    ),
    "json": (
        "One more year",
        "Russian President Vladimir Putin offered the United States to extend the New START treaty limits for one "
        "year, the Kremlin said on Monday.",
    ),
}


def rss() -> tuple[str, str]:
    title, text = STORIES["rss"]
    return "application/rss+xml", (
        f"<rss version='2.0'><channel><title>Wire</title><link>http://world:8000/</link><description>w</description><item>"
        f"<guid isPermaLink='false'>rss-1</guid><title>{title}</title><link>http://world:8000/rss/1</link>"
        f"<pubDate>{format_datetime(NOW)}</pubDate><description>{text}</description></item></channel></rss>"
    )


def atom() -> tuple[str, str]:
    title, text = STORIES["atom"]
    return "application/atom+xml", (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Desk</title><id>urn:desk</id>"
        f"<updated>{NOW.isoformat()}</updated><entry><id>urn:desk:1</id><title>{title}</title>"
        f"<link href='http://world:8000/atom/1'/><published>{NOW.isoformat()}</published>"
        f"<updated>{NOW.isoformat()}</updated><content type='text'>{text}</content></entry></feed>"
    )


def jsonfeed() -> tuple[str, str]:
    title, text = STORIES["json"]
    entry = {"id": "json-1", "url": "http://world:8000/json/1", "title": title, "content_text": text}
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Paper",
        "items": [{**entry, "date_published": NOW.isoformat()}],
    }
    return "application/feed+json", json.dumps(feed)


FEEDS = {"/rss": rss, "/atom": atom, "/json": jsonfeed}
received: list[dict[str, Any]] = []


class World(BaseHTTPRequestHandler):
    def _answer(self, status: int, kind: str = "text/plain", body: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self) -> None:
        if self.path in FEEDS:
            self._answer(200, *FEEDS[self.path]())
        elif self.path == "/received":
            self._answer(200, "application/json", json.dumps(received))
        else:
            self._answer(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received.append({"path": self.path, "headers": dict(self.headers), "body": body.decode()})
        self._answer(204)

    def log_message(self, format: str, *args: Any) -> None:
        sys.stderr.write(format % args + "\n")


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8000), World).serve_forever()
