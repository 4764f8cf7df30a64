"""Compose pip-installed plugins and sandboxed MCP servers into one set of tools for AI agents."""
