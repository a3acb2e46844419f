#!/usr/bin/env python3
"""PyTorch's side of braid_bench_side_by_side: the same models the way PyTorch's users write them.

Reads one JSON object a line from standard input and answers each with one: load (a model, its parameters and its inputs),
output, run (timed passes or steps), export (to ONNX).
"""
import json
import struct
import sys
import time

import torch
from torch import nn

TYPES = {"F32": torch.float32, "I64": torch.int64}


def read_safetensors(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            part = bytearray(data[8 + size + begin:8 + size + end])
            tensors[name] = torch.frombuffer(part, dtype=TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


class Encoder(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.encoder = nn.Linear(features, 512)

    def forward(self, x):
        return self.encoder(x)


class Classifier(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.classifier = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, 10))

    def forward(self, x):
        return self.classifier(x)


class Early(nn.Module):
    def __init__(self):
        super().__init__()
        self.text_encoder, self.image_encoder, self.audio_encoder = Encoder(128), Encoder(256), Encoder(64)
        self.shared_model = Classifier(1536, 768)

    def forward(self, text, image, audio):
        joined = torch.cat([self.text_encoder(text), self.image_encoder(image), self.audio_encoder(audio)], dim=1)
        return self.shared_model(joined)


class Late(nn.Module):
    def __init__(self):
        super().__init__()
        self.text_pipeline = nn.Sequential(Encoder(128), Classifier(512, 256))
        self.image_pipeline = nn.Sequential(Encoder(256), Classifier(512, 256))
        self.audio_pipeline = nn.Sequential(Encoder(64), Classifier(512, 256))
        self.decision_layer = nn.Linear(30, 10)

    def forward(self, text, image, audio):
        predictions = [self.text_pipeline(text), self.image_pipeline(image), self.audio_pipeline(audio)]
        return self.decision_layer(torch.cat(predictions, dim=1))


class Projection(nn.Module):
    def __init__(self):
        super().__init__()
        self.fusion_layer = nn.Linear(1536, 512)
        self.norm = nn.LayerNorm(512)

    def forward(self, x):
        return self.norm(torch.relu(self.fusion_layer(x)))


class Hybrid(nn.Module):
    def __init__(self):
        super().__init__()
        self.text_encoder, self.image_encoder, self.audio_encoder = Encoder(128), Encoder(256), Encoder(64)
        self.multimodal_transformer = Projection()
        self.classification_head = Classifier(512, 256)

    def forward(self, text, image, audio):
        joined = torch.cat([self.text_encoder(text), self.image_encoder(image), self.audio_encoder(audio)], dim=1)
        return self.classification_head(self.multimodal_transformer(joined))


def map_blocks(state, prefix, num_layers):
    """From Braid's names: query, key (without a bias, which softmax cancels), value and out apart."""
    mapped = {}
    for i in range(num_layers):
        ours, theirs = f"{prefix}{i}.", f"blocks.layers.{i}."
        parts = [state[f"{ours}attention.{part}.weight"] for part in ("query", "key", "value")]
        mapped[theirs + "self_attn.in_proj_weight"] = torch.cat(parts)
        bias = state[ours + "attention.query.bias"]
        mapped[theirs + "self_attn.in_proj_bias"] = torch.cat(
            [bias, torch.zeros_like(bias), state[ours + "attention.value.bias"]])
        for kind in ("weight", "bias"):
            mapped[theirs + "self_attn.out_proj." + kind] = state[f"{ours}attention.out.{kind}"]
            mapped[theirs + "linear1." + kind] = state[f"{ours}mlp.0.{kind}"]
            mapped[theirs + "linear2." + kind] = state[f"{ours}mlp.2.{kind}"]
            mapped[theirs + "norm1." + kind] = state[f"{ours}norm.{kind}"]
            mapped[theirs + "norm2." + kind] = state[f"{ours}norm_mlp.{kind}"]
    return mapped


class Transformer(nn.Module):
    """Pre-norm blocks over tokens, the mean of the tokens, one linear layer."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(256, 8, 1024, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, 4)
        self.classifier = nn.Linear(256, 10)

    def forward(self, tokens):
        return self.classifier(self.blocks(tokens).mean(dim=1))

    def load_state_dict(self, state):
        mapped = map_blocks(state, "blocks.", 4)
        mapped.update({name: value for name, value in state.items() if name.startswith("classifier.")})
        super().load_state_dict(mapped)


class ImageCnn(nn.Module):
    """Braid's image_cnn with a classifier on its pooled vector, for pictures of 28 x 28."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2, bias=False), nn.GroupNorm(8, 16), nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.GroupNorm(8, 32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1, bias=False), nn.GroupNorm(8, 64), nn.ReLU())
        self.pooling = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(64 * 16, 64))
        self.classifier = nn.Linear(64, 10)

    def forward(self, image):
        return self.classifier(self.pooling(self.layers(image)))

    def load_state_dict(self, state):
        mapped = {name: value for name, value in state.items() if name.startswith("classifier.")}
        for i, (convolution, norm) in enumerate([(0, 1), (3, 4), (7, 8)]):
            mapped[f"layers.{convolution}.weight"] = state[f"encoder.convolutions.{i}.weight"]
            for kind in ("weight", "bias"):
                mapped[f"layers.{norm}.{kind}"] = state[f"encoder.norms.{i}.{kind}"]
                mapped[f"pooling.2.{kind}"] = state[f"encoder.pooling.{kind}"]
        super().load_state_dict(mapped)


class VitTiny(nn.Module):
    """Patches of 16 x 16 pixels, 12 pre-norm blocks of width 192 with 3 heads, the mean of the tokens."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 192, 16, stride=16)
        self.positions = nn.Parameter(torch.zeros(196, 192))
        layer = nn.TransformerEncoderLayer(192, 3, 768, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, 12)
        self.norm = nn.LayerNorm(192)
        self.classifier = nn.Linear(192, 10)

    def forward(self, image):
        tokens = self.patches(image).flatten(2).transpose(1, 2) + self.positions
        return self.classifier(self.norm(self.blocks(tokens)).mean(dim=1))

    def load_state_dict(self, state):
        mapped = map_blocks(state, "encoder.blocks.blocks.", 12)
        mapped["positions"] = state["encoder.positions"]
        for kind in ("weight", "bias"):
            mapped["patches." + kind] = state["encoder.patches." + kind]
            mapped["norm." + kind] = state["encoder.blocks.norm." + kind]
            mapped["classifier." + kind] = state["classifier." + kind]
        super().load_state_dict(mapped)


MODELS = {"early": Early, "late": Late, "hybrid": Hybrid, "transformer": Transformer, "image_cnn": ImageCnn,
          "vit_tiny": VitTiny}


class Session:
    def load(self, request):
        torch.set_num_threads(request["threads"])
        self.is_bf16 = request.get("precision") == "bf16"
        self.model = MODELS[request["model"]]()
        self.model.load_state_dict(read_safetensors(request["weights"]))
        tensors = read_safetensors(request["inputs"])
        self.target = tensors.pop("target")
        self.inputs = [tensors[name] for name in request["names"]]
        self.is_training = request["training"]
        # PyTorch 1.13's fast path of evaluation fails under autocast; without dropout training mode computes the same.
        self.model.train(self.is_training or self.is_bf16)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-3, weight_decay=0.01)
        self.loss = nn.CrossEntropyLoss()
        return {"name": "PyTorch " + torch.__version__}

    def forward(self):
        if not self.is_bf16:
            return self.model(*self.inputs)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.model(*self.inputs).float()

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.forward(), self.target)
        loss.backward()
        self.optimizer.step()
        return loss

    def once(self):
        if self.is_training:
            return self.step()
        with torch.inference_mode():
            return self.forward()

    def output(self, request):
        """Outputs, or the losses of the first three steps."""
        if not self.is_training:
            return {"values": self.once().flatten().tolist()}
        return {"values": [self.step().item() for _ in range(3)]}

    def run(self, request):
        seconds = []
        for _ in range(request["times"]):
            started = time.perf_counter()
            self.once()
            seconds.append(time.perf_counter() - started)
        return {"seconds": seconds}

    def export(self, request):
        torch.onnx.export(self.model.eval(), tuple(self.inputs), request["path"], input_names=request["names"],
                          output_names=["output"], opset_version=16)
        return {}


def main():
    session = Session()
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print must not look like an answer
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(session, request["do"])(request)
        except Exception as error:  # the other side says what it was doing
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
