"""What events cause: commands, mail, messages; and the events that could not be handled."""
