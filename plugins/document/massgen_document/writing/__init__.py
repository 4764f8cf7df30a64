"""Writers: blocks into a file of each format."""
