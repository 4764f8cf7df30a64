"""From entry points to open providers: discovery, loading, hooks, supervision."""
