"""What is too much: bounds that every sound is held to, whatever its file says of itself."""

from dataclasses import dataclass

from massgen_audio.failing import failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one sound.

    seconds: of decoded sound
    file_bytes: of the file that it is read from
    channels: of a file; more is no recording of people or music
    rates: samples a second, lowest and highest
    """

    seconds: float = 6 * 3600.0
    file_bytes: int = 8 * 2**30
    channels: int = 32
    rates: tuple[int, int] = (1_000, 768_000)

    def check_shape(self, name: str, rate: int, channels: int) -> None:
        """Refuse a rate or a number of channels that no recording has.

        Raises:
            ToolFailed: what the file claims, and what is taken.
        """
        low, high = self.rates
        if not low <= rate <= high:
            raise failed(f"{name}: {rate} samples a second; from {low} to {high} are taken")
        if not 1 <= channels <= self.channels:
            raise failed(f"{name}: {channels} channels; 1 to {self.channels} are taken")

    def check_length(self, name: str, seconds: float) -> None:
        """Refuse a sound that goes on for too long.

        Raises:
            ToolFailed: the bound, and how to take a part instead.
        """
        if seconds > self.seconds:
            raise failed(
                f"{name}: longer than {self.seconds:g} seconds, the most that is read; cut it into shorter files first",
            )


LIMITS = Limits()
"""The bounds where nothing else is configured."""
