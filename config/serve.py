"""`python -m config.serve`: gunicorn with config/gunicorn.py and the arguments of the command line.

gunicorn reads WEB_CONCURRENCY when it is imported, so a bad value would end it with a traceback.
"""

import sys

from config import environment

if __name__ == "__main__":
    with environment.exit_on_bad_setting():
        environment.processes("WEB_CONCURRENCY")
    from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]

    sys.argv = ["gunicorn", "--config", "config/gunicorn.py", *sys.argv[1:]]
    run()
