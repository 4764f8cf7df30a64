"""From a sentence to the things it names."""
