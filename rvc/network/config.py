"""Configuration of an RVC network: the 18 values in every community voice, with names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from rvc.audio import FRAMES_PER_SECOND
from rvc.errors import VoiceError

CONTENT_CHANNELS = {"v1": 256, "v2": 768}  # width of ContentVec's features, by version
SAMPLE_RATES_HZ = (24000, 32000, 40000, 48000)
CONFIG_VALUES = 18
# Decoder -> its name in the files of Applio, which calls it the vocoder.
DECODERS = {"hifigan": "HiFi-GAN", "mrf": "MRF HiFi-GAN", "refinegan": "RefineGAN"}
REFINEGAN_CHANNELS = 16  # of its excitation at the full rate; doubled at each stage on the way down

# (version, sample rate) -> upsample rates and kernels of the decoder, from the public configs.
UPSAMPLING = {
    ("v2", 24000): ((10, 6, 2, 2), (20, 12, 4, 4)),
    ("v1", 32000): ((10, 4, 2, 2, 2), (16, 16, 4, 4, 4)),
    ("v1", 40000): ((10, 10, 2, 2), (16, 16, 4, 4)),
    ("v1", 48000): ((10, 6, 2, 2, 2), (16, 16, 4, 4, 4)),
    ("v2", 32000): ((10, 8, 2, 2), (20, 16, 4, 4)),
    ("v2", 40000): ((10, 10, 2, 2), (16, 16, 4, 4)),
    ("v2", 48000): ((12, 10, 2, 2), (24, 20, 4, 4)),
}
SPEC_CHANNELS = {24000: 513, 32000: 513, 40000: 1025, 48000: 1025}  # n_fft // 2 + 1


@dataclass(frozen=True)
class RVCConfig:
    """Shape of a network; the first 18 fields are in the file's order."""

    spec_channels: int
    segment_frames: int
    inter_channels: int
    hidden_channels: int
    filter_channels: int
    heads: int
    layers: int
    kernel_size: int
    dropout: float
    resblock: str
    resblock_kernel_sizes: tuple[int, ...]
    resblock_dilations: tuple[tuple[int, ...], ...]
    upsample_rates: tuple[int, ...]
    upsample_initial_channels: int
    upsample_kernel_sizes: tuple[int, ...]
    speakers: int
    speaker_channels: int
    sample_rate: int
    # Not among the 18: inferred from the weights (width of emb_phone, emb_pitch, names).
    content_channels: int = 768
    uses_f0: bool = True
    decoder: str = "hifigan"  # of DECODERS

    @property
    def hop_length(self) -> int:
        """Return the samples per 10 ms frame."""
        return prod(self.upsample_rates)

    @property
    def version(self) -> str:
        return "v1" if self.content_channels == CONTENT_CHANNELS["v1"] else "v2"

    @classmethod
    def preset(cls, version: str, sample_rate: int, *, uses_f0: bool = True) -> "RVCConfig":
        """Return the public configuration of `version` ("v1", "v2") at the rates of UPSAMPLING."""
        rates, kernels = UPSAMPLING[version, sample_rate]
        return cls(
            spec_channels=SPEC_CHANNELS[sample_rate],
            segment_frames=32,
            inter_channels=192,
            hidden_channels=192,
            filter_channels=768,
            heads=2,
            layers=6,
            kernel_size=3,
            dropout=0,
            resblock="1",
            resblock_kernel_sizes=(3, 7, 11),
            resblock_dilations=((1, 3, 5),) * 3,
            upsample_rates=rates,
            upsample_initial_channels=512,
            upsample_kernel_sizes=kernels,
            speakers=109,
            speaker_channels=256,
            sample_rate=sample_rate,
            content_channels=CONTENT_CHANNELS[version],
            uses_f0=uses_f0,
        )

    @classmethod
    def from_list(
        cls,
        values: Sequence,
        *,
        content_channels: int = 768,
        uses_f0: bool = True,
        decoder: str = "hifigan",
    ) -> "RVCConfig":
        """Return the config of a voice file's 18 values; raises VoiceError if implausible."""
        try:
            config = _from_values(values)
        except (TypeError, ValueError, IndexError) as error:
            raise _damaged_config() from error
        config = replace(
            config, content_channels=content_channels, uses_f0=uses_f0, decoder=decoder
        )
        check_config(config)
        return config

    def to_list(self) -> list:
        """Return the 18 values in the file's order and types (lists, not tuples)."""
        return [
            self.spec_channels,
            self.segment_frames,
            self.inter_channels,
            self.hidden_channels,
            self.filter_channels,
            self.heads,
            self.layers,
            self.kernel_size,
            self.dropout,
            self.resblock,
            list(self.resblock_kernel_sizes),
            [list(dilations) for dilations in self.resblock_dilations],
            list(self.upsample_rates),
            self.upsample_initial_channels,
            list(self.upsample_kernel_sizes),
            self.speakers,
            self.speaker_channels,
            self.sample_rate,
        ]

    def with_speakers(self, speakers: int) -> "RVCConfig":
        """Return the same shape with another number of speakers (rows of `emb_g`)."""
        return replace(self, speakers=speakers)


