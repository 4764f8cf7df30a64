"""Pictures from outside, opened: nothing is decoded before its header has been judged."""

from massgen_image.opening.bounds import Bounds as Bounds
from massgen_image.opening.picture import Picture as Picture
from massgen_image.opening.picture import open_picture as open_picture
