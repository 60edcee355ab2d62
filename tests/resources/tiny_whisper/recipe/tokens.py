"""A tokenizer of our own in the shape of Whisper's: byte pairs, in which every word of the sample is one token."""

from collections.abc import Iterable
from dataclasses import dataclass

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

STEP = 0.02  # seconds between two time stamps
STAMPS = 1501  # <|0.00|> to <|30.00|>
SPECIAL = (
    "<|endoftext|>",  # the first: whatever comes before it is text
    "<|startoftranscript|>",
    "<|en|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",  # the last: time stamps follow it
)


def make_tokenizer(texts: Iterable[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())  # any text can be written, if need be letter by letter
    trainer = trainers.BpeTrainer(vocab_size=4096, min_frequency=1, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokenizer with the ids that the rest needs by name."""

    tokenizer: Tokenizer

    def __getitem__(self, name: str) -> int:
        found = self.tokenizer.token_to_id(f"<|{name}|>")
        assert found is not None, name
        return int(found)

    @property
    def text_size(self) -> int:
        return self["endoftext"]

    @property
    def size(self) -> int:
        return self["notimestamps"] + 1 + STAMPS

    @property
    def blank(self) -> int:
        return self.encode(" ")[0]

    def encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def stamp(self, seconds: float) -> int:
        return self["notimestamps"] + 1 + min(STAMPS - 1, max(0, round(seconds / STEP)))

    def vocabulary(self) -> list[str]:
        words = [self.tokenizer.id_to_token(i) for i in range(self["notimestamps"] + 1)]
        return words + [f"<|{i * STEP:.2f}|>" for i in range(STAMPS)]
