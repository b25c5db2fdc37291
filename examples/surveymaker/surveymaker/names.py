"""How slugs become names in Python; what is not a good name then, dynschema refuses."""

import re


def model_name(slug: str) -> str:
    """Turn "lunch" into LunchResponse, and "2024-poll" into Survey2024PollResponse."""
    words = [word for word in re.split("[-_]", slug) if word]
    if not words:
        return ""
    prefix = "Survey" if words[0][0].isdigit() else ""
    return prefix + "".join(word[0].upper() + word[1:] for word in words) + "Response"


def field_name(slug: str) -> str:
    """Turn "how-many" into how_many."""
    return slug.replace("-", "_")
