"""Whisper's network, as small as it goes, in JAX: https://arxiv.org/abs/2212.04356, section 2.2."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax.nn import initializers

from recipe.windows import IGNORE, POSITIONS

Array = jax.Array
Weights = dict[str, Any]
NEAR = (5, 12, 30)  # positions of 20 ms to both sides that the encoder's layers look at first
BEFORE = 12  # positions from a word to the next
SHARPNESS = 1.0


@dataclass(frozen=True, slots=True)
class Shape:
    vocabulary: int
    stamps_from: int
    width: int = 64
    encoder_heads: int = 2
    decoder_heads: int = 4
    layers: int = 2
    mels: int = 80
    context: int = 448


def places(count: int, width: int) -> Array:
    """Sines and cosines of the position, fast to slow, in the first half of the width; the rest is for the content."""
    angles = jnp.arange(count)[:, None] * _rates(width)[None]
    return jnp.concatenate([jnp.sin(angles), jnp.cos(angles), jnp.zeros((count, width // 2))], axis=1)


def _rates(width: int) -> npt.NDArray[np.float64]:
    return np.geomspace(1.0, 2 * np.pi / (2 * POSITIONS), width // 4)


def create(shape: Shape, seed: int) -> Weights:
    keys = iter(jax.random.split(jax.random.key(seed), 64 + 40 * shape.layers))
    d = shape.width

    def linear(inputs: int, outputs: int) -> Weights:
        weight = initializers.glorot_uniform()(next(keys), (outputs, inputs), jnp.float32)
        return {"weight": weight, "bias": jnp.zeros(outputs)}

    def norm() -> Weights:
        return {"gamma": jnp.ones(d), "beta": jnp.zeros(d)}

    def attention() -> Weights:
        return {"norm": norm(), **{name: linear(d, d) for name in ("q", "k", "v", "out")}}

    def layer(crossed: bool) -> Weights:
        ffn = {"norm": norm(), "up": linear(d, 4 * d), "down": linear(4 * d, d)}
        return {"self": attention(), "ffn": ffn, **({"cross": attention()} if crossed else {})}

    def conv(inputs: int) -> Weights:
        weight = jax.random.normal(next(keys), (d, inputs, 3)) / math.sqrt(3 * inputs)
        return {"weight": weight, "bias": jnp.zeros(d)}

    def encoder_layer(near: int) -> Weights:
        made = layer(crossed=False)
        _look_beside(made["self"], (0, 1), (-near, near), [range(d // 4)] * 2)
        return made

    def decoder_layer(offset: int) -> Weights:
        made, share = layer(crossed=True), [range(0, d // 4, 2), range(1, d // 4, 2)]
        _look_beside(made["cross"], (0, 1), (offset, offset), share)
        _tell_place(made["cross"], (0, 1), share)
        return made

    embeddings = jax.random.normal(next(keys), (shape.vocabulary, d)) * 0.1
    # a time stamp is at home where its position is: it need not be learned 1501 times
    stamps = places(shape.vocabulary - shape.stamps_from, d) * 0.3
    return {
        "conv1": conv(shape.mels),
        "conv2": conv(d),
        "encoder": [encoder_layer(near) for near in NEAR[: shape.layers]],
        "spotter": linear(d, shape.stamps_from),
        "edges": linear(d, 3),
        "encoder_norm": norm(),
        "decoder": [decoder_layer(0), decoder_layer(BEFORE)],
        "decoder_norm": norm(),
        "embeddings": embeddings.at[shape.stamps_from :].set(stamps),
        "positions": jax.random.normal(next(keys), (shape.context, d)) * 0.02,
    }


def _look_beside(p: Weights, heads: Sequence[int], offsets: Sequence[int], frequencies: Sequence[range]) -> None:
    """Head by head, attention begins so many positions away: a product of two sinusoids knows their distance.

    Without it half of the training goes by until the encoder has found out what neighbours are, and the decoder what
    a time stamp is.
    """
    width = p["q"]["weight"].shape[0]
    rates = _rates(width)
    q, k = np.zeros((width, width), np.float32), np.zeros((width, width), np.float32)
    for head, offset, chosen in zip(heads, offsets, frequencies, strict=True):
        for i, frequency in enumerate(chosen):
            sine, cosine, row = frequency, width // 4 + frequency, 2 * (head * len(chosen) + i)
            turn = rates[frequency] * offset
            k[row, sine] = k[row + 1, cosine] = SHARPNESS
            q[row, sine] = q[row + 1, cosine] = SHARPNESS * math.cos(turn)
            q[row, cosine], q[row + 1, sine] = SHARPNESS * math.sin(turn), -SHARPNESS * math.sin(turn)
    p["q"]["weight"] += q
    p["k"]["weight"] += k


def _tell_place(p: Weights, heads: Sequence[int], frequencies: Sequence[range]) -> None:
    """What a head looked at, it says by its position: the answer to where is a time stamp."""
    width = p["v"]["weight"].shape[0]
    v, out = np.zeros((width, width), np.float32), np.zeros((width, width), np.float32)
    for head, chosen in zip(heads, frequencies, strict=True):
        for i, frequency in enumerate(chosen):
            for row, column in ((0, frequency), (1, width // 4 + frequency)):
                place = 2 * (head * len(chosen) + i) + row
                v[place, column] = out[column, place] = 1.0
    p["v"]["weight"] += v
    p["out"]["weight"] += out


def _linear(p: Weights, x: Array) -> Array:
    return x @ p["weight"].T + p["bias"]


def _norm(p: Weights, x: Array) -> Array:
    mean = x.mean(-1, keepdims=True)
    spread = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(spread + 1e-5) * p["gamma"] + p["beta"]


def _gelu(x: Array) -> Array:
    return jax.nn.gelu(x, approximate=False)


def _attend(p: Weights, x: Array, over: Array, heads: int, causal: bool = False) -> tuple[Array, Array]:
    """The answer and, per head, the logarithm of where it looked."""

    def split(y: Array) -> Array:
        return y.reshape(*y.shape[:2], heads, -1).transpose(0, 2, 1, 3)

    q, k, v = split(_linear(p["q"], x)), split(_linear(p["k"], over)), split(_linear(p["v"], over))
    scores = q @ k.transpose(0, 1, 3, 2) / math.sqrt(q.shape[-1])
    if causal:
        scores = jnp.where(jnp.tril(jnp.ones(scores.shape[-2:], bool)), scores, -1e9)
    looked = jax.nn.log_softmax(scores)
    mixed = (jnp.exp(looked) @ v).transpose(0, 2, 1, 3).reshape(x.shape)
    return _linear(p["out"], mixed), looked


def _ffn(p: Weights, x: Array) -> Array:
    return _linear(p["down"], _gelu(_linear(p["up"], _norm(p["norm"], x))))


def _conv(p: Weights, x: Array, stride: int) -> Array:
    """Over (windows, times, channels): three times side by side are one product, which is faster here than a conv."""
    wide = jnp.pad(x, ((0, 0), (1, 1), (0, 0)))
    times = x.shape[1]
    beside = jnp.concatenate([wide[:, k : times + k : stride] for k in range(3)], axis=-1)
    return _gelu(beside @ p["weight"].transpose(2, 1, 0).reshape(-1, p["weight"].shape[0]) + p["bias"])


def encode(p: Weights, shape: Shape, features: Array, first: Array) -> Array:
    """Features (windows, mels, frames) that begin at the positions `first` → (windows, positions, width)."""
    x = _conv(p["conv2"], _conv(p["conv1"], features.transpose(0, 2, 1), 1), 2)
    at = first[:, None] + jnp.arange(x.shape[1])
    x = x + places(POSITIONS, shape.width)[at]
    for layer in p["encoder"]:
        y = _norm(layer["self"]["norm"], x)
        x = x + _attend(layer["self"], y, y, shape.encoder_heads)[0]
        x = x + _ffn(layer["ffn"], x)
    return _norm(p["encoder_norm"], x)


def decode(p: Weights, shape: Shape, heard: Array, given: Array) -> tuple[Array, list[Array]]:
    """Scores for the next token at each place, and where each layer's heads looked."""
    x = p["embeddings"][given] + p["positions"][: given.shape[1]]
    looked = []
    for layer in p["decoder"]:
        y = _norm(layer["self"]["norm"], x)
        x = x + _attend(layer["self"], y, y, shape.decoder_heads, causal=True)[0]
        answer, where = _attend(layer["cross"], _norm(layer["cross"]["norm"], x), heard, shape.decoder_heads)
        looked.append(where)
        x = x + answer
        x = x + _ffn(layer["ffn"], x)
    return _norm(p["decoder_norm"], x) @ p["embeddings"].T, looked


