"""The engines that come with the plugin: one draws, one edits, one reads; none needs a key or a network."""
