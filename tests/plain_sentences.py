"""Check that a message for the user is one plain sentence."""

import re

from rvc.errors import RVCError

# What no message for the user may contain: a path, a library, a class, a dtype.
JARGON = re.compile(
    r"/tmp|/home|/work|\.py\b|Traceback|Error\b|torch|numpy|pickle|faiss|zipfile|safetensors|"
    r"\b(IwFl|IwPQ|IxPQ|IHNf|ilod|il00|ilar)\b|0x[0-9a-f]+|<class|NoneType",
    re.I,
)


def check_sentence(error: RVCError) -> None:
    """Assert that the error is a short sentence in both languages, without jargon."""
    for sentence in (str(error.text), error.text.in_language("ko")):
        assert sentence and "\n" not in sentence and len(sentence) < 400
        assert not JARGON.search(sentence), sentence
    assert re.search("[가-힣]", error.text.in_language("ko")) and not re.search(
        "[가-힣]", str(error.text)
    )
