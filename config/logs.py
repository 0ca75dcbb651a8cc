"""What is left out of the log."""

import logging

OUR_FAULT = 500
"""Answers with this status or a higher one say that something of ours has failed."""


class TraceFailuresAlone(logging.Filter):
    """A request that was refused, or could not be understood, gets one line without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", OUR_FAULT) < OUR_FAULT:
            record.exc_info = record.exc_text = None
        return True
