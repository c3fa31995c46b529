"""Readings, alarms and the recovery score. Pure: what was measured comes in, what follows goes out."""
