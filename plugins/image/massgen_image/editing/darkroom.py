"""Edits that are named in words and done by arithmetic, in all of a picture or where a mask is white."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from massgen_image.problems import refuse

Change = Callable[[Image.Image, float], Image.Image]


@dataclass(frozen=True, slots=True)
class Act:
    """One edit: the words for it, what it does, and how strong it is where nothing is said."""

    name: str
    words: str
    change: Change
    strength: float = 0.0


def edited(image: Image.Image, prompt: str, mask: Image.Image | None = None) -> tuple[Image.Image, list[str]]:
    """The picture after the edits that a prompt names, in their order, and their names.

    Raises:
        ToolFailed: The prompt names no edit, or one that no arithmetic does; says which there are.
    """
    acts = acts_of(prompt)
    if mask is not None and mask.size != image.size:
        raise refuse(f"the mask is {mask.width}x{mask.height} and the picture {image.width}x{image.height}: same size")
    done = image
    for act, strength in acts:
        if act.name == "remove":
            if mask is None:
                raise refuse("to remove something give a mask: white where it is, black elsewhere")
            done = filled(done, mask)
        else:
            done = act.change(done, strength)
    if mask is not None and done.size == image.size:
        done = Image.composite(done.convert("RGBA"), image.convert("RGBA"), mask.convert("L"))
        done = done if image.mode == "RGBA" else done.convert("RGB")
    elif mask is not None:
        raise refuse("turning and mirroring is for whole pictures: leave the mask out")
    return done, [act.name for act, _ in acts]


def acts_of(prompt: str) -> list[tuple[Act, float]]:
    """The edits that a prompt names, with their strengths, in the order they are named."""
    text = prompt.lower()
    hits = [(re.search(rf"\b(?:{act.words})\b", text), act) for act in _ACTS]
    found = [(hit.start(), act, _strength(text, hit.end(), act)) for hit, act in hits if hit]
    if not found:
        names = ", ".join(act.name for act in _ACTS)
        raise refuse(
            f"this engine does not understand {prompt[:60]!r}: it can {names}; anything else needs an engine that "
            "edits by a model (see media_engines), or image_annotate, image_compose, image_crop"
        )
    return [(act, strength) for _, act, strength in sorted(found, key=lambda each: each[0])]


def _strength(text: str, at: int, act: Act) -> float:
    """A number behind the words (``30 %``, ``90°``), else a little or much, else as usual."""
    clause = re.split(r",|;|\band\b|\bthen\b", text[at:])[0]
    before = text[max(0, at - 40) : at]
    if number := re.search(r"(-?\d+(?:\.\d+)?)\s*(%|percent|degrees|°|px|pixels|times)?", clause):
        value = float(number[1])
        return value / 100 if number[2] in ("%", "percent") else value
    if re.search(r"\b(slightly|a little|a bit|subtle)\b", f"{before} {clause}"):
        return act.strength * 0.5
    if re.search(r"\b(very|much|strongly|a lot|heavily)\b", f"{before} {clause}"):
        return act.strength * 1.8
    return act.strength


def filled(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The picture with the masked part grown over from its surroundings (push and pull, Gortler et al. 1996)."""
    colours = image.convert("RGB")
    hole = mask.convert("L").point([255 * (value > 127) for value in range(256)]).filter(ImageFilter.MaxFilter(5))
    known = ImageChops.invert(hole)
    whole = _pulled(colours, known)
    soft = hole.filter(ImageFilter.GaussianBlur(1.5))
    done = Image.composite(whole, colours, ImageChops.lighter(hole, soft))
    if image.mode == "RGBA":
        done.putalpha(image.getchannel("A"))
    return done


