"""Numbers are shown in a few ranges of the same width."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from surveymaker.charts import MOST_BARS, in_ranges

NUMBERS = st.integers(-(10**12), 10**12) | st.decimals(-(10**6), 10**6, places=2)
COUNTS = st.dictionaries(NUMBERS, st.integers(1, 9), min_size=1)


def test_neighbouring_values_share_a_range():
    counts = dict.fromkeys([1, 2, 3, 10, 11, 18, 19], 1) | {Decimal("3.99"): 5}

    assert in_ranges(counts) == [
        ("1 to under 4", 8),
        ("4 to under 7", 0),
        ("7 to under 10", 0),
        ("10 to under 13", 2),
        ("13 to under 16", 0),
        ("16 to under 19", 1),
        ("19 to under 22", 1),
    ]


@given(COUNTS)
def test_every_answer_is_in_one_of_a_few_ranges(counts):
    ranges = in_ranges(counts)

    assert len(ranges) <= MOST_BARS
    assert sum(count for _, count in ranges) == sum(counts.values())
    assert ranges[0][1] > 0