def unheard(p: Weights, heard: Array, batch: dict[str, Array]) -> tuple[Array, Array]:
    """A crutch for the encoder: at each position, which word is said, and whether a phrase begins or ends."""
    words = _surprise(_linear(p["spotter"], heard), batch["spoken"]).mean()
    return words, _surprise(_linear(p["edges"], heard), batch["edges"]).mean()


def astray(looked: Sequence[Array], batch: dict[str, Array]) -> tuple[Array, Array]:
    """One for the decoder: its first layer shall look at the word that was given last, the second at the next one."""
    last = jnp.pad(batch["spans"][:, :-1], ((0, 0), (1, 0), (0, 0)))
    return _beside(looked[0][:, :2], last), _beside(looked[1], batch["spans"])


def loss(p: Weights, shape: Shape, batch: dict[str, Array], crutches: float) -> tuple[Array, tuple[Array, ...]]:
    """Of the answers, with the crutches, which bring it down in a tenth of the steps. Without `crutches` there is no
    decoder either: the encoder alone is trained."""
    heard = encode(p, shape, batch["features"].astype(jnp.float32), batch["first"])
    words, edges = unheard(p, heard, batch)
    if not crutches:
        return words + edges, (words, edges)
    scores, looked = decode(p, shape, heard, jnp.maximum(batch["given"], 0))
    asked = batch["wanted"] != IGNORE
    wanted = jnp.maximum(batch["wanted"], 0)
    answers = (_surprise(scores, wanted) * asked).sum() / asked.sum()
    right = ((scores.argmax(-1) == wanted) & asked).sum() / asked.sum()
    last, following = astray(looked, batch)
    return answers + crutches * (words + edges + last + following), (words, edges, last, following, answers, right)


def _beside(looked: Array, spans: Array) -> Array:
    """How far attention is from being even over its span, where there is one."""
    at = jnp.arange(looked.shape[-1])
    inside = (at >= spans[..., :1]) & (at < spans[..., 1:])
    length = inside.sum(-1)
    missed = -(looked * inside[:, None]).sum(-1) / jnp.maximum(length, 1)[:, None]
    missed = missed.mean(1) - jnp.log(jnp.maximum(length, 1))
    return (missed * (length > 0)).sum() / jnp.maximum((length > 0).sum(), 1)


def _surprise(scores: Array, wanted: Array) -> Array:
    return -jnp.take_along_axis(jax.nn.log_softmax(scores), wanted[..., None], -1)[..., 0]


def numpy_of(p: Weights) -> Any:
    return jax.tree.map(lambda x: np.array(x, np.float32), p)
