"""The reading transcript, as CommonMark readers see it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from result_text import failed, problem, said, shown, term, written

from include.processing.outputs_screen import bare
from include.processing.reading_transcript_markup import clock, escaped, escaped_line
from include.processing.types import Cue, Segment

COMMON = MarkdownIt("commonmark")
GITHUB = MarkdownIt("gfm-like")  # links what looks like one; tables, strikethrough


def markdown(*arguments, **options):
    return written(*arguments, **options)["transcript.md"]


def blocks(text):
    """What a reader sees: (kind, text) of each block; bold as **, links as <URL>."""
    found, kinds = [], []
    for token in COMMON.parse(text):
        if token.type.endswith("_open"):
            kinds.append(token.tag)
        elif token.type.endswith("_close"):
            kinds.pop()
        elif token.type == "inline":
            kind = next((k for k in ("blockquote", "li", "h1", "h2") if k in kinds), "p")
            found.append((kind, inline(token.children)))
        elif token.type == "hr":
            found.append(("hr", ""))
    return found


def inline(tokens):
    marks = {"strong_open": "**", "strong_close": "**", "em_open": "_", "em_close": "_", "hardbreak": "\n"}
    return "".join(f"<{t.attrs['href']}>" if t.type == "link_open" else marks.get(t.type, t.content) for t in tokens)


def test_a_lecture():
    talk = [
        said(0.5, "Welcome to the harbour."),
        said(4.0, "This clock counts."),
        said(21.0, "Old paper rolls were measured."),
    ]
    screen = [
        shown(0.0, 12.0, "• A float in a well", title="The tide"),
        shown(12.0, 20.0, "• A float in a well", "• A pen on a drum", title="The tide"),
        shown(20.0, 40.0, "• Last winter", title="Old paper"),
        shown(40.0, 50.0, "• A float in a well", title="The tide"),
    ]
    assert blocks(markdown(talk, screen, duration=754.0)) == [
        ("h1", "talk.mp4"),
        ("p", "Length 12:34 · language en"),
        ("h2", "Contents"),
        ("li", "<talk.mp4#t=0>0:00 The tide"),
        ("li", "<talk.mp4#t=20>0:20 Old paper"),
        ("li", "<talk.mp4#t=40>0:40 The tide"),
        ("hr", ""),
        ("h2", "<talk.mp4#t=0>0:00 The tide"),
        ("blockquote", "• A float in a well"),
        ("p", "<talk.mp4#t=0>0:00 Welcome to the harbour. This clock counts."),
        ("blockquote", "<talk.mp4#t=12>0:12\n• A pen on a drum"),
        ("h2", "<talk.mp4#t=20>0:20 Old paper"),
        ("blockquote", "• Last winter"),
        ("p", "<talk.mp4#t=21>0:21 Old paper rolls were measured."),
        ("h2", "<talk.mp4#t=40>0:40 The tide"),
    ]


def test_speakers_are_named_where_the_voice_changes():
    talk = [said(0.0, "Did you see it?", "Ann"), said(2.0, "No.", "Bob *x*"), said(3.0, "I slept.", "Bob *x*")]
    assert blocks(markdown(talk))[2:] == [
        ("p", "<talk.mp4#t=0>0:00 **Ann:** Did you see it?"),
        ("p", "<talk.mp4#t=2>0:02 **Bob *x*:** No. I slept."),
    ]
    alone = [said(0.0, "Did you see it?", "Ann"), said(20.0, "No.", "Ann")]
    assert blocks(markdown(alone))[2:] == [
        ("p", "<talk.mp4#t=0>0:00 Did you see it?"),
        ("p", "<talk.mp4#t=20>0:20 No."),
    ]


def test_terms_said_and_shown_are_bold_once_in_a_section():
    talk = [said(0.0, "Use Kafka, then (Zookeeper) and kafka."), said(40.0, "Kafka again.")]
    terms = [
        term(0.3, 0.57, "Kafka", "Kafka,"), term(0.9, 1.17, "ZooKeeper", "(Zookeeper)"),
        term(1.5, 1.77, "Kafka", "kafka."), term(40.0, 40.27, "Kafka"),
    ]  # fmt: skip
    screen = [shown(0.0, 39.0, "x", title="Queues"), shown(39.0, 60.0, "y", title="Logs")]
    spoken = [text for kind, text in blocks(markdown(talk, screen, terms=terms)) if kind == "p"][1:]
    assert spoken == [
        "<talk.mp4#t=0>0:00 Use **Kafka**, then (**Zookeeper**) and kafka.",
        "<talk.mp4#t=40>0:40 **Kafka** again.",
    ]


@pytest.mark.parametrize(
    ("text", "term_of", "expected"),
    [
        pytest.param("私はカフカを使う。", "カフカ", "私は**カフカ**を使う。", id="japanese"),
        pytest.param("מה זה קפקא בכלל", "קפקא", "מה זה **קפקא** בכלל", id="hebrew"),
    ],
)
def test_terms_in_other_scripts(text, term_of, expected):
    letters = [c for c in text if c.isalnum()]
    start = 10.0 * len([c for c in text[: text.index(term_of)] if c.isalnum()]) / len(letters)
    terms = [term(start, start + 10.0 * len(term_of) / len(letters), term_of)]
    assert blocks(markdown([Segment(0.0, 10.0, text, 0.9)], terms=terms))[2] == ("p", f"<talk.mp4#t=0>0:00 {expected}")


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        pytest.param(
            {"sound": None, "language": None},
            ["the video has no sound", "no text was seen on the screen"],
            id="empty",
        ),
        pytest.param({"language": None}, ["nobody speaks", "no text was seen on the screen"], id="silent"),
        pytest.param(
            {"picture": None, "speech": [said(0, "Hello.")]},
            ["language en", "the file has no picture"],
            id="sound-only",
        ),
        pytest.param(
            {"sound": None, "language": None, "screen": [shown(0, 5, "One")]},
            ["the video has no sound"],
            id="picture-only",
        ),
        pytest.param(
            {"sound": None, "timeline": [Cue(1.0, 2.0, "Hello.", None, "subtitle")]},
            ["language en", "the video has no sound", "the words are those of the file's subtitles",
             "no text was seen on the screen"],
            id="only-subtitles",
        ),
    ],
)  # fmt: skip
def test_what_there_is_not(options, facts):
    found = blocks(markdown(**options))
    assert found[1] == ("p", " · ".join(["Length 1:40", *facts]))
    assert [kind for kind, _ in found[2:]] == ["p"] * ("speech" in options or "timeline" in options) + [
        "blockquote"
    ] * ("screen" in options)


def test_subtitles_are_what_is_said_where_nobody_was_heard():
    cues = [Cue(1.0, 2.0, "Hello.", None, "subtitle"), Cue(2.2, 3.0, "You there?", None, "subtitle")]
    assert blocks(markdown(timeline=cues, sound=None))[2:] == [("p", "<talk.mp4#t=1>0:01 Hello. You there?")]


def test_what_is_missing_stands_at_the_top_and_in_its_place():
    talk = [said(0.0, "Before the gap."), said(70.0, "After the gap.")]
    found = blocks(
        markdown(
            talk,
            status="partial",
            coverage=[failed(10.0, 40.0, "BUDGET_SPENT: [x](y)"), failed(40.0, 60.0, "no answer")],
            problems=[
                problem("CHUNK_FAILED", "transcribe failed: no <answer>", 40.0, 60.0),
                problem("LOW_QUALITY_ENGINE", "sphinx: expect wrong words"),
                problem("GAP", "a gap", 1.0, 2.0),
            ],
        )
    )
    assert found[2:] == [
        ("p", "**This transcript is incomplete.** What is missing:"),
        ("li", "<talk.mp4#t=40>0:40–1:00: transcribe failed: no <answer>"),
        ("li", "<talk.mp4#t=10>0:10–0:40: the speech (BUDGET_SPENT: [x](y))"),
        ("p", "Note: sphinx: expect wrong words."),
        ("p", "result.json has 1 more remark on its quality."),
        ("p", "<talk.mp4#t=0>0:00 Before the gap."),
        ("p", "_<talk.mp4#t=10>0:10–0:40: what was said here is missing_"),
        ("p", "_<talk.mp4#t=40>0:40–1:00: what was said here is missing_"),
        ("p", "<talk.mp4#t=70>1:10 After the gap."),
    ]


def test_paragraphs():
    """A pause, a long monologue at the end of a sentence, and one without any."""
    sentence = "The well keeps waves out and lets the tide in every single day of the long year."
    talk = [said(30.0 * i, sentence, pace=1.8) for i in range(20)]
    found = [text for kind, text in blocks(markdown(talk)) if kind == "p"][1:]
    assert [len(re.findall("The well", text)) for text in found] == [8, 8, 4]
    endless = [said(0.0, "tide " * 700, pace=0.1)]
    assert [len(text.split()) - 1 for text in (t for k, t in blocks(markdown(endless))[2:])] == [300, 300, 100]
    pauses = [said(0.0, sentence * 3), said(20.0, "Short."), said(24.0, "Shorter."), said(40.0, "Last.")]
    assert [text.split(" ", 1)[1] for _, text in blocks(markdown(pauses))[2:]] == [
        sentence * 3, "Short. Shorter.", "Last."
    ]  # fmt: skip


def test_a_link_of_the_callers_own():
    text = markdown([said(5.0, "Hello.")], link=lambda seconds: f"https://x.test/v?a=(1)&t={seconds:.1f} <b>")
    assert blocks(text)[2] == ("p", "<https://x.test/v?a=%281%29&t=5.0%20%3Cb%3E>0:05 Hello.")


@pytest.mark.parametrize(
    ("seconds", "shown_as"),
    [
        (0.0, "0:00"), (59.999, "0:59"), (60.0, "1:00"), (754.0, "12:34"), (3600.0, "1:00:00"),
        (36_061.0, "10:01:01"), (-1.0, "0:00"),
    ],
)  # fmt: skip
def test_clock(seconds, shown_as):
    assert clock(seconds) == shown_as


@pytest.mark.parametrize(
    ("text", "in_markdown"),
    [
        pytest.param(
            "It's 3.5 metres (or so): e.g. snake_case!", "It's 3.5 metres (or so): e.g. snake_case!", id="plain"
        ),
        pytest.param("<b>&amp;", r"\<b\>\&amp;", id="html"),
        pytest.param("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)", id="links"),
        pytest.param("*a* _b_ __c__ ~d~ `e`", r"\*a\* \_b\_ \_\_c\_\_ \~d\~ \`e\`", id="emphasis"),
        pytest.param("see http://x.com/a", r"see http:/\/x\.com/a", id="address"),
        pytest.param("www.example.org", r"www\.example\.org", id="host"),
        pytest.param("a@b.de", r"a\@b\.de", id="mail"),
        pytest.param("config.json", "config.json", id="file"),
        pytest.param("a\\", r"a\\", id="backslash"),
        pytest.param("C# $5 | {{x}}", r"C\# \$5 \| \{\{x\}\}", id="what-renderers-add"),
    ],
)
def test_escaped(text, in_markdown):
    assert escaped(text) == in_markdown


@pytest.mark.parametrize(
    ("text", "in_markdown"),
    [
        ("# x", r"\# x"), ("- x", r"\- x"), ("+ x", r"\+ x"), ("1. x", r"1\. x"), ("12) x", r"12\) x"),
        ("=====", r"\====="),
        ("---", r"\---"), ("> x", r"\> x"), ("1.5 x", r"1\.5 x"), ("1849 The", "1849 The"), ("    x", "x"),
    ],
)  # fmt: skip
def test_escaped_at_the_start_of_a_line(text, in_markdown):
    assert escaped_line(text) == in_markdown


ODD = ["http://a.co", "www.a.com", "a@b.com", "](x)", "</p>", "\u202e", "é", "語", "a", "1."]
FOREIGN = st.lists(
    st.sampled_from([*"\\`*_{}[]()<>#+-.!|~&:@=$\"'/ \n\t", *ODD]) | st.characters(codec="utf-8"), max_size=25
).map("".join)
OURS = """\
# {0} x

