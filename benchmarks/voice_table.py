"""The table of benchmarks/voice_quality.py: scores with their judges and bars."""

ROWS = (  # section, score, judge, bar, goal
    ("korean", "distillmos_against_source", "DistillMOS", -0.25, -0.10),
    ("own", "distillmos_against_source", "DistillMOS", -0.20, -0.10),
    ("korean", "words_above_source", "Whisper base, jamo", 0.025, 0.015),
    ("english", "words_above_source", "Whisper tiny.en", 0.03, 0.015),
    ("korean", "identity", "Resemblyzer, one level", 0.97, 0.99),
    ("english", "identity", "Resemblyzer, one level", 0.80, 0.88),
    ("korean", "identity_as_recorded", "Resemblyzer", None, None),
    ("english", "identity_as_recorded", "Resemblyzer", None, None),
    ("korean", "dnsmos_against_source", "DNSMOS OVRL", 0.0, 0.1),
    ("english", "dnsmos_against_source", "DNSMOS OVRL", 0.0, 0.1),
    ("moods", "f0_correlation", "swift-f0", 0.95, 0.98),
    ("moods", "loudness_correlation", "level", 0.85, 0.9),
    ("korean", "unvoiced_level_bias_db", "level", None, None),
    ("korean", "voicing_error", "swift-f0", None, None),
    ("korean", "pause_db", "level", None, None),
    ("korean", "real_time_factor", "clock", 0.12, 0.08),
    ("english", "real_time_factor", "clock", 0.12, 0.08),
)


def print_table(scores: dict[str, object]) -> None:
    """Print the rows that have bars, with their judges, then every score of every section."""
    print(f"target {scores['target']}, {scores['training']}, silence {scores['silence_db']:.0f} dB")
    print(f"{'section':9}{'score':28}{'judge':24}{'measured':>9}{'bar':>8}{'goal':>8}")
    for section, name, judge, bar, goal in ROWS:
        value = scores.get(section, {}).get(name)
        if value is not None:
            limits = "".join(f"{x:8.3f}" if x is not None else f"{'':8}" for x in (bar, goal))
            print(f"{section:9}{name:28}{judge:24}{value:9.3f}{limits}")
    for section, values in scores.items():
        if isinstance(values, dict) and section != "training":
            print(section, {name: round(v, 3) for name, v in values.items() if v is not None})
