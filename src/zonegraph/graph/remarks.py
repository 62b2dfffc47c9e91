"""Links between two claims that are both no nodes: a remark on the one that is drawn, counted either way."""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from zonegraph.graph.facts import ADD_PIECE
from zonegraph.graph.pieces import REMARK, Piece, packed, unpacked
from zonegraph.graph.stage import Shelf

_IS_DRAWN: Final = (
    "(EXISTS (SELECT 1 FROM node n WHERE n.key = {0})"
    " OR EXISTS (SELECT 1 FROM event v WHERE v.key = {0} AND v.size = 2))"
)
#: Links to a claim that is no node, where nothing else shows them.
_BETWEEN_CLAIMS: Final = (
    "CREATE TEMP TABLE aside AS SELECT DISTINCT l.source, l.kind, l.target, l.iri,"  # noqa: S608 - fixed texts
    f" {_IS_DRAWN.format('l.source')} AS drawn FROM link l"
    " WHERE NOT EXISTS (SELECT 1 FROM node n WHERE n.key = l.target)"
    " AND NOT EXISTS (SELECT 1 FROM role r WHERE r.event = l.source AND r.via <> '' AND term_key(r.via) = l.target)"
    " AND NOT EXISTS (SELECT 1 FROM role r JOIN node n ON n.key = r.participant"
    " WHERE r.event = l.target AND r.participant = l.source)"
)
_REMARKS: Final = (
    "SELECT a.source, a.kind, a.iri, p.data FROM aside a LEFT JOIN piece p ON p.key = a.target WHERE a.drawn"
)


def note_links(db: sqlite3.Connection) -> tuple[int, int]:
    """Note links to claims that are no nodes on the claim they start from; how many, and how many start from none."""
    db.execute(_BETWEEN_CLAIMS)
    noted, loose = db.execute("SELECT SUM(drawn), SUM(NOT drawn) FROM aside").fetchone()
    remarks = Shelf(db, ADD_PIECE)
    for source, kind, iri, data in db.execute(_REMARKS).fetchall():
        labels = sorted(set(unpacked(data).labels)) or [(1, "", iri)]
        remarks.add((source, packed(Piece(cells=[(kind, "", REMARK, json.dumps(labels, ensure_ascii=False))]))))
    remarks.flush()
    return int(noted or 0), int(loose or 0)
