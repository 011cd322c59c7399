"""Words of the fifth tab: (English, Korean)."""

TEXTS = {
    "convert_lead": (
        "Say it with your own voice; hear it in another.",
        "내 목소리로 말하면 다른 목소리로 들려줍니다.",
    ),
    "voice": ("Voice", "목소리"),
    "voice_none": (
        "There is no voice yet. Train one, or import one below.",
        "아직 목소리가 없습니다. 학습하거나 아래에서 가져와 주세요.",
    ),
    "voice_demo": ("{name} (demo)", "{name} (데모)"),
    "source": ("What to convert", "바꿀 소리"),
    "pitch": ("Pitch", "음높이"),
    "pitch_auto": ("Automatic", "자동"),
    "pitch_manual": ("By hand", "직접"),
    "pitch_info": (
        "Automatic moves your pitch to the voice's own range.",
        "자동은 내 음높이를 그 목소리의 음역으로 옮깁니다.",
    ),
    "semitones": ("Semitones (12 = one octave up)", "반음 (12 = 한 옥타브 위)"),
    "advanced": ("Advanced", "고급 설정"),
    "index_rate": ("Index rate", "인덱스 비율"),
    "index_rate_info": (
        "How far pronunciation leans on the trained recordings: more likeness, less clarity.",
        "발음을 학습한 녹음 쪽으로 당기는 정도. 높이면 더 닮고, 덜 또렷해집니다.",
    ),
    "index_default": (
        "Choose the index rate by the recording",
        "녹음에 맞춰 인덱스 비율 자동 선택",
    ),
    "protect": ("Protect consonants", "자음 보호"),
    "protect_info": (
        "Keeps breaths and voiceless consonants natural; 0.5 is off.",
        "숨소리와 무성 자음을 자연스럽게 둡니다. 0.5는 끄기.",
    ),
    "loudness_mix": ("Loudness mix", "음량 섞기"),
    "loudness_mix_info": (
        "1 keeps the voice's own loudness, 0 follows your recording's.",
        "1은 목소리의 음량 그대로, 0은 내 녹음의 음량을 따릅니다.",
    ),
    "convert_go": ("Convert", "변환"),
    "convert_working": ("Converting", "변환하는 중"),
    "convert_no_source": (
        "Record or upload what should be converted first.",
        "먼저 바꿀 소리를 녹음하거나 올려 주세요.",
    ),
    "result": ("Result", "결과"),
    "result_none": (
        "The result appears here, with its pitch drawn below.",
        "여기에 결과가 나오고, 아래에 음높이가 그려집니다.",
    ),
    "result_took": (
        "{time} of sound in {seconds} s.",
        "{time} 길이의 소리를 {seconds}초에 바꿨습니다.",
    ),
    "result_ai": ("AI-generated voice", "AI로 생성한 음성"),
    "f0_title": ("Pitch of source and result", "원본과 결과의 음높이"),
    "f0_source": ("source", "원본"),
    "f0_result": ("result", "결과"),
    "manage": ("Import, export or delete a voice", "목소리 가져오기·내보내기·삭제"),
    "import_label": (
        "A voice of RVC-WebUI or Applio: .pth (with its .index), or a .zip of both",
        "RVC-WebUI나 Applio의 목소리: .pth(와 .index) 또는 둘을 담은 .zip",
    ),
    "import_consent": (
        "The owner of this voice agreed to its use.",
        "이 목소리의 주인이 사용을 허락했습니다.",
    ),
    "import_go": ("Import", "가져오기"),
    "import_none": ("Choose a .pth or .zip file first.", "먼저 .pth나 .zip 파일을 골라 주세요."),
    "import_many": (
        "Import one voice at a time: one .pth with at most one .index, or one .zip.",
        "한 번에 하나씩 가져와 주세요: .pth 하나(와 .index 하나), 또는 .zip 하나.",
    ),
    "import_done": ("“{name}” was imported.", "‘{name}’ 목소리를 가져왔습니다."),
    "export_prepare": ("Make a file of the voice above", "위 목소리를 파일로 만들기"),
    "export_file": ("Voice file", "목소리 파일"),
    "delete_voice": ("Delete the voice above", "위 목소리 삭제"),
    "delete_sure": (
        "Delete this voice? This cannot be undone.",
        "이 목소리를 지울까요? 되돌릴 수 없습니다.",
    ),
    "delete_done": ("“{name}” was deleted.", "‘{name}’ 목소리를 지웠습니다."),
    "delete_demo": (
        "A demo voice belongs to the program and cannot be deleted here.",
        "데모 목소리는 프로그램에 속해 있어 여기서 지울 수 없습니다.",
    ),
    "voice_version": ("made with", "만든 방식"),
    "voice_f0": ("usual pitch", "평소 음높이"),
    "voice_minutes": ("learned from", "학습한 음성"),
}
