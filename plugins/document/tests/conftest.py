"""What the tests of this plugin share."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # for the helpers beside the tests
