"""File tools and workspaces for coding agents."""
