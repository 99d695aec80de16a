"""Proof that the audit is whole: every row hashes, follows the one before, and none is missing at the end."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.durable import flush
from gridmap.errors import Conflict, Invalid
from gridmap.language import N_

Fault = Literal["changed", "missing", "cut", "unanchored"]

_SENTENCES: dict[str, str] = {
    "changed": N_("Chain %(chain)s: row %(seq)s is not as it was written."),
    "missing": N_("Chain %(chain)s: row %(seq)s is missing."),
    "cut": N_("Chain %(chain)s: its end from row %(seq)s on was cut off."),
    "unanchored": N_("Chain %(chain)s: row %(seq)s is not the one in the anchor file: the chain was rewritten."),
}


@dataclass(frozen=True)
class Defect:
    """The first wrong row of one chain."""

    chain: int
    seq: int
    fault: Fault

    @property
    def msgid(self) -> str:
        """The sentence to translate; its values are ``chain`` and ``seq``."""
        return _SENTENCES[self.fault]


@dataclass(frozen=True)
class Anchor:
    """The newest row of every chain at an instant, as kept outside of the database."""

    at: datetime
    heads: dict[int, tuple[int, str]]  # chain -> row, hash in hex


# One pass over each chain: does a row hash to what it says, and does it follow the one before?
_FIRST_WRONG = text(
    """
    WITH walk AS (
        SELECT a.chain, a.seq, a.hash, a.prev_hash,
               lag(a.seq, 1, 0::bigint) OVER chain_order AS before_seq,
               lag(a.hash, 1, decode(repeat('00', 32), 'hex')) OVER chain_order AS before_hash,
               sha256(a.prev_hash || convert_to(audit_canonical(a), 'UTF8')) AS own
        FROM audit a
        WINDOW chain_order AS (PARTITION BY a.chain ORDER BY a.seq)
    )
    SELECT DISTINCT ON (chain) chain,
           CASE WHEN seq <> before_seq + 1 THEN before_seq + 1 ELSE seq END AS seq,
           CASE WHEN seq <> before_seq + 1 THEN 'missing' ELSE 'changed' END AS fault
    FROM walk
    WHERE seq <> before_seq + 1 OR prev_hash <> before_hash OR hash <> own
    ORDER BY chain, walk.seq
    """
)
# The head knows how long its chain is: rows missing at the end, and rows that nobody appended.
_WRONG_END = text(
    """
    SELECT h.chain,
           CASE WHEN h.seq > last.seq THEN last.seq + 1 WHEN h.seq < last.seq THEN h.seq + 1 ELSE h.seq END AS seq,
           CASE WHEN h.seq > last.seq THEN 'cut' ELSE 'changed' END AS fault
    FROM audit_head h
    CROSS JOIN LATERAL (
        (SELECT a.seq, a.hash FROM audit a WHERE a.chain = h.chain ORDER BY a.seq DESC LIMIT 1)
        UNION ALL
        SELECT 0, decode(repeat('00', 32), 'hex') WHERE NOT EXISTS (SELECT FROM audit a WHERE a.chain = h.chain)
    ) last
    WHERE h.seq <> last.seq OR h.hash <> last.hash
    """
)
_ANCHORED = text(
    "SELECT chain, seq, encode(hash, 'hex') FROM audit"
    " WHERE (chain, seq) IN (SELECT * FROM unnest(CAST(:chains AS smallint[]), CAST(:seqs AS bigint[])))"
)


def anchor_file(data_dir: Path) -> Path:
    """Where an installation keeps its anchor."""
    return data_dir / "audit.anchor"


def verify_audit(db: Session, anchor: Anchor | None = None) -> list[Defect]:
    """
    Walk all chains of the audit.

    Parameters
    ----------
    anchor
        Heads that were kept outside of the database; with them a tail is missed even if whoever cut it
        moved the heads back too, and a chain that was rewritten as a whole is found.

    Returns
    -------
    defects
        The first wrong row of each chain that has one; empty if all is whole.
    """
    found: dict[int, Defect] = {}
    for statement in (_FIRST_WRONG, _WRONG_END):
        for chain, seq, fault in db.execute(statement):
            found.setdefault(chain, Defect(chain, seq, fault))
    if anchor is not None:
        for defect in _against_anchor(db, anchor):
            found.setdefault(defect.chain, defect)
    return [found[chain] for chain in sorted(found)]


def _against_anchor(db: Session, anchor: Anchor) -> list[Defect]:
    anchored = {chain: head for chain, head in anchor.heads.items() if head[0] > 0}
    rows = db.execute(_ANCHORED, {"chains": list(anchored), "seqs": [seq for seq, _ in anchored.values()]})
    stored = {chain: digest for chain, _, digest in rows}
    defects = []
    for chain, (seq, digest) in sorted(anchored.items()):
        if chain not in stored:
            last = db.scalar(
                text("SELECT max(seq) FROM audit WHERE chain = :chain AND seq < :seq"), {"chain": chain, "seq": seq}
            )
            defects.append(Defect(chain, (last or 0) + 1, "cut"))
        elif stored[chain] != digest:
            defects.append(Defect(chain, seq, "unanchored"))
    return defects


def write_anchor(db: Session, path: Path, at: datetime) -> Anchor:
    """
    Keep the head of every chain in a file, to be copied where the database's owner cannot reach.

    A head that no longer agrees with the anchor before it is not written over it: that anchor is the proof.

    Raises
    ------
    Conflict
        If the audit and the anchor that is there disagree; the file stays as it was.
    """
    before = read_anchor(path)
    if before is not None and (defects := _against_anchor(db, before)):
        first = defects[0]
        raise Conflict(first.msgid, chain=first.chain, seq=first.seq)
    heads = db.execute(text("SELECT chain, seq, encode(hash, 'hex') FROM audit_head ORDER BY chain"))
    anchor = Anchor(at, {chain: (seq, digest) for chain, seq, digest in heads})
    _replace(path, {"at": at.isoformat(), "heads": [[c, s, d] for c, (s, d) in anchor.heads.items()]})
    return anchor


def read_anchor(path: Path) -> Anchor | None:
    """
    Read the anchor file; None if none was written yet.

    Raises
    ------
    Invalid
        If the file is no anchor.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        heads = {int(chain): (int(seq), str(digest)) for chain, seq, digest in said["heads"]}
        return Anchor(datetime.fromisoformat(said["at"]), heads)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(N_("%(file)s is not an anchor of the audit."), file=path.name) from error


def _replace(path: Path, content: dict[str, object]) -> None:
    """Whole or not at all, also through a power cut."""
    draft = path.with_name(path.name + ".new")
    with draft.open("w", encoding="utf-8") as handle:
        json.dump(content, handle, separators=(",", ":"))
        handle.write("\n")
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)
    flush(path.parent)
