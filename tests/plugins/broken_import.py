"""A plugin that imports what is not installed."""

import a_package_that_is_not_installed  # noqa: F401  # pyright: ignore[reportMissingImports]
