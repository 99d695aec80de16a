"""The map component on a page, as a hand and an eye meet it."""

import pytest
import shapely

pytestmark = pytest.mark.browser

PLACE = {"lon": 114.2031, "lat": 35.7212}
INCIDENT = {"id": "new", **PLACE, "severity": 2, "state": "filed", "overdue": False}
# The kind of thing, and its id, at a place.
AT_PLACE = "([lon, lat]) => { const { kind, id } = gridmap.hitAt(gridmap.toPixel([lon, lat])); return [kind, id] }"
RESTED = """() => new Promise((done) => {
  const stop = gridmap.on('idle', () => { stop(); done() })
  gridmap.stage.map.render()
})"""
TO_MAP = "([lon, lat]) => import('/static/test/shared/map/scale.js').then(({ project }) => project(lon, lat))"
TO_LONLAT = "(xy) => import('/static/test/shared/map/scale.js').then(({ unproject }) => unproject(xy))"
BARE = "() => gridmap.setLayers({ incidents: false, devices: false, sites: false })"


def at(visit):
    return visit.run(AT_PLACE, [PLACE["lon"], PLACE["lat"]])


def test_the_map_comes_up_under_the_strict_policy_and_asks_nobody_else(visit):
    visit.open("zoom=15")
    assert visit.complaints == []
    assert {url.split("/")[2] for url in visit.asked} == {visit.address.split("/")[2]}


def test_the_grid_under_the_pointer_is_the_grid_that_holds_it(visit, town):
    visit.open("zoom=16").run(BARE)
    for pixel in [(200, 200), (470, 350), (640, 500), (820, 90)]:
        code = visit.run("(pixel) => gridmap.hitAt(pixel).properties.code", pixel)
        point = shapely.Point(visit.run(TO_MAP, visit.run("(pixel) => gridmap.fromPixel(pixel)", pixel)))
        holders = [facts["code"] for shape, facts, _ in town.layers["grids"] if shape.covers(point)]
        assert [code] == holders


def test_a_click_tells_which_grid_was_meant(visit):
    visit.open("zoom=16").run(BARE)
    visit.run("() => { gridmap.on('select', (hit) => { window.chosen = hit }) }")
    visit.page.mouse.click(300, 300)
    visit.page.wait_for_function("() => window.chosen")
    told = visit.run("() => [chosen.kind, chosen.properties.code]")
    assert told == ["grid", visit.run("() => gridmap.hitAt([300, 300]).properties.code")]


def test_a_new_incident_stands_on_the_map_until_it_is_closed(visit):
    visit.open("zoom=17")
    visit.run("() => gridmap.setLayers({ devices: false, sites: false })")
    assert at(visit) != ["incident", "new"]
    visit.run("(incident) => gridmap.upsertIncident(incident)", INCIDENT)
    assert at(visit) == ["incident", "new"]
    visit.run("() => gridmap.removeIncident('new')")
    assert at(visit) != ["incident", "new"]


def test_what_has_just_changed_stands_for_what_the_tile_still_says(visit, town):
    shape, facts, _ = town.layers["incidents"][0]
    lon, lat = visit.open("zoom=17").run(TO_LONLAT, [shape.x, shape.y])
    visit.open(f"zoom=17&lon={lon}&lat={lat}")
    look = """() => gridmap.stage.incidents.said(gridmap.stage.frame().extent)
      .filter(({ properties }) => properties.id === 'i-0').length"""
    assert visit.run(look) == 1
    visit.run("(incident) => gridmap.upsertIncident(incident)", {**INCIDENT, "id": facts["id"], "lon": lon, "lat": lat})
    assert visit.run(look) == 1
    visit.run("(id) => gridmap.removeIncident(id)", facts["id"])
    assert visit.run(look) == 0


def test_live_changes_are_dropped_once_newer_tiles_are_drawn(visit):
    visit.open("zoom=17")
    visit.run("(incident) => gridmap.upsertIncident(incident)", INCIDENT)
    visit.run("() => gridmap.setRevision('2')")
    visit.page.wait_for_function("() => gridmap.stage.incidents.pending.length === 0")
    assert any("incidents" in url and "v=2" in url for url in visit.asked)


def test_another_day_is_asked_of_the_server_and_shows_nothing_live(visit):
    visit.open("zoom=17")
    visit.run("(incident) => gridmap.upsertIncident(incident)", INCIDENT)
    visit.run("() => gridmap.setAsOf(new Date('2026-05-18T01:15:00Z'))")
    visit.run(RESTED)
    assert at(visit) != ["incident", "new"]
    asked = [url for url in visit.asked if "as_of=2026-05-18T01%3A15%3A00.000Z" in url]
    assert {url.split("/tiles/")[1].split("/")[0] for url in asked} >= {"grids", "incidents"}
    visit.run("() => gridmap.setAsOf(null)")
    visit.run(RESTED)
    assert at(visit) == ["incident", "new"]


def test_arrow_keys_move_the_map_and_plus_comes_nearer(visit):
    visit.open("zoom=15")
    visit.page.focus("#map")
    west, zoom = visit.run("() => [gridmap.getView().centre[0], gridmap.getView().zoom]")
    visit.page.keyboard.press("ArrowRight")
    visit.page.wait_for_function("(west) => gridmap.getView().centre[0] > west", arg=west)
    visit.page.keyboard.press("+")
    visit.page.wait_for_function("(zoom) => gridmap.getView().zoom > zoom + 0.5", arg=zoom)


@pytest.mark.parametrize("theme", ["desk", "wall", "day"])
def test_each_theme_paints_the_land_in_its_own_colour(visit, theme):
    visit.open(f"zoom=13&theme={theme}")
    outside = visit.run("() => getComputedStyle(document.querySelector('#map')).backgroundColor")
    wanted = {"desk": "rgb(11, 14, 17)", "wall": "rgb(9, 12, 15)", "day": "rgb(230, 232, 234)"}
    assert outside == wanted[theme]
    visit.run("() => gridmap.setTheme('day')")
    assert visit.run("() => getComputedStyle(document.querySelector('#map')).backgroundColor") == wanted["day"]


def test_a_selected_grid_is_drawn_in_the_accent(visit):
    visit.open("zoom=16")
    count = """() => {
      const canvas = document.querySelector('#map canvas')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      let blue = 0
      for (let at = 0; at < data.length; at += 4) {
        if (data[at] === 0x6f && data[at + 1] === 0xb7 && data[at + 2] === 0xff) blue += 1
      }
      return blue
    }"""
    visit.run(BARE)
    visit.run(RESTED)
    assert visit.run(count) == 0
    visit.run("() => gridmap.select({ kind: 'grid', id: gridmap.hitAt([450, 320]).id })")
    visit.run(RESTED)
    # A border of some hundred pixels, three wide.
    assert visit.run(count) > 500
    visit.run("() => gridmap.select(null)")
    visit.run(RESTED)
    assert visit.run(count) == 0
