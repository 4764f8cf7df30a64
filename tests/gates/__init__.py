"""Rules that the whole tree keeps. Each turns a tree into its problems, and is shown to fail on a small one."""
