"""The files of a sandbox kept as an image, and sandboxes that begin with them."""
