"""Words of the third tab: (English, Korean)."""

TEXTS = {
    "report_lead": (
        "What the model would learn from your recordings, second by second.",
        "모델이 내 녹음에서 무엇을 배우게 될지, 초 단위로 보여 줍니다.",
    ),
    "report_go": ("Make the report", "진단하기"),
    "report_none": (
        "No report yet. Press the button; recordings that are not cleaned yet are cleaned first.",
        "아직 진단이 없습니다. 버튼을 누르면 정리하지 않은 녹음부터 정리한 뒤 진단합니다.",
    ),
    "report_stale": (
        "The recordings have changed since this report; make it again.",
        "이 진단 뒤에 녹음이 바뀌었습니다. 다시 진단해 주세요.",
    ),
    "verdict_ready": ("Ready to train", "학습할 준비가 됐습니다"),
    "verdict_usable": ("Usable", "쓸 만합니다"),
    "verdict_again": ("Better record again", "다시 녹음하는 편이 좋습니다"),
    "report_usable": ("usable", "쓸 수 있는 음성"),
    "report_of": ("of {time}", "전체 {time}"),
    "report_score": ("score", "점수"),
    "report_segments": ("Every piece, and what becomes of it", "조각마다 어떻게 되는지"),
    "report_segments_info": (
        "Training uses exactly what is kept or up for review. Listen, and overrule where you "
        "disagree.",
        "‘사용’과 ‘확인 필요’인 조각만 학습에 쓰입니다. 들어 보고 판단이 다르면 바꿔 주세요.",
    ),
    "segment_player": ("The chosen piece", "고른 조각"),
    "segment_fine": ("nothing to complain about", "문제없음"),
    "segment_play": ("Listen to piece {number}", "{number}번 조각 듣기"),
    "segment_keep": ("Keep", "사용"),
    "segment_drop": ("Drop", "제외"),
    "segment_overruled": ("your choice", "직접 고름"),
    "decision_keep": ("kept", "사용"),
    "decision_review": ("review", "확인 필요"),
    "decision_drop": ("dropped", "제외"),
    "segments_none": ("No speech was found.", "말소리를 찾지 못했습니다."),
    "export_json": ("Save as JSON", "JSON으로 저장"),
    "export_html": ("Save as a page (HTML)", "HTML 문서로 저장"),
    "next_train": ("Next: train", "다음: 학습"),
}
