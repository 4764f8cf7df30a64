"""What the engines can do, as data."""

from __future__ import annotations

from massgen_core.media import Ability, Capabilities, Option

GENERATE = "video.generate"
UNDERSTAND = "video.understand"

RESOLUTIONS = {"360p": 360, "480p": 480, "540p": 540, "720p": 720, "1080p": 1080}
SHAPES = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "4:3": (4, 3), "3:4": (3, 4), "21:9": (21, 9)}
MOTIONS = ("auto", "zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down", "still")
TRANSITIONS = ("cut", "crossfade", "slide", "fade")
MOST_SCENES = 40
_LONGEST = 600

STORYBOARD = Capabilities(
    label="narrated motion graphics: still pictures that move, with speech and subtitles; not a video model",
    source_type="compositeSynthetic",
    abilities=[
        Ability(
            operation=GENERATE,
            formats=("mp4", "webm", "mov", "mkv", "gif", "webp"),
            options={
                "scenes": Option(
                    kind="objects",
                    description="Each with some of prompt, narration, title, seconds, motion, and image and audio:"
                    " which of the files of that role, from 0.",
                ),
                "duration": Option(
                    kind="number", minimum=1, maximum=_LONGEST, description="Seconds of the whole film."
                ),
                "resolution": Option(choices=tuple(RESOLUTIONS), description="The shorter side; 720p unless set."),
                "aspect_ratio": Option(choices=tuple(SHAPES), description="16:9 unless set."),
                "fps": Option(kind="number", minimum=1, maximum=60, description="Frames a second; 24 unless set."),
                "narration": Option(kind="boolean", description="Say the sentences; on unless set."),
                "voice": Option(description="A voice of the engine that speaks."),
                "language": Option(description="What is said, as BCP 47."),
                "subtitles": Option(choices=("none", "soft", "burned", "sidecar"), description="soft unless set."),
                "motion": Option(choices=MOTIONS, description="How pictures move."),
                "transition": Option(choices=TRANSITIONS, description="crossfade unless set."),
                "transition_seconds": Option(kind="number", minimum=0.1, maximum=3),
                "music_volume": Option(kind="number", minimum=0, maximum=2, description="0.5 unless set."),
                "quality": Option(choices=("draft", "standard", "high")),
            },
            inputs={"first_frame": 1, "image": MOST_SCENES, "audio": MOST_SCENES, "music": 1},
            longest_prompt=20_000,
            seeded=True,
        )
    ],
)

FRAMES = Capabilities(
    label="pictures of scenes on a sheet, with speech and text from engines that are open; describes nothing itself",
    source_type="humanEdits",
    abilities=[
        Ability(
            operation=UNDERSTAND,
            formats=("jpeg",),
            options={
                "frames": Option(kind="integer", minimum=1, maximum=60, description="Pictures; 12 unless set."),
                "mode": Option(choices=("scenes", "uniform"), description="scenes unless set."),
                "start": Option(kind="number", minimum=0, description="Seconds."),
                "end": Option(kind="number", minimum=0, description="Seconds."),
                "transcribe": Option(kind="boolean", description="Have the speech written down; on unless set."),
                "read_text": Option(kind="boolean", description="Have text in pictures read; on unless set."),
                "language": Option(description="What is spoken."),
                "keep_frames": Option(kind="boolean", description="Write each picture as a file as well."),
            },
            inputs={"video": 1},
            longest_prompt=4000,
        )
    ],
)
