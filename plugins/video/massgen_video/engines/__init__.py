"""The media engines of this plugin: what they can do as data, and how they have others help them."""
