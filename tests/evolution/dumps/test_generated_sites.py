"""Whatever people define, answer, rename and remove: the dump of what is restored is the dump."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dynschema
from dynschema.evolution.dumps.comparing import compare
from dynschema.evolution.dumps.dumping import Options, dump
from dynschema.evolution.dumps.executing import restore_dump
from surveymaker.models import Survey
from tests.support.builders import question

KINDS = {
    "text": st.text("aä'\"\\\n\u2028 ", max_size=9),
    "longtext": st.text("xyz", max_size=9),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "decimal": st.decimals(-999, 999, places=2),
    "boolean": st.booleans(),
    "date": st.dates(),
    "json": st.dictionaries(st.text("ab", max_size=2), st.integers(0, 9) | st.none(), max_size=3),
}
FURTHER = [f"further{number}" for number in range(6)]
names = st.sampled_from(["age", "dish", "day", "note", "select", "id2"])
questions = st.dictionaries(names, st.sampled_from(sorted(KINDS)), min_size=1, max_size=4)
steps = st.lists(
    st.tuples(st.sampled_from(["remove", "rename", "answer", "add"]), st.randoms()), max_size=6
)


def take(step, random, survey, draw):
    """Do what a person could do to a survey."""
    rows = list(survey.questions.order_by("pk"))
    used = {each.slug for each in rows}
    free = [each for each in ("age", "dish", "day", *FURTHER) if each not in used]
    if step == "answer":
        values = {each.slug: draw(KINDS[each.kind]) for each in rows}
        survey.Response.objects.create(**values)
    elif step == "add":
        question(survey, random.choice(free), random.choice(sorted(KINDS)))
    elif rows and step == "remove":
        random.choice(rows).delete()
    elif rows:
        row = random.choice(rows)
        row.slug = random.choice(free)
        row.save()


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(questions, steps, st.data())
def test_a_generated_site_comes_back(command, asked, taken, data):
    Survey.objects.all().delete()
    with dynschema.atomic():
        survey = Survey.objects.create(title="Lunch", slug="lunch")
        for name, kind in asked.items():
            question(survey, name, kind)
    for step, random in taken:
        take(step, random, survey, data.draw)
    options = Options(overwrite=True)

    dump(command.folder / "first", options)
    survey.delete()
    restore_dump(command.folder / "first", "--noinput", "--quick")
    dump(command.folder / "second", options)

    compare(command.folder / "first", command.folder / "second")
