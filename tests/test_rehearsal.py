"""Rules tried on articles, from a file that a user writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from treatywatch import main

PLAY = """
rules: mine
tests:
  - name: a rejection is told twice a week at most, and a copy is no news
    reports:
      - {at: "2008-06-05T15:00Z", source: wire, text: Russia proposed a European Security Treaty to NATO on Thursday.}
      - {at: "2008-06-09T10:00Z", id: r, text: NATO rejected the European Security Treaty that Russia proposed.}
      - {at: "2008-06-09T11:00Z", source: daily, text: NATO rejected the European Security Treaty that Russia proposed.}
      - {at: "2008-06-10T09:00Z", id: r, kind: retraction}
      - {at: "2008-06-20T10:00Z", text: "NATO will reject Russia's European Security Treaty, said an unnamed source."}
    alerts:
      - {at: 2008-06-05, type: raised, status: floated}
      - {type: raised, rule: refused, severity: critical, origins: "1", headline: NATO rejects}
      - {type: updated, copies: "1"}
      - {at: 2008-06-10, type: corrected, rule: refused, copies: "0"}
    held:
      - {reason: rumour moves no state}
"""
RULE = "id: refused\nversion: '1'\nabout: a test\nwhen: rejection\nseverity: critical\ntests:\n"
RULE += "  - {happened: rejection, fires: 'yes'}\n"


@pytest.fixture
def play(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "refused.yaml").write_text(RULE)
    (tmp_path / "play.yaml").write_text(PLAY)
    return tmp_path / "play.yaml"


def outcome(path: Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["rules", "test", str(path)])
    return result.exit_code, result.output


def test_articles_are_played_through_the_rules_and_exactly_the_named_alerts_come(play: Path) -> None:
    assert outcome(play) == (0, "all tests passed\n")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('      - {type: updated, copies: "1"}\n', "", "3 was to have at: 2008-06-10, type: corrected"),
        ("severity: critical", "severity: info", "2 was to have severity: info; it is at: 2008-06-09T10:00, type: r"),
        ("    held:\n", "      - {type: digest}\n    held:\n", "5 was expected and did not come: type: digest"),
        ("reason: rumour", "reson: rumour", "unknown key 'reson'; did you mean 'reason'"),
        ("at: 2008-06-05, type", "at: soon, tpye", "unknown key 'tpye'; did you mean 'type'"),
        ("rules: mine", "rules: yours", "play.yaml:2: rules takes a folder beside this file; not 'yours'"),
        ('at: "2008-06-05T15:00Z"', "at: noon", "at takes a date or an RFC 3339 time; not 'noon'"),
    ],
)  # fmt: skip
def test_what_comes_otherwise_is_said(play: Path, old: str, new: str, says: str) -> None:
    text = play.read_text()
    assert old in text
    play.write_text(text.replace(old, new))
    code, said = outcome(play)

    assert code == 2
    assert says in said


def test_a_retraction_need_not_say_again_whose_report_it_withdraws(tmp_path: Path) -> None:
    said = "NATO rejected the European Security Treaty that Russia proposed."
    (tmp_path / "play.yaml").write_text(f"""tests:
  - reports:
      - {{at: 2008-06-05, id: r, source: wire, text: "{said}"}}
      - {{at: 2008-06-06, id: r, kind: retraction}}
    alerts: [{{type: raised}}, {{type: retracted}}]
""")

    assert outcome(tmp_path / "play.yaml") == (0, "all tests passed\n")


def test_a_digest_that_is_still_open_leaves_at_the_end_of_a_play(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "refused.yaml").write_text(RULE + "group: {by: [proposal], for: 2d}\n")
    (tmp_path / "mine" / "off.yaml").write_text(
        "silence: off\nauthor: a\nuntil: 2030-01-01\nreason: r\nrules: [status-change, first-seen, tabled, rejection]\n"
    )
    (tmp_path / "play.yaml").write_text("""
rules: mine
tests:
  - name: two refusals within two days, and no report after them
    reports:
      - {at: "2008-06-09T10:00Z", text: NATO rejected the European Security Treaty that Russia proposed.}
      - {at: "2008-06-09T20:00Z", text: Russia submitted a draft of the European Security Treaty to NATO on Monday.}
      - {at: "2008-06-10T10:00Z", text: France rejected the European Security Treaty that Russia proposed.}
    alerts:
      - {type: raised, rule: refused}
      - {at: "2008-06-10T10:00", type: digest, rule: refused, headline: 1 more on European Security Treaty}
""")

    assert outcome(tmp_path / "play.yaml") == (0, "all tests passed\n")


def test_the_example_in_the_documentation_passes(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "rules.md").read_text()
    example = page.rsplit("```yaml\n", 1)[1].split("```", 1)[0]
    (tmp_path / "play.yaml").write_text("\n".join(line for line in example.splitlines() if "my-rules" not in line))

    assert outcome(tmp_path / "play.yaml") == (0, "all tests passed\n")
