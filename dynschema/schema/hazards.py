"""What an operation may do to others, and the refusal of what the data would not survive."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from dynschema.exceptions import (
    DuplicateValuesError,
    EmptyValuesError,
    LossyChangeError,
    MissingTargetsError,
    RequiredWithoutDefaultError,
    ViolatedConstraintError,
)
from dynschema.schema.constrainttext import expressions
from dynschema.schema.questions import Questions
from dynschema.schema.spec import ConstraintSpec, FieldSpec


@dataclass(frozen=True)
class Hazard:
    """Something that people should know before a plan is carried out."""

    code: str
    """BREAKS_STALE, DATA_DEPENDENT, INDEX_BUILD, LOCKS_STATIC_TABLE, REWRITE or SCAN."""
    text: str
    """The same in a sentence."""


GIVE_EACH_ITS_OWN = (
    "They would all get the same default, since it is asked for once. Add the field without a "
    "default and without unique values, give each record its own value, and then ask for unique "
    "values."
)

# What data does not survive


def require_fill(questions: Questions, table: str, field: FieldSpec) -> None:
    """Refuse a required field without a value for the rows there."""
    rows = questions.count_rows(table)
    if rows:
        raise RequiredWithoutDefaultError(
            table=table, key=field.key, field=field.name, rows=_records(rows)
        )


def require_values(questions: Questions, table: str, column: str, key: str | None) -> None:
    """Refuse when a row has no value in the column."""
    if found := questions.empty_values(table, column):
        raise EmptyValuesError(
            table=table,
            key=key,
            field=column,
            rows=_records(found.count, "has", "have"),
            examples=found.examples,
        )


def require_no_values(questions: Questions, table: str, old: FieldSpec, new: FieldSpec) -> None:
    """Refuse when a row has a value in a column whose type may lose it."""
    if found := questions.values(table, new.name):
        raise LossyChangeError(
            table=table,
            key=new.key,
            field=new.name,
            old=old.type_in_words,
            new=new.type_in_words,
            rows=_records(found.count, "has", "have"),
            examples=found.examples,
        )


def check_constraint(questions: Questions, table: str, constraint: ConstraintSpec) -> list[Hazard]:
    """Refuse a constraint that rows stand against, and say what adding it costs.

    Raises:
        PlanError: rows stand against it.
    """
    refuse_constraint(questions, table, constraint)
    return _addition_hazards(questions, table, constraint)


def refuse_constraint(questions: Questions, table: str, constraint: ConstraintSpec) -> None:
    """Refuse a constraint that rows stand against.

    Raises:
        PlanError: rows stand against it.
    """
    if constraint.references:
        _require_targets(questions, table, constraint)
    elif constraint.unique:
        _require_distinct(questions, table, constraint)
    elif constraint.kind == "check":
        _require_no_violation(questions, table, constraint)


def _require_targets(questions: Questions, table: str, key: ConstraintSpec) -> None:
    found = questions.missing_targets(table, key)
    if found and key.references:
        raise MissingTargetsError(
            table=table,
            key=None,
            field=key.columns[0],
            columns=key.columns,
            target=key.references.table,
            rows=_records(found.count, "refers", "refer"),
            examples=found.examples,
        )


def _require_distinct(questions: Questions, table: str, unique: ConstraintSpec) -> None:
    if found := questions.duplicates(table, unique):
        raise DuplicateValuesError(
            table=table,
            key=None,
            subject=_subject(unique),
            columns=unique.columns,
            rows=_records(found.count),
            examples=found.examples,
            remedy=_remedy(questions, table, unique),
        )


def _remedy(questions: Questions, table: str, unique: ConstraintSpec) -> str:
    """Say what to do: values that are not there yet cannot be corrected."""
    added = [questions.outlook.is_added(table, each) for each in unique.columns]
    if added and all(added):
        return GIVE_EACH_ITS_OWN
    return "Correct them first, or do not ask for unique values."


def _require_no_violation(questions: Questions, table: str, check: ConstraintSpec) -> None:
    if found := questions.violations(table, check):
        raise ViolatedConstraintError(
            table=table,
            key=None,
            constraint=check.title,
            columns=check.columns,
            rows=_records(found.count, "breaks", "break"),
            examples=found.examples,
        )


def _records(count: int, one: str = "", many: str = "") -> str:
    """Return `1 record has` or `3 records have`."""
    return f"1 record {one}".strip() if count == 1 else f"{count} records {many}".strip()


def _subject(unique: ConstraintSpec) -> str:
    """Return what is to become unique, at the start of a sentence."""
    if len(expressions(unique.sql)) != len(unique.columns):
        return f'The index "{unique.name}"'
    names = " and ".join(f'"{column}"' for column in unique.columns)
    return f"The field {names}" if len(unique.columns) == 1 else f"The fields {names}"


# What others may notice

COSTS = {
    "SCAN": 'All rows of table "{table}" are read while its readers and writers wait.',
    "INDEX_BUILD": 'All rows of table "{table}" are read to build an index while its writers wait.',
    "REWRITE": 'All rows of table "{table}" are written anew while its readers and writers wait.',
}


COSTS_OF_ADDING: dict[str, dict[str, str]] = {
    "index": {"postgresql": "INDEX_BUILD", "sqlite": "INDEX_BUILD"},
    "unique": {"postgresql": "INDEX_BUILD", "sqlite": "REWRITE"},
    "check": {"postgresql": "SCAN", "sqlite": "REWRITE"},
    "foreign_key": {"postgresql": "SCAN", "sqlite": "REWRITE"},
    "exclude": {"postgresql": "INDEX_BUILD"},
}
"""Kind of constraint → database → hazard."""


def costs(questions: Questions, table: str, **codes: str) -> list[Hazard]:
    """Warn of work on every row, where there are rows.

    Args:
        questions: to ask whether there are rows, and of which database.
        table: the table's name when the operation runs.
        codes: the hazard on each database, e.g. `sqlite="REWRITE"`; none for one that is not named.
    """
    code = codes.get(questions.vendor)
    if code is None or questions.is_empty(table):
        return []
    return [Hazard(code, COSTS[code].format(table=table))]


def breaks_stale(what: str) -> Hazard:
    """Warn of processes that go on as before until they notice the change."""
    return Hazard(
        "BREAKS_STALE", f"Requests under way in other processes fail once if they {what}."
    )


def locks_static_tables(
    questions: Questions, constraints: Iterable[ConstraintSpec], waiting: str = "Writers"
) -> list[Hazard]:
    """Warn of tables of others that a foreign key locks until the change is committed."""
    if questions.vendor != "postgresql":
        return []  # SQLite has one lock for all tables.
    targets = [each.references for each in constraints if each.references]
    return [
        Hazard("LOCKS_STATIC_TABLE", f'{waiting} of table "{target.table}" wait until the commit.')
        for target in targets
        if target.key is None
    ]


def removal_hazards(
    questions: Questions, table: str, constraints: Collection[ConstraintSpec]
) -> list[Hazard]:
    """Warn of what it costs to remove constraints: SQLite can drop nothing but an index."""
    if all(each.kind == "index" for each in constraints):
        return []
    return [
        *costs(questions, table, sqlite="REWRITE"),
        *locks_static_tables(questions, constraints, "Readers and writers"),
    ]


def _addition_hazards(questions: Questions, table: str, constraint: ConstraintSpec) -> list[Hazard]:
    hazards = costs(questions, table, **COSTS_OF_ADDING[constraint.kind])
    if hazards and constraint.kind == "exclude":
        # Only the index itself compares each row with each other one fast enough.
        text = f'The database itself looks for rows that "{constraint.title}" excludes.'
        hazards.append(Hazard("DATA_DEPENDENT", text))
    return hazards + locks_static_tables(questions, [constraint])
