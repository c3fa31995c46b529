"""Messages to patients and staff: by e-mail and text, without clinical content, each with its delivery state."""
