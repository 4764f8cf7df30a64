"""Changes of many files at once: all or nothing, remembered, undone and done again."""
