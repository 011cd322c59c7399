"""Telling what a file is when it is not the voice it was given as."""

from rvc.errors import VoiceError
from rvc.untrusted.pickles import damaged_voice

MAX_VOICE_BYTES = 600_000_000

# First bytes -> what it looks like, in English and Korean.
MAGIC = (
    (b"RIFF", "a sound file", "소리 파일"),
    (b"ID3", "a sound file", "소리 파일"),
    (b"fLaC", "a sound file", "소리 파일"),
    (b"OggS", "a sound file", "소리 파일"),
    (b"\xff\xfb", "a sound file", "소리 파일"),
    (b"\x89PNG", "a picture", "그림 파일"),
    (b"\xff\xd8\xff", "a picture", "그림 파일"),
    (b"GIF8", "a picture", "그림 파일"),
    (b"%PDF", "a PDF", "PDF 문서"),
    (b"Rar!", "a RAR archive; unpack it first", "RAR 압축 파일, 먼저 풀어 주세요"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first", "7z 압축 파일, 먼저 풀어 주세요"),
    (b"\x1f\x8b", "a gzip archive; unpack it first", "gzip 압축 파일, 먼저 풀어 주세요"),
    (b"IwFl", "an index; choose it beside its voice", "인덱스 파일, 음성과 함께 고르세요"),
    (b"IxF", "an index; choose it beside its voice", "인덱스 파일, 음성과 함께 고르세요"),
    (
        b"version https://git-lfs",
        "a link to a file kept elsewhere",
        "다른 곳의 파일을 가리키는 링크",
    ),
    (b"<", "a web page", "웹 페이지"),
)
PICKLE_STARTS = (b"PK", b"\x80")


def check_first_bytes(head: bytes) -> None:
    """VoiceError naming what the file looks like, unless it may be a torch file."""
    if not head:
        raise VoiceError("The voice file is empty.", "음성 파일이 비어 있습니다.")
    if head.startswith(PICKLE_STARTS):
        return
    looks = next(((en, ko) for magic, en, ko in MAGIC if head.startswith(magic)), None)
    if looks is None and head.lstrip()[:1] == b"<":
        looks = ("a web page", "웹 페이지")
    if looks is None and _is_text(head):
        looks = ("a text", "텍스트")
    if looks is None:
        raise VoiceError("This is not a voice file.", "음성 파일이 아닙니다.")
    raise VoiceError(
        f"This is not a voice file (it looks like {looks[0]}).",
        f"음성 파일이 아닙니다({looks[1]}).",
    )


def _is_text(head: bytes) -> bool:
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in head)
    return printable == len(head)


def check_contents(content: object) -> dict[str, object]:
    """The table of weights; VoiceError naming what the checkpoint is when it is no voice."""
    if not isinstance(content, dict):
        raise _no_voice()
    if "weight" not in content:
        if "model" in content and ("optimizer" in content or "iteration" in content):
            raise VoiceError(
                "This is a training checkpoint (G_... or D_...), not a finished voice. Take the "
                "small .pth that the trainer saved in its 'weights' folder.",
                "완성된 음성이 아니라 학습용 체크포인트(G_... 또는 D_...)입니다. 학습 프로그램의 "
                "'weights' 폴더에 저장된 작은 .pth를 고르세요.",
            )
        raise _no_voice()
    weights = content["weight"]
    if not isinstance(weights, dict) or not all(isinstance(name, str) for name in weights):
        raise damaged_voice()
    vocoder = content.get("vocoder")
    _check_decoder(weights, vocoder if isinstance(vocoder, str) else "")
    return weights


def _check_decoder(weights: dict[str, object], vocoder: str) -> None:
    refine = ("dec.upsample_blocks.", "dec.downsample_blocks.")
    if "refinegan" in vocoder.lower() or any(name.startswith(refine) for name in weights):
        raise _other_vocoder("RefineGAN")
    if "mrf" in vocoder.lower() or any(name.startswith("dec.mrfs.") for name in weights):
        raise _other_vocoder("MRF HiFi-GAN")


def _other_vocoder(name: str) -> VoiceError:
    return VoiceError(
        f"This voice was made for Applio's vocoder '{name}', which is not supported here. Ask its "
        "maker for one with the usual HiFi-GAN.",
        f"Applio의 '{name}' 보코더용 음성이라 쓸 수 없습니다. 일반 HiFi-GAN 음성을 구하세요.",
    )


def _no_voice() -> VoiceError:
    return VoiceError(
        "This file holds a network, but no voice. A voice is a .pth made by RVC or Applio.",
        "신경망 파일이지만 음성이 아닙니다. RVC나 Applio로 만든 .pth가 음성입니다.",
    )
