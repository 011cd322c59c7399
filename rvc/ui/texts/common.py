"""Words of the frame around the tabs: (English, Korean)."""

TEXTS = {
    "tagline": (
        "Train a voice from a few clean minutes, then speak with it.",
        "깨끗한 녹음 몇 분으로 목소리를 배우고, 그 목소리로 말합니다.",
    ),
    "tab_record": ("1 · Record", "1 · 녹음"),
    "tab_clean": ("2 · Clean", "2 · 정리"),
    "tab_report": ("3 · Report", "3 · 진단"),
    "tab_train": ("4 · Train", "4 · 학습"),
    "tab_convert": ("5 · Convert", "5 · 변환"),
    "starting": ("Starting …", "시작하는 중 …"),
    "queue_place": (
        "Waiting for your turn: {ahead} ahead of you.",
        "차례를 기다리는 중: 앞에 {ahead}개.",
    ),
    "cancel": ("Cancel", "취소"),
    "stopped": (
        "Stopped. Everything made before is still there.",
        "멈췄습니다. 이전 작업은 그대로 있습니다.",
    ),
    "unexpected": (
        "Something went wrong inside the program. The log tells more; please try again.",
        "프로그램 안에서 문제가 생겼습니다. 자세한 내용은 로그에 있습니다. 다시 시도해 주세요.",
    ),
    "reload_page": (
        "This page is too old; please reload it.",
        "페이지가 오래되었습니다. 새로 고침해 주세요.",
    ),
    "data_title": ("Your data", "내 데이터"),
    "data_local": (
        "Recordings and voices stay on this computer, in the program's own folder. "
        "Nothing is sent anywhere.",
        "녹음과 목소리는 이 컴퓨터의 프로그램 폴더에만 있습니다. 어디로도 보내지 않습니다.",
    ),
    "data_public": (
        "Your recordings and voices can be reached from this browser only, and are deleted "
        "after {days} days without a visit. Download a voice you want to keep.",
        "녹음과 목소리는 이 브라우저에서만 볼 수 있고, {days}일 동안 방문이 없으면 지워집니다. "
        "남기고 싶은 목소리는 내려받아 두세요.",
    ),
    "data_delete": ("Delete my recordings and results", "내 녹음과 결과 모두 지우기"),
    "data_deleted": ("Everything was deleted.", "모두 지웠습니다."),
    "data_sure": (
        "Delete all recordings, reports and results? This cannot be undone.",
        "녹음, 진단, 결과를 모두 지울까요? 되돌릴 수 없습니다.",
    ),
    "ai_note": (
        "Converted speech is AI-generated and says so in its file. "
        "Use only voices whose owner agreed.",
        "변환한 음성은 AI가 만든 것이며 파일에 그렇게 표시됩니다. 주인이 허락한 목소리만 쓰세요.",
    ),
    "time_seconds": ("time (s)", "시간(초)"),
}
