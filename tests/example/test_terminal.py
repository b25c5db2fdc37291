"""The demo prints plain text that fits into a terminal."""

import io

from surveymaker.terminal import WIDTH, Terminal


def printed(action) -> list[str]:
    stream = io.StringIO()
    action(Terminal(stream))
    return stream.getvalue().splitlines()


def test_columns_are_as_wide_as_their_widest_value():
    lines = printed(lambda out: out.table(["id", "name"], [(1, "Ada"), (10, None), (2, "Barbara")]))

    assert lines == [
        "",
        "   id  name",
        "   --  -------",
        "   1   Ada",
        "   10  -",
        "   2   Barbara",
    ]


def test_a_table_without_rows_has_its_header():
    lines = printed(lambda out: out.table(["id", "name"], []))

    assert lines == ["", "   id  name", "   --  ----"]


def test_headings_are_numbered():
    def two_headings(out):
        out.heading("First")
        out.heading("Second")

    assert printed(two_headings) == ["", "1. First", "", "2. Second"]


def test_a_long_statement_goes_over_several_lines():
    columns = ", ".join(f'"column_{number}" integer NULL' for number in range(20))

    lines = printed(lambda out: out.sql(f'CREATE TABLE "t" ({columns})\nCREATE INDEX "i"'))

    assert lines[0].startswith('   sql> CREATE TABLE "t" (')
    assert lines[-1] == '   sql> CREATE INDEX "i"'
    assert max(map(len, lines)) <= WIDTH
