"""Durations as a person reads them."""


def clock(seconds: float) -> str:
    """Return minutes and seconds as "3:20"; hours appear when there are any."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"