def _pulled(colours: Image.Image, known: Image.Image) -> Image.Image:
    """Unknown pixels from the known ones of ever smaller copies."""
    if min(colours.size) <= 2 or _least(known) == 255:
        return colours
    size = max(1, (colours.width + 1) // 2), max(1, (colours.height + 1) // 2)
    lit = Image.composite(colours, Image.new("RGB", colours.size), known)
    small, share = lit.resize(size, Image.Resampling.BOX), known.resize(size, Image.Resampling.BOX)
    small = _divided(small, share)
    solid = share.point([255 * (value > 0) for value in range(256)])
    behind = _pulled(small, solid).resize(colours.size, Image.Resampling.BICUBIC)
    return Image.composite(colours, behind, known)


def _least(image: Image.Image) -> int:
    return int(image.getextrema()[0])  # pyright: ignore[reportArgumentType]


def _divided(image: Image.Image, share: Image.Image) -> Image.Image:
    """Means of the known pixels alone: the sum divided by their share."""
    alone = Image.merge("RGBA", (*image.split(), share)).convert("RGBA")
    return Image.frombytes("RGBa", alone.size, alone.tobytes()).convert("RGBA").convert("RGB")


def _by(kind: Callable[[Image.Image], ImageEnhance._Enhance], sign: int = 1) -> Change:  # pyright: ignore[reportPrivateUsage]
    return lambda image, strength: kind(image).enhance(max(0.0, 1 + sign * strength))


def _colours(change: Callable[[Image.Image, float], Image.Image]) -> Change:
    """A change of colours that leaves alpha as it is."""

    def apply(image: Image.Image, strength: float) -> Image.Image:
        done = change(image.convert("RGB"), strength)
        if image.mode == "RGBA":
            done = done.convert("RGB")
            done.putalpha(image.getchannel("A"))
        return done

    return apply


def _grey(image: Image.Image, strength: float) -> Image.Image:
    return image.convert("L").convert("RGB")


def _sepia(image: Image.Image, strength: float) -> Image.Image:
    return ImageOps.colorize(image.convert("L"), "#1f140c", "#fff3dd", mid="#a9825a")


def _warm(sign: int) -> Callable[[Image.Image, float], Image.Image]:
    def change(image: Image.Image, strength: float) -> Image.Image:
        by = sign * strength
        red, green, blue = image.split()
        factors = ((red, 1 + by), (green, 1 + by * 0.15), (blue, 1 - by))
        return Image.merge("RGB", [band.point([min(255, round(v * f)) for v in range(256)]) for band, f in factors])

    return change


def _turned(image: Image.Image, degrees: float) -> Image.Image:
    quarter = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    if degrees % 360 in quarter:
        return image.transpose(quarter[int(degrees % 360)])
    return image.convert("RGBA").rotate(-degrees, Image.Resampling.BICUBIC, expand=True)


_ACTS = (
    Act("remove", "remove|erase|inpaint|fill in|delete|get rid of", lambda image, strength: image),
    Act("greyscale", "gr[ea]y ?scale|black and white|black-and-white|desaturated?|monochrome", _colours(_grey)),
    Act("sepia", "sepia|vintage|old photo", _colours(_sepia)),
    Act("invert", "invert(?:ed)?|negative", _colours(lambda image, strength: ImageOps.invert(image))),
    Act("brighten", "bright(?:en|er)|light(?:en|er)", _colours(_by(ImageEnhance.Brightness)), 0.3),
    Act("darken", "dark(?:en|er)|dim(?:mer)?", _colours(_by(ImageEnhance.Brightness, -1)), 0.3),
    Act(
        "more contrast",
        "(?:more|increase|add|higher|boost) (?:the )?contrast",
        _colours(_by(ImageEnhance.Contrast)),
        0.35,
    ),
    Act("less contrast", "(?:less|reduce|lower) (?:the )?contrast", _colours(_by(ImageEnhance.Contrast, -1)), 0.3),
    Act(
        "saturate",
        "(?:more|increase|boost) (?:the )?(?:saturation|colou?rs?)|saturate|vivid|more colou?rful",
        _colours(_by(ImageEnhance.Color)),
        0.5,
    ),
    Act(
        "less saturation",
        "(?:less|reduce|lower) (?:the )?saturation|mute[d]?",
        _colours(_by(ImageEnhance.Color, -1)),
        0.5,
    ),
    Act("warmer", "warm(?:er)?", _colours(_warm(1)), 0.12),
    Act("cooler", "cool(?:er)?|colder", _colours(_warm(-1)), 0.12),
    Act(
        "blur",
        "blur(?:red|ry)?|out of focus",
        lambda image, strength: image.filter(ImageFilter.GaussianBlur(min(strength, 200))),
        6.0,
    ),
    Act(
        "sharpen",
        "sharp(?:en|er)?",
        lambda image, strength: image.filter(ImageFilter.UnsharpMask(2, round(strength * 100))),
        1.2,
    ),
    Act(
        "auto-contrast",
        "auto[- ]?contrast|enhance|normali[sz]e|auto[- ]?levels",
        _colours(lambda image, strength: ImageOps.autocontrast(image, 0.5)),
    ),
    Act("posterize", "posteri[sz]e", _colours(lambda image, strength: ImageOps.posterize(image, 3))),
    Act(
        "edges",
        "edges|outline|sketch",
        _colours(
            lambda image, strength: ImageOps.invert(image.convert("L").filter(ImageFilter.FIND_EDGES)).convert("RGB")
        ),
    ),
    Act(
        "mirror",
        "mirror(?:ed)?|flip(?:ped)? horizontally|horizontal flip",
        lambda image, strength: ImageOps.mirror(image),
    ),
    Act("flip", "flip(?:ped)? vertically|vertical flip|upside down", lambda image, strength: ImageOps.flip(image)),
    Act("rotate", "rotate[d]?|turn(?:ed)?", _turned, 90.0),
)
