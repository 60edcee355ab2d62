"""What is searched: passages, the words that occur in them, and how each language's words are told from each other."""

from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from include.processing.errors import PermanentError

revision = "0004"
down_revision = "0003"

EXTENSIONS = ("pg_trgm", "unaccent")

# ISO 639-1 -> what Postgres stems (since 16). All others are 'simple': words as they stand, without case and accents.
STEMMED = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
NOT_LATIN = frozenset({"arabic", "armenian", "greek", "hindi", "nepali", "russian", "serbian", "tamil", "yiddish"})

# Our own dictionaries know no stop words: what was said is found by its exact words ("to be or not to be"), and a word
# that is nothing in one language ("die") is one in another.
DICTIONARY = "CREATE TEXT SEARCH DICTIONARY reelscribe_{name} (TEMPLATE = pg_catalog.snowball, LANGUAGE = '{name}')"
SIMPLE = "CREATE TEXT SEARCH DICTIONARY reelscribe_simple (TEMPLATE = pg_catalog.simple)"
CONFIGURATION = """
CREATE TEXT SEARCH CONFIGURATION reelscribe_{name} (PARSER = pg_catalog.default);
ALTER TEXT SEARCH CONFIGURATION reelscribe_{name} ADD MAPPING FOR asciiword, asciihword, hword_asciipart
    WITH {unaccent}, reelscribe_{ascii};
ALTER TEXT SEARCH CONFIGURATION reelscribe_{name} ADD MAPPING FOR word, hword, hword_part
    WITH {unaccent}, reelscribe_{name};
ALTER TEXT SEARCH CONFIGURATION reelscribe_{name} ADD MAPPING FOR
    numword, numhword, hword_numpart, int, uint, float, sfloat, version, email, url, host, url_path, file
    WITH {unaccent}, reelscribe_simple;
"""

# Bodies in the standard's form are bound to what they name now: no search_path changes what is indexed.
FUNCTIONS = r"""
CREATE FUNCTION searchable(written text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN written ~ '[{alone}]'
    THEN regexp_replace(translate(left(written, 100000), E'{marks}', '{blanks}'), '([{alone}])', ' \1 ', 'g')
    ELSE translate(left(written, 100000), E'{marks}', '{blanks}') END;
COMMENT ON FUNCTION searchable IS
    'words without the signs that join them (file_name.py: three words), and one word for each character of a script '
    'that has no spaces, so that a part of such text is found as a phrase; a sign becomes a blank: only blanks differ';

CREATE FUNCTION search_configuration(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE language {languages} ELSE 'reelscribe_simple'::regconfig END;
COMMENT ON FUNCTION search_configuration IS 'of an ISO 639-1 code; null and what nobody stems: words as they stand';

CREATE FUNCTION search_facets(ordinal bigint, source text, confidence real, language text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[
    (ordinal >> 16)::integer,
    (1 << 24) + (ordinal >> 18)::integer,
    (2 << 24) + (ordinal >> 20)::integer,
    (3 << 24) + (ordinal >> 22)::integer,
    -1000 - 256 * ascii(coalesce(language, '')) - ascii(substr(coalesce(language, ''), 2, 1))
] || CASE WHEN source = 'subtitle' THEN ARRAY[-117] ELSE ARRAY[]::integer[] END
|| CASE
    WHEN confidence >= 0.95::real THEN ARRAY[-290, -295]
    WHEN confidence >= 0.9::real THEN ARRAY[-290]
    ELSE ARRAY[]::integer[] END;
CREATE FUNCTION search_alike(word text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN replace(replace(translate(word, '0i152869', 'ollszbbg'), 'rn', 'm'), 'vv', 'w');
COMMENT ON FUNCTION search_alike IS
    'letters and digits that readers of pictures take for each other become one; as in include/db/search_similar.py';

COMMENT ON FUNCTION search_facets IS
    'what a search is narrowed by inside of the index: blocks of 2^16, 2^18, 2^20 and 2^22 ordinals, so that the '
    'newest passages are looked at first and a very common word is not read to its end; then the language, subtitles, '
    'and high confidence. What most passages have is not worth it: reading its list takes longer than it saves. '
    'As in include/db/search_facets.py';
"""

TABLES = """
CREATE SEQUENCE passage_ordinals CACHE 1;
ALTER TABLE videos ADD COLUMN ordinal bigint;
COMMENT ON COLUMN videos.ordinal IS
    'place in the order of first publishing, counted in passages (with gaps); search looks at the greatest first';
CREATE UNIQUE INDEX videos_by_ordinal ON videos (ordinal);
CREATE INDEX videos_by_time_found ON videos (created_at) INCLUDE (ordinal) WHERE ordinal IS NOT NULL;

CREATE TABLE passages (
    video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    ordinal bigint NOT NULL,
    number integer NOT NULL,
    confidence real,
    start_seconds double precision NOT NULL,
    end_seconds double precision NOT NULL,
    source text NOT NULL CONSTRAINT passages_source CHECK (source IN ('speech', 'screen', 'subtitle')),
    language text,
    tsv tsvector NOT NULL GENERATED ALWAYS AS (setweight(
        to_tsvector(search_configuration(language), searchable(text)), 'A',
        tsvector_to_array(to_tsvector(search_configuration(language), searchable(both_text))))) STORED,
    both_tsv tsvector NOT NULL GENERATED ALWAYS AS
        (to_tsvector(search_configuration(language), searchable(both_text))) STORED,
    text text NOT NULL,
    both_text text NOT NULL DEFAULT '',
    marks integer[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (video_id, number)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE passages ALTER tsv SET STATISTICS 400;  -- which prefixes are common is told by it
COMMENT ON TABLE passages IS 'what is searched: a few sentences, or a page of the screen';
COMMENT ON COLUMN passages.ordinal IS 'of the video';
COMMENT ON COLUMN passages.both_text IS 'the words of it that were both said and shown';
COMMENT ON COLUMN passages.marks IS
    'offset in text, milliseconds of video time, offset, milliseconds, …: when what stands there was said or shown';
COMMENT ON COLUMN passages.tsv IS 'words both said and shown have weight A';

CREATE TABLE search_languages (language text PRIMARY KEY);
COMMENT ON TABLE search_languages IS 'that passages are in, or once were; empty: unknown';

CREATE TABLE search_words (word text COLLATE "C" PRIMARY KEY, alike text COLLATE "C" NOT NULL GENERATED ALWAYS AS
    (search_alike(word)) STORED);
COMMENT ON TABLE search_words IS 'every word that occurs in passages, or once did, without case and accents';
COMMENT ON COLUMN search_words.alike IS 'with letters that look alike as one: what was misread is found by it';
"""

