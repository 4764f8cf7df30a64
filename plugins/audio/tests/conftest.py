"""What the tests of this plugin share."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.append(str(Path(__file__).parent))  # for the helpers beside the tests

settings.register_profile("audio", deadline=None)
settings.load_profile("audio")
