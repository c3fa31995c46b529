"""What never stands in a log: the keys that a path carries (links, ids)."""

from __future__ import annotations

import logging
import re

KEY = re.compile(r"[A-Za-z0-9_-]{20,}")


class WithoutKeys(logging.Filter):
    """Takes every long key out of what a line was made from: a link in it would open something."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(KEY.sub("…", a) if isinstance(a, str) else a for a in record.args)
        return True
