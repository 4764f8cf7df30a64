"""What is written is decoded by programs that share no code with what wrote it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from image_support import done, encoded, moving, scene
from massgen_image.works import drawing, editing

REQUIRED = os.environ.get("MASSGEN_REQUIRE_JUDGES") == "1"


def needs(program: str) -> pytest.MarkDecorator:
    """Skip where a program is not there, unless judges are required."""
    return pytest.mark.skipif(shutil.which(program) is None and not REQUIRED, reason=f"{program} is not here")


def probed(file: Path) -> tuple[int, int]:
    """The size of the first picture that FFmpeg decodes in a file."""
    command = ["ffmpeg", "-v", "error", "-i", str(file), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    pixels = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", str(file)]
    text = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True).stdout
    width, height = (int(part) for part in text.split("\n")[0].split(",")[:2])
    assert len(pixels) == width * height * 3
    return width, height


@needs("ffmpeg")
@pytest.mark.parametrize("target", ["png", "jpeg", "webp", "gif", "tiff", "bmp", "avif"])
def test_ffmpeg_decodes_every_format_to_its_size(tmp_path: Path, target: str) -> None:
    source = encoded(scene(301, 203, alpha=target in ("png", "webp", "avif")), "png")
    facts, _ = done(editing.resize, [source], tmp_path, width=151, format=target)
    assert probed(tmp_path / facts["outputs"][0]["file"]) == (151, 102)


@needs("identify")
@pytest.mark.parametrize("target", ["png", "jpeg", "webp", "gif", "tiff", "bmp", "ico"])
def test_imagemagick_decodes_every_format_to_its_size(tmp_path: Path, target: str) -> None:
    facts, _ = done(editing.resize, [encoded(scene(301, 203), "png")], tmp_path, width=151, format=target)
    strict = [] if target == "webp" else ["-regard-warnings"]  # ImageMagick 6 warns of any XMP in WebP
    command = ["identify", *strict, "-format", "%w %h\n", str(tmp_path / facts["outputs"][0]["file"])]
    done_ = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True)
    assert done_.stdout.split("\n")[0] == "151 102"


@needs("ffprobe")
@pytest.mark.parametrize("target", ["gif", "png"])
def test_animations_have_all_their_frames_for_ffmpeg(tmp_path: Path, target: str) -> None:
    facts, _ = done(editing.convert, [moving("gif", 7)], tmp_path, format=target)
    file = tmp_path / facts["outputs"][0]["file"]
    demuxer = ["-f", "apng"] if target == "png" else []
    command = ["ffprobe", "-v", "error", *demuxer, "-count_frames", "-show_entries", "stream=nb_read_frames"]
    text = subprocess.run([*command, "-of", "csv=p=0", str(file)], capture_output=True, check=True, text=True).stdout
    assert text.strip().strip(",") == "7"


@needs("tesseract")
def test_the_words_of_a_chart_are_read_by_an_ocr_engine(tmp_path: Path) -> None:
    options = {"data": "Fruit,Sold\nApples,1200\nPears,860", "chart": {"title": "Apples lead the summer"}, "scale": 2}
    facts, _ = done(drawing.chart, [], tmp_path, **options)
    file = str(tmp_path / facts["outputs"][0]["file"])
    text = subprocess.run(["tesseract", file, "-", "--psm", "11"], capture_output=True, check=True, text=True).stdout
    for word in ("Apples lead the summer", "Pears", "1,200"):
        assert word in text
