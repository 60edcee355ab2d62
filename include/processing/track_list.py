"""What a container says about its sound and subtitle tracks: codec, language, title, and what each is meant for."""

import re

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.subtitles.stream import SubtitleStream

from include.processing.container import sound_stream
from include.processing.errors import one_line
from include.processing.types import SoundTrack, SubtitleTrack

LONGEST_TITLE = 80

# no plain sound of the video: somebody talks about it, describes it, or nobody talks at all
ASIDE = (
    Disposition.comment
    | Disposition.visual_impaired
    | Disposition.descriptions
    | Disposition.clean_effects
    | Disposition.karaoke
)
_ASIDE_TITLE = re.compile(
    r"com+ent|kommentar|descri[bp]|audio ?deskription|hörfilm|music (and|&) effects|\bm ?& ?e\b|karaoke|instrumental",
    re.IGNORECASE,
)
_FORCED_TITLE = re.compile(r"\bforced\b|\berzwungen|\bforcés?\b|\bforzad[oa]s?\b", re.IGNORECASE)
_NO_TITLE = re.compile(r"handler|handle\b|core media|iso media", re.IGNORECASE)  # muxers put their own name there

# ISO 639-1, and the codes of ISO 639-2 for it, as containers write them
_LANGUAGES = """
aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel bg:bul bh:bih bi:bis
bm:bam bn:ben bo:bod/tib br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:ces/cze cu:chu cv:chv cy:cym/wel da:dan
de:deu/ger dv:div dz:dzo ee:ewe el:ell/gre en:eng eo:epo es:spa et:est eu:baq/eus fa:fas/per ff:ful fi:fin fj:fij
fo:fao fr:fra/fre fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat hu:hun
hy:arm/hye hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:ice/isl it:ita iu:iku ja:jpn jv:jav ka:geo/kat
kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat lb:ltz lg:lug
li:lim ln:lin lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mao/mri mk:mac/mkd ml:mal mn:mon mr:mar ms:may/msa mt:mlt
my:bur/mya na:nau nb:nob nd:nde ne:nep ng:ndo nl:dut/nld nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm
or:ori os:oss pa:pan pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron/rum ru:rus rw:kin sa:san sc:srd sd:snd
se:sme sg:sag si:sin sk:slk/slo sl:slv sm:smo sn:sna so:som sq:alb/sqi sr:srp ss:ssw st:sot su:sun sv:swe sw:swa
ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd
uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid yo:yor za:zha zh:chi/zho zu:zul
"""
_CODES = {three: two for two, codes in (entry.split(":") for entry in _LANGUAGES.split()) for three in codes.split("/")}


def sound_tracks(container: InputContainer) -> tuple[SoundTrack, ...]:
    """Those that can be decoded; `default` is the one that `sound_stream` picks."""
    usual = sound_stream(container)
    return tuple(
        _track(number, stream, default=stream == usual)
        for number, stream in enumerate(container.streams.audio)
        if stream.codec_context is not None
    )


def _track(number: int, stream: AudioStream, default: bool) -> SoundTrack:
    title = _title(stream.metadata)
    return SoundTrack(
        index=number,
        codec=stream.codec_context.codec.canonical_name,
        channels=stream.codec_context.channels,
        language=track_language(stream.metadata.get("language")),
        title=title,
        default=default,
        aside=bool(stream.disposition & ASIDE or _ASIDE_TITLE.search(title or "")),
    )


def subtitle_streams(container: InputContainer) -> list[tuple[int, SubtitleStream]]:
    """Those that can be decoded, to text or to pictures, each with its number among all subtitle streams."""
    return [
        (number, stream)
        for number, stream in enumerate(container.streams.subtitles)
        if stream.codec_context is not None
        and (stream.codec_context.codec.text_sub or stream.codec_context.codec.bitmap_sub)
    ]


def subtitle_tracks(container: InputContainer) -> tuple[SubtitleTrack, ...]:
    return tuple(_subtitle_track(number, stream) for number, stream in subtitle_streams(container))


def _subtitle_track(number: int, stream: SubtitleStream) -> SubtitleTrack:
    codec, title = stream.codec_context.codec, _title(stream.metadata)
    return SubtitleTrack(
        index=number,
        codec=codec.canonical_name,
        language=track_language(stream.metadata.get("language")),
        title=title,
        default=bool(stream.disposition & Disposition.default),
        forced=bool(stream.disposition & Disposition.forced or _FORCED_TITLE.search(title or "")),
        pictures=codec.bitmap_sub,
    )


def _title(metadata: dict[str, str]) -> str | None:
    """MP4 files have it as the name of the track's handler."""
    title = metadata.get("title") or metadata.get("handler_name") or ""
    return None if _NO_TITLE.search(title) else one_line(title)[:LONGEST_TITLE] or None


def track_language(said: str | None) -> str | None:
    """`deu`, `ger`, `de-AT` → `de`; a code without an ISO 639-1 one stays; None where nothing is said."""
    code = re.split(r"[-_]", (said or "").strip().lower())[0]
    if code in ("", "und", "mul", "mis", "zxx") or not re.fullmatch("[a-z]{2,3}", code):
        return None
    return _CODES.get(code, code)
