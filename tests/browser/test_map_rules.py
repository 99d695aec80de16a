"""The map's own reckoning: borders, names, what gives way, what a camera sees."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def call(visit):
    """Call an exported function of a module of the map."""
    visit.page.goto(f"{visit.address}/town.json")

    def run(module, script, given=None):
        return visit.run(
            f"(given) => import('/static/test/shared/map/{module}.js').then((m) => ({script})(m, given))", given
        )

    return run


def ring(*corners):
    return [value for corner in (*corners, corners[0]) for value in corner]


def grid(code, kind, *corners):
    return {"rings": [ring(*corners)], "kind": kind, "code": f"990106{code}"}


BORDERS = """(m, owners) => Object.fromEntries([...m.findBorders(owners, 4096)].map(([name, lines]) => [
  name, lines.reduce((sum, line) => {
    for (let at = 0; at + 3 < line.length; at += 2) {
      sum += Math.hypot(line[at + 2] - line[at], line[at + 3] - line[at + 1])
    }
    return sum
  }, 0)]))"""


def test_two_neighbours_draw_their_common_border_once(call):
    #   A | B    each 1000 x 1000, in one community
    a = grid("001001001", "urban", (1000, 1000), (2000, 1000), (2000, 2000), (1000, 2000))
    b = grid("001001002", "urban", (2000, 1000), (3000, 1000), (3000, 2000), (2000, 2000))
    lengths = call("borders", BORDERS, [a, b])
    assert lengths == {"urban": pytest.approx(7000)}


def test_a_corner_that_only_one_neighbour_kept_does_not_double_the_border(call):
    # B's side passes A's corner at (2001, 1500) half a unit beside.
    a = grid("001001001", "rural", (1000, 1000), (2000, 1000), (2001, 1500), (2000, 2000), (1000, 2000))
    b = grid("001001002", "rural", (2000, 1000), (3000, 1000), (3000, 2000), (2000, 2000))
    lengths = call("borders", BORDERS, [a, b])
    assert lengths["rural"] == pytest.approx(7000, abs=3)


def test_communities_and_townships_end_where_the_codes_say_so(call):
    a = grid("001001001", "urban", (1000, 1000), (2000, 1000), (2000, 2000), (1000, 2000))
    b = grid("001002001", "urban", (2000, 1000), (3000, 1000), (3000, 2000), (2000, 2000))
    c = grid("002001001", "dedicated", (1000, 2000), (2000, 2000), (2000, 3000), (1000, 3000))
    lengths = call("borders", BORDERS, [a, b, c])
    assert lengths["community"] == pytest.approx(1000)
    assert lengths["township"] == pytest.approx(1000)
    assert lengths["dedicated"] == pytest.approx(4000)


def test_the_cut_at_the_rim_of_a_tile_is_no_border(call):
    a = grid("001001001", "urban", (-64, 1000), (2000, 1000), (2000, 2000), (-64, 2000))
    assert call("borders", BORDERS, [a])["urban"] == pytest.approx(2064 * 2 + 1000)


def test_a_neck_narrower_than_a_unit_is_no_border(call):
    a = grid(
        "001001001",
        "urban",
        (1000, 1000),
        (2000, 1000),
        (2000, 1500),
        (2600, 1500),
        (2000, 1500),
        (2000, 2000),
        (1000, 2000),
    )
    assert call("borders", BORDERS, [a])["urban"] == pytest.approx(4000)


LAY_OUT = """(m, [text, flat]) => {
  const laid = m.layOut(text, flat, { resolution: 1, size: 12, gap: 8, widthOf: () => 7 })
  return laid && laid.letters.map(({ text, x, y, turn }) => [text, Math.round(x), Math.round(y), turn])
}"""


def test_a_chinese_name_on_a_steep_street_stands_upright_and_reads_downwards(call):
    # From south to north: the name must still begin in the north.
    letters = call("streets", LAY_OUT, ["货场路", [0, 0, 30, 300]])
    assert [letter[0] for letter in letters] == ["货", "场", "路"]
    assert [letter[3] for letter in letters] == [0, 0, 0]
    assert letters[0][2] < letters[1][2] < letters[2][2]


def test_a_latin_name_on_a_steep_street_turns_with_it(call):
    letters = call("streets", LAY_OUT, ["Lutai Rd", [0, 0, 30, 300]])
    assert all(abs(letter[3]) > 0.7 for letter in letters)


def test_a_name_reads_from_left_to_right_whichever_way_the_street_was_drawn(call):
    for flat in ([0, 0, 400, 60], [400, 60, 0, 0]):
        letters = call("streets", LAY_OUT, ["鹿台路", flat])
        assert letters[0][1] < letters[1][1] < letters[2][1]
        assert all(abs(letter[3]) < 0.3 for letter in letters)


def test_a_name_is_not_set_around_a_sharp_turn_nor_where_it_does_not_fit(call):
    zigzag = [0, 0, 30, 0, 30, 30, 60, 30, 60, 60, 90, 60]
    assert call("streets", LAY_OUT, ["鹿台路", zigzag]) is None
    assert call("streets", LAY_OUT, ["鹿台路", [0, 0, 40, 0]]) is None


def test_a_name_gives_way_to_a_symbol_and_symbols_to_nobody(call):
    kept = call(
        "marks",
        """(m) => {
          const canvas = (width, height) => Object.assign(document.createElement('canvas'), { width, height })
          const symbols = [0, 4].map((x) => ({ x, y: 0, solid: true, canvas: canvas(18, 18), id: `symbol ${x}` }))
          const names = [10, 60].map((x) => ({ x, y: 0, canvas: canvas(40, 14), id: `name ${x}` }))
          return m.settle([symbols, names], 1, 1).map(({ id }) => id)
        }""",
    )
    assert kept == ["name 60", "symbol 4", "symbol 0"]


JOIN = """(m, things) => m.joinOverlapping(things, 1, ({ n }) => (n > 1 ? 40 : 18))
  .map(({ at, properties: { n, s1, s3, overdue } }) => [at[0], n ?? 1, s1 ?? 0, s3 ?? 0, overdue])"""


def test_symbols_that_hide_each_other_from_afar_are_counted_together(call):
    cluster = {"at": [0, 0], "properties": {"n": 5, "s1": 0, "s2": 1, "s3": 4, "s4": 0, "overdue": 1}}
    grave = {"at": [10, 0], "properties": {"id": "a", "severity": 1, "overdue": True}}
    apart = {"at": [90, 0], "properties": {"id": "b", "severity": 3, "overdue": False}}
    assert call("clusters", JOIN, [apart, grave, cluster]) == [[0, 6, 1, 4, 2], [90, 1, 0, 0, False]]


def test_the_same_name_stands_twice_only_far_apart(call):
    kept = call(
        "spacing",
        """(m) => m.keepApart([['a', 0], ['a', 90], ['b', 10], ['a', 100]], {
          nameOf: ([name]) => name, placeOf: ([, x]) => [x, 0], apartOf: () => 95,
        })""",
    )
    assert kept == [["a", 0], ["b", 10], ["a", 100]]


LOOK = """(m, rings) => {
  const { seen, hidden } = m.lookAround({ x: 0, y: 0, headingDeg: 90, fovDeg: 60, range: 100 }, rings)
  const flat = seen.flat()
  return { far: m.holds(flat, 80, 0), near: m.holds(flat, 20, 0), aside: m.holds(flat, 60, 30), shadows: hidden.length }
}"""


def test_a_camera_does_not_see_behind_a_house(call):
    house = ring((40, -5), (50, -5), (50, 5), (40, 5))
    assert call("sight", LOOK, []) == {"far": True, "near": True, "aside": True, "shadows": 0}
    assert call("sight", LOOK, [house]) == {"far": False, "near": True, "aside": True, "shadows": 1}


def test_the_house_that_carries_the_camera_hides_nothing(call):
    assert call("sight", LOOK, [ring((-5, -5), (5, -5), (5, 5), (-5, 5))])["shadows"] == 0


@pytest.mark.parametrize(("count", "step"), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (7, 3), (8, 4), (99, 4)])
def test_the_steps_of_load_are_those_of_the_legend(call, count, step):
    assert call("grid-style", "(m, count) => m.loadStep(count)", count) == step


def test_rounds_that_were_all_made_are_calm(call):
    assert call("grid-style", "(m) => [1, 0.9, 0.5, 0].map(m.roundsStep)") == [0, 0, 2, 4]
