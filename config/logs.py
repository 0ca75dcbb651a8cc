"""What is left out of the log."""

import logging

OUR_FAULT = 500
"""The statuses of answers from here on say that something of ours has failed."""


class TraceFailuresAlone(logging.Filter):
    """Who was refused, or could not be understood, is told in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", OUR_FAULT) < OUR_FAULT:
            record.exc_info = record.exc_text = None
        return True
