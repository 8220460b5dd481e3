"""What the year of `history.py` must give: every alert and all that is held back, no more and no less.

Checked by eye, line by line, against what an analyst would want to be told.
"""

from __future__ import annotations

# moment, type, rule, proposal, status before -> status, origins copies, article quoted, topics beside alerts.all
ALERTS = """
2008-06-05 15:00 raised    status-change      EST      none -> floated, 1 0, p1
2008-06-05 16:00 updated   status-change      EST      none -> floated, 1 1, p1
2008-06-05 17:00 updated   status-change      EST      none -> floated, 1 2, p1
2008-06-06 07:00 updated   status-change      EST      none -> floated, 2 2, p1
2008-06-06 09:00 updated   status-change      EST      none -> floated, 3 2, p1
2008-06-06 11:00 updated   status-change      EST      none -> floated, 4 2, p1
2008-07-28 18:00 raised    status-change      EST      floated -> discussing, 1 0, d1
2008-07-28 20:00 updated   status-change      EST      floated -> discussing, 1 1, d1
2008-07-29 08:00 updated   status-change      EST      floated -> discussing, 2 1, d1
2008-07-29 10:00 updated   status-change      EST      floated -> discussing, 3 1, d1
2008-08-19 16:00 raised    status-change      NRC      none -> suspended, 1 0, c0
2008-08-20 07:00 updated   status-change      NRC      none -> suspended, 2 0, c0
2008-10-08 16:00 raised    status-change      EST      discussing -> welcomed, 1 0, w1
2008-10-08 18:00 updated   status-change      EST      discussing -> welcomed, 1 1, w1
2008-10-09 07:00 updated   status-change      EST      discussing -> welcomed, 2 1, w1
2008-10-20 09:00 raised    formula            EST      welcomed -> welcomed, 1 0, f1
2008-12-02 00:00 raised    commitment-overdue EST      none -> welcomed, 1 0, w1
2009-02-07 12:00 raised    status-change      EST      welcomed -> discussing, 1 0, e1
2009-02-07 13:00 corrected rejection          EST      welcomed -> rejected, 1 0, e1 breaking
2009-02-07 18:00 updated   rejection          EST      welcomed -> rejected, 2 0, e1 breaking
2009-02-08 08:00 raised    contradiction      EST      rejected -> rejected, 1 0, e3
2009-03-05 15:00 raised    status-change      NRC      suspended -> revived, 1 0, c3
2009-04-01 09:00 raised    agreement          EST      rejected -> agreed, 1 0, y1 breaking
2009-04-01 10:00 updated   agreement          EST      rejected -> agreed, 1 1, y1 breaking
2009-04-01 12:00 corrected agreement          EST      rejected -> agreed, 1 0, y1c breaking
2009-04-01 12:30 retracted agreement          EST      rejected -> agreed, 0 0, y1c breaking
2009-06-28 12:00 raised    status-change      EST      rejected -> discussing, 1 0, g1
2009-11-29 15:00 raised    tabled             EST      discussing -> tabled, 1 0, t1 breaking
2009-11-29 15:30 updated   tabled             EST      discussing -> tabled, 1 1, t1 breaking
2009-11-29 16:00 updated   tabled             EST      discussing -> tabled, 2 1, t1 breaking
2009-11-30 07:00 updated   tabled             EST      discussing -> tabled, 3 1, t1 breaking
2009-12-04 10:00 raised    status-change      EST      tabled -> welcomed, 1 0, c1
2009-12-04 11:00 raised    contradiction      EST      welcomed -> rejected, 1 0, c2
2009-12-12 12:00 retracted status-change      EST      tabled -> welcomed, 0 0, c1
2009-12-12 12:00 updated   contradiction      EST      tabled -> rejected, 1 0, c2
2009-12-22 10:00 raised    status-change      JOINT-MD none -> floated, 1 0, i1
"""

# moment, article, reason
HELD = """
2008-06-20 09:00 o1   no rule fires: opinion moves no state
2008-07-30 12:00 a1   no rule fires: a denial moves no state
2008-09-24 00:00 d1   no rule fires: commitment_due
2008-09-24 17:00 k1   no rule fires: nothing changed
2008-10-27 09:00 f2   no rule fires: nothing changed
2008-11-10 09:00 o2   no rule fires: opinion moves no state
2008-12-01 00:00 w1   no rule fires: commitment_due
2008-12-10 10:00 r0   no rule fires: rumour moves no state
2008-12-18 10:00 u1   no rule fires: nothing changed
2009-04-01 15:00 y1d  a copy of a report that was retracted
2009-05-11 09:00 l1   late report: 2008-07-30 is before 2009-02-07
2009-12-17 10:00 z1   no rule fires: nothing changed
"""

LIVES = {
    "EST": ["floated 2008-06-05", "discussing 2008-07-28", "welcomed 2008-07-30", "discussing 2008-09-24",
            "welcomed 2008-10-08", "rejected 2009-02-07", "discussing 2009-06-28", "tabled 2009-11-29",
            "rejected 2009-12-04"],
    "NRC": ["suspended 2008-08-19", "revived 2009-03-05"],
    "JOINT-MD": ["floated 2009-12-22"],
}  # fmt: skip
"""Transitions; the Italian support of July 2008, reported in May 2009, in its place."""

POSITIONS = {("RU", "proposes"), ("RU", "denies"), ("IT", "supports"), ("FR", "supports"), ("UA", "concerned"),
             ("NATO", "denies"), ("NATO", "rejects")}  # fmt: skip
COMMITMENTS = [("RU", "2008-09-24", "kept"), ("RU", "2008-12-01", "overdue"), ("RU", "2009-12-10", "kept")]
CONTRADICTIONS = [["rejected", "welcomed"]]
