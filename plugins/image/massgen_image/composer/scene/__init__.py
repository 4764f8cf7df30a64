"""From the things a prompt names to a picture of them."""
