"""Asking for a file of grids to be fitted into a plan's draft: the fourth kind of proposal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from geodata.datum import Datum
from gridmap.errors import Invalid
from gridmap.exchange import uploads
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.planning.editing import editable
from gridmap.planning.proposing import put_in_line
from gridmap.system.receipts import claim, content_digest

KIND: Final = "import"


@dataclass(frozen=True)
class FileWish:
    """
    What somebody says beside a file of grids.

    Attributes
    ----------
    upload
        The file, as `gridmap.exchange.uploads` keeps it.
    crs, datum, layer, x, y, mapping
        As in `gridmap.intake.wishes.Options`.
    snap_m
        About the noise of the drawing, metres.
    repair
        Whether rings that cross themselves may be repaired; without it they are refused.
    """

    upload: UUID
    crs: str | None = None
    datum: Datum | None = None
    layer: str | None = None
    x: str | None = None
    y: str | None = None
    mapping: dict[str, str] = field(default_factory=dict)
    snap_m: float = 0.5
    repair: bool = False

    def as_args(self, name: str) -> dict[str, Any]:
        """What is kept of it until the worker takes it up, with the name of the file."""
        return {"grids": [], "file": name, **asdict(self), "upload": str(self.upload)}

    @classmethod
    def of_args(cls, args: dict[str, Any]) -> FileWish:
        """The wish again, from what was kept."""
        said = {name: value for name, value in args.items() if name not in ("grids", "file")}
        return cls(**(said | {"upload": UUID(said["upload"])}))


def ask_for_file(
    db: Session, actor: Actor, plan_id: UUID, proposal_id: UUID, data_dir: Path, wish: FileWish, at: datetime
) -> bool:
    """
    Ask for a file to be fitted in; the worker reads it, and the plan stays as it is until the proposal is taken.

    Parameters
    ----------
    data_dir
        Where uploads are kept.

    Returns
    -------
    new
        False if an earlier call asked for it.

    Raises
    ------
    NotFound
        If there is no such upload of the actor's.
    Invalid
        If it was brought as something else than grids.
    Conflict
        If too many of this plan wait already; else see `gridmap.planning.editing.editable`.
    """
    draft = editable(db, actor, plan_id)
    content = {"plan": str(plan_id), "file": wish.as_args("")}
    if not claim(db, "plan.proposal", [(proposal_id, content_digest(content))], at):
        return False
    upload = uploads.find(data_dir, wish.upload, actor.id or 0)
    if upload.kind != "grids":
        raise Invalid(N_("This file was brought as something else than grids. Choose it again here."), where="/upload")
    put_in_line(db, actor, draft, proposal_id, KIND, wish.as_args(upload.name), 0, at)
    return True
