"""What leaves a sandbox: who may be reached, at which address, saying what."""

from __future__ import annotations
