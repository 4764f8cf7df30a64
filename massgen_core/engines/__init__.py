"""The built-in plugin `media`: which engines there are, and the jobs that go on in the background."""
