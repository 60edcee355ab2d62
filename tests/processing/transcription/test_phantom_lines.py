"""Lines that recognisers are known to invent: what was said stays."""

import pytest
from answers import answer, codes, deaf, hears, segment, texts, voiced

from include.processing.transcription import phantoms
from include.processing.transcription.checks import checked
from include.processing.types import Segment, Span, Word

CREDITS = [
    "Subtitles by the Amara.org community",
    "Transcription by CastingWords",
    "Transcribed by https://otter.ai",
    "Untertitel der Amara.org-Community",
    "Untertitelung des ZDF, 2020",
    "Untertitel im Auftrag des ZDF für funk, 2017",
    "Untertitel von Stephanie Geiges",
    "Copyright WDR 2021",
    "Sous-titres réalisés para la communauté d'Amara.org",
    "Sous-titrage Société Radio-Canada",
    "Sous-titrage ST' 501",
    "Subtítulos realizados por la comunidad de Amara.org",
    "Legendas pela comunidade Amara.org",
    "Sottotitoli creati dalla comunità Amara.org",
    "Sottotitoli e revisione a cura di QTSS",
    "Ondertitels ingediend door de Amara.org gemeenschap",
    "Napisy stworzone przez społeczność Amara.org",
    "Titulky vytvořil JohnyX",
    "Субтитры сделал DimaTorzok",
    "Субтитры создавал DimaTorzok",
    "Редактор субтитров А.Семкин Корректор А.Егорова",
    "Altyazı M.K.",
    "Undertexter från Amara.org-gemenskapen",
    "Tekstet av Nicolai Winther",
    "Scandinavian Text Service 2018",
    "Υπότιτλοι AUTHORWAVE",
    "字幕由Amara.org社区提供",
    "中文字幕志願者 李宗盛",
    "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
    "한글자막 by 한효정",
    "ترجمة نانسي قنقر",
    "www.mooji.org",
    "[Music]",
    "[BLANK_AUDIO]",
    "*laughter*",
    "【音楽】",
    "♪♪♪",
]


@pytest.mark.parametrize("line", CREDITS)
def test_what_nobody_says_goes_though_there_is_voice(line):
    """Alone, after what was said and before it, with a stop and without."""
    for said in ([line], ["He said so.", line], [f"{line}.", "He said so."], [f"He said so. {line}"]):
        segments = answer(*said)
        kept, problems = checked(segments, voiced(segments), segments[-1].end, hears((0, 60)))
        assert texts(kept) == (["He said so."] if len(said) + said[0].startswith("He") > 1 else []), said
        assert set(codes(problems)) == {"ASR_PHANTOM"}


@pytest.mark.parametrize(
    "text",
    [
        "Subtitles by default are off.",
        "I like the Untertitel des ZDF.",
        "We make the subtitles with the people of amara.org.",
        "Die Untertitel sind von Hand gemacht.",
        "Субтитры сделал мой брат.",
        "字幕很好。",
        "And now (music) it starts.",
        "The subtitles are made by the community.",
        "We love ZDF.",
    ],
)
def test_what_sounds_like_a_credit_stays(text):
    segments = answer(text)
    assert checked(segments, voiced(segments), segments[-1].end) == (segments, ())


PHRASES = [
    "Thank you for watching.",
    "Thanks for watching!",
    "Please subscribe to my channel.",
    "Vielen Dank fürs Zuschauen!",
    "Merci d'avoir regardé cette vidéo !",
    "¡Gracias por ver el vídeo!",
    "Obrigado por assistir.",
    "Grazie per la visione",
    "Bedankt voor het kijken.",
    "Dziękuję za uwagę.",
    "Продолжение следует...",
    "Дякую за перегляд!",
    "İzlediğiniz için teşekkür ederim.",
    "Tack för att ni tittade.",
    "ご視聴ありがとうございました",
    "시청해주셔서 감사합니다.",
    "谢谢观看",
    "شكرا للمشاهدة",
    "देखने के लिए धन्यवाद",
    "ขอบคุณที่รับชม",
    "Cảm ơn các bạn đã theo dõi.",
]


def long_enough(phrase):
    return max(1.2, len(phrase) / 12)


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_that_was_said_stays(phrase):
    """At the end of a video, over its second of voice, alone and after other words; and over the music of its end."""
    end = 4 + long_enough(phrase)
    alone, after = (segment(phrase, 4, end),), (segment("He said so.", 1, 3), segment(phrase, 4, end))
    assert checked(alone, [Span(4, end)], end + 0.3) == (alone, ())
    assert checked(after, [Span(1, 3), Span(4, end)], end + 0.3) == (after, ())
    assert checked(after, [Span(1, 3), Span(4, end)], end + 0.3, hears((1, 3), (4, end))) == (after, ())
    assert checked(alone, [Span(0, 20)], 20.0, hears((4, end))) == (alone, ())


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize(
    ("islands", "ear"),
    [
        pytest.param([(0.3, 0.4)], None, id="hardly-any-voice"),
        pytest.param([(0.3, 27)], None, id="half-a-minute-of-sound-for-three-words"),
        pytest.param([(0.3, 27)], deaf, id="over-music"),
        pytest.param([(0.3, 3)], deaf, id="over-a-noise-as-long-as-the-phrase"),
        pytest.param([(0.3, 27)], hears((5, 5.2)), id="over-music-with-something-like-a-voice"),
    ],
)
def test_a_whole_answer_that_nobody_said_goes(phrase, islands, ear):
    segments = (segment(phrase, 0.3, islands[0][1]),)
    kept, problems = checked(segments, [Span(*i) for i in islands], 27.3, ear)
    assert kept == ()
    assert set(codes(problems)) <= {"ASR_PHANTOM", "ASR_TOO_FAST"}


