"""Who else cares for a patient, what may be shared with them, and the letters that they get."""
