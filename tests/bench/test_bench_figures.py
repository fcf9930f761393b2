"""The benchmarks' arithmetic: medians, ratios by turns, goals, tables, pictures."""

import json
import xml.etree.ElementTree as ET

import pytest

from bench import __main__ as bench
from bench.drawing import bars, lines
from bench.figures import FLOOR, Figure, Goal, Measured, in_turn, line_of, percentile, ratio, rounded, table
from bench.program import Report, Table


def figure(ours: tuple[float, ...], goal: Goal, **beside: tuple[float, ...]) -> Figure:
    floor = beside.pop("floor", None)
    peers = {name: Measured(values) for name, values in beside.items()}
    return Figure("F0 something", "s", Measured(ours), goal, Measured(floor) if floor else None, peers)


def test_a_ratio_is_the_median_of_the_turns_own_ratios_not_the_ratio_of_the_medians() -> None:
    # the machine was slow in the second turn, for both
    assert ratio(Measured((1.0, 10.0, 3.0)), Measured((2.0, 20.0, 2.0))) == 0.5


def test_a_goal_names_what_it_is_about() -> None:
    assert Goal(1.015, FLOOR).text("s") == "≤ 1.015 × floor"
    assert Goal(200, "SQLite", at_least=True).text("/s") == "≥ 200 × SQLite"
    assert Goal(60).text("MB") == "≤ 60 MB"
    assert Goal(0).text("") == "= 0"


@pytest.mark.parametrize(
    ("ours", "goal", "beside", "reached"),
    [
        ((2.0, 2.1), Goal(1.1, FLOOR), {"floor": (2.0, 2.0)}, True),
        ((2.4, 2.4), Goal(1.1, FLOOR), {"floor": (2.0, 2.0)}, False),
        ((10.0,), Goal(2, "flask", at_least=True), {"flask": (5.0,)}, True),
        ((10.0,), Goal(2, "flask", at_least=True), {"flask": (6.0,)}, False),
        ((50.0, 59.0, 70.0), Goal(60), {}, True),  # the median
        ((0.0, 0.0, 1.0), Goal(0), {}, False),  # never means never
        ((1.0,), Goal(2, "nobody"), {}, None),
    ],
)
def test_whether_a_goal_is_reached(ours, goal, beside, reached) -> None:
    assert figure(ours, goal, **beside).reached is reached


def test_a_peer_that_failed_is_shown_as_such_and_what_is_measured_against_it_is_not_measured() -> None:
    one = Figure("F0", "s", Measured((1.0,)), Goal(0.5, "ccxt"), None, {"ccxt": Measured((), "failed: BadSymbol")})
    assert one.reached is None
    assert line_of(one)[3:] == ["ccxt failed: BadSymbol", "", "≤ 0.5 × ccxt", "not measured"]
    assert one.json()["peers"] == {"ccxt": {"failed": "failed: BadSymbol"}}


def test_a_figure_as_json_has_its_fields_and_nothing_that_json_cannot_say() -> None:
    found = json.loads(json.dumps(figure((3.0, 1.0, 2.0), Goal(1.5, FLOOR), floor=(2.0, 2.0, 2.0)).json()))
    assert found == {
        "figure": "F0 something",
        "unit": "s",
        "ours": {"median": 2.0, "min": 1.0, "max": 3.0},
        "floor": {"median": 2.0, "min": 2.0, "max": 2.0},
        "peers": {},
        "ratio": 1.0,
        "goal": "≤ 1.5 × floor",
        "reached": True,
    }


def test_every_way_is_taken_once_before_any_is_taken_again() -> None:
    order: list[str] = []

    def way(name: str) -> int:
        order.append(name)
        return len(order)

    found = in_turn({"a": lambda: way("a"), "b": lambda: way("b")}, 2)
    assert (order, found) == (["a", "b", "a", "b"], {"a": [1, 3], "b": [2, 4]})


def test_numbers_are_shown_to_three_figures() -> None:
    assert [rounded(value) for value in (0, 0.012345, 1.0, 28.06, 1234.5)] == ["0", "0.0123", "1.00", "28.1", "1,234"]
    assert Measured((2.0, 1.0, 3.0), "7 of 9 rows").text("s") == "2.00 s (1.00–3.00), 7 of 9 rows"


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)) == (51.0, 100.0, 100.0)


def test_a_table_is_markdown_whose_columns_stand_below_each_other() -> None:
    assert table(("a", "bb"), [["1", "2"], ["333", ""]]).splitlines() == [
        "| a   | bb |",
        "| --- | -- |",
        "| 1   | 2  |",
        "| 333 |    |",
    ]


def test_pictures_are_svg_with_every_name_and_a_tick_for_every_mark() -> None:
    steps = lines("rows", "s", "rows", {"ours": [(1.0, 1), (2.0, 2)], "pool": []}, {"pool": [0.5, 0.7]})
    root = ET.fromstring(steps)
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"ours: 2", "pool: 0"} <= set(texts)
    assert steps.count('v8"') == 2
    root = ET.fromstring(bars("b", "ms", [("ours", 1.0, 0.5), ("x < y", 100.0, None)], logarithmic=True))
    assert [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")][1:] == ["ours", "1", "x < y", "100"]


def test_a_page_keeps_what_stands_outside_the_marks() -> None:
    page = "before\n<!-- store -->\nold\n<!-- /store -->\nafter"
    assert bench.between(page, "store", "new") == "before\n<!-- store -->\n\nnew\n\n<!-- /store -->\nafter"
    with pytest.raises(ValueError, match="no place for cycle"):
        bench.between(page, "cycle", "new")


def test_the_readme_has_a_place_for_every_program() -> None:
    text = (bench.HERE / "README.md").read_text("utf-8")
    for name in bench.PROGRAMS:
        assert bench.between(text, name, "x")


def test_a_goal_that_is_missed_fails_the_run_and_one_that_is_not_measured_is_said(capsys) -> None:
    good, missed = figure((1.0,), Goal(2)), figure((3.0,), Goal(2))
    unknown = figure((1.0,), Goal(2, "nobody"))
    assert (bench.verdict([good, unknown]), bench.verdict([good, missed])) == (0, 1)
    assert capsys.readouterr().out == ("\nnot measured: F0 something (≤ 2 × nobody)\n\nmissed: F0 something (≤ 2 s)\n")


def test_the_command_lines_of_both_runs_can_be_read() -> None:
    for lines_of in (bench.SHORT, bench.FULL):
        assert lines_of.keys() == bench.PROGRAMS.keys()
        for name, words in lines_of.items():
            for line in words:
                bench.PROGRAMS[name].parser().parse_args([*line.split(), "--seed", "1"])


def test_a_report_shows_its_tables_and_then_its_figures() -> None:
    text = Report([figure((1.0,), Goal(2))], [Table("Beside", ("x",), [["y"]])]).text()
    assert text.index("Beside") < text.index("F0 something")
