"""Names of languages: as people write them (ISO 639-1, BCP 47) → Tesseract's packs → other engines' names."""

import re

from include.processing.errors import PermanentError

# ISO 639-1 → Tesseract's names (ISO 639-2/T, with its own for Chinese)
TESSERACT_LANGUAGES = {
    "af": "afr", "ar": "ara", "az": "aze", "be": "bel", "bg": "bul", "bn": "ben", "bs": "bos", "ca": "cat",
    "cs": "ces", "cy": "cym", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "et": "est",
    "eu": "eus", "fa": "fas", "fi": "fin", "fr": "fra", "ga": "gle", "gl": "glg", "he": "heb", "hi": "hin",
    "hr": "hrv", "hu": "hun", "hy": "hye", "id": "ind", "is": "isl", "it": "ita", "ja": "jpn", "ka": "kat",
    "kk": "kaz", "ko": "kor", "la": "lat", "lb": "ltz", "lt": "lit", "lv": "lav", "mk": "mkd", "ms": "msa",
    "mt": "mlt", "nb": "nor", "nl": "nld", "nn": "nor", "no": "nor", "oc": "oci", "pl": "pol", "pt": "por",
    "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv", "sq": "sqi", "sr": "srp", "sv": "swe", "sw": "swa",
    "ta": "tam", "te": "tel", "th": "tha", "tl": "tgl", "tr": "tur", "uk": "ukr", "ur": "urd", "uz": "uzb",
    "vi": "vie", "zh": "chi_sim",
}  # fmt: skip
# what a script or a country makes of a language
VARIANTS = {
    "zh-hant": "chi_tra", "zh-tw": "chi_tra", "zh-hk": "chi_tra", "zh-mo": "chi_tra", "zh-hans": "chi_sim",
    "sr-latn": "srp_latn", "az-cyrl": "aze_cyrl", "uz-cyrl": "uzb_cyrl", "bs-cyrl": "srp", "mn-cyrl": "mon",
}  # fmt: skip
DEFAULT_LANGUAGE = "eng"
# The packs whose letters PP-OCRv6 small knows: no Cyrillic, Greek accents, Vietnamese, Arabic, Hebrew, Thai, Korean
PPOCR_READS = frozenset({
    "afr", "aze", "bos", "cat", "ces", "chi_sim", "chi_tra", "cym", "dan", "deu", "eng", "est", "eus", "fin", "fra",
    "gle", "glg", "hrv", "hun", "ind", "isl", "ita", "jpn", "lat", "lav", "lit", "ltz", "mlt", "msa", "nld", "nor",
    "oci", "pol", "por", "ron", "slk", "slv", "spa", "sqi", "srp_latn", "swa", "swe", "tgl", "tur", "uzb",
})  # fmt: skip
_EASYOCR = {"chi_sim": "ch_sim", "chi_tra": "ch_tra", "srp": "rs_cyrillic", "srp_latn": "rs_latin"}


def packs(language: str | None) -> tuple[str, ...]:
    """`en+de`, `en,de`, `zh-Hant`, `en-GB` or Tesseract's own `deu` → names of packs, each once; None → English."""
    names = [name for name in re.split(r"[+,\s]+", language or "") if name] or [DEFAULT_LANGUAGE]
    return tuple(dict.fromkeys(map(_pack, names)))


def tesseract_language(language: str | None) -> str:
    return "+".join(packs(language))


def _pack(name: str) -> str:
    parts = name.lower().replace("_", "-").split("-")
    variant = next((VARIANTS[f"{parts[0]}-{p}"] for p in parts[1:] if f"{parts[0]}-{p}" in VARIANTS), None)
    return variant or TESSERACT_LANGUAGES.get(parts[0], name)


def ppocr_reads(language: str | None) -> bool:
    return PPOCR_READS.issuperset(packs(language))


def easyocr_languages(language: str | None) -> list[str]:
    """EasyOCR's names, ISO 639-1 with its own for Chinese and Serbian."""
    back = {pack: iso for iso, pack in reversed(TESSERACT_LANGUAGES.items())} | {"nor": "no"} | _EASYOCR
    return [back.get(pack, pack) for pack in packs(language)]


def missing_pack(pack: str) -> PermanentError:
    other = " or use the engine rapidocr" if pack in PPOCR_READS else ""
    return PermanentError(
        "OCR_LANGUAGE",
        f"Tesseract has no language data '{pack}' here",
        f"install it (Debian: apt-get install tesseract-ocr-{pack.replace('_', '-')}){other}",
    )


def unreadable(engine: str, language: str | None) -> PermanentError:
    unknown = ", ".join(f"'{pack}'" for pack in packs(language) if pack not in PPOCR_READS)
    return PermanentError(
        "OCR_LANGUAGE",
        f"{engine} cannot read {unknown}: it knows Latin letters, Chinese and Japanese",
        f"use the engine tesseract with its language data ({tesseract_language(language)})",
    )
