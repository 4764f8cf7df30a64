"""What both ends of a supervisor's streams agree on."""

from __future__ import annotations

import struct

HEAD = struct.Struct(">cII")
NUMBER = struct.Struct(">I")
WINDOW = 512 * 1024
PIECE = 64 * 1024
MOST_COMMANDS = 64
