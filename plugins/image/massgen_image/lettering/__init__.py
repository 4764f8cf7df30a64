"""Letters: the fonts they come from and the room they take."""
