"""What entries do: whether they are told again, edited or withdrawn. Importing it registers the routes."""

from __future__ import annotations

from collections.abc import Callable

from tests.connectors.hostile import Answer, Asked, Seen, entry, ok, rss, scenario
from tests.connectors.scenarios_read import ONE

# -- identity ------------------------------------------------------------------------------------------------------


def _one_id(seen: Seen) -> None:
    assert len({e["id"] for e in seen.events}) == 1


def _ids(number: int) -> Callable[[Seen], None]:
    def check(seen: Seen) -> None:
        assert len({e["id"] for e in seen.events}) == number
        assert len({e["event"] for e in seen.events}) == len(seen.events)

    return check


@scenario("identity", "an edit is an update of the same item, back again too", codes=(0, 0, 0), check=_one_id,
          events=[("new", "a One"), ("update", "a Two"), ("update", "a One")])  # fmt: skip
def edited(asked: Asked) -> Answer:
    return ok(rss([entry(["a One", "a Two", "a One"][asked.count % 3])]))


@scenario("identity", "an edit of the text alone, without an updated bump", codes=(0, 0), check=_one_id,
          events=[("new", "a One"), ("update", "a One")])  # fmt: skip
def edited_quietly(asked: Asked) -> Answer:
    return ok(rss([entry("a One", description=["He said yes.", "He said no."][asked.count])]))


@scenario("identity", "counters, trackers, '5 minutes ago' and lastBuildDate are no edits", codes=(0, 0), events=ONE)
def counters(asked: Asked) -> Answer:
    n = asked.count
    text = f"Text. {n + 3} comments. Views: {100 + n}. {n + 2} minutes ago. https://x.example/a?utm_source=s{n}"
    return ok(
        rss([entry("a One", description=text)], f"<lastBuildDate>Mon, 28 Jul 2008 10:00:0{n} GMT</lastBuildDate>")
    )


@scenario("identity", "white space and Unicode form are no edits", codes=(0, 0), events=[("new", "a Café")])
def forms(asked: Asked) -> Answer:
    return ok(rss([entry(["a Café", " a  Cafe\u0301 "][asked.count], description="Text.")]))


@scenario("identity", "tracking parameters in the link are no new item", codes=(0, 0), events=ONE)
def tracked(asked: Asked) -> Answer:
    return ok(rss([entry("a One", guid="", link=f"https://x.example/a?id=1&amp;utm_campaign=c{asked.count}")]))


@scenario(
    "identity",
    "a site that moves to https, its guids with it, has nothing new",
    codes=(0, 0),
    events=[("new", "a One"), ("new", "b Two")],
)
def to_https(asked: Asked) -> Answer:
    base = ["http://www.x.example", "https://x.example"][asked.count]
    return ok(rss([entry(t, guid=f"{base}/{t[0]}", link=f"{base}/{t[0]}") for t in ("a One", "b Two")]))


@scenario("identity", "guids that change with every fetch are caught, and links tell from then on", codes=(0, 0, 0),
          events=[(k, t) for t in ("a One", "b Two", "c Three") for k in ("new",)])  # fmt: skip
def guids_change(asked: Asked) -> Answer:
    return ok(rss([entry(t, guid=f"{t[0]}{asked.count}") for t in ("a One", "b Two", "c Three")]))


@scenario("identity", "a guid that several entries share tells nothing; each is one item", codes=(0, 0), check=_ids(3),
          events=[("new", "a One"), ("new", "b Two"), ("new", "c Three")])  # fmt: skip
def guids_shared(asked: Asked) -> Answer:
    return ok(rss([entry(t, guid="same") for t in ("a One", "b Two", "c Three")]))


@scenario(
    "identity", "an empty guid tells nothing", codes=(0, 0), check=_ids(2), events=[("new", "a One"), ("new", "b Two")]
)
def guids_empty(asked: Asked) -> Answer:
    return ok(
        rss([entry(t).replace(">a</guid>", "></guid>").replace(">b</guid>", "> </guid>") for t in ("a One", "b Two")])
    )


@scenario("identity", "guids that number the places in the feed are caught", codes=(0, 0), check=_ids(4),
          events=[("new", f"{c} Entry") for c in "abcd"])  # fmt: skip
def guids_places(asked: Asked) -> Answer:
    titles = ["a Entry", "b Entry", "c Entry"] if asked.count == 0 else ["d Entry", "a Entry", "b Entry"]
    links = [f"https://x.example/{t[0]}" for t in titles]
    return ok(rss([entry(t, guid=str(n), link=links[n], description=f"About {t}") for n, t in enumerate(titles)]))


