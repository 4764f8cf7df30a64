"""A plugin for a contract that no longer holds; it must not even be imported."""

raise AssertionError("a plugin of another contract version was imported")
