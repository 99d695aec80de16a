"""
Who may do what, written by hand from the permission table of the security specification, and which door is which row.

Nothing here is read from the policy of the code: where the two disagree, a test is red.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

ROLES: Final = (
    "worker", "chief", "township", "department", "operator", "supervisor", "planner", "auditor", "admin", "device",
    "public", "wall",
)  # fmt: skip

# How far: own (assigned grids, what I reported or hold), area (all below the assigned area), dept (what was sent to my
# department), all (of a kind that has no place), self. How much: /m personal fields masked, /f figures alone.
# `wall` is the screen of an operator: it reads, masked. Rows that the specification's table does not name stand below
# the line: the ground itself (areas, grids, devices, the names of who works there) is drawn on the live map, and to a
# department it is shown around what was sent to it; an administrator keeps the registers of devices and people.
_TABLE: Final = """
                      worker chief township department operator supervisor planner auditor admin device public wall
    live map          own    area  area/m   dept/m     area     area/m     area/f  -       -     -      -      area/m
    create report     own    area  area     -          area     -          -       -       -     -      -      -
    read incident     own    area  area/m   dept       area     area/m     area/f  -       -     -      -      area/m
    read log          own    area  area/m   dept       area     area/m     -       -       -     -      -      area/m
    take step         own    area  area     dept       area     -          -       -       -     -      -      -
    read whistle      own    area  area/m   dept       area     area/m     -       -       -     -      -      -
    blow whistle      -      area  area     -          area     -          -       -       -     -      -      -
    answer whistle    -      -     -        dept       -        -          -       -       -     -      -      -
    decide contested  -      -     -        -          area     -          -       -       -     -      -      -
    read notice       -      area  area     dept       area     area       -       -       -     -      -      -
    answer notice     -      -     area     dept       area     -          -       -       -     -      -      -
    supervise         -      -     -        -          -        area       -       -       -     -      -      -
    read hazard       own    area  area     dept       area     area       -       -       -     -      -      -
    work hazard       own    area  area     dept       area     -          -       -       -     -      -      -
    judge hazard      -      area  area     dept       area     -          -       -       -     -      -      -
    draw safe zone    -      area  area     -          area     -          -       -       -     -      -      -
    read roster       -     -     area     -          area     area       -       -       -     -      -      -
    write roster      -     -     area     -          area     -          -       -       -     -      -      -
    send photo        own    area  area     dept       area     -          -       -       -     -      -      -
    work hotline      -      area  area     -          area     -          -       -       -     -      -      -
    read hotline      -      area  area     -          area     area       -       -       -     -      -      -
    moderate          -      area  area     -          area     -          -       -       -     -      -      -
    codes of doors    -      -     area     -          area     -          -       -       all   -      -      -
    reveal contact    -      area  area     dept       area     area       -       -       -     -      -      -
    send alert        -      area  -        -          area     -          -       -       -     own    -      -
    see photo         own    area  area/m   dept       area     area/m     -       -       -     -      -      -
    indicators        own    area  area     dept       area     area       area    -       -     -      -      -
    export tables     -      area/m area/m  dept/m     area/m   area/m     -       -       -     -      -      -
    export geometry   -      -     -        -          -        -          area    -       -     -      -      -
    import            -      -     -        -          -        -          area    -       -     -      -      -
    read catalogue    all    all   all      all        all      all        all     -       all   -      -      all
    take catalogue    all    all   all      all        all      all        all     -       all   -      -      -
    write catalogue   -      -     -        -          -        -          -       -       all   -      -      -
    accounts          -      -     -        -          -        -          -       -       all   -      -      -
    settings          -      -     -        -          -        -          -       -       all   -      -      -
    ------------------------------------------------------------------------------------------------------------
    ground            own    area  area/m   all/m      area     area/m     area/f  -       -     -      -      area/m
    devices           own    area  area/m   all/m      area     area/m     area/f  -       all   -      -      -
    staff             own    area  area/m   all/m      area     area/m     area/f  -       all   -      -      -
    locate            own    area  area/m   all/m      area     area/m     area/f  -       -     -      -      -
    own account       self   self  self     self       self     self       self    self    self  -      -      -
    device tiles      own    area  area/m   all/m      area     area/m     area/f  -       -     -      -      -
    who am i          self   self  self     self       self     self       self    self    self  -      -      self
    anyone            all    all   all      all        all      all        all     all     all   all    all    all