> x\\
> {1}\\
> y

- [0:00](u) {0}

**b{0}b**
"""


@settings(deadline=None, max_examples=300)
@given(FOREIGN)
@pytest.mark.parametrize("reader", [COMMON, GITHUB], ids=["commonmark", "github"])
def test_nothing_of_the_video_is_markup(reader, text):
    """Wherever text of the video stands, readers find it as it is, and nothing else."""
    text = bare(text)
    tokens = reader.parse(OURS.format(escaped(text), escaped_line(text) or "z"))
    kinds = {"heading", "paragraph", "blockquote", "bullet_list", "list_item", "inline"}
    assert {re.sub("_(open|close)$", "", token.type) for token in tokens} == kinds
    assert [inline(token.children) for token in tokens if token.type == "inline"] == [
        f"{text} x".strip(),
        f"x\n{text or 'z'}\ny",
        f"<u>0:00 {text}".strip(),
        f"**b{text}b**",
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(FOREIGN, min_size=1, max_size=4), FOREIGN, FOREIGN)
def test_a_whole_transcript_has_no_links_but_ours(lines, filename, name):
    talk = [said(1.0, lines[0], name), said(30.0, lines[-1], "B")]
    text = markdown(
        talk, [shown(0, 20, *lines, title=lines[0]), shown(20, 40, title=lines[-1])], filename=filename or "f"
    )
    tokens = GITHUB.parse(text)
    links = {t.attrs["href"] for token in tokens for t in token.children or () if t.type == "link_open"}
    assert all(re.search(r"#t=\d+$", link) for link in links)
    assert not any(t.type in ("html_inline", "image", "code_inline") for token in tokens for t in token.children or ())
    assert not any(t.type in ("html_block", "fence", "code_block", "table_open") for t in tokens)
