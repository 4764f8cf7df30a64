"""The work functions: what runs in a process of its own, on files from outside."""
