"""The core of Serein: what is known, and the pure functions that decide.

No web, no database, no clock and no network: files in, JSON out. ``at`` and ``knowledge`` are arguments.
"""

ENGINE = "serein 0.1.0"
"""Name and version of the engine; written into every decision."""
