"""Runs MCP servers and commands for massgen-core in hardened Docker containers."""
