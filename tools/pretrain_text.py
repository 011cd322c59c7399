"""Sentences for synthetic voices, generated from small grammars, deterministic for a seed.

Statements, questions, exclamations, numbers, names and lists in English, Japanese and Korean, so
that every sound of the language occurs in many contexts and with many intonations.
"""

import re
from collections.abc import Iterator

import numpy as np

ENGLISH = {
    "S": [
        "The {adj} {thing} {past} {place} {when}.",
        "{name} {past} the {adj} {thing} {place}.",
        "Did {name} really say that the {thing} was {adj}?",
        "Why would a {person} {do} {when}?",
        "{name} and {name2} want to {do} {place}, but the {person} says no.",
        "Please bring {num} {things}, a {adj} {thing}, and something to drink.",
        "I never thought that {ing} could be so {adj}!",
        "Where were you when the {person} began to {do}?",
        "On {day} the {num2} train leaves at {hour}, not at {hour2}.",
        "What a {adj} {thing}!",
        "If you {do} {when}, the {person} will be {adj}.",
        "{ing} is {adj}, while {ing2} is just a {adj2} habit.",
        "She measured {num} point {digit} meters of {adj} {stuff}.",
        "Oh, {name}, how could you forget the {things}?",
        "Neither the {person} nor the {thing} was {adj} enough {when}.",
        "We paid {num} dollars for {stuff}, {stuff2}, and a {thing}.",
        "Yes, of course; the {person} usually {past2} {place}.",
        "There is hardly any {stuff} left, so let us {do} {place}.",
        "Could you {do} with the {adj} {person}, or is {day} better?",
        "Room {num} is {place}, past the {adj} {thing}.",
    ],
    "adj": "quiet,yellow,rusty,enormous,fragile,cheap,joyful,awkward,purple,thirsty,genuine,vague,"
    "smooth,crunchy,unusual,hollow,brave,ancient,shy,thick,warm,beige,damp,sharp,foolish,royal,"
    "weird,zealous,curious,lazy,bright,loud,tough,gentle,orange,clever",
    "thing": "bridge,violin,jar,measuring cup,window,engine,pigeon,treasure,youth hostel,kettle,"
    "garage,cloud,feather,voice,judge's chair,oyster,lighthouse,watch,thumb,zipper,map,bathtub,"
    "shovel,vision,chessboard,mirror,guitar,yacht,cough,wheel,square,oil lamp,leather shoe",
    "things": "apples,gloves,envelopes,cherries,maps,oranges,bridges,knives,toothbrushes,wishes,"
    "eggs,photographs,boxes,yoyos,months,clothes",
    "person": "teacher,jeweler,fisherman,usher,nurse,young thief,weaver,engineer,astronaut,butcher,"
    "mother,lawyer,stranger,choir boy,queen,physician,zookeeper,guard",
    "name": "Margaret,Joshua,Yolanda,Victor,Sheila,Ethan,Beatrice,George,Thelma,Oscar,Ruth,Hugh,"
    "Phoebe,Zachary,Paul,Leila,Charlotte,Igor",
    "past": "vanished,was hidden,fell over,stood,broke down,had been waiting,shook,began to hum,"
    "was thrown,burned,was found,kept singing,slid,froze",
    "past2": "sleeps,laughs,reads,cooks fish,whispers,changes shoes,chews gum,goes jogging",
    "place": "behind the church,near the frozen lake,under the bridge,in the dusty attic,"
    "by the sea,"
    "on the third shelf,outside the theater,at the edge of the village,between two hedges,"
    "across the road,beyond the vineyard,in front of the old mill,upstairs",
    "when": "after lunch,before sunrise,last Thursday,in the middle of the night,every other year,"
    "during the storm,at half past five,just now,once in a while,without a word,yesterday",
    "do": "sing,measure the floor,catch the early bus,throw a party,choose a path,wash the dishes,"
    "boil potatoes,fix the voice mail,laugh out loud,join the choir,enjoy the view,forge a key,"
    "push the button,think it over,row across the bay,vote,judge a book by its cover",
    "ing": "Swimming,Baking bread,Waiting for news,Juggling,Watching birds,Telling the truth,"
    "Shouting,Reading poetry,Growing mushrooms,Fixing clocks,Playing the oboe",
    "stuff": "wool,cheese,rope,leather,orange juice,sugar,silver wire,fresh fish,yogurt,mahogany,"
    "sawdust,chocolate,vinegar,honey,thread",
    "day": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
    "num": "three,seven,eleven,fifteen,twenty-two,thirty-eight,forty-four,fifty-six,sixty,"
    "seventy-nine,ninety-one,one hundred and five,two thousand and twelve,four hundred",
    "digit": "one,two,five,six,eight,nine,zero",
    "hour": "six fifteen,nine o'clock,ten thirty,quarter to eight,noon,twelve forty,eleven oh five",
}
JAPANESE = {
    "S": [
        "{time}、{person}は{place}で{adj}{thing}を見つけました。",
        "{person}と{person2}は{place}へ行きますか。",
        "どうして{adj}{thing}を買ったのですか。",
        "{place}の{thing}は{num}円です。",
        "{adj}{thing}と{adj2}{thing2}、どちらが好きですか。",
        "{time}は{place}で{thing}を食べながら、{person}とゆっくり話しました。",
        "ああ、{person}、{thing}を忘れないでください。",
        "{person}は{thing}がとても上手だそうです。",
        "もし{time}雨が降ったら、{place}には行きません。",
        "電話番号は{num}の{num2}です。",
        "なんて{adj}{thing}でしょう。",
        "{place}まで{num}分ぐらいかかりますが、急げば間に合うと思います。",
        "{person}が作った{thing}は、本当に{adj}味がしました。",
        "いいえ、{time}ではなく、{time2}です。",
        "すみません、{place}の近くに{thing}の店はありませんか。",
    ],
    "time": "昨日の夜,今朝,来週の水曜日,毎年の夏休み,さっき,午後三時,去年の冬,明日,日曜日,"
    "真夜中,夕方",
    "person": "先生,友だち,妹,山田さん,お医者さん,佐藤さん,警察官,隣のおばあさん,弟,中村くん,"
    "料理人,留学生,社長,若い画家",
    "place": "駅前,公園,図書館,病院,北海道,動物園,大阪,山の上,静かな港,郵便局,市場,空港,九州,"
    "古いお寺,東京,地下鉄,教室,横浜",
    "adj": "古い,小さな,きれいな,不思議な,新しい,赤い,とても高い,ずいぶん重い,面白い,甘い,珍しい,"
    "立派な,柔らかい,冷たい,懐かしい,便利な",
    "thing": "時計,写真,うどん,自転車,ぎょうざ,傘,ピアノ,人形,お茶,りんご,辞書,切符,卵焼き,帽子,"
    "パソコン,手紙,急須,百合の花,チョコレート,着物,味噌汁,絵本,ひょうたん,牛乳,ジャム",
    "num": "百二十,三千五百,四十七,八,六百九十,二万,五十一,七十八,千百,十三",
}
KOREAN = {
    "S": [
        "{time} {person} {place} {adj} {thing} 찾았습니다.",
        "{person} 왜 {place} {adj} {thing} 샀어요?",
        "{thing} 하나에 {num} 원입니다.",
        "{time} 비가 오면 {place} 가지 않을 거예요.",
        "아이고, {adj} {thing} 또 잊어버렸네!",
        "{place} {thing} 먹으면서 {person} 이야기를 들었어요.",
        "전화번호는 {num}, {num2}입니다.",
        "{time} 말고 {time2} 만나면 어떨까요?",
        "정말 {adj} 노래를 {person} 불렀습니다.",
        "괜찮아요, {place} 걸어서 {num} 분이면 됩니다.",
        "{adj} {thing} 빨리 가져와 주세요.",
        "저는 {time} 일찍 일어나서 {thing} 끓였습니다.",
    ],
    "time": "어제 저녁에,오늘 아침,다음 주 수요일에,작년 겨울,방금,내일 오후 세 시에,"
    "일요일마다,한밤중에",
    "person": "친구가,선생님이,동생이,할머니께서,옆집 아저씨가,의사가,김 과장님이,"
    "젊은 화가가,경찰이",
    "place": "시장에서,학교 앞에서,부산에서,도서관에,공원 벤치에서,지하철역까지,병원 옆에,"
    "바닷가에서,"
    "서울에서,카페에,높은 산에",
    "adj": "오래된,작은,예쁜,빨간,무거운,재미있는,따뜻한,깨끗한,낯선,비싼,똑똑한,시원한,짧은",
    "thing": "국수를,시계를,사진을,자전거를,우산을,편지를,떡볶이를,꽃을,찌개를,책을,컵을,빵을,"
    "휴대폰을,의자를,쌀을,귤을",
    "num": "백이십,삼천오백,사십칠,육백구십,이만,오십일,천백,칠십팔,십삼",
}
GRAMMARS = {"en": ENGLISH, "ja": JAPANESE, "ko": KOREAN}


def sentences(language: str, seed: int) -> Iterator[str]:
    """Yield endless sentences of `language` ("en", "ja", "ko"); each pattern once per round."""
    grammar = GRAMMARS[language]
    words = {name: text.split(",") for name, text in grammar.items() if name != "S"}
    rng = np.random.default_rng([seed, sorted(GRAMMARS).index(language)])
    while True:
        for i in rng.permutation(len(grammar["S"])):
            yield fill(grammar["S"][i], words, rng)


def fill(pattern: str, words: dict[str, list[str]], rng: np.random.Generator) -> str:
    """Return the pattern with {slot} and {slot2} replaced by words, without repeating a word."""
    used: set[str] = set()

    def word(match: re.Match[str]) -> str:
        choices = [w for w in words.get(match[1], words.get(match[1][:-1], [])) if w not in used]
        used.add(choice := choices[rng.integers(len(choices))])
        return choice

    sentence = re.sub(r"\{(\w+)\}", word, pattern)
    sentence = re.sub(r"\b([Aa]) (?=[aeiouAEIO])(?!(?:use|uni|Eu|one))", r"\1n ", sentence)
    return sentence[0].upper() + sentence[1:]
