"""What is read and made at most."""

from __future__ import annotations

MOST_PIXELS = 8192 * 4608
"""Of one picture that is read: 8K with room."""
MOST_PIXELS_MADE = 4096 * 4096
LONGEST_SIDE_MADE = 4096
MOST_STREAMS = 64
MOST_FPS = 120
LONGEST = 12 * 3600.0
"""Seconds of a film that is read from its beginning to its end."""
MOST_FRAMES = 12 * 3600 * 60
"""Of a film that is written."""
LONGEST_MADE = 600.0
"""Seconds of a film that is generated."""
LONGEST_ANIMATION = 120.0
"""Seconds of an animation (GIF, WebP)."""
MOST_BROKEN = 2000
"""Packets of one stream that may be damaged before it is given up."""
MOST_PARTS = 50
"""Films that are put together at once."""
MOST_CUES = 20_000
LARGEST_SUBTITLES = 8 * 1024 * 1024
"""Bytes of a file of subtitles."""
