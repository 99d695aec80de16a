"""Grid packs: what the paper says is what the database says, as far as its reader may see."""

from __future__ import annotations

import re
import socket
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import text

from gridmap.errors import NotAllowed, NotFound
from gridmap.insight import pack as packs
from gridmap.insight.brief_print import print_brief
from gridmap.insight.figures import read_brief
from gridmap.insight.pack import PackWish, pack_sight, read_packs, wanted_grids
from gridmap.insight.pack_book import print_book, print_pack
from gridmap.insight.pack_map import draw_map
from gridmap.insight.pack_tables import tables_of
from gridmap.insight.queries import sight_of
from gridmap.people.rules import Role
from gridmap.printing import to_pdf
from tests.insight.conftest import NOW
from tests.insight.packing import NAMES, PHONES, add_site, add_street, appoint, furnish
from tests.insight.test_documents import WEEK
from tests.pdf import Paper
from tests.worlds import CODE, FOUNDED, person

LONG = "特别长的名字" * 30


@pytest.fixture
def furnished(db, town):
    furnish(db, town)
    return town


def read(db, actor, at=None, **wish):
    sight = pack_sight(actor)
    rows = wanted_grids(db, sight, PackWish(at=at, **wish))
    return [pack for portion in read_packs(db, sight, rows, at, NOW) for pack in portion]


def said_by(paper: Paper) -> str:
    """All letters of a PDF: on a map each stands for itself."""
    return re.sub(r"\s", "", paper.text)


def test_the_paper_says_what_the_database_says(db, furnished, machine):
    (pack,) = read(db, machine, code=CODE["A"])
    paper = Paper(print_pack(pack, "zh-CN"))
    said = said_by(paper)
    for words in (
        *NAMES.values(),
        *PHONES.values(),
        "网格A",
        "网格B",
        "人民路",
        "化粪池",
        "永安<b>五金厂</b>",
        "清河小区",
    ):
        assert words in said
    assert "邻家超市" not in said
    homes = tables_of(pack, "zh-CN")[3]
    assert homes.rows[0][:4] == ["清河小区", "1–3", "3", "60"]
    assert "990106001001001" in said
    assert paper.page_count == 2


def test_a_pack_is_tagged_titled_and_carries_its_fonts(db, furnished, machine):
    (pack,) = read(db, machine, code=CODE["A"])
    paper = Paper(print_pack(pack, "en"))
    assert "Grid pack: Grid A" in paper.titles
    assert b"/Lang (en)" in paper.catalog
    assert b"/Marked true" in paper.catalog
    assert any(b"/Alt" in said and b"Map of Grid A" in said for said in paper.objects.values())
    assert paper.embeds_its_fonts
    assert "Qinghe Estate" in paper.text


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        (Role.CHIEF, {"chief", "worker"}),  # whose grid it is, but not whose offices serve it
        (Role.TOWNSHIP, set()),
        (Role.PLANNER, set()),
    ],
)
def test_a_telephone_stands_only_where_its_reader_may_see_it(db, furnished, role, shown):
    path = furnished.area_path("A", "C") if role is not Role.CHIEF else furnished.paths["A"]
    (pack,) = read(db, person(db, role, path), code=CODE["A"])
    phones = {each.role.value: each.phone for each in (*pack.office, *pack.people)}
    assert set(phones) == set(PHONES)  # names are no secret
    assert {name for name, phone in phones.items() if phone == PHONES[name]} == shown
    hidden = set(phones.values()) - set(PHONES.values())
    assert hidden <= ({None, "138****0001", "138****0002", "138****0003"} if role is Role.TOWNSHIP else {None})
    assert len(pack.seen) == len(shown)


def test_who_reads_no_figures_gets_no_pack_and_elsewhere_there_is_no_grid(db, furnished):
    with pytest.raises(NotAllowed):
        pack_sight(person(db, Role.AUDITOR, str(furnished.district_id)))
    worker = person(db, Role.WORKER, furnished.paths["A"])
    for wish in ({"code": CODE["E"]}, {"code": "nothing"}, {"area_code": "990106002"}, {"area_code": "77"}):
        with pytest.raises(NotFound):
            read(db, worker, **wish)