INDEXES = """
CREATE INDEX passages_found ON passages
    USING gin (search_facets(ordinal, source, confidence, language), tsv, both_tsv)
    WITH (fastupdate = on, gin_pending_list_limit = 1024);
CREATE FUNCTION search_tidy() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
    SELECT pg_catalog.gin_clean_pending_list('passages_found'::regclass);
END;
COMMENT ON FUNCTION search_tidy IS
    'sorts what was inserted into the index: a search would read it from end to end. By the owner, whoever asks';
CREATE INDEX search_words_trigrams ON search_words USING gin (alike {trigrams}.gin_trgm_ops) WITH (fastupdate = off)
    WHERE length(alike) BETWEEN 3 AND 32;
CREATE INDEX search_words_by_alike ON search_words (alike);

CREATE FUNCTION search_near(sought text, most integer) RETURNS TABLE (word text, alike text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.word, s.alike FROM search_words s
    WHERE s.alike OPERATOR({trigrams}.%) search_alike(sought) AND length(s.alike) BETWEEN 3 AND 32
    ORDER BY {trigrams}.similarity(s.alike, search_alike(sought)) DESC, s.word LIMIT most;
END;
COMMENT ON FUNCTION search_near IS 'words that have most trigrams in common with it';
"""

# Text between the words: signs that join words and that Postgres' parser would keep (addresses, paths, fractions),
# and what no text has, which marks a hit in a headline.
MARKS = r"-_./\\:@#&+=~|<>*''’" + r"\x01\x02"
ALONE = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)


def upgrade() -> None:
    places = {name: _extension(name) for name in EXTENSIONS}
    unaccent = f"{places['unaccent']}.unaccent"
    op.execute(SIMPLE)
    op.execute(CONFIGURATION.format(name="simple", ascii="simple", unaccent=unaccent))
    for name in sorted(set(STEMMED.values())):
        op.execute(DICTIONARY.format(name=name))
    for name in sorted(set(STEMMED.values())):
        op.execute(CONFIGURATION.format(name=name, ascii="english" if name in NOT_LATIN else name, unaccent=unaccent))
    languages = " ".join(f"WHEN '{code}' THEN 'reelscribe_{name}'::regconfig" for code, name in STEMMED.items())
    blanks = " " * (len(MARKS.replace("\\\\", "\\").replace("''", "'")) - 2 * len(r"\x0"))
    _execute(FUNCTIONS.format(languages=languages, marks=MARKS, blanks=blanks, alone=ALONE))
    _execute(TABLES)
    _execute(INDEXES.format(trigrams=places["pg_trgm"]))


def downgrade() -> None:
    op.execute("DROP FUNCTION search_near, search_tidy")
    op.execute("DROP TABLE search_words, search_languages, passages")
    op.execute("DROP INDEX videos_by_time_found")
    op.execute("ALTER TABLE videos DROP COLUMN ordinal")
    op.execute("DROP SEQUENCE passage_ordinals")
    op.execute("DROP FUNCTION search_facets, search_alike, search_configuration, searchable")
    for name in sorted({"simple", *STEMMED.values()}):
        op.execute(f"DROP TEXT SEARCH CONFIGURATION reelscribe_{name}")
    for name in sorted({"simple", *STEMMED.values()}):
        op.execute(f"DROP TEXT SEARCH DICTIONARY reelscribe_{name}")


def _execute(statements: str) -> None:
    """As it stands: op.execute would take `:name` for a parameter."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))


def _extension(name: str) -> str:
    """The schema it is in; whoever made it. An administrator may have, where our role may not."""
    where = text("SELECT quote_ident(nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace"
                 " WHERE extname = :name")  # fmt: skip
    connection = op.get_bind()
    found = connection.scalar(where, {"name": name})
    if found is None:
        try:
            op.execute(f"CREATE EXTENSION {name}")
        except DBAPIError as exc:
            cause = f"the database has no extension {name}, and it could not be created: {exc.orig}"
            statements = "; ".join(f"CREATE EXTENSION {name}" for name in EXTENSIONS)
            remedy = f"let an administrator run once in this database: {statements}"
            raise PermanentError("EXTENSION_MISSING", cause, remedy) from exc
        found = connection.scalar(where, {"name": name})
    return str(found)
