"""The recipe of the weights beside it: a Whisper so small that it knows the sample's sentences and nothing else.

    uv pip install --target /tmp/jax --no-deps jax==0.10.2 jaxlib==0.10.2 ml-dtypes opt-einsum scipy
    PYTHONPATH=/tmp/jax .venv/bin/python tests/resources/tiny_whisper/make_tiny_whisper.py [FOLDER]

needs the project's environment and, outside of it, JAX. It reads include/local/sample and nothing else, takes about
a quarter of an hour on two cores, and writes model.bin, config.json, vocabulary.json and tokenizer.json. The seed is
fixed; another processor rounds differently, so the bytes may differ from one machine to another, the words not.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from recipe import sample
from recipe.export import export
from recipe.network import Array, Shape, Weights, create, loss, numpy_of
from recipe.tokens import Tokens, make_tokenizer
from recipe.windows import HINTS, POSITIONS, Window, Windows

SEED = 3
FIGURES = ("words", "edges", "last", "next", "answers", "right")


@dataclass(frozen=True, slots=True)
class Stage:
    """Short windows are cheap (attention costs the square of the positions), so the whole one comes last.

    `crutches` is what they count beside the answers; 0: the encoder learns alone.
    """

    positions: int
    tokens: int
    batch: int
    steps: int
    rate: float
    crutches: float


STAGES = (
    Stage(positions=250, tokens=64, batch=32, steps=400, rate=3e-3, crutches=0.0),
    Stage(positions=750, tokens=80, batch=6, steps=1200, rate=2e-3, crutches=1.0),
    Stage(positions=POSITIONS, tokens=128, batch=4, steps=900, rate=1e-3, crutches=0.5),
)
POOL = 192  # windows that are made at a time


@partial(jax.jit, static_argnames=("shape", "crutches"), donate_argnums=(0, 1))
def step(
    weights: Weights,
    moments: tuple[Weights, Weights],
    batch: dict[str, Array],
    rate: float,
    count: float,
    shape: Shape,
    crutches: float,
) -> tuple[Weights, tuple[Weights, Weights], tuple[Array, ...]]:
    """One of Adam's, with the gradient clipped to length 1."""
    (_, parts), slope = jax.value_and_grad(loss, has_aux=True)(weights, shape, batch, crutches)
    length = jnp.sqrt(sum(jnp.sum(g**2) for g in jax.tree.leaves(slope)))
    slope = jax.tree.map(lambda g: g / jnp.maximum(1.0, length), slope)
    mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], slope)
    square = jax.tree.map(lambda v, g: 0.98 * v + 0.02 * g**2, moments[1], slope)
    fair, fairer = 1 - 0.9**count, 1 - 0.98**count
    moved = jax.tree.map(lambda w, m, v: w - rate * (m / fair) / (jnp.sqrt(v / fairer) + 1e-8), weights, mean, square)
    return moved, (mean, square), parts


def batches(windows: Windows, stage: Stage) -> Iterator[dict[str, Array]]:
    while True:
        pool = [windows.make(stage.positions, stage.tokens) for _ in range(POOL)]
        for i in range(0, POOL, stage.batch):
            yield _stacked(pool[i : i + stage.batch])


def _stacked(some: list[Window]) -> dict[str, Array]:
    names = ("features", "first", "given", "wanted", "spans", "spoken", "edges")
    return {name: jnp.asarray(np.stack([getattr(w, name) for w in some])) for name in names}


def train(weights: Weights, shape: Shape, windows: Windows) -> Weights:
    for stage in STAGES:
        zeros = jax.tree.map(jnp.zeros_like, weights)
        moments = (zeros, jax.tree.map(jnp.copy, zeros))
        feed, began = batches(windows, stage), time.monotonic()
        for n in range(stage.steps):
            rate = stage.rate * min(1.0, (n + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * n / stage.steps)))
            weights, moments, parts = step(weights, moments, next(feed), rate, n + 1.0, shape, stage.crutches)
            if n % 50 == 49:
                figures = zip(FIGURES, parts, strict=False)
                print(
                    f"{time.monotonic() - began:5.0f} s  step {n + 1:5d}",
                    *(f"{a} {b:.3f}" for a, b in figures),
                    sep="  ",
                    flush=True,
                )
    return weights


def main(folder: Path) -> None:
    samples = sample.sound()
    said = sample.sentences(samples)
    texts = ["".join(w.text for w in s.words) for s in said] + [f" {h.capitalize()}" for h in HINTS]
    tokens = Tokens(make_tokenizer(texts))
    shape = Shape(vocabulary=tokens.size, stamps_from=tokens.stamp(0.0))
    windows = Windows(samples, said, tokens, np.random.default_rng(SEED))
    weights = train(create(shape, SEED), shape, windows)
    folder.mkdir(parents=True, exist_ok=True)
    export(numpy_of(weights), shape, tokens, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
