import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Survey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("slug", models.SlugField(unique=True)),
            ],
            options={
                "ordering": ["title"],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(help_text="The name of the column.")),
                ("text", models.CharField(blank=True, max_length=200, verbose_name="question")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Short text"),
                            ("longtext", "Long text"),
                            ("integer", "Whole number"),
                            ("decimal", "Decimal number"),
                            ("boolean", "Yes or no"),
                            ("date", "Date"),
                            ("datetime", "Date and time"),
                            ("choice", "One of several choices"),
                            ("email", "E-mail address"),
                            ("url", "Web address"),
                            ("json", "JSON"),
                            ("user", "User of this site"),
                            ("survey", "Answer to a survey"),
                        ],
                        max_length=20,
                    ),
                ),
                ("required", models.BooleanField(default=False)),
                ("unique", models.BooleanField(default=False)),
                ("indexed", models.BooleanField(default=False)),
                (
                    "choices",
                    models.TextField(
                        blank=True,
                        help_text="For a choice: one per line. For an answer to a survey: the survey's slug.",
                    ),
                ),
                ("rank", models.IntegerField(default=0)),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="surveymaker.survey",
                    ),
                ),
            ],
            options={
                "ordering": ["rank", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("survey", "slug"), name="question_slug_once_per_survey"
                    )
                ],
            },
        ),
    ]