def test_a_pack_of_a_past_day_tells_of_that_day(db, furnished, machine):
    change = FOUNDED + timedelta(days=100)
    add_site(db, furnished, "A", "school", "老学校", (0.3, 2.2), until=change)
    appoint(db, furnished, "worker", name="周旧人", until=change)
    then = read(db, machine, at=change - timedelta(days=1), code=CODE["A"])[0]
    now = read(db, machine, code=CODE["A"])[0]
    assert ({s.row.name for s in then.sites if s.mark} - {s.row.name for s in now.sites if s.mark}) == {"老学校"}
    assert {p.row.name for p in then.people} - {p.row.name for p in now.people} == {"周旧人"}
    with pytest.raises(NotFound):
        read(db, machine, at=FOUNDED - timedelta(days=1), code=CODE["A"])


def test_names_that_mean_harm_or_never_end_break_no_page(db, furnished, machine):
    harm = "</svg><script>1</script>\u202e\x01\U0001f3ed & \"'" + LONG
    db.execute(text("UPDATE grid_version SET name = :name, names = '{}'"), {"name": harm})
    add_street(db, harm, (0.5, 2), (0.5, 3))
    db.execute(text("UPDATE person SET name = :name WHERE phone IS NOT NULL"), {"name": harm})
    add_site(db, furnished, "A", "building", harm, (0.4, 2.2), households=1)
    add_site(db, furnished, "A", "shop", "😀", (0.4, 2.8))
    (pack,) = read(db, machine, code=CODE["A"])
    drawn = ET.fromstring(draw_map(pack, "zh-CN"))
    assert not [tag for tag in drawn.iter() if tag.tag.endswith("script")]
    paper = Paper(print_pack(pack, "zh-CN"))
    assert "</svg><script>1</script>" in said_by(paper)
    assert paper.page_count <= 6


def test_printing_asks_nobody_for_anything(tmp_path):
    (tmp_path / "secret.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">LEAKED</text></svg>')
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        page = (
            f'<html lang="en"><title>t</title><link rel="stylesheet" href="http://127.0.0.1:{port}/a.css">'
            f'<img src="{(tmp_path / "secret.svg").as_uri()}"><img src="http://127.0.0.1:{port}/b.png"><p>Words'
        )
        said = said_by(Paper(to_pdf(page)))
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert "Words" in said
    assert "LEAKED" not in said


def test_a_book_holds_every_grid_once_with_contents_that_lead_there(db, furnished, machine, tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "PORTION", 4)
    sight = pack_sight(machine)
    rows = wanted_grids(db, sight, PackWish())
    book, printed = tmp_path / "book.pdf", []
    print_book(read_packs(db, sight, rows, None, NOW), len(rows), book, "zh-CN", printed=printed.append)
    paper = Paper(book.read_bytes())
    assert printed == [4, 2]
    assert paper.page_count == 1 + 6 * 2
    assert [words for words in paper.titles if words.startswith("网格 ")] == [f"网格 {letter}" for letter in "ABCDEF"]
    contents = paper.text.rsplit("990106 001 001 001", 1)[1]
    pages = [int(line) for line in contents.split("\n") if line.isdigit()]
    assert pages == [2, 4, 6, 8, 10, 12, 1]
    # Nothing points into nowhere, though every part numbered its pieces from one.
    known = set(paper.objects)
    for number, said in paper.objects.items():
        pointed = {int(n) for n in re.findall(rb"(\d+) 0 R", said.split(b"\nstream\n")[0])}
        assert pointed <= known, number
    assert len(re.findall(rb"/Dest \[\d+ 0 R /Fit\]", b"".join(paper.objects.values()))) == 6 + 12
    startxref = int(paper.data.rsplit(b"startxref\n", 1)[1].split()[0])
    assert re.match(rb"\d+ 0 obj\n<< /Type /XRef", paper.data[startxref:])


def test_a_brief_on_paper_has_the_tables_of_the_brief(db, town, machine, happened):
    happened("A", WEEK.start, due=WEEK.end)
    paper = Paper(print_brief(read_brief(db, sight_of(machine), WEEK, None, NOW), "en"))
    said = said_by(paper)
    assert "Weeklybrief2026-W46" in said
    assert "Manholeopen" in said
    assert "Qinghe" in said  # a table that the page keeps folded
