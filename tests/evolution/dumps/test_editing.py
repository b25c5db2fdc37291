"""What the documents promise about editing a dump, and about repairing data with one."""

import textwrap
from datetime import UTC, datetime

import pytest

from surveymaker.models import Survey
from tests.docs import pages
from tests.evolution.dumps.conftest import edit
from tests.evolution.dumps.museum.models import Fresco, Piece, Room
from tests.support.builders import answers, survey

LATER = datetime(2002, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def rooms(command):
    Room.objects.create(pk=1, name="Hall")
    folder = command.dump("dump", "museum.Room")
    Room.objects.all().delete()
    return folder


def test_a_new_field_with_a_default_needs_nothing(command):
    """The dump was written when pieces had no pictures."""
    Piece.objects.create(title="Vase")
    folder = command.dump("dump", "museum.Piece")
    edit(folder / "restore.py", "    kw.update(picture=picture)\n", "")
    edit(folder / "restore.py", "keeper_id, picture)", "keeper_id)")
    edit(folder / "museum_piece.py", ", '')", ")")

    command.restore(folder, "--edited")

    assert Piece.objects.get().picture.name == ""


def test_a_new_time_of_creation_needs_nothing(command, rooms):
    edit(rooms / "restore.py", "    kw.update(opened_at=opened_at)\n", "")

    command.restore(rooms)

    assert Room.objects.get().opened_at.year > 2000


def test_a_removed_field_is_one_commented_line(command, rooms):
    edit(rooms / "restore.py", "    kw.update(name=name)", "    kw.update(name=name, height=3)")

    refusal = command.refusal(rooms)
    edit(rooms / "restore.py", "name, height=3)", "name)  # , height=3)")
    command.restore(rooms)

    assert refusal == (
        '[dynschema.E575] "museum_room.py", line 2, cannot be executed: TypeError: Room() got '
        "unexpected keyword arguments: 'height'. The database is unchanged. Comment out in "
        "restore.py what is gone (a field in its create function, a model in main()), then "
        "restore again."
    )
    assert Room.objects.get().name == "Hall"


def test_a_removed_model_is_one_commented_line(command, rooms):
    edit(rooms / "restore.py", "resolve_model('museum.Room')", "resolve_model('museum.Attic')")
    refusal = command.refusal(rooms)
    edit(rooms / "restore.py", "        execfile(", "        # execfile(")
    command.restore(rooms)

    assert refusal == (
        "[dynschema.E576] There is no model museum.Attic any more. Comment out its lines in main() "
        "of restore.py, or write a migrator."
    )
    assert list(Room.objects.all()) == []


def test_a_question_that_is_commented_out_has_no_column(command):
    lunch = survey("lunch", dish="text", age="integer")
    lunch.Response.objects.create(dish="Soup", age=4)
    folder = command.dump(
        "dump", "surveymaker.Survey", "surveymaker.Question", "surveymaker.LunchResponse"
    )
    text = (folder / "surveymaker_question.py").read_text().splitlines(keepends=True)
    (folder / "surveymaker_question.py").write_text(
        "".join(f"# {each}" if "'age'" in each else each for each in text)
    )
    edit(folder / "restore.py", "    kw.update(age=age)\n", "    # kw.update(age=age)\n")
    lunch.delete()

    command.restore(folder, "--edited")

    lunch = Survey.objects.get()
    assert answers(lunch, "dish") == ["Soup"]
    assert "age" not in {each.name for each in lunch.Response._meta.fields}


REPAIR = """
from os.path import join
from django.core.exceptions import ValidationError

REALLY = {really}  # set to True when you are sure

p = {folder!r}  # the snapshot from where to restore

# don't execute main(), just load create_aaa_bbb functions
__name__ = ""
execfile(join(p, "restore.py"))


class RoomLoader:

    def __init__(self):
        self.ignored = 0
        self.restored = 0
        self.errors = 0
        self.pklist = (1, 2, 4)

    def flush_deferred_objects(self):
        pass

    def save(self, obj):
        if obj.id in self.pklist:
            if obj.__class__.objects.filter(pk=obj.pk).count() == 0:
                try:
                    obj.full_clean()
                except ValidationError as e:
                    self.errors += 1
                    logger.info("20150826 %s : %s", obj, e)
                    return

                if REALLY:
                    obj.save()
                self.restored += 1
                return
            else:
                self.ignored += 1
                return

    def report(self):
        msg = "Rooms: {{0}} errors, {{1}} restored, {{2}} ignored"
        print(msg.format(self.errors, self.restored, self.ignored))


pieces = museum_Piece.objects.count()
loader = RoomLoader()
execfile(join(p, "museum_room.py"))
# execfile(join(p, "museum_piece.py"))
loader.report()
"""


CHILDREN = """
__name__ = ""
execfile({folder!r} + "/restore.py")


class Loader:
    def flush_deferred_objects(self):
        pass

    def save(self, obj):
        obj.full_clean(exclude=["keeper"])
        obj.save()


loader = Loader()
for file in ("museum_piece.py", "museum_painting.py", "museum_fresco.py"):
    execfile({folder!r} + "/" + file)
"""


def test_lost_children_are_injected_after_their_parents(command):
    Fresco.objects.create(title="Sky", width=1, wall="north")
    before = Fresco.objects.values().get()
    folder = command.dump("dump", "museum")
    Piece.objects.all().delete()
    script = command.folder / "repair.py"
    script.write_text(CHILDREN.format(folder=str(folder)))

    command.call("run", str(script))

    assert Fresco.objects.values().get() == before


@pytest.mark.parametrize(("really", "names"), [(False, ["a"]), (True, ["a", "b"])])
def test_lost_rows_are_injected_by_a_script_of_ones_own(command, capsys, really, names):
    for pk, name in enumerate("abcd", 1):
        Room.objects.create(pk=pk, name=name)
    folder = command.dump("dump", "museum.Room", "museum.Piece")
    Room.objects.filter(pk__gt=1).delete()
    # Another room has taken the name meanwhile.
    Room.objects.create(pk=9, name="d")
    script = command.folder / "repair.py"
    script.write_text(textwrap.dedent(REPAIR.format(really=really, folder=str(folder))))

    command.call("run", str(script))

    assert capsys.readouterr().out == "Rooms: 1 errors, 1 restored, 1 ignored\n"
    assert list(Room.objects.exclude(pk=9).order_by("pk").values_list("name", flat=True)) == names


def page_script(folder, *files):
    """Give the script of the page about repairing data, for other files."""
    page = pages.read_page("docs/how-to/repair-data-with-a-dump.md")
    (text,) = [each.text for each in pages.blocks(page) if each.title == "repair.py"]
    (line,) = [each for each in text.splitlines(keepends=True) if "lunchresponse.py" in each]
    lines = [line.replace("surveys_lunchresponse.py", each) for each in files]
    return text.replace('"monday"', repr(str(folder))).replace(line, "".join(lines))


def test_the_script_of_the_page_brings_rows_back_as_they_were(command, capsys):
    Room.objects.create(name="Hall")
    Fresco.objects.create(title="Sky", width=1, wall="north", keeper=None)
    Room.objects.update(opened_at=datetime(2001, 2, 3, tzinfo=UTC), changed_at=LATER)
    before = [*Room.objects.values(), *Fresco.objects.values()]
    folder = command.dump("dump", "museum")
    Room.objects.all().delete()
    Piece.objects.all().delete()
    files = ["museum_room.py", "museum_piece.py", "museum_painting.py", "museum_fresco.py"]
    script = command.folder / "repair.py"
    text = page_script(folder, *files).replace("full_clean()", "full_clean(exclude=['keeper'])")
    script.write_text(text.replace("REALLY = False", "REALLY = True"))

    command.call("run", str(script))

    assert [*Room.objects.values(), *Fresco.objects.values()] == before
    assert capsys.readouterr().out == "4 restored, 0 ignored\n"


def test_a_script_gets_its_own_arguments(command, capsys):
    script = command.folder / "script.py"
    script.write_text("import sys\nprint(__name__, sys.argv[1:], __file__)\n")

    command.call("run", str(script), "a", "--b")

    assert capsys.readouterr().out == f"__main__ ['a', '--b'] {script}\n"
    assert command.failure("run", "nowhere.py") == "There is no file nowhere.py."
