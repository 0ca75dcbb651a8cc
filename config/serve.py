"""`python -m config.serve`: gunicorn with config/gunicorn.py, and with whatever else is said to it.

gunicorn reads WEB_CONCURRENCY as it is imported, so that a bad one would end it in a traceback.
"""

import sys

from config import environment

if __name__ == "__main__":
    with environment.exit_on_bad_setting():
        environment.processes("WEB_CONCURRENCY")
    from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]

    sys.argv = ["gunicorn", "--config", "config/gunicorn.py", *sys.argv[1:]]
    run()
