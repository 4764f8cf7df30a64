"""The attempts, by what they are aimed at."""
