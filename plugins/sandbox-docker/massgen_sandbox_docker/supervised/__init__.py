"""Commands in an idle sandbox, run by a small supervisor inside it that is spoken to over its attached streams."""
