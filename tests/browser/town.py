"""A small made-up district in EPSG:3857 with every kind of thing the map draws: 767 grids, drawn from one seed."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from scipy.spatial import Voronoi
from shapely import LineString, Point, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from tests.browser.mvt import Row

CENTRE = (114.20, 35.72)
SIDE = 18  # the town is SIDE x SIDE grids
STEP_M = 400.0
RURAL = 413
COMMUNITIES = ("清河", "玉兰", "货场", "丰泽", "长堤", "紫薇", "向阳", "南苑", "桂花", "石榴", "渔光", "红旗")
TOWNSHIPS = (
    "文昌街道",
    "柳溪街道",
    "东渡街道",
    "鹿台街道",
    "站前街道",
    "青岗镇",
    "石桥镇",
    "云湖镇",
    "枣园乡",
    "白鹭镇",
)
STREETS = ("鹿台路", "钟楼街", "货场路", "淇水南路", "东渡路", "育才路", "文昌路", "兴业路", "建设大道", "红旗街")


@dataclass
class Town:
    """MVT layer name -> rows, in EPSG:3857."""

    layers: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, layer: str, shape: BaseGeometry, ident: int | None = None, /, **properties: Any) -> None:
        self.layers.setdefault(layer, []).append((_to_map(shape), properties, ident))


_TO_MAP = Transformer.from_crs(4326, 3857, always_xy=True).transform(*CENTRE)
_STRETCH = 1 / math.cos(math.radians(CENTRE[1]))


def _to_map(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: xy * _STRETCH + _TO_MAP)


def _bend(x: float, y: float) -> tuple[float, float]:
    """Bend the lattice of streets, so that the town looks grown and labels run at every angle."""
    return (
        x + 150 * math.sin(y / 1700) + 60 * math.sin((x + y) / 600),
        y + 320 * math.sin(x / 1800) + 50 * math.sin((x - 2 * y) / 700),
    )


def _street(fixed: float, *, along_x: bool, until: float) -> LineString:
    ticks = np.linspace(-until, until, 2 * SIDE * 4 + 1)
    return LineString([_bend(t, fixed) if along_x else _bend(fixed, t) for t in ticks])


def make_town(seed: int = 7, incidents: int = 5000) -> Town:
    """Draw the district."""
    rng = np.random.default_rng(seed)
    town = Town()
    half = SIDE * STEP_M / 2
    lines = [(k * STEP_M - half, along) for k in range(SIDE + 1) for along in (True, False)]
    streets = [_street(at, along_x=along, until=half) for at, along in lines]
    outline = Polygon([(9500 * math.cos(a), 7200 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 181)])
    core = shapely.unary_union(list(shapely.polygonize(shapely.get_parts(shapely.unary_union(streets))).geoms))
    works = [_works(rng, half) for _ in range(30)]
    urban = _faces([*streets, *(work.exterior for work in works)])
    rural = _villages(rng, core, outline)
    faces = _faces([shapely.unary_union(urban).boundary, *(f.boundary for f in urban), *(f.boundary for f in rural)])
    _add_grids(town, rng, faces, core, works)
    _add_base(town, rng, lines, streets, core, outline, faces)
    _add_incidents(town, rng, incidents, half)
    _add_devices(town, rng, streets)
    return town


def _works(rng: np.random.Generator, half: float) -> Polygon:
    column, row = rng.integers(1, SIDE - 1, 2)
    x, y = column * STEP_M - half, row * STEP_M - half
    corners = [(x + 30, y + 60), (x + 230, y + 60), (x + 230, y + 340), (x + 30, y + 340)]
    return Polygon([_bend(*corner) for corner in corners])


def _villages(rng: np.random.Generator, core: BaseGeometry, outline: Polygon) -> list[BaseGeometry]:
    seeds: list[tuple[float, float]] = []
    while len(seeds) < RURAL:
        x, y = rng.uniform(-9400, 9400), rng.uniform(-7100, 7100)
        point = Point(x, y)
        near = any(abs(x - a) + abs(y - b) < 520 for a, b in seeds)
        if outline.contains(point) and not near and core.distance(point) > 150:
            seeds.append((x, y))
    around = [(30000 * math.cos(a), 30000 * math.sin(a)) for a in np.linspace(0, 6.2, 24)]
    diagram = Voronoi(np.array(seeds + around))
    free = outline.difference(core)
    cells = []
    for at in range(len(seeds)):
        region = diagram.regions[diagram.point_region[at]]
        cells += [p for p in shapely.get_parts(Polygon(diagram.vertices[region]).intersection(free)) if p.area > 2000]
    return cells


def _faces(lines: list[BaseGeometry]) -> list[Polygon]:
    network = shapely.unary_union([shapely.set_precision(line, 0.01) for line in lines], grid_size=0.01)
    return [face for face in shapely.polygonize(shapely.get_parts(network)).geoms if face.area > 500]


def _add_grids(
    town: Town, rng: np.random.Generator, faces: list[Polygon], core: BaseGeometry, works: list[Polygon]
) -> None:
    dedicated = shapely.unary_union(works)
    hubs = [(1200 * math.cos(a), 1200 * math.sin(a)) for a in np.arange(5) * 1.2566 + 0.4]
    hubs += [(6500 * math.cos(a), 5200 * math.sin(a)) for a in np.arange(5) * 1.2566 + 0.9]
    members: dict[tuple[int, int], list[Polygon]] = {}
    for ident, face in enumerate(faces, start=1):
        middle = face.representative_point()
        in_town = core.contains(middle)
        kind = "dedicated" if dedicated.contains(middle) else "urban" if in_town else "rural"
        reach = hubs[:5] if in_town else hubs[5:]
        township = int(np.argmin([math.dist((middle.x, middle.y), hub) for hub in reach])) + (0 if in_town else 5)
        community = int((middle.x + 9600) // 1200) * 20 + int((middle.y + 7300) // 1200)
        group = members.setdefault((township, community), [])
        group.append(face)
        short, name = f"{len(group):02d}", COMMUNITIES[community % len(COMMUNITIES)]
        label = "客运站" if kind == "dedicated" else f"{name} {short}"
        facts = {
            "code": f"990106{township:03d}{community % 1000:03d}{len(group):03d}",
            "short": short, "name": label, "kind": kind, "community": community,
            "open": int(rng.gamma(0.8, 3)), "overdue": int(rng.random() < 0.08),
        }  # fmt: skip
        circle = shapely.maximum_inscribed_circle(face, tolerance=5)
        town.add("grids", face, ident, **facts)
        town.add("grid_labels", Point(circle.coords[0]), ident, r=circle.length * _STRETCH, **facts)
    _add_areas(town, members)


def _add_areas(town: Town, members: dict[tuple[int, int], list[Polygon]]) -> None:
    ident = 0
    whole = []
    for township, name in enumerate(TOWNSHIPS):
        parts = []
        for (holder, community), group in members.items():
            if holder == township:
                ident += 1
                shape = shapely.union_all(group, grid_size=0.01)
                parts.append(shape)
                _add_area(town, shape, ident, "community", f"{COMMUNITIES[community % len(COMMUNITIES)]}社区")
        ident += 1
        whole.append(shapely.union_all(parts, grid_size=0.01))
        _add_area(town, whole[-1], ident, "township", name)
    _add_area(town, shapely.union_all(whole, grid_size=0.01), ident + 1, "district", "淇水区")


def _add_area(town: Town, shape: BaseGeometry, ident: int, kind: str, name: str) -> None:
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    circle = shapely.maximum_inscribed_circle(largest, tolerance=20)
    facts = {"kind": kind, "name": name, "name_en": name}
    town.add("areas", shape, ident, **facts)
    town.add("area_labels", Point(circle.coords[0]), ident, **facts)


def _add_base(
    town: Town,
    rng: np.random.Generator,
    lines: list[tuple[float, bool]],
    streets: list[LineString],
    core: BaseGeometry,
    outline: Polygon,
    faces: list[Polygon],
) -> None:
    river_line = _street(130.0, along_x=True, until=9800)
    river = river_line.buffer(75).intersection(outline)
    town.add("ground", core, kind="town")
    for face in faces:
        middle = face.representative_point()
        if core.contains(middle):
            _add_blocks(town, rng, face.difference(river.buffer(30)))
            continue
        town.add("ground", face.buffer(-4), kind=f"field_{'abc'[rng.integers(3)]}")
        town.add("ground", middle.buffer(rng.uniform(60, 130), quad_segs=3), kind="village")
    town.add("ground", affinity.scale(Point(-6500, 4200).buffer(900), 1.4, 0.7), kind="forest")
    town.add("ground", river, kind="water")
    town.add("water_label", river_line.intersection(outline), name="淇水", name_en="Qishui")
    for at, ((_, along), street) in enumerate(zip(lines, streets, strict=True)):
        rank = 1 if at % 8 < 2 else 2 if at % 4 < 2 else 3
        name = STREETS[at % len(STREETS)] + ("" if along else "东段")
        town.add("way", street, kind="street", rank=rank, layer=0, name=name, name_en=f"Street {at}")
    town.add("way", LineString([(-9500, -5200), (0, -4600), (9500, -3300)]), kind="rail", rank=2, layer=0)
    town.add("way", LineString([(-9500, 5300), (0, 5600), (9500, 4300)]), kind="motorway", rank=0, layer=0)
    for turn in np.arange(7):
        far = (9000 * math.cos(turn * 0.9), 7000 * math.sin(turn * 0.9))
        town.add("way", LineString([(0.4 * far[0], 0.5 * far[1]), far]).difference(core), kind="road", rank=2, layer=0)


def _add_blocks(town: Town, rng: np.random.Generator, face: BaseGeometry) -> None:
    west, south, east, north = face.bounds
    cut = LineString([((west + east) / 2, south - 50), ((west + east) / 2 + 30, north + 50)])
    town.add("way", cut.intersection(face), kind="street", rank=4, layer=0)
    use = rng.choice(["block", "block", "block", "block", "park"])
    for block in shapely.get_parts(face.difference(cut.buffer(5)).buffer(-14)):
        if block.area < 3000:
            continue
        town.add("ground", block, kind=str(use))
        if use == "park":
            town.add("ground", block.centroid.buffer(24, quad_segs=3), kind="water")
            continue
        _add_buildings(town, rng, block.buffer(-8))


def _add_buildings(town: Town, rng: np.random.Generator, yard: BaseGeometry) -> None:
    if yard.is_empty:
        return
    shapely.prepare(yard)
    west, south, east, north = yard.bounds
    turn = rng.normal(0, 3)
    for y in np.arange(south + 8, north, rng.uniform(26, 34)):
        for x in np.arange(west + 24, east, 54):
            slab = affinity.rotate(shapely.box(x - 22, y - 6, x + rng.uniform(12, 22), y + 6), turn)
            if yard.contains(slab):
                town.add("building", slab)


def _add_incidents(town: Town, rng: np.random.Generator, count: int, half: float) -> None:
    hot = rng.uniform(-half, half, (40, 2))
    spread = hot[rng.integers(0, 40, count)] + rng.normal(0, 420, (count, 2))
    for ident, (x, y) in enumerate(
        np.where(rng.random((count, 1)) < 0.6, spread, rng.uniform(-half, half, (count, 2)))
    ):
        severity = int(rng.choice([1, 2, 3, 4], p=[0.03, 0.17, 0.5, 0.3]))
        state = str(rng.choice(["reported", "filed"]))
        town.add(
            "incidents", Point(x, y), id=f"i-{ident}", severity=severity, state=state, overdue=bool(rng.random() < 0.07)
        )


def _add_devices(town: Town, rng: np.random.Generator, streets: list[LineString]) -> None:
    for ident in range(250):
        at = streets[rng.integers(len(streets))].interpolate(rng.random(), normalized=True)
        facts = {"heading": float(rng.uniform(0, 360)), "fov": 60.0, "range": 90.0, "silent": bool(rng.random() < 0.1)}
        town.add("devices", at, ident, id=ident, code=f"C-{ident:04d}", kind="camera", **facts)
        town.add("sites", Point(at.x + 60, at.y + 80), ident, id=ident, kind="shop", name="便民超市")
