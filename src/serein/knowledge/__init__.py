"""What is known: data first, and the only code that reads it. See README.md beside this file."""

from serein.knowledge.load import load, pack_files, route_for
from serein.knowledge.types import Knowledge

__all__ = ["Knowledge", "load", "pack_files", "route_for"]
