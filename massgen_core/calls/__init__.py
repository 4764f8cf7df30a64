"""What happens around one call: names, permissions, middlewares, limits, the record."""
