"""Pictures and sounds out of a film, one after the other, so that hours fit into little memory."""
