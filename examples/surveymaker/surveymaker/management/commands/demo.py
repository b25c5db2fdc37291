"""Tells the story of a survey in the terminal, then serves the site."""

import os
import socket
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.db import OperationalError, connection

from surveymaker.story import tell
from surveymaker.terminal import Terminal

HOST = "127.0.0.1"
PORT = 8000
LOGIN = "demo"


class Command(BaseCommand):
    """DEMO_SERVE=0 in the environment ends it after the story."""

    help = "Tells the story of a survey whose table changes, then serves the site."
    # There is no database yet when the checks would run.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        out = Terminal(self.stdout)
        prepare_database()
        out.title(f"A survey that changes while the site runs ({describe_database()})")
        tell(out)
        if os.environ.get("DEMO_SERVE", "1") != "0":
            self.serve(out)

    def serve(self, out: Terminal) -> None:
        create_login()
        address = f"{HOST}:{free_port()}"
        out.title("Now you")
        out.say(f"Change the survey:  http://{address}/admin/  (login {LOGIN}, password {LOGIN})")
        out.say(f"Answer it:          http://{address}/")
        self.stdout.flush()
        call_command("runserver", address, use_reloader=False)


def prepare_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise CommandError(f"{describe_database()}: {error} Is DATABASE_URL right?") from error
    call_command("migrate", verbosity=0)


def describe_database() -> str:
    return f"{connection.display_name}, {connection.settings_dict['NAME']}"


def create_login() -> None:
    user, _ = get_user_model().objects.get_or_create(
        username=LOGIN, defaults={"is_staff": True, "is_superuser": True}
    )
    user.set_password(LOGIN)
    user.save()


def free_port() -> int:
    """Give the usual port, or any other when that is taken."""
    try:
        with socket.create_server((HOST, PORT)):
            return PORT
    except OSError:
        with socket.create_server((HOST, 0)) as server:
            return server.getsockname()[1]
