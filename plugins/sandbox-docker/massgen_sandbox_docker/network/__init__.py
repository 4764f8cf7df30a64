"""The only way out of a sandbox with an allow-list: a gate inside its network, and a multiplexed stream to us."""
