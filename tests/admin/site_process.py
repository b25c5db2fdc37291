"""Another process that serves the site: it reads addresses and prints what it answered."""

import sys

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - needs the line above
from django.test import Client  # noqa: E402

client = Client()
client.force_login(User.objects.get(username="admin"))
for line in sys.stdin:
    response = client.get(line.strip())
    print(response.status_code, len(response.content), flush=True)  # noqa: T201
