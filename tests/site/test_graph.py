"""The prerequisites as a picture: who stands below whom, and the same bytes each time."""

import itertools
import re

from coursekit.site.graph import ACROSS, LANE, alt_text, depths, graph_svg, paths, positions, rows
from coursekit.syllabus import PLANNED, Entry

ENTRIES = [Entry(plan) for plan in PLANNED.values()]
COLOURS = {"line": "black", "planned": "white", "text": "black"}


def test_depths_are_the_longest_path():
    depth = depths(ENTRIES)
    assert set(depth) == set(PLANNED)
    for slug, plan in PLANNED.items():
        assert depth[slug] == max((depth[need] + 1 for need in plan.needs), default=0)


def test_depths_do_not_depend_on_the_order():
    assert depths(ENTRIES[::-1]) == depths(ENTRIES)


def test_paths_go_down_one_row_at_a_time():
    row_of = {node: level for level, row in enumerate(rows(ENTRIES)) for node in row}
    found = paths(ENTRIES)
    assert {(path[0], path[-1]) for path in found} == {(n, s) for s, plan in PLANNED.items() for n in plan.needs}
    for path in found:
        assert [row_of[node] - row_of[path[0]] for node in path] == list(range(len(path)))


def test_positions_keep_order_and_distance():
    row = ["a", "b@1", "c", "d"]
    place = positions([row], {"a": 5.0, "b@1": -3.0, "c": 0.0, "d": 40.0})
    gaps = [place[right] - place[left] for left, right in itertools.pairwise(row)]
    least = [(ACROSS + LANE) / 2, (ACROSS + LANE) / 2, ACROSS]
    assert all(gap >= wanted - 1e-9 for gap, wanted in zip(gaps, least, strict=True))
    assert place["d"] == 40.0
    # The three that collide share their displacement: the sum of the wishes is kept.
    assert abs(place["a"] + place["b@1"] + place["c"] - 2.0) < 1e-9


def test_boxes_of_the_syllabus_do_not_overlap():
    found = rows(ENTRIES)
    place = positions(found)
    for row in found:
        boxes = sorted(place[node] for node in row if "@" not in node)
        assert all(right - left >= ACROSS - 1e-9 for left, right in itertools.pairwise(boxes))


def test_graph_is_the_same_bytes_and_names_no_other_machine():
    first, second = graph_svg(ENTRIES, COLOURS), graph_svg(ENTRIES, COLOURS)
    assert first == second
    text = first.decode()
    # Namespaces and the document type are names that no browser asks for.
    loads = re.findall(r'(?:href|src)="(?!#)([^"]*)"', text)
    assert loads == []


def test_alt_text_counts_the_boxes_and_names_the_roots():
    text = alt_text(ENTRIES)
    assert text.startswith("42 boxes")
    assert all(plan.name in text for plan in PLANNED.values() if not plan.needs)
    assert '"' not in text, "it stands between quotes in the page"
