"""Links: one pass over the triples between resources, told apart by what stands at their ends.

Between two things: a plain edge, unless a claim states the same (then that claim is the edge). At an event: a role.
Between two claims that are both no nodes: a remark on the one that is drawn, counted either way.
"""

from __future__ import annotations

import sqlite3
from typing import Final

_PLAIN: Final = (
    "INSERT OR IGNORE INTO edge_row SELECT l.source, l.kind, l.target, '', '', '', '', 1.0, l.graph FROM link l"
    " JOIN node s ON s.iri = l.source JOIN node t ON t.iri = l.target WHERE NOT EXISTS (SELECT 1 FROM edge_row e"
    " WHERE e.source = l.source AND e.kind = l.kind AND e.target = l.target AND e.event <> '')"
    " ORDER BY l.source, l.kind, l.target, l.graph"
)
_DRAWABLE: Final = (
    "(EXISTS (SELECT 1 FROM node n WHERE n.iri = {0}) OR EXISTS (SELECT 1 FROM event v WHERE v.iri = {0}))"
)
_OUTGOING: Final = (
    "INSERT OR IGNORE INTO role SELECT l.source,"  # noqa: S608 - fixed texts
    " slot_rank((SELECT GROUP_CONCAT(kind, ' ') FROM kind k WHERE k.iri = l.source), l.kind), l.kind, l.target, '', 0"
    f" FROM link l JOIN event e ON e.iri = l.source WHERE {_DRAWABLE.format('l.target')} ORDER BY l.source"
)
_INCOMING: Final = (
    "INSERT OR IGNORE INTO role SELECT l.target, -1, l.kind, l.source, '', 1"  # noqa: S608 - fixed texts
    f" FROM link l JOIN event e ON e.iri = l.target WHERE {_DRAWABLE.format('l.source')} ORDER BY l.target"
)
_IS_DRAWN: Final = (
    "(EXISTS (SELECT 1 FROM node n WHERE n.iri = {0})"
    " OR EXISTS (SELECT 1 FROM event v WHERE v.iri = {0} AND v.size = 2))"
)
#: Links to a claim (something with a kind) that is no node, where nothing else shows them.
_BETWEEN_CLAIMS: Final = (
    "CREATE TEMP TABLE aside AS SELECT DISTINCT l.source, l.kind, l.target,"  # noqa: S608 - fixed texts
    f" {_IS_DRAWN.format('l.source')} AS drawn FROM link l"
    " WHERE EXISTS (SELECT 1 FROM kind k WHERE k.iri = l.source)"
    " AND EXISTS (SELECT 1 FROM kind k WHERE k.iri = l.target)"
    " AND NOT EXISTS (SELECT 1 FROM node n WHERE n.iri = l.target)"
    " AND NOT EXISTS (SELECT 1 FROM attr a WHERE a.iri = l.source AND a.name = l.kind AND a.value = l.target)"
    " AND NOT EXISTS (SELECT 1 FROM role r WHERE r.event = l.source AND r.via = l.target)"
    " AND NOT EXISTS (SELECT 1 FROM role r JOIN node n ON n.iri = r.participant"
    " WHERE r.event = l.target AND r.participant = l.source)"
)
_REMARKS: Final = "INSERT OR IGNORE INTO attr SELECT source, kind, '', 'remark', target FROM aside WHERE drawn"


def sort_links(db: sqlite3.Connection) -> None:
    """Make edges and roles of the staged links; things, statements and events must be there already."""
    for sql in (_PLAIN, _OUTGOING, _INCOMING):
        db.execute(sql)


def note_links(db: sqlite3.Connection) -> tuple[int, int]:
    """Note links to claims that are no nodes on the claim they start from; how many, and how many start from none."""
    db.execute(_BETWEEN_CLAIMS)
    db.execute(_REMARKS)
    noted, loose = db.execute("SELECT SUM(drawn), SUM(NOT drawn) FROM aside").fetchone()
    return int(noted or 0), int(loose or 0)
