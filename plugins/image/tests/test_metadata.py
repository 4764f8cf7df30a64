"""What a picture says about itself goes along; where it was taken does not, unless asked."""

import io
from pathlib import Path

import pytest
from image_support import done, encoded, opened, scene, small
from massgen_image.opening import open_picture
from massgen_image.opening.kept import Kept
from massgen_image.opening.kinds import KINDS
from massgen_image.works import editing
from massgen_image.writing.saving import Saving, save
from PIL import ExifTags, Image

KEPT = Kept(description="A red box & a disc <1>", source="prompt: é", source_type="algorithmicMedia")


def written(tmp_path: Path, kind: str, kept: Kept = KEPT) -> bytes:
    save(iter([(scene(), 0)]), tmp_path / "out", Saving(kind=KINDS[kind]), kept)
    return (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif"])
def test_who_made_it_of_what_and_how_is_in_the_file_and_survives_another_edit(tmp_path: Path, kind: str) -> None:
    file = written(tmp_path, kind)
    assert b"massgen-image " in file
    assert b"cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia" in file
    kept = open_picture(io.BytesIO(file)).kept
    assert (kept.description, kept.source_type) == (KEPT.description, "algorithmicMedia")
    facts, _ = done(editing.resize, [file], tmp_path / "next", width=40)
    again = open_picture(io.BytesIO((tmp_path / "next" / facts["outputs"][0]["file"]).read_bytes())).kept
    assert (again.description, again.source_type) == (KEPT.description, "algorithmicMedia")


@pytest.mark.parametrize("kind", ["gif", "tiff"])
def test_formats_with_less_room_say_what_they_can(tmp_path: Path, kind: str) -> None:
    kept = open_picture(io.BytesIO(written(tmp_path, kind))).kept
    assert "A red box & a disc <1>" in kept.description


def photograph() -> bytes:
    """A JPEG with a camera, a date, a serial number, a place and a small copy of itself."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera works"
    exif[ExifTags.Base.Artist] = "A. Person"
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif).update({0x9003: "2026:01:02 03:04:05", 0xA431: "SERIAL-1234", 0x927C: b"secret"})
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return encoded(scene(), "jpeg", exif=exif)


def test_the_place_and_the_serial_number_go_and_the_camera_and_the_date_stay(tmp_path: Path) -> None:
    facts, _ = done(editing.convert, [photograph()], tmp_path, format="jpeg")
    assert "the place where it was taken (GPS) was removed; keep_location=true keeps it" in facts["warnings"]
    exif = opened(tmp_path, facts).getexif()
    assert exif[ExifTags.Base.Make] == "Camera works"
    assert exif[ExifTags.Base.Artist] == "A. Person"
    assert exif.get_ifd(ExifTags.IFD.Exif)[0x9003] == "2026:01:02 03:04:05"
    assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert ExifTags.Base.Orientation not in exif
    file = (tmp_path / facts["outputs"][0]["file"]).read_bytes()
    assert b"SERIAL" not in file
    assert b"secret" not in file


def test_the_place_stays_where_it_is_asked_for(tmp_path: Path) -> None:
    facts, _ = done(editing.convert, [photograph()], tmp_path, format="webp", keep_location=True)
    place = opened(tmp_path, facts).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert place[2] == (52.0, 31.0, 12.0)
    assert not facts["warnings"]


def test_a_format_without_room_for_it_is_said(tmp_path: Path) -> None:
    facts, _ = done(editing.convert, [small("png")], tmp_path, format="bmp")
    assert facts["warnings"] == ["bmp has no room for metadata"]
