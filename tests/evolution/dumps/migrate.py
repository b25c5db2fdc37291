"""The migrator of the surveymaker example, as it would be after two upgrades."""

from dynschema.evolution.dumps.migrators import Migrator, noop, override
from tests.evolution.dumps.museum.models import Room


class SurveyMigrator(Migrator):
    version = "1.1"

    def migrate_from_0_9(self, globals_dict):
        """Surveys had a name; votes are gone."""
        survey = globals_dict["surveymaker_Survey"]

        @override(globals_dict)
        def create_surveymaker_survey(id, name, slug):
            return survey(id=id, title=name, slug=slug)

        globals_dict["create_surveymaker_vote"] = noop
        return "1.0"

    def migrate_from_1_0(self, globals_dict):
        """Every question has a text."""
        create = globals_dict["create_surveymaker_question"]
        texts = []

        @override(globals_dict)
        def create_surveymaker_question(*values):
            question = create(*values)
            question.text = question.text or question.slug.capitalize()
            texts.append(question.text)
            return question

        @self.before_load
        def build_a_room(loader):
            loader.save(Room(name="archive"))

        @self.after_load
        def count(loader):
            Room.objects.using(loader.using).update(name=f"{len(texts)} texts")

        return "1.1"


class Forgetful(Migrator):
    version = "1.1"

    def migrate_from_0_9(self, globals_dict):
        pass


class Circular(Migrator):
    version = "1.1"

    def migrate_from_0_9(self, globals_dict):
        return "0.9"


class Hasty(Migrator):
    version = "1.1"

    def migrate_from_0_9(self, globals_dict):
        return "2.0"


class Mistyped(Migrator):
    version = "1.1"

    def migrate_from_0_9(self, globals_dict):
        @override(globals_dict)
        def create_surveymaker_survy(id, name, slug):
            return None

        return "1.1"
