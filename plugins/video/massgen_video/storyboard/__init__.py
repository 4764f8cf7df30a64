"""Films out of words: scenes, their pictures in motion, their sound."""
