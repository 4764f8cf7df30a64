"""The illustration composer: a prompt becomes a scene of drawings, as SVG and as a picture.

It is not a diffusion model: it draws what it has drawings for, and reports the words it has none for.
"""

from massgen_image.composer.compose import Background as Background
from massgen_image.composer.compose import Composed as Composed
from massgen_image.composer.compose import compose as compose
from massgen_image.composer.compose import vocabulary as vocabulary
from massgen_image.composer.palettes import Palette as Palette
