"""Audio formats that can be read: suffixes and containers, and how to name other files."""

from typing import BinaryIO

from rvc.errors import AudioError
from rvc.messages import Message

# One list, for folders on the command line and for the page's file boxes.
SUFFIXES = (
    *(".wav", ".wave", ".flac", ".mp3", ".m4a", ".ogg", ".oga", ".opus", ".webm", ".weba", ".mp4"),
    *(".aac", ".aif", ".aiff", ".aifc", ".wma", ".mka", ".mkv", ".mov", ".caf", ".amr", ".awb"),
    *(".3gp", ".3ga", ".3g2", ".w64", ".rf64", ".bwf", ".au", ".snd", ".m4b", ".m4r", ".m4v"),
    *(".avi", ".flv", ".mpg", ".mpeg", ".ts", ".m2ts", ".mts", ".vob", ".wmv", ".asf", ".ogv"),
    *(".mp1", ".mp2", ".mpa", ".spx", ".wv", ".tta", ".ape", ".mpc", ".mp+", ".tak", ".shn"),
    *(".ac3", ".eac3", ".dts", ".mlp", ".thd", ".dsf", ".dff", ".qt", ".voc", ".sph"),
    *(".adts", ".afc", ".f4a", ".f4v", ".isma", ".m2a", ".ogx", ".divx"),
)

# FFmpeg's names of the allowed containers. None of them opens further files, and each is recognised
# by a magic number: some excluded ones (amrnb, loas) accept plain text as audio.
CONTAINERS = (
    "wav,w64,aiff,au,caf,flac,mp3,ogg,mov,mp4,m4a,matroska,webm,aac,asf,amr,avi,mpegts,mpeg,flv,wv,"
    "tta,ape,mpc,mpc8,tak,shn,ac3,eac3,dts,dtshd,truehd,mlp,dsf,iff,voc,nistsphere,xwma,ircam"
)


def unsupported() -> AudioError:
    """Return the error for an unsupported audio format."""
    return AudioError(
        "This kind of sound file is not supported; save it as WAV, FLAC, MP3, M4A or OGG.",
    )


def damaged() -> AudioError:
    """Return the error for an audio file of which nothing can be read."""
    return AudioError(
        "This file is damaged or was cut short, and cannot be read.",
    )


def what_it_is(file: BinaryIO) -> AudioError:
    """Return the error for an unreadable file; it names the kind that the first bytes suggest."""
    file.seek(0)
    head = file.read(1024)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if _begins_like_sound(head):
        return damaged()
    kinds = (
        (text.startswith((b"<!doctype", b"<html")), Message("a web page")),
        (text.startswith((b"#extm3u", b"ffconcat", b"[playlist]")), Message("a playlist")),
        (
            head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")),
            Message("an archive or a voice file"),
        ),
        (
            head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")),
            Message("an image"),
        ),
        (b"\0" not in head, Message("text")),
    )
    for matches, kind in kinds:
        if matches:
            return AudioError(
                "This is not a sound file (it looks like {kind}).",
                kind=kind,
            )
    return unsupported()


def _begins_like_sound(head: bytes) -> bool:
    if head[8:12] == b"WEBP":
        return False
    beginnings = (
        *(b"RIFF", b"RF64", b"RIFX", b"riff", b"FORM", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"ID3"),
        *(b"caff", b".snd", b"#!AMR", b"FLV\x01", b"wvpk", b"TTA1", b"MAC ", b"MP+", b"MPCK"),
        *(b"tBaK", b"ajkg", b"DSD ", b"FRM8", b"\x30\x26\xb2\x75", b"\0\0\1\xba", b"\x0bw"),
        *(b"\x7f\xfe\x80\x01", b"Creative Voice", b"NIST_1A"),
    )
    return head.startswith(beginnings) or head[4:8] == b"ftyp"
