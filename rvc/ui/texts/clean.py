"""Words of the second tab: (English, Korean)."""

TEXTS = {
    "clean_lead": (
        "Noise, hum, echo, mouth clicks and long pauses are taken out before the voice is learned. "
        "Your original is never changed.",
        "잡음, 험, 울림, 입소리, 긴 침묵을 배우기 전에 걷어 냅니다. 원본은 바뀌지 않습니다.",
    ),
    "strength": ("How much", "세기"),
    "strength_off": ("Off", "끄기"),
    "strength_light": ("Light", "약하게"),
    "strength_standard": ("Standard", "보통"),
    "strength_strong": ("Strong", "강하게"),
    "strength_info": (
        "Standard repairs only what it measures; good audio is left alone.",
        "‘보통’은 측정된 문제만 고치고, 좋은 소리는 그대로 둡니다.",
    ),
    "trim": ("Shorten long pauses", "긴 침묵 줄이기"),
    "repairs_allowed": ("Repairs that may run", "쓸 수 있는 복원"),
    "repairs_info": (
        "Each runs only where its own measure asks for it.",
        "각각 필요하다고 측정된 곳에서만 작동합니다.",
    ),
    "repairs_more": ("Choose the repairs", "복원 고르기"),
    "repair_high_pass": ("Rumble", "저음 웅웅거림"),
    "repair_hum": ("Mains hum", "전원 험"),
    "repair_clicks": ("Mouth clicks", "입소리"),
    "repair_echo": ("Room echo", "방 울림"),
    "repair_noise": ("Noise", "잡음"),
    "repair_gate": ("Harm check", "손상 확인"),
    "repair_level": ("Level", "음량"),
    "repair_trim": ("Pauses", "침묵"),
    "clean_go": ("Clean all recordings", "모든 녹음 정리"),
    "clean_nothing": (
        "There is no recording yet. Add one in the first tab.",
        "아직 녹음이 없습니다. 첫 번째 탭에서 추가해 주세요.",
    ),
    "clean_waiting": (
        "Press the button to clean {count} recordings ({time}).",
        "버튼을 누르면 녹음 {count}개({time})를 정리합니다.",
    ),
    "clean_of": ("{name} ({number} of {count})", "{name} ({count}개 중 {number}번째)"),
    "clean_problem": ("{name} was left out: {problem}", "{name}은(는) 뺐습니다: {problem}"),
    "clean_done": (
        "{count} recordings cleaned: {before} became {after}.",
        "녹음 {count}개를 정리했습니다: {before} → {after}.",
    ),
    "clean_no_speech": (
        "{name}: no speech was found. It was left as it is and is not counted.",
        "{name}: 말소리를 찾지 못했습니다. 그대로 두고 분량에 넣지 않습니다.",
    ),
    "clean_stale": (
        "Some recordings are not cleaned yet.",
        "아직 정리하지 않은 녹음이 있습니다.",
    ),
    "clean_which": ("Recording", "녹음"),
    "clean_before": ("Before", "정리 전"),
    "clean_after": ("After", "정리 후"),
    "clean_removed": ("What was removed", "걷어 낸 소리"),
    "clean_loudness": (
        "Before and after play equally loud, so that louder does not pass for better.",
        "두 소리는 같은 크기로 들립니다. 커진 소리를 좋아진 소리로 착각하지 않도록요.",
    ),
    "clean_repairs": ("What was done", "무엇을 했나요"),
    "clean_spectrograms": ("Spectrograms", "스펙트로그램"),
    "clean_original": ("Use the original of this recording", "이 녹음은 원본 그대로 쓰기"),
    "next_report": ("Next: the report", "다음: 진단 보기"),
    "spectrogram_alt": ("Spectrogram, {what}", "스펙트로그램, {what}"),
}