@scenario("identity", "one link for all entries tells nothing", codes=(0, 0), check=_ids(3),
          events=[("new", "a One"), ("new", "b Two"), ("new", "c Three")])  # fmt: skip
def links_shared(asked: Asked) -> Answer:
    titles = ["a One", "b Two"] if asked.count == 0 else ["c Three", "a One", "b Two"]
    return ok(rss([entry(t, guid="", link="https://x.example/") for t in titles]))


@scenario("identity", "an entry listed twice is one", codes=(0, 0), events=ONE)
def twice(asked: Asked) -> Answer:
    return ok(rss([entry("a One"), entry("a One")]))


@scenario("identity", "an entry that left and comes back is no news", codes=(0, 0, 0), events=[*ONE, ("new", "b Two")])
def comes_back(asked: Asked) -> Answer:
    return ok(rss([entry(["a One", "b Two", "a One"][asked.count % 3])]))


@scenario("identity", "a site that was rebuilt, guids and links all new, is taken in quietly; what is new is told",
          codes=(0, 0), events=[*(("new", f"e{n} An old entry") for n in range(8)), ("new", "n A new one")])  # fmt: skip
def rebuilt(asked: Asked) -> Answer:
    base = "https://new.example/post" if asked.count else "https://x.example/?p"
    old = [
        entry(
            f"e{n} An old entry", guid=f"{base}/{n}", link=f"{base}/{n}", pubDate=f"Mon, 0{n + 1} Jan 2024 10:00:00 GMT"
        )
        for n in range(8)
    ]
    return ok(rss([entry("n A new one"), *old] if asked.count else old))


@scenario("identity", "a rebuilt site that also dates everything anew is told by its words", codes=(0, 0),
          events=[("new", f"e{n} An old entry") for n in range(8)])  # fmt: skip
def rebuilt_dates(asked: Asked) -> Answer:
    base = "https://new.example" if asked.count else "https://x.example"
    date = f"Mon, 2{asked.count} Jan 2024 10:00:00 GMT"
    return ok(
        rss([entry(f"e{n} An old entry", guid=f"{base}/{n}", link=f"{base}/{n}", pubDate=date) for n in range(8)])
    )


# -- corrections ---------------------------------------------------------------------------------------------------


@scenario("corrections", "an editor's note of retraction withdraws, in any language; once", codes=(0, 0, 0),
          events=[*(("new", f"{c} Entry") for c in "abcd"), ("retraction", "RETRACTED: a Entry"),
                  *(("retraction", f"{c} Entry") for c in "bcd")])  # fmt: skip
def retracted(asked: Asked) -> Answer:
    titles = ["a Entry", "b Entry", "c Entry", "d Entry"]
    texts = ["Text."] * 4
    if asked.count:
        titles[0] = "RETRACTED: a Entry"
        texts = [
            "Text.",
            "This article has been retracted.",
            "Материал удалён редакцией.",
            "Dieser Artikel wurde zurückgezogen.",
        ]
    shown = f" Views: {asked.count}"
    return ok(rss([entry(t, guid=t.split()[-2], description=d + shown) for t, d in zip(titles, texts, strict=True)]))


@scenario("corrections", "news of a withdrawal are no withdrawal", codes=(0, 0),
          events=[("new", "a Russia withdraws from the treaty"), ("update", "a Russia withdraws from the treaty")])  # fmt: skip
def not_retracted(asked: Asked) -> Answer:
    text = ["Text.", "The offer was withdrawn on Monday, NATO said."][asked.count]
    return ok(rss([entry("a Russia withdraws from the treaty", description=text)]))


@scenario("corrections", "a withdrawn entry that is published again is an update", codes=(0, 0, 0),
          events=[("new", "a One"), ("retraction", "a One"), ("update", "a One")])  # fmt: skip
def restored(asked: Asked) -> Answer:
    text = ["Text.", "This story has been withdrawn.", "Text, restored and corrected."][asked.count]
    return ok(rss([entry("a One", description=text)]))


@scenario(
    "corrections", "an entry that leaves the feed is not withdrawn", codes=(0, 0), events=[*ONE, ("new", "b Two")]
)
def leaves(asked: Asked) -> Answer:
    return ok(rss([entry(["a One", "b Two"][asked.count])]))
