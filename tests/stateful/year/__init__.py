"""A year of reminders: what people do in it (life), where they do it (device), and who judges it (oracle)."""
