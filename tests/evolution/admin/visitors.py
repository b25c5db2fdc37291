"""Users with the permissions that a test names, and what a page says."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client


def visitor(*verbs: str) -> Client:
    """Give the browser of a member of staff who may do something with runs."""
    user, _ = User.objects.get_or_create(username="-".join(["staff", *verbs]), is_staff=True)
    names = [f"{verb}_run" for verb in verbs]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def post(client: Client, url: str, **data: Any) -> Any:
    """Post as a browser does that has seen a page."""
    client.get("/admin/")
    client.cookies["csrftoken"] = "a" * 32
    return client.post(url, {"csrfmiddlewaretoken": "a" * 32, **data})


def buttons(response: Any) -> list[str]:
    """Give the values of the buttons of a page, in their order."""
    return re.findall(r'name="action" value="(\w+)"', response.content.decode())


def messages_after(client: Client, response: Any) -> list[str]:
    """Give the messages of the page that a response leads to."""
    return [str(each) for each in client.get(response.url).context["messages"]]


def text_of(response: Any) -> str:
    """Give the words of a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())