def _from_values(values: Sequence) -> RVCConfig:
    if len(values) != CONFIG_VALUES:
        raise ValueError(f"{len(values)} values")
    spec, segment, inter, hidden, filters, heads, layers, kernel = map(_whole, values[:8])
    return RVCConfig(
        spec_channels=spec,
        segment_frames=segment,
        inter_channels=inter,
        hidden_channels=hidden,
        filter_channels=filters,
        heads=heads,
        layers=layers,
        kernel_size=kernel,
        dropout=float(values[8]),
        resblock=str(values[9]),
        resblock_kernel_sizes=_wholes(values[10]),
        resblock_dilations=tuple(_wholes(dilations) for dilations in values[11]),
        upsample_rates=_wholes(values[12]),
        upsample_initial_channels=_whole(values[13]),
        upsample_kernel_sizes=_wholes(values[14]),
        speakers=_whole(values[15]),
        speaker_channels=_whole(values[16]),
        sample_rate=_whole(values[17]),
    )


def _whole(value: int) -> int:
    if int(value) != value:
        raise ValueError(f"{value} is not whole")
    return int(value)


def _wholes(values: Sequence[int]) -> tuple[int, ...]:
    return tuple(_whole(value) for value in values)


def check_config(config: RVCConfig) -> None:
    """Raise VoiceError unless a network of this shape can be built and has a sane size.

    The bounds are several times the public shapes; they prevent a hostile file from requesting a
    million layers before its weights are checked.
    """
    stages = len(config.upsample_rates)
    kernels = config.resblock_kernel_sizes
    sane = (
        config.content_channels in CONTENT_CHANNELS.values()
        and config.spec_channels in SPEC_CHANNELS.values()
        and config.sample_rate in SAMPLE_RATES_HZ
        and 1 <= config.segment_frames <= 1000
        and 2 <= config.inter_channels <= 1024
        and config.inter_channels % 2 == 0
        and 1 <= config.heads <= 16
        and config.heads <= config.hidden_channels <= 1024
        and config.hidden_channels % config.heads == 0
        and 1 <= config.filter_channels <= 4096
        and 1 <= config.layers <= 24
        and config.kernel_size in (1, 3, 5, 7, 9, 11)
        and 0 <= config.dropout < 1
        and config.resblock == "1"
        and 1 <= len(kernels) <= 6
        and all(kernel in range(1, 32, 2) for kernel in kernels)
        and len(config.resblock_dilations) == len(kernels)
        and all(_sane_dilations(dilations) for dilations in config.resblock_dilations)
        and 1 <= stages <= 6
        and all(1 <= rate <= 20 for rate in config.upsample_rates)
        and config.hop_length * FRAMES_PER_SECOND == config.sample_rate
        and len(config.upsample_kernel_sizes) == stages
        and all(map(_sane_kernel, config.upsample_rates, config.upsample_kernel_sizes))
        and 2**stages <= config.upsample_initial_channels <= 2048
        and 1 <= config.speakers <= 10_000
        and 1 <= config.speaker_channels <= 2048
        and _sane_decoder(config)
    )
    if not sane:
        raise _damaged_config()


def _sane_decoder(config: RVCConfig) -> bool:
    """Return True if its decoder can have this shape; only HiFi-GAN works without f0."""
    if config.decoder == "refinegan":  # what comes down must fit what goes up
        fitting = 2 * REFINEGAN_CHANNELS * 2 ** len(config.upsample_rates)
        return config.uses_f0 and config.upsample_initial_channels == fitting
    return config.decoder == "hifigan" or config.uses_f0


def _sane_dilations(dilations: tuple[int, ...]) -> bool:
    return 1 <= len(dilations) <= 4 and all(1 <= dilation <= 32 for dilation in dilations)


def _sane_kernel(rate: int, kernel: int) -> bool:
    """Return True if the output is exactly `rate` times as long: kernel - rate even and >= 0."""
    return rate <= kernel <= 64 and (kernel - rate) % 2 == 0


def _damaged_config() -> VoiceError:
    return VoiceError(
        "This voice file describes a network of an unknown shape; it is damaged or made for "
        "another program.",
    )
