"""The tools of this plugin, as agents see them."""

from massgen_video.tools.serving import serve as serve
