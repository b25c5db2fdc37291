"""A worker in a process of its own: works off one delivery and prints a line for each batch."""

import json
import sys

import django


def main(sent: str) -> None:
    django.setup()
    from dynschema.evolution.delivery import Delivery
    from dynschema.evolution.engines.inline import InlineEngine
    from dynschema.evolution.signals import run_progressed

    def tell(*, run, **_):
        sys.stdout.write(f"{run.done_count}\n")
        sys.stdout.flush()

    run_progressed.connect(tell)
    InlineEngine().work_off(Delivery.from_json(json.loads(sent)))


if __name__ == "__main__":
    main(sys.argv[1])
