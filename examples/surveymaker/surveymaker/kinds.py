"""The kinds of question, and the Django field that each one becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

if TYPE_CHECKING:
    from surveymaker.models import Question

LONGEST_TEXT = 200

Options = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    label: str
    build: Callable[[Question, Options], models.Field]


def build_field(question: Question) -> models.Field:
    """Give the field for a question.

    Raises:
        ValidationError: the question asks for something impossible; by form field.
    """
    if question.kind not in KINDS:
        raise ValidationError(
            {"kind": f'There is no kind "{question.kind}". Choose one of: {", ".join(KINDS)}.'}
        )
    return KINDS[question.kind].build(question, common_options(question))


def common_options(question: Question) -> Options:
    return {
        "verbose_name": question.text or question.slug,
        "null": not question.required,
        "blank": not question.required,
        "unique": question.unique,
        # A unique column has an index already.
        "db_index": question.indexed and not question.unique,
    }


def plain(field: type[models.Field], **fixed: Any) -> Callable[[Question, Options], models.Field]:
    """For the kinds that take nothing from the question but the common options."""
    return lambda question, options: field(**fixed, **options)


class WebAddressField(models.URLField):
    """A URLField that reads "example.org" as https, on every version of Django."""

    def formfield(self, **kwargs: Any) -> Any:
        # Django 5.2 warns without assume_scheme; goes when only Django 6.0 and later is supported.
        return super().formfield(**{"assume_scheme": "https", **kwargs})


def choice_field(question: Question, options: Options) -> models.Field:
    choices = [(each, each) for each in read_choices(question.choices)]
    return models.CharField(max_length=LONGEST_TEXT, choices=choices, **options)


def read_choices(text: str) -> list[str]:
    """Read one choice per line, or, from a single line, choices between commas."""
    separator = "\n" if "\n" in text.strip() else ","
    choices = [each.strip() for each in text.split(separator) if each.strip()]
    check_choices(choices)
    return choices


def check_choices(choices: list[str]) -> None:
    if not choices:
        raise ValidationError(
            {"choices": "A choice question needs choices. Write one per line, or use commas."}
        )
    for number, each in enumerate(choices):
        if each in choices[:number]:
            raise ValidationError(
                {"choices": f'The choice "{each}" is there twice. Remove one of them.'}
            )
        if len(each) > LONGEST_TEXT:
            raise ValidationError(
                {
                    "choices": f'The choice "{each[:20]}…" has {len(each)} characters, '
                    f"and {LONGEST_TEXT} are possible. Shorten it."
                }
            )


def user_field(question: Question, options: Options) -> models.Field:
    return reference(settings.AUTH_USER_MODEL, question, options)


def survey_field(question: Question, options: Options) -> models.Field:
    """Refer to the responses of a survey; two surveys may refer to each other, or one to itself."""
    slug = question.choices.strip()
    if slug and slug == question.survey.slug:
        return reference("self", question, options)
    target = type(question.survey).objects.filter(slug=slug).first()
    if target is None:
        raise ValidationError(
            {"choices": f'There is no survey "{slug}". Write the slug of a survey that exists.'}
        )
    return reference(f"surveymaker.{target.model_name}", question, options)


def reference(target: str, question: Question, options: Options) -> models.Field:
    """Refer to another model; an answer that must name something goes away with it."""
    on_delete = models.CASCADE if question.required else models.SET_NULL
    # Without a name for the way back, no two questions can want the same one.
    # A foreign key always has an index: deleting what it points at looks for it.
    options = {**options, "db_index": True, "related_name": "+"}
    return models.ForeignKey(target, on_delete, **options)


KINDS = {
    "text": Kind("Short text", plain(models.CharField, max_length=LONGEST_TEXT)),
    "longtext": Kind("Long text", plain(models.TextField)),
    "integer": Kind("Whole number", plain(models.IntegerField)),
    "decimal": Kind("Decimal number", plain(models.DecimalField, max_digits=12, decimal_places=2)),
    "boolean": Kind("Yes or no", plain(models.BooleanField)),
    "date": Kind("Date", plain(models.DateField)),
    "datetime": Kind("Date and time", plain(models.DateTimeField)),
    "choice": Kind("One of several choices", choice_field),
    "email": Kind("E-mail address", plain(models.EmailField)),
    "url": Kind("Web address", plain(WebAddressField)),
    "json": Kind("JSON", plain(models.JSONField)),
    "user": Kind("User of this site", user_field),
    "survey": Kind("Answer to a survey", survey_field),
}
