"""Pictures from outside: opened as they are shown, or refused by name before they cost anything."""

import io
import struct
import zlib

import pytest
from image_support import FORMATS, encoded, moving, near, pixel, scene, small
from massgen_image.opening import Bounds, open_picture
from PIL import Image, ImageCms

from massgen_core.errors import ToolFailed


def test_every_format_is_known_by_its_content_and_comes_out_in_its_size() -> None:
    for name in FORMATS:
        picture = open_picture(io.BytesIO(small(name)))
        assert picture.kind.name == name
        image = picture.first()
        assert image.size == (picture.width, picture.height)
        assert image.mode in ("L", "RGB", "RGBA")
        assert near(image.convert("RGB").getpixel((image.width // 5, image.height // 2)), (220, 30, 30), 40), name


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_a_viewer_shows_it(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_picture(io.BytesIO(encoded(scene(), "jpeg", exif=exif, quality=95)))
    shown = picture.first()
    assert shown.size == (picture.width, picture.height) == ((96, 64) if orientation < 5 else (64, 96))
    red = {1: (20, 32), 2: (75, 32), 3: (75, 32), 4: (20, 32), 5: (32, 20), 6: (32, 20), 7: (32, 75), 8: (32, 75)}
    assert near(shown.getpixel(red[orientation]), (220, 30, 30), 30)


def test_sixteen_bits_palettes_ink_and_alpha_become_plain_pixels_and_the_loss_is_said() -> None:
    deep = Image.new("I;16", (8, 8), 0x8000)
    picture = open_picture(io.BytesIO(encoded(deep, "png")))
    assert picture.first().getpixel((3, 3)) == 0x80
    assert "16 bits" in picture.notes[0]

    ink = open_picture(io.BytesIO(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "tiff")))
    assert near(ink.first().getpixel((1, 1)), (255, 0, 0), 30)
    assert "CMYK" in ink.notes[0]

    colours = scene(alpha=True).quantize(64)
    assert open_picture(io.BytesIO(encoded(colours, "png"))).first().mode == "RGBA"

    numbers = Image.new("F", (2, 1))
    numbers.putpixel((0, 0), -1.5)
    numbers.putpixel((1, 0), 3.5)
    floats = open_picture(io.BytesIO(encoded(numbers, "tiff")))
    assert [floats.first().getpixel((x, 0)) for x in (0, 1)] == [0, 255]
    assert floats.notes == ["values from -1.5 to 3.5 were spread from black to white"]


def test_colours_of_another_profile_are_brought_to_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    image = Image.new("LAB", (4, 4), (136, 128 + 80, 128 + 67 - 256 + 256))  # about sRGB red
    file = encoded(image, "tiff", icc_profile=lab.tobytes())
    red, green, blue = pixel(open_picture(io.BytesIO(file)).first(), 0, 0)
    assert red > 200
    assert green < 60
    assert blue < 60

    broken = open_picture(io.BytesIO(encoded(scene(), "png", icc_profile=b"no profile at all")))
    broken.first()
    assert broken.notes == ["its colour profile is broken and was left out"]


@pytest.mark.parametrize("name", ["gif", "webp", "png", "avif"])
def test_all_frames_of_an_animation_come_one_after_the_other(name: str) -> None:
    picture = open_picture(io.BytesIO(moving(name)))
    frames = list(picture.each())
    assert picture.frames == len(frames) == 4
    assert {time for _, time in frames} == {80}


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose header says a size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def webp_of(width: int, height: int) -> bytes:
    """A WebP whose canvas says a size."""
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (width - 1).to_bytes(3, "little")
    body += (height - 1).to_bytes(3, "little") + b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_bomb(frames: int) -> bytes:
    """A GIF with that many frames of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * frames + b"\x3b"


def avif_of(width: int, height: int) -> bytes:
    """An AVIF whose item says a size that its picture has not."""
    file = bytearray(small("avif"))
    at = file.index(b"ispe") + 8
    file[at : at + 8] = struct.pack(">II", width, height)
    return bytes(file)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n", "PNG picture is broken"),
        (png_of(30_000, 30_000), "900,000,000 pixels, the limit is 100,000,000"),
        (png_of(0, 5), "is broken"),
        (png_of(2000, 2000, zlib.compress(b"\0" * 50_000)), "ends too early|broken"),
        (webp_of(16_000, 16_000), "256,000,000 pixels"),
        (avif_of(60_000, 60_000), "3,600,000,000 pixels|broken"),
        (small("jpeg")[:400], "JPEG picture is broken"),
        (small("webp")[:60], "WEBP picture is broken"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "render it with image_render_svg"),
        (b"PK\3\4" + bytes(60), "a ZIP archive"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40), "a HEIC picture"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(40), "a video or audio file"),
        (b"just some words", "text that begins with 'just some words'"),
        (bytes(range(128, 192)), "unknown bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sound_picture_is_refused_by_name(file: bytes, said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        open_picture(io.BytesIO(file)).first()


def test_a_gif_of_a_hundred_thousand_frames_is_counted_to_the_limit_and_its_first_frame_can_be_had() -> None:
    picture = open_picture(io.BytesIO(gif_bomb(100_000)))
    assert picture.first().size == (1, 1)
    with pytest.raises(ToolFailed, match="more than 1,000 frames: take its first with frames=first"):
        next(picture.each())


def test_few_frames_that_are_large_are_refused_too() -> None:
    picture = open_picture(io.BytesIO(moving("gif", 5, (200, 200))), Bounds(pixels_in_all=100_000))
    with pytest.raises(ToolFailed, match="5 frames of 200x200 are 200,000 pixels"):
        list(picture.each())


def test_an_icon_that_hides_a_large_picture_is_refused() -> None:
    inner = png_of(20_000, 20_000)
    file = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 32, 32, 0, 0, 1, 32, len(inner), 22) + inner
    with pytest.raises(ToolFailed, match="larger than 100,000,000 pixels|limit is 100,000,000|broken"):
        open_picture(io.BytesIO(file)).first()


def test_text_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    bomb = zlib.compress(b"a" * 100_000_000, 9)
    body = b"Comment\0\0" + bomb
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    whole = small("png")
    with pytest.raises(ToolFailed, match="PNG picture is broken"):
        open_picture(io.BytesIO(whole[:33] + chunk + whole[33:])).first()


def test_a_jpeg_is_decoded_smaller_where_less_is_enough() -> None:
    file = encoded(scene(2400, 1600), "jpeg")
    picture = open_picture(io.BytesIO(file), near=(300, 200))
    assert picture.first().size == (600, 400)
    assert (picture.width, picture.height) == (2400, 1600)
