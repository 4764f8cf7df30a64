"""All access to the host's files: by descriptor, beneath roots, whatever a tree does meanwhile."""
