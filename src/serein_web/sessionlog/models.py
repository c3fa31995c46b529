"""The append-only log of a session: rows shared by the stages session and recovery. Written by their author."""