@pytest.mark.parametrize(
    ("start", "end", "islands", "ear"),
    [
        pytest.param(4.1, 9.0, [(1, 4)], None, id="over-silence"),
        pytest.param(4.1, 9.0, [(1, 4), (6, 6.1)], None, id="over-a-click"),
        pytest.param(4.1, 9.0, [(1, 9)], hears((1, 4)), id="over-music-after-speech"),
        pytest.param(4.2, 5.6, [(1, 9)], hears((1, 4.3)), id="over-music-as-long-as-it-takes"),
    ],
)
def test_a_phrase_that_hangs_at_the_end_goes(start, end, islands, ear):
    said = (segment("He said so.", 1, 4), segment("Thank you for watching.", start, end))
    kept, problems = checked(said, [Span(*i) for i in islands], 9.0, ear)
    assert kept == said[:1]
    assert codes(problems) in (["ASR_PHANTOM"], ["ASR_NO_VOICE"])


def test_a_phrase_at_the_end_of_a_segment_goes_alone():
    whole = segment("He said so. Thank you for watching.", 1, 9)
    times = [(1, 1.5), (1.5, 2), (2, 2.5), (2.6, 9), (2.6, 9), (2.6, 9), (2.6, 9)]
    words = tuple(Word(a, b, w.text, 0.8) for (a, b), w in zip(times, whole.words, strict=True))
    said = Segment(1, 9, whole.text, 0.9, "A", words)
    (kept,), (problem,) = checked((said,), [Span(1, 2.5), Span(4, 8)], 9.0, hears((1, 2.5)))
    assert kept == Segment(1, 2.5, "He said so.", 0.9, "A", words[:3])
    assert (problem.code, problem.start, problem.end) == ("ASR_PHANTOM", 2.6, 9)
    assert "“Thank you for watching.”" in problem.message


def test_a_phrase_in_two_segments_goes_whole():
    said = (segment("He said so Thank you", 1, 4), segment("for watching.", 4.1, 9))
    (kept,), (problem,) = checked(said, [Span(1, 4)], 9.0, hears((1, 4)))
    assert kept.text == "He said so"
    assert "“Thank you for watching.”" in problem.message


def test_a_phrase_laid_over_the_noise_after_speech_goes():
    """Half of it was laid over the end of what was said."""
    said = (
        segment("He said so.", 1, 3),
        Segment(3, 9, "Thank you.", None, None, (Word(3, 3.4, "Thank"), Word(3.4, 9, "you."))),
    )
    watching = Segment(
        3, 9, "Thanks for watching.", words=(Word(3, 3.6, "Thanks"), Word(3.6, 3.8, "for"), Word(3.8, 9, "watching."))
    )
    islands = [Span(1, 4), *(Span(t, t + 0.15) for t in (5, 6, 7, 8.5))]
    assert checked((said[0], watching), islands, 9.0, hears((1, 3.9)), laid=True)[0] == said[:1]
    assert checked((said[0], watching), islands, 9.0, hears((1, 4.4)), laid=True)[0] == (said[0], watching)


@pytest.mark.parametrize(
    ("said", "laid", "expected"),
    [
        pytest.param(["Thank you."], True, [], id="whole-answer"),
        pytest.param(["you"], True, [], id="you"),
        pytest.param(["谢谢大家"], True, [], id="chinese"),
        pytest.param(["He said so.", "Thank you."], False, ["He said so.", "Thank you."], id="segment-of-its-own"),
        pytest.param(["He said so.", "Thank you."], True, ["He said so.", "Thank you."], id="its-place-is-ours"),
        pytest.param(["He said: thank you."], False, ["He said: thank you."], id="inside-a-segment"),
    ],
)
def test_a_word_or_two_is_suspected_only_alone(said, laid, expected):
    """The sound: speech in the first second, then music."""
    segments = answer(*said)
    speech = (0.0, segments[0].end if len(said) > 1 or said[0].startswith("He") else 0.0)
    kept, _ = checked(segments, [Span(0, 6)], 6.0, hears(speech), laid=laid)
    assert texts(kept) == expected


def test_a_word_over_seconds_of_music_goes():
    said = (segment("He said so.", 0, 1), segment("Thank you.", 1.1, 6))
    assert checked(said, [Span(0, 6)], 6.0, hears((0, 1)))[0] == said[:1]
    assert checked(said, [Span(0, 6)], 6.0, hears((0, 1), (4, 4.5))) == (said, ())


def test_a_word_or_two_laid_in_parts_is_still_the_whole_answer():
    said = (segment("Thank", 0, 0.3), segment("you.", 4, 4.3))
    assert checked(said, [Span(0, 0.3), Span(4, 4.3)], 5.0, deaf, laid=True)[0] == ()


def test_a_real_thank_you_stays():
    said = answer("Thank you.")
    assert checked(said, [Span(0, 0.7)], 1.0, hears((0.1, 0.6))) == (said, ())


def test_the_lists_are_in_one_form():
    lists = phantoms.phrases() | phantoms.words()
    assert all(entry and entry == phantoms.squashed(entry) for entry in lists)
    assert max(map(len, lists)) < phantoms.LONGEST
    assert not any(phantoms.credit().fullmatch(entry) for entry in lists)
    assert not phantoms.phrases() & phantoms.words()
