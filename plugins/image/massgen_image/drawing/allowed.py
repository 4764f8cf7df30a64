"""What an SVG may hold (SVG 2, SVG 1.1 for filters): everything else is left out.

No scripts, no events, no animation, no foreign markup, no links, nothing that is fetched; no ``feMorphology``, whose
cost grows with the square of a radius that transforms enlarge.
"""

from __future__ import annotations

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"

_SHAPES = "path rect circle ellipse line polyline polygon image use a"
_HOLDERS = "svg g defs symbol switch clipPath mask marker pattern"
_PAINTS = "linearGradient radialGradient stop"
_WORDS = "text tspan textPath title desc style"
_FILTERS = (
    "filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting "
    "feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge "
    "feMergeNode feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence"
)
ELEMENTS = frozenset(f"{_SHAPES} {_HOLDERS} {_PAINTS} {_WORDS} {_FILTERS}".split())

_GEOMETRY = (
    "x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy width height d points pathLength rotate textLength lengthAdjust "
    "startOffset viewBox preserveAspectRatio transform gradientTransform patternTransform gradientUnits patternUnits "
    "patternContentUnits spreadMethod clipPathUnits maskUnits maskContentUnits markerUnits markerWidth markerHeight "
    "refX refY orient offset"
)
_FILTERING = (
    "filterUnits primitiveUnits in in2 result mode type values tableValues slope intercept amplitude exponent operator "
    "k1 k2 k3 k4 order kernelMatrix divisor bias targetX targetY edgeMode preserveAlpha surfaceScale diffuseConstant "
    "specularConstant specularExponent azimuth elevation z pointsAtX pointsAtY pointsAtZ limitingConeAngle scale "
    "xChannelSelector yChannelSelector stdDeviation radius baseFrequency numOctaves seed stitchTiles"
)
_SELF = "id class version systemLanguage requiredFeatures"
_PAINTING = (
    "alignment-baseline baseline-shift clip-path clip-rule color color-interpolation color-interpolation-filters "
    "direction display dominant-baseline fill fill-opacity fill-rule filter flood-color flood-opacity font "
    "font-family font-size font-size-adjust font-stretch font-style font-variant font-weight image-rendering "
    "isolation kerning letter-spacing lighting-color marker marker-end marker-mid marker-start mask mix-blend-mode "
    "opacity overflow paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration "
    "text-rendering transform-origin unicode-bidi vector-effect visibility white-space word-spacing writing-mode"
)
PROPERTIES = frozenset(_PAINTING.split())
"""What may stand in a style and as an attribute alike."""

ATTRIBUTES = frozenset(f"{_GEOMETRY} {_FILTERING} {_SELF}".split()) | PROPERTIES
