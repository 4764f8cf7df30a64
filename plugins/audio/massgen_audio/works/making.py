"""Work functions that make sounds out of nothing."""

from typing import Any

from massgen_audio.provenance import SYNTHETIC, made_by
from massgen_audio.synthesis.music import music
from massgen_audio.synthesis.tones import Tone, toned
from massgen_audio.works.files import heard, result, saved
from massgen_core.workers import Work


def tone(work: Work) -> dict[str, Any]:
    """Make a tone, beeps, a sweep, noise or a chord. Options: those of `Tone`, sample_rate, and those of `saved`."""
    options = work.options
    wanted = {name: options[name] for name in Tone.__slots__ if options.get(name) is not None}
    sound = toned(Tone(**wanted), options.get("sample_rate") or 48_000)
    what = f"{wanted.get('wave', 'sine')}, calculated"
    work.options["tags"] = made_by(SYNTHETIC, what=what)
    return result(saved(work, heard(work, sound, "made"), [], wanted.get("wave", "sine")), [])


def music_bed(work: Work) -> dict[str, Any]:
    """Make a bed of music. Options: mood, seconds, seed, and those of `saved`."""
    options = work.options
    mood, seed = options.get("mood") or "calm", options.get("seed") or 0
    sound = music(mood, options.get("seconds") or 30.0, seed)
    work.options["tags"] = made_by(SYNTHETIC, what=f"music by formula, mood {mood}, seed {seed}")
    return result(saved(work, heard(work, sound, "played"), [], f"music-{mood}") | {"seed": seed}, [])
