"""Words of the first tab: (English, Korean)."""

TEXTS = {
    "record_lead": (
        "Add recordings of one voice. Five clean minutes beat an hour of noisy audio: "
        "a quiet room, a hand's width from the microphone.",
        "한 사람의 목소리를 녹음하거나 올려 주세요. 시끄러운 한 시간보다 깨끗한 5분이 낫습니다. "
        "조용한 방에서 마이크에 한 뼘 거리로 말해 주세요.",
    ),
    "record_here": ("Record here", "여기서 녹음"),
    "record_upload": ("Or add files", "파일 올리기"),
    "upload_label": (
        "Sound or video files (WAV, MP3, M4A, FLAC, OGG, WebM, MP4)",
        "소리·영상 파일 (WAV, MP3, M4A, FLAC, OGG, WebM, MP4)",
    ),
    "takes_title": ("Your recordings", "내 녹음"),
    "takes_none": (
        "Nothing here yet. Record a minute or drop a file above.",
        "아직 녹음이 없습니다. 위에서 1분쯤 녹음하거나 파일을 올려 주세요.",
    ),
    "takes_total": (
        "{count} recordings, {time} in all.",
        "녹음 {count}개, 모두 {time}.",
    ),
    "takes_total_one": ("1 recording, {time}.", "녹음 1개, {time}."),
    "takes_enough": (
        "That is plenty. Go on to cleaning.",
        "충분합니다. 정리로 넘어가세요.",
    ),
    "takes_more": (
        "{time} more makes a good voice; you can go on with less.",
        "{time}쯤 더 있으면 좋은 목소리가 됩니다. 지금 넘어가도 됩니다.",
    ),
    "take_play": ("Listen", "듣기"),
    "take_delete": ("Delete", "삭제"),
    "take_player": ("Listening to a recording", "녹음 듣기"),
    "take_problem": ("{name}: {problem}", "{name}: {problem}"),
    "take_name": ("Recording {number}", "녹음 {number}"),
    "take_processed": (
        "The browser kept its own processing on ({what}); the sound may pump or lose its highs. "
        "Another browser, or a file, is better.",
        "브라우저가 자체 처리({what})를 끄지 않았습니다. 소리가 울렁이거나 높은 소리가 "
        "사라질 수 있으니 다른 브라우저나 파일을 쓰는 편이 낫습니다.",
    ),
    "take_raw": (
        "Recorded without any processing by the browser.",
        "브라우저의 소리 처리 없이 그대로 녹음했습니다.",
    ),
    "processing_agc": ("automatic gain", "자동 볼륨"),
    "processing_ns": ("noise suppression", "잡음 억제"),
    "processing_ec": ("echo cancelling", "에코 제거"),
    "next_clean": ("Next: clean them", "다음: 정리하기"),
    # Words the recorder's script shows; it gets this part of the table whole.
    "rec_start": ("Record", "녹음 시작"),
    "rec_stop": ("Stop", "녹음 끝내기"),
    "rec_device": ("Microphone", "마이크"),
    "rec_default": ("Default microphone", "기본 마이크"),
    "rec_idle": ("Press Record and read the sentence.", "녹음을 누르고 문장을 읽어 주세요."),
    "rec_wait": ("Asking for the microphone …", "마이크를 요청하는 중 …"),
    "rec_quiet": ("Too quiet: come closer.", "너무 작습니다. 가까이 와 주세요."),
    "rec_good": ("Good level.", "알맞은 크기입니다."),
    "rec_loud": ("Too loud: peaks are cut.", "너무 큽니다. 소리가 깨집니다."),
    "rec_saving": ("Saving …", "저장하는 중 …"),
    "rec_saved": ("Saved below.", "아래에 저장했습니다."),
    "rec_denied": (
        "No access to the microphone. Allow it in the browser's address bar, or add a file.",
        "마이크를 쓸 수 없습니다. 주소창에서 허용하거나 파일을 올려 주세요.",
    ),
    "rec_insecure": (
        "This browser gives the microphone only to https or localhost pages. Add a file instead.",
        "이 주소에서는 브라우저가 마이크를 내주지 않습니다(https 또는 localhost 필요). "
        "파일을 올려 주세요.",
    ),
    "rec_failed": (
        "The take could not be saved; please try again.",
        "녹음을 저장하지 못했습니다. 다시 시도해 주세요.",
    ),
    "rec_next": ("Another sentence", "다른 문장"),
    "rec_read": ("Read aloud, as you would speak", "평소 말하듯 소리 내어 읽어 보세요"),
    "rec_level": ("Input level", "입력 크기"),
}

# Sentences to read: our own, with many different sounds, calm and lively in turn.
PROMPTS_EN = (
    "On a grey Thursday morning the ferry left early, and nobody on the pier seemed to mind.",
    "Would you rather chase a yellow kite up the hill, or watch it fly away over the water?",
    "My uncle keeps five fresh oranges, a jar of ginger and a very old radio on his shelf.",
    "Careful! The bridge is slippery, the rope is short, and the dog still wants to play.",
    "She thought about the house by the lake, its blue doors, and the noise of rain at night.",
    "Just measure the flour twice, whisk the eggs, and leave the dough near the warm oven.",
    "What a strange thing to hear: a choir of frogs singing under the village church.",
    "They walked through the pine woods in silence, then laughed all the way back home.",
)
PROMPTS_KO = (
    "흐린 목요일 아침, 배는 조금 일찍 떠났고 부두에는 갈매기 두 마리만 남았습니다.",
    "노란 연을 따라 언덕을 뛰어오를까요, 아니면 물 위로 날아가는 모습을 지켜볼까요?",
    "우리 삼촌은 선반 위에 귤 다섯 개와 생강차, 그리고 아주 오래된 라디오를 둡니다.",
    "조심하세요! 다리는 미끄럽고 밧줄은 짧은데, 강아지는 아직도 놀고 싶어 합니다.",
    "호숫가의 파란 대문과 밤새 지붕을 두드리던 빗소리가 문득 떠올랐습니다.",
    "밀가루를 두 번 재고 달걀을 휘저은 다음, 따뜻한 화덕 곁에 반죽을 놓아두세요.",
    "마을 교회 밑에서 개구리들이 합창을 하다니, 참 별난 일도 다 있네요.",
    "소나무 숲을 말없이 걷다가 돌아오는 길에는 내내 웃음이 끊이지 않았습니다.",
)
