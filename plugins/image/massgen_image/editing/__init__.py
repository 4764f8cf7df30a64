"""What is done to one picture: an image in, an image out."""