"""


@dataclass(frozen=True)
class Cell:
    """One field: how far, and how much."""

    reach: str
    access: str  # "full", "m" or "f"

    @property
    def none(self) -> bool:
        """Whether the role may not do it at all."""
        return self.reach == "-"


def _read() -> dict[str, dict[str, Cell]]:
    lines = [line for line in _TABLE.splitlines() if line.strip() and "----" not in line]
    head, *rows = lines
    assert tuple(head.split()) == ROLES
    table = {}
    for row in rows:
        name, cells = row[4:22].strip(), row[22:].split()
        assert len(cells) == len(ROLES), name
        parts = (cell.partition("/") for cell in cells)
        table[name] = {role: Cell(reach, more or "full") for role, (reach, _, more) in zip(ROLES, parts, strict=True)}
    return table


TABLE: Final = _read()


@dataclass(frozen=True)
class Door:
    """
    One way through a route.

    Attributes
    ----------
    row
        Of the table.
    thing
        What its address names: an incident, a grid, a device, a photo; each stands in several places. None where the
        address names nothing that has a place.
    path
        The address where it is not the route's own; `{}` is the thing.
    body, data
        What is sent.
    only
        Of the roles that may pass, those that are tried here; None is all. For answers that are costly, or depend on
        what is sent, and are proven elsewhere.
    """

    row: str
    thing: str | None = None
    path: str | None = None
    body: Any = None
    data: bytes | None = None
    only: tuple[str, ...] | None = None


ANYONE, OWN, ME, ACCOUNTS = Door("anyone"), Door("own account"), Door("who am i"), Door("accounts", body={})
# Where what is sent decides: a wrong password is refused to everyone.
SAID, OWN_SAID = Door("anyone", only=()), Door("own account", only=())
_TILE = "{}/{{z}}/{{x}}/{{y}}.mvt"
_LAYERS = {
    "grids": "ground", "areas": "ground", "incidents": "read incident", "sites": "ground", "devices": "device tiles",
    "basemap": "ground",
}  # fmt: skip
_FEW = ("worker", "township", "planner")


def _tiles(root: str, *layers: str) -> tuple[Door, ...]:
    return tuple(Door(_LAYERS[name], path=root + _TILE.format(name)) for name in layers)


ROUTES: Final[dict[str, Door | tuple[Door, ...]]] = {
    # Pages and what they are made of.
    "GET /": Door("live map"),
    "GET /wall": Door("live map"),
    "GET /patrol": ANYONE,  # a shell that names nobody
    "GET /patrol/<path:deeper>": Door("anyone", path="/patrol/report"),
    "GET /patrol/manifest.webmanifest": ANYONE,
    "GET /patrol/worker.js": ANYONE,
    "GET /static/<build>/<path:name>": Door("anyone", path="/static/x/shared/tokens.css"),
    "GET /favicon.ico": ANYONE,
    "GET /api/docs": ANYONE,
    "GET /api/v1/openapi.json": ANYONE,
    # The service.
    **{f"GET {root}{name}": ANYONE for root in ("", "/api/v1") for name in (
        "/health/imports", "/health/outbox", "/health/live", "/health/ready", "/metrics")},
    # Ways in, and one's own account.
    "GET /sign-in": ANYONE,
    "POST /sign-in": SAID,
    "GET /start": SAID,
    "POST /start": SAID,
    "GET /account/code": SAID,
    "POST /account/code": SAID,
    "POST /sign-out": ME,
    "GET /account": ME,  # a wall finds the way out there, and nothing else
    "POST /account/language": OWN_SAID,
    "POST /account/password": OWN_SAID,
    "GET /account/proof": OWN,
    "POST /account/proof": OWN_SAID,
    "GET /account/second-factor": OWN,
    "POST /account/second-factor": OWN,
    "GET /account/second-factor.svg": OWN_SAID,
    "POST /account/second-factor/confirm": OWN_SAID,
    "POST /account/sessions/<name>/end": Door("own account", path="/account/sessions/ab/end", only=()),
    "POST /account/sessions/end-others": OWN,
    "GET /api/v1/me": ME,
    "GET /api/v1/me/looks": OWN,
    "GET /api/v1/notices": OWN,
    "POST /api/v1/notices/read": Door("own account", body={}),
    # Desks and their shifts.
    "GET /api/v1/desk": Door("read roster"),
    "GET /api/v1/desk/work": Door("read incident"),
    "GET /api/v1/desk/units": Door("indicators"),
    "GET /api/v1/me/departments": OWN,
    "GET /desk": Door("live map"),
    "GET /api/v1/desk/turns": Door("read roster"),
    "POST /api/v1/desk/turns": Door("write roster", body={}),
    "POST /api/v1/desk/turns/<uuid:turn_id>/strike": Door("write roster", "turn", body={}),
    "GET /api/v1/desk/matters": Door("write roster"),
    "GET /api/v1/desk/handovers": Door("read roster"),
    "POST /api/v1/desk/handovers": Door("write roster", body={}),
    "POST /api/v1/desk/handovers/<uuid:handover_id>/take": Door("write roster", "handover", body={}),
    # Residents.
    "GET /r/<token>": Door("anyone", only=(), path="/r/x"),
    "POST /r/<token>": Door("anyone", only=(), path="/r/x"),
    "GET /r/follow": ANYONE,
    "POST /r/follow": SAID,
    "GET /r/follow/<key>": Door("anyone", only=(), path="/r/follow/x"),
    "POST /r/follow/<key>/rating": Door("anyone", only=(), path="/r/follow/x/rating"),
    "GET /r/photos/<uuid:name>": SAID,
    "GET /residents": ME,  # what stands there is asked of the API
    "GET /api/v1/moderation": Door("moderate"),
    "PUT /api/v1/moderation/<uuid:report_id>": Door(
        "moderate", "resident report", body={"text": True, "photos": False}),
    "POST /api/v1/ratings/<uuid:rating_id>/decision": Door(
        "moderate", "rating", body={"granted": False, "answer": "不再办理"}),
    "POST /api/v1/reports/<uuid:report_id>/reveal": Door(
        "reveal contact", "resident report", body={"purpose": "回访核实"}),
    "GET /api/v1/qr": Door("codes of doors"),
    "POST /api/v1/qr-sheets": Door("codes of doors", body={}),
    "POST /api/v1/qr/<int:qr_id>/end": Door("codes of doors", "qr", body={}),
    # The hotline.
    "GET /hotline": Door("read hotline"),
    "GET /api/v1/hotline-orders": Door("read hotline"),
    "POST /api/v1/hotline-orders": Door("work hotline", body={}),
    "GET /api/v1/hotline-orders/similar": Door(
        "work hotline", path="/api/v1/hotline-orders/similar?lon=114.2&lat=35.72"),
    "GET /api/v1/hotline-orders/answers": Door("read hotline"),
    "GET /api/v1/hotline-orders/export": Door(
        "read hotline", path="/api/v1/hotline-orders/export?format=csv", only=("township", "worker", "wall")),
    "POST /api/v1/hotline-orders/<uuid:order_id>/contact": Door("work hotline", "order", body={
        "id": "0198a000-0000-7000-8000-000000000041", "note": "已联系"}),
    "POST /api/v1/hotline-orders/<uuid:order_id>/reveal": Door("reveal contact", "order", body={"purpose": "回访核实"}),
    "GET /api/v1/call-backs": Door("read hotline"),
    "GET /api/v1/call-backs/figures": Door("read hotline"),
    "POST /api/v1/call-backs/<uuid:call_id>/calls": Door("work hotline", "call", body={
        "id": "0198a000-0000-7000-8000-000000000042", "outcome": "refused"}),
    # The ground.
    "GET /api/v1/areas": Door("ground"),
    "GET /api/v1/editions": Door("ground"),
    "GET /api/v1/grids": Door("ground"),
    "GET /api/v1/grids/load": Door("ground"),
    "GET /api/v1/grids/<code>": Door("ground", "grid"),
    "GET /api/v1/grids/<code>/history": Door("ground", "grid"),
    "GET /api/v1/search": Door("ground", path="/api/v1/search?q=2026"),
    "GET /api/v1/patrol": Door("ground"),
    "GET /api/v1/locate": Door("locate", path="/api/v1/locate?lon=114.2&lat=35.72"),
    "POST /api/v1/locate": Door("locate", body={"points": [[114.2, 35.72]]}),
    "GET /api/v1/devices": Door("devices"),
    "GET /api/v1/devices/<code>": Door("devices", "device"),
    "GET /api/v1/people": Door("staff"),
    "GET /tiles/<name>/<int:z>/<int:x>/<int:y>.mvt": _tiles("/tiles/", *_LAYERS),
    "GET /api/v1/tiles/<name>/<int:z>/<int:x>/<int:y>.mvt": _tiles("/api/v1/tiles/", "incidents"),
    "GET /api/v1/categories": Door("read catalogue"),
    "GET /api/v1/catalogue": Door("read catalogue"),
    "GET /api/v1/catalogue/route": Door("read catalogue", path="/api/v1/catalogue/route?category=0301&at=990106"),
    "GET /api/v1/catalogue/deadlines": Door("read catalogue"),
    "GET /api/v1/catalogue/choices": Door("read catalogue", path="/api/v1/catalogue/choices?of=category"),
    "GET /api/v1/catalogue/<table>": Door("read catalogue", path="/api/v1/catalogue/reasons"),
    "GET /api/v1/catalogue/<table>/export": Door(
        "take catalogue", path="/api/v1/catalogue/reasons/export?format=csv", only=("township", "admin")),
    "POST /api/v1/catalogue/<table>/preview": Door(
        "write catalogue", path="/api/v1/catalogue/reasons/preview", data=b"list,code,name\nskip,snow,\xe9\x9b\xaa\n"),
    "POST /api/v1/catalogue/<table>/import": Door("write catalogue", path="/api/v1/catalogue/reasons/import", body={}),
    "POST /api/v1/catalogue/<table>/rows": Door("write catalogue", path="/api/v1/catalogue/reasons/rows", body={}),
    "POST /api/v1/catalogue/<table>/rows/<row_id>/end": Door(
        "write catalogue", path="/api/v1/catalogue/reasons/rows/skip:weather/end", body={"day": "2126-11-22"}),
    # What happens on it.
    "GET /api/v1/numbers": Door("live map"),
    "GET /api/v1/events": Door("live map", only=()),
    "GET /api/v1/events/last": Door("live map"),
    "GET /api/v1/incidents": Door("read incident", path="/api/v1/incidents?state=all"),
    "GET /api/v1/incidents/rhythm": Door(
        "read incident", path="/api/v1/incidents/rhythm?from=2026-03-01T00:00:00Z&to=2026-03-05T00:00:00Z"),
    "GET /api/v1/incidents/<uuid:incident_id>": Door("read incident", "incident"),
    "GET /api/v1/incidents/<uuid:incident_id>/log": Door("read log", "incident"),
    "POST /api/v1/incidents/<uuid:incident_id>/steps": Door(
        "take step", "incident", body={"id": "0198a000-0000-7000-8000-000000000001", "step": "close", "note": "done"}),
    "GET /api/v1/incidents/<uuid:incident_id>/similar": Door("read log", "incident"),
    "GET /api/v1/incidents/<uuid:incident_id>/targets": Door("take step", "incident"),
    "POST /api/v1/incidents/steps": Door("take step", body={"step": "note", "note": "seen", "incidents": [
        {"incident": "0198a000-0000-7000-8000-000000000003", "id": "0198a000-0000-7000-8000-000000000002"}]}),
    # Who is called.
    "GET /api/v1/whistles": Door("read whistle"),
    "POST /api/v1/whistles": Door("blow whistle", body={}),
    "GET /api/v1/whistles/figures": Door("read whistle"),
    "GET /api/v1/whistles/targets": Door("blow whistle", "incident", path="/api/v1/whistles/targets?incident={}"),
    "GET /api/v1/whistles/<uuid:whistle_id>": Door("read whistle", "whistle"),
    "POST /api/v1/whistles/<uuid:whistle_id>/acknowledge": Door(
        "answer whistle", "whistle", body={"id": "0198a000-0000-7000-8000-000000000041"}),
    "POST /api/v1/whistles/<uuid:whistle_id>/arrive": Door("answer whistle", "whistle", body={
        "id": "0198a000-0000-7000-8000-000000000042", "place": {"lon": 114.2, "lat": 35.72}}),
    "POST /api/v1/whistles/<uuid:whistle_id>/refuse": Door("answer whistle", "whistle", body={
        "id": "0198a000-0000-7000-8000-000000000043", "reason": "not-ours"}),
    "POST /api/v1/whistles/<uuid:whistle_id>/outcome": Door("answer whistle", "whistle", body={
        "id": "0198a000-0000-7000-8000-000000000044", "outcome": "settled", "note": "好"}),
    "POST /api/v1/whistles/<uuid:whistle_id>/rate": Door("blow whistle", "whistle", body={
        "id": "0198a000-0000-7000-8000-000000000045", "rating": 4}),
    "GET /api/v1/contested": Door("read whistle"),
    "POST /api/v1/contested/<uuid:contested_id>/decide": Door("decide contested", "contested", body={
        "id": "0198a000-0000-7000-8000-000000000046", "department": "urban", "ground": "2024年纪要"}),
    "GET /api/v1/supervisions": Door("read notice"),
    "POST /api/v1/supervisions": Door("supervise", body={}),
    "GET /api/v1/supervisions/<uuid:notice_id>": Door("read notice", "supervision"),
    "POST /api/v1/supervisions/<uuid:notice_id>/answer": Door("answer notice", "supervision", body={
        "id": "0198a000-0000-7000-8000-000000000047", "note": "明日完成"}),
    "POST /api/v1/supervisions/<uuid:notice_id>/close": Door("supervise", "supervision", body={
        "id": "0198a000-0000-7000-8000-000000000048", "note": "属实"}),
    "GET /api/v1/supervisions/<uuid:notice_id>/notice.pdf": Door(
        "read notice", "supervision", only=("department", "planner")),
    # Hazards: what they name is the hazard of the spot, its notice, its look-back.
    "GET /hazards": Door("read hazard"),
    "GET /api/v1/hazards": Door("read hazard", path="/api/v1/hazards?state=all"),
    "POST /api/v1/hazards": Door("work hazard", body={}),
    "GET /api/v1/hazards/<uuid:hazard_id>": Door("read hazard", "hazard"),
    "POST /api/v1/hazards/<uuid:hazard_id>/close": Door("judge hazard", "hazard", body={"note": "复查合格"}),
    "POST /api/v1/hazards/<uuid:hazard_id>/handovers": Door("judge hazard", "hazard", body={
        "id": "0198a000-0000-7000-8000-000000000043", "department": "nobody", "reason": "不归我们"}),
    "POST /api/v1/hazards/<uuid:hazard_id>/notices": Door("judge hazard", "hazard", body={
        "id": "0198a000-0000-7000-8000-000000000041", "demands": "整改", "due_at": "2020-01-01T00:00:00Z"}),
    "GET /api/v1/rectification-notices/<uuid:notice_id>/document": Door("read hazard", "notice"),
    "POST /api/v1/rectification-notices/<uuid:notice_id>/delivery": Door("work hazard", "notice", body={"how": "post"}),
    "POST /api/v1/rectification-notices/<uuid:notice_id>/answer": Door(
        "work hazard", "notice", body={"answer": "已整改", "media": []}),
    "GET /api/v1/look-backs": Door("read hazard"),
    "POST /api/v1/look-backs/<uuid:look_back_id>/done": Door("work hazard", "look-back", body={
        "id": "0198a000-0000-7000-8000-000000000042", "outcome": "held", "note": "正常"}),
    "GET /api/v1/safe-zones": Door("live map"),
    "POST /api/v1/safe-zones": Door("draw safe zone", body={}),
    "POST /api/v1/safe-zones/<uuid:zone_id>/end": Door("draw safe zone", "safe-zone", body={}),
    "POST /api/v1/reports": Door("create report", body={}),
    "POST /api/v1/alerts": Door("send alert", body={}),
    "PUT /api/v1/media/<string:sha256>": Door("send photo", path="/api/v1/media/" + "0" * 64, data=b"no picture"),
    "GET /api/v1/media/<string:sha256>": Door("see photo", "photo"),
    "GET /api/v1/media/<string:sha256>/shown": Door("see photo", "photo"),
    "GET /planner": Door("import"),
    "GET /planner/differences": Door("ground"),
    "GET /planner/grids/<code>": Door("ground", path="/planner/grids/990106001001001"),  # a shell that names nobody
    "GET /api/v1/differences": Door("ground", path="/api/v1/differences?from=2026-03-01"),
    # Plans.
    "GET /api/v1/plans": Door("import"),
    "POST /api/v1/plans": Door("import", body={"id": "0198a000-0000-7000-8000-000000000011", "title": "夏季调优"}),
    "GET /api/v1/plans/<uuid:plan_id>": Door("import", "plan"),
    "GET /api/v1/plans/<uuid:plan_id>/grids": Door("import", "plan"),
    "GET /api/v1/plans/<uuid:plan_id>/snap": Door(
        "import", "plan", path="/api/v1/plans/{}/snap?bbox=114.2,35.7,114.21,35.71"),
    "POST /api/v1/plans/<uuid:plan_id>/edits": Door("import", "plan", body={
        "id": "0198a000-0000-7000-8000-000000000012", "after": 1, "op": "merge", "args": {"grids": ["new-1", "x"]}}),
    "POST /api/v1/plans/<uuid:plan_id>/undo": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000013"}),
    "POST /api/v1/plans/<uuid:plan_id>/redo": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000014"}),
    "GET /api/v1/plans/<uuid:plan_id>/check": Door("import", "plan"),
    "GET /api/v1/plans/<uuid:plan_id>/impact": Door("import", "plan"),
    "GET /api/v1/plans/<uuid:plan_id>/impact/<kind>": Door(
        "import", "plan", path="/api/v1/plans/{}/impact/buildings"),
    "POST /api/v1/plans/<uuid:plan_id>/notes": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000015", "body": "再看看"}),
    "POST /api/v1/plans/<uuid:plan_id>/import": Door("import", "plan", body={
        "id": "0198a000-0000-7000-8000-00000000001a", "upload": "0198a000-0000-7000-8000-00000000001b"}, only=()),
    "GET /api/v1/plans/<uuid:plan_id>/proposals": Door("import", "plan"),
    "POST /api/v1/plans/<uuid:plan_id>/proposals": Door("import", "plan", body={
        "id": "0198a000-0000-7000-8000-000000000017", "kind": "split", "grid": "new-1"}),
    "GET /api/v1/plans/<uuid:plan_id>/proposals/<uuid:proposal_id>": Door(
        "import", "proposal", path="/api/v1/plans/{}"),
    "POST /api/v1/plans/<uuid:plan_id>/proposals/<uuid:proposal_id>/cancel": Door(
        "import", "proposal", path="/api/v1/plans/{}/cancel",
        body={"id": "0198a000-0000-7000-8000-000000000018"}),
    "POST /api/v1/plans/<uuid:plan_id>/proposals/<uuid:proposal_id>/drop": Door(
        "import", "proposal", path="/api/v1/plans/{}/drop",
        body={"id": "0198a000-0000-7000-8000-000000000031"}),
    "POST /api/v1/plans/<uuid:plan_id>/proposals/<uuid:proposal_id>/take": Door(
        "import", "proposal", path="/api/v1/plans/{}/take",
        body={"id": "0198a000-0000-7000-8000-000000000019"}),
    "POST /api/v1/plans/<uuid:plan_id>/reasons": Door("import", "plan", body={
        "id": "0198a000-0000-7000-8000-000000000016", "item": "size:new-1", "body": "明年交房"}),
    "POST /api/v1/plans/<uuid:plan_id>/submit": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000021"}),
    "POST /api/v1/plans/<uuid:plan_id>/withdraw": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000022"}),
    "GET /api/v1/plans/<uuid:plan_id>/rebase": Door("import", "plan"),
    "POST /api/v1/plans/<uuid:plan_id>/rebase": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000023"}),
    "POST /api/v1/plans/<uuid:plan_id>/revert": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000024", "note": "居民不同意"}),
    # Another person's steps: the planner here is the author, who is refused.
    "POST /api/v1/plans/<uuid:plan_id>/approve": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000025"}, only=()),
    "POST /api/v1/plans/<uuid:plan_id>/publish": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000026"}, only=()),
    "POST /api/v1/plans/<uuid:plan_id>/send-back": Door(
        "import", "plan", body={"id": "0198a000-0000-7000-8000-000000000027", "note": "再看看"}, only=()),
    "GET /api/v1/restate": Door("indicators", path="/api/v1/restate?edition=1", only=_FEW),
    # Zones; the proposals are for the north, and for the south.
    "GET /api/v1/zones": Door("ground"),
    "GET /api/v1/zones/proposals": Door("import"),
    "POST /api/v1/zones/proposals": Door("import", body={
        "id": "0198a000-0000-7000-8000-000000000032", "group": "grids", "area": "990106001", "count": 2}),
    "GET /api/v1/zones/proposals/<uuid:proposal_id>": Door("import", "zones"),
    "GET /api/v1/zones/proposals/<uuid:proposal_id>/choices/<int:choice>": Door(
        "import", "zones", path="/api/v1/zones/proposals/{}/choices/1"),
    "POST /api/v1/zones/proposals/<uuid:proposal_id>/cancel": Door(
        "import", "zones", body={"id": "0198a000-0000-7000-8000-000000000033"}),
    "POST /api/v1/zones/proposals/<uuid:proposal_id>/drop": Door(
        "import", "zones", body={"id": "0198a000-0000-7000-8000-000000000034"}),
    "POST /api/v1/zones/proposals/<uuid:proposal_id>/take": Door("import", "zones", body={
        "id": "0198a000-0000-7000-8000-000000000035", "choice": 1, "names": ["东片", "西片"]}),
    # Files and documents. What is imported is the whole district's: see the test of a planner over all of it.
    "GET /api/v1/maps/document": Door("indicators", only=_FEW),
    "GET /api/v1/briefs/<week>": Door("indicators", path="/api/v1/briefs/2026-W10", only=_FEW),
    "GET /api/v1/packs/<code>": Door("indicators", "grid", only=_FEW),
    "GET /api/v1/indicators": Door("indicators", path="/api/v1/indicators?from=2026-03-01&to=2026-03-07"),
    "GET /api/v1/indicators/<key>/rows": Door(
        "indicators", path="/api/v1/indicators/closed/rows?from=2026-03-01&to=2026-03-07"),
    "GET /admin/files": ME,
    "GET /api/v1/exports": ME,  # a list of what one may take; a wall's is empty
    "GET /api/v1/exports/<kind>": (
        Door("export tables", path="/api/v1/exports/incidents?format=csv"),
        Door("export geometry", path="/api/v1/exports/grids?format=geojson"),
    ),
    "GET /api/v1/imports": ME,
    "GET /api/v1/templates/<kind>": Door("import", path="/api/v1/templates/sites", only=()),
    "POST /api/v1/imports": Door("import", path="/api/v1/imports?kind=sites", data=b"no file", only=()),
    "POST /api/v1/imports/<uuid:upload_id>/check": Door("own account", "upload", body={}),
    "POST /api/v1/imports/<uuid:upload_id>/carry-out": Door(
        "own account", "upload", body={"counts": {"new": 0, "changed": 0, "same": 0, "ended": 0}}),
    "DELETE /api/v1/imports/<uuid:upload_id>": Door("own account", "upload"),
    # The registers.
    "GET /admin": ME,  # leads on to the first page that one may see
    "GET /admin/people": Door("accounts"),
    "GET /admin/devices": Door("accounts"),
    "GET /admin/catalogue": Door("read catalogue"),
    "GET /admin/outbox": Door("settings"),
    "GET /api/v1/outbox/endpoints": Door("settings"),
    "POST /api/v1/outbox/endpoints": Door("settings", body={}),
    "PUT /api/v1/outbox/endpoints/<uuid:endpoint_id>": Door("settings", "endpoint", body={"name": "消防"}),
    "POST /api/v1/outbox/endpoints/<uuid:endpoint_id>/end": Door("settings", "endpoint", body={}),
    "POST /api/v1/outbox/endpoints/<uuid:endpoint_id>/try": Door(
        "settings", "endpoint", body={"id": "0198a000-0000-7000-8000-000000000031"}),
    "GET /api/v1/outbox/messages": Door("settings"),
    "POST /api/v1/outbox/messages/<uuid:message_id>/retry": Door("settings", "message", body={}),
    "POST /api/v1/outbox/messages/<uuid:message_id>/drop": Door("settings", "message", body={}),
    "GET /api/v1/accounts": Door("accounts"),
    "POST /api/v1/accounts": ACCOUNTS,
    "GET /api/v1/accounts/<int:person_id>": Door("accounts", "account"),
    "PUT /api/v1/accounts/<int:person_id>": Door("accounts", "account", body={}),
    "POST /api/v1/accounts/<int:person_id>/code": Door("accounts", "account", body={}),
    "POST /api/v1/accounts/<int:person_id>/end": Door("accounts", "account", body={}),
    "POST /api/v1/accounts/<int:person_id>/factor/remove": Door("accounts", "account", body={"reason": "lost it"}),
    "POST /api/v1/accounts/<int:person_id>/sessions/end": Door("accounts", "account", body={}),
    "GET /api/v1/departments": Door("accounts"),
    "POST /api/v1/departments": ACCOUNTS,
    "PUT /api/v1/departments/<code>": Door("accounts", path="/api/v1/departments/urban", body={}),
    "POST /api/v1/departments/<code>/end": Door("accounts", path="/api/v1/departments/urban/end", body={}),
    "GET /api/v1/role-targets": Door("accounts", path="/api/v1/role-targets?role=worker&q=9"),
    "POST /api/v1/roles": ACCOUNTS,
    "POST /api/v1/roles/<int:role_id>/end": Door("accounts", "role", body={}),
    "GET /api/v1/register/devices": Door("accounts"),
    "POST /api/v1/register/devices": ACCOUNTS,
    "GET /api/v1/register/devices/<code>": Door("accounts", "device"),
    "POST /api/v1/register/devices/<code>/end": Door("accounts", "device", body={"reason": "taken down"}),
    "POST /api/v1/register/devices/<code>/keys": Door("accounts", "device", body={}),
    "POST /api/v1/register/devices/<code>/keys/<name>/revoke": Door(
        "accounts", "device", path="/api/v1/register/devices/{}/keys/ab/revoke", body={}, only=()),
}  # fmt: skip
