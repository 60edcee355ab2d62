"""The trained network in the files that CTranslate2 and faster-whisper load."""

from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs.whisper_spec import WhisperConfig, WhisperSpec

from recipe.network import Shape, Weights, places
from recipe.tokens import Tokens
from recipe.windows import POSITIONS


def export(p: Weights, shape: Shape, tokens: Tokens, folder: Path) -> None:
    """`p` as numpy arrays. Writes model.bin, config.json, vocabulary.json and tokenizer.json."""
    spec = WhisperSpec(shape.layers, shape.encoder_heads, shape.layers, shape.decoder_heads)
    for name in ("conv1", "conv2"):
        _linear(getattr(spec.encoder, name), p[name])
    spec.encoder.position_encodings.encodings = np.asarray(places(POSITIONS, shape.width), np.float32)
    _norm(spec.encoder.layer_norm, p["encoder_norm"])
    spec.decoder.embeddings.weight = p["embeddings"]
    spec.decoder.projection.weight = p["embeddings"]
    spec.decoder.position_encodings.encodings = p["positions"]
    _norm(spec.decoder.layer_norm, p["decoder_norm"])
    for layers, weights in ((spec.encoder.layer, p["encoder"]), (spec.decoder.layer, p["decoder"])):
        for layer, of_layer in zip(layers, weights, strict=True):
            _layer(layer, of_layer)
    _configure(spec.config, shape, tokens)
    spec.register_vocabulary(tokens.vocabulary())
    spec.validate()
    spec.optimize(quantization="int8_float16")
    spec.save(str(folder))
    tokens.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def _configure(config: WhisperConfig, shape: Shape, tokens: Tokens) -> None:
    config.suppress_ids = []
    config.suppress_ids_begin = [tokens.blank, tokens["endoftext"]]
    config.lang_ids = [tokens["en"]]
    config.alignment_heads = [(shape.layers - 1, head) for head in range(shape.decoder_heads)]


def _layer(layer: Any, p: Weights) -> None:
    _norm(layer.self_attention.layer_norm, p["self"]["norm"])
    _joined(layer.self_attention.linear[0], p["self"], "qkv")
    _linear(layer.self_attention.linear[1], p["self"]["out"])
    if "cross" in p:
        _norm(layer.attention.layer_norm, p["cross"]["norm"])
        _joined(layer.attention.linear[0], p["cross"], "q")
        _joined(layer.attention.linear[1], p["cross"], "kv")
        _linear(layer.attention.linear[2], p["cross"]["out"])
    _norm(layer.ffn.layer_norm, p["ffn"]["norm"])
    _linear(layer.ffn.linear_0, p["ffn"]["up"])
    _linear(layer.ffn.linear_1, p["ffn"]["down"])


def _joined(spec: Any, p: Weights, names: str) -> None:
    spec.weight = np.concatenate([p[name]["weight"] for name in names])
    spec.bias = np.concatenate([p[name]["bias"] for name in names])


def _linear(spec: Any, p: Weights) -> None:
    spec.weight, spec.bias = p["weight"], p["bias"]


def _norm(spec: Any, p: Weights) -> None:
    spec.gamma, spec.beta = p["gamma"], p["beta"]
