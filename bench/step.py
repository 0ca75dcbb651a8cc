"""One step of a figure: `python -m bench.step module:function '{"argument": 1}'`. Answers with JSON."""

import json
import sys
from importlib import import_module

import django


def main() -> None:
    step, arguments = sys.argv[1:]
    django.setup()
    module, _, function = step.partition(":")
    answer = getattr(import_module(module), function)(**json.loads(arguments))
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
