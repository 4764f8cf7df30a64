"""Films made of other films: parts of them, one after the other, in another shape."""
