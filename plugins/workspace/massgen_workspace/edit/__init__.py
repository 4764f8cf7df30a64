"""Changes to the text of a file that leave every other byte of it as it was."""
