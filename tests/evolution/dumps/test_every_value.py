"""Every value of every type comes back, digit for digit, on both databases and across them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db.models import Value as Literal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynschema.evolution.dumps.dumping import Options, dump
from dynschema.evolution.dumps.executing import restore_dump
from dynschema.evolution.dumps.script import JSON_NULL
from tests.evolution.dumps.conftest import edit, texts
from tests.evolution.dumps.museum.models import Colour, Place, Value
from tests.evolution.dumps.oddities.models import Measure

ONLY_VALUES = Options(labels=["museum.Value"], overwrite=True)

words = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=30
)
numbers = st.integers(-(2**31), 2**31 - 1)
plain_json = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | words
json_values = st.recursive(
    plain_json,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
moments = st.timedeltas(timedelta(days=-350_000), timedelta(days=2_900_000)).map(
    lambda apart: datetime(2000, 1, 1, tzinfo=UTC) + apart
)
rows = st.fixed_dictionaries(
    {},
    optional={
        "binary": st.binary(max_size=20),
        "boolean": st.booleans(),
        "colour": st.integers(0, 0xFFFFFF).map(Colour),
        "char": words,
        "date": st.dates(),
        "datetime": moments,
        "decimal": st.decimals(-9999999, 9999999, places=4),
        "duration": st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
        "float": st.floats(allow_nan=False, allow_infinity=False),
        "integer": numbers,
        "big": st.integers(-(2**63), 2**63 - 1),
        "small": st.integers(-(2**15), 2**15 - 1),
        "positive": st.integers(0, 2**31 - 1),
        "address": st.ip_addresses().map(str),
        "json": json_values | st.just(JSON_NULL),
        "text": words,
        "time": st.times(),
        "uuid": st.uuids(),
    },
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(rows, min_size=1, max_size=5))
def test_generated_values_come_back(command, generated):
    Value.objects.all().delete()
    for values in generated:
        Value.objects.create(**values)
    before = list(Value.objects.order_by("pk").values())

    dump(command.folder / "first", ONLY_VALUES)
    Value.objects.all().delete()
    restore_dump(command.folder / "first", "--noinput", "--quick")
    dump(command.folder / "second", ONLY_VALUES)

    assert list(Value.objects.order_by("pk").values()) == before
    assert texts(command.folder / "second") == texts(command.folder / "first")


def test_a_value_is_written_as_python(command):
    Value.objects.create(
        key=7,
        binary=b"\x00\xff",
        boolean=True,
        colour=Colour(255),
        char="it's\n",
        date=date(2026, 1, 2),
        datetime=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        decimal=Decimal("1.5"),
        duration=timedelta(days=1, microseconds=1),
        file="a/b.png",
        float=0.1,
        json=JSON_NULL,
        time=time(1, 2, 3, 4),
        uuid=UUID(int=1),
    )
    folder = command.dump("dump", "museum.Value")

    assert (folder / "museum_value.py").read_text().splitlines()[1] == (
        "loader.save(create_museum_value(7, b'\\x00\\xff', True, "
        "from_text('museum.Value', 'colour', '#0000ff'), \"it's\\n\", date(2026, 1, 2), "
        "dt(2026, 1, 2, 3, 4, 5, 678901), Decimal('1.5000'), timedelta(1, 0, 1), None, "
        "'a/b.png', 0.1, None, None, None, None, None, JSON_NULL, None, None, "
        "time(1, 2, 3, 4), None, UUID('00000000-0000-0000-0000-000000000001')))"
    )


def test_rows_come_in_the_order_of_the_bytes_of_their_keys(command):
    for room in ("b", "B", "ä", "a"):
        Place.objects.create(room=room, shelf=2)
    Place.objects.create(room="a", shelf=1)

    folder = command.dump("dump", "museum.Place")

    lines = (folder / "museum_place.py").read_text(encoding="utf-8").splitlines()
    assert [each.partition("place(")[2] for each in lines[1:-1]] == [
        "'B', 2))", "'a', 1))", "'a', 2))", "'b', 2))", "'ä', 2))",
    ]  # fmt: skip


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("options", [[], ["--quick"]])
def test_the_types_of_postgresql_come_back(options, command):
    from django.contrib.postgres.search import SearchVector
    from django.db.backends.postgresql.psycopg_any import (
        DateRange,
        DateTimeTZRange,
        NumericRange,
    )

    from tests.evolution.dumps.herbarium.models import Specimen

    Specimen.objects.create(
        numbers=[1, None, 3],
        grid=[[Decimal("1.50"), Decimal("2")], [Decimal("3"), Decimal("4")]],
        whole=NumericRange(1, 5, "[]"),
        exact=NumericRange(Decimal("1.5"), None, "()"),
        days=DateRange(empty=True),
        moments=DateTimeTZRange(datetime(2026, 1, 1, tzinfo=UTC), None, "[)"),
        spans=[DateRange(date(2026, 1, 1), date(2026, 2, 1))],
        labels=["a", "", None, "NULL", '{"'],
        colours=[Colour(1), Colour(2)],
        notes=[{"a": 1}, None, [2]],
        layers=[[NumericRange(1, 5)], [NumericRange(empty=True)]],
        properties={"a": None, "": "b", "'\"\n": "c=>d"},
    )
    Specimen.objects.create(labels=[], notes=[], properties={})
    Specimen.objects.update(words=SearchVector(Literal("it's 'quick' \\ brown"), weight="B"))
    Specimen.objects.create()
    before = list(Specimen.objects.order_by("pk").values())
    first = command.dump("first", "herbarium.Specimen")

    Specimen.objects.all().delete()
    command.restore(first, *options)

    assert list(Specimen.objects.order_by("pk").values()) == before
    assert texts(command.dump("second", "herbarium.Specimen")) == texts(first)


LONG = Decimal("12345678901234567890.12345678901234567890")


@pytest.mark.only("postgresql")
def test_numbers_of_any_length_come_back(command):
    values = [(LONG, float("nan")), (LONG, float("-inf")), (Decimal("1E-20"), 5e-324)]
    for exact, rough in values:
        Measure.objects.create(exact=exact, rough=rough)
    folder = command.dump("dump", "retired.Measure")

    command.restore(folder)

    assert str(list(Measure.objects.order_by("pk").values_list("exact", "rough"))) == str(values)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("name", "value", "line"),
    [("exact", LONG, f"(1, {LONG!r}, None)"), ("rough", float("nan"), "(1, None, float('nan'))")],
)
@pytest.mark.parametrize("options", [[], ["--quick"]])
def test_what_a_database_would_round_is_refused(name, value, line, options, command):
    """As in a dump from a database of another kind."""
    Measure.objects.create(pk=1, exact=Decimal("1.5"), rough=0.5)
    folder = command.dump("dump", "retired.Measure")
    edit(folder / "retired_measure.py", "(1, Decimal('1.50000000000000000000'), 0.5)", line)

    assert command.refusal(folder, "--edited", *options) == (
        f"[dynschema.E574] retired.Measure with the primary key 1 does not fit: {name} is "
        f"{value!r}, which SQLite cannot hold exactly. The database is unchanged. Correct the row "
        "in its data file, or create_retired_measure() in restore.py, then restore again."
    )
    assert Measure.objects.get().rough == 0.5
