"""Named workspaces: made from a source, remembered by snapshots, forked for another agent, compared and restored."""
