"""The way of a course through the programme. The eight words and their order are stated here, once."""

STAGES = ("enquiry", "screening", "consent", "plan", "session", "recovery", "followup", "outcomes")
"""Core, shell, URLs, templates, tests and docs use these words; everything else is checked against them."""

ENDED = "ended"
"""The state of a course that nobody goes on with."""
