"""The media engines of this plugin: what they can do as data, and the way to their processes."""
