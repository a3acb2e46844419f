#!/usr/bin/env python3
"""PyTorch's side of braid_bench_side_by_side: the same work the way PyTorch's users write it.

Reads one JSON object a line from standard input and answers each with one: hindered (why there is
no counterpart), load (a model, its
parameters and its inputs), output, run (timed passes or steps), export (to ONNX). Models are in models.py, fusions in fusions.py, what
reads media in media.py, and training from files in train_avdigits.py.
"""
import importlib.util
import json
import os
import subprocess
import sys
import time
from itertools import islice

import torch
from torch import nn

from fusions import COUNTERPARTS, Context, Encoded
from media import MEDIA
from models import MODELS
from parts import read_safetensors

FUSION = "fusion/"


class Fusion(nn.Module):
    """A fusion on the tensors that come one by one: tokens, mask, pooled, present and the taps of each modality."""

    def __init__(self, name, request):
        super().__init__()
        context = Context(request["modalities"], request["widths"], request["outputs"], request["tap_widths"])
        self.num_taps = [len(widths) for widths in request["tap_widths"]]
        self.fusion = COUNTERPARTS[name](context, request["config"])

    def forward(self, *parts):
        parts = iter(parts)
        encoded = [Encoded(*islice(parts, 4), list(islice(parts, count))) for count in self.num_taps]
        output = self.fusion(encoded)
        self.auxiliary = getattr(self.fusion, "auxiliary", 0)
        return output

    def load_state_dict(self, state):
        self.fusion.load_state_dict(state)


class ModelWork:
    def __init__(self, request, tensors):
        self.is_bf16 = request.get("precision") == "bf16"
        name = request["model"]
        self.model = Fusion(name[len(FUSION):], request) if name.startswith(FUSION) else MODELS[name]()
        self.model.load_state_dict(read_safetensors(request["weights"]))
        self.target = tensors.pop("target")
        self.inputs = [tensors[name] for name in request["names"]]
        self.is_training = request["training"]
        # PyTorch 1.13's fast path of evaluation fails under autocast; without dropout training mode computes the same.
        self.model.train(self.is_training or self.is_bf16)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-3, weight_decay=0.01)
        self.loss = nn.CrossEntropyLoss()

    def forward(self):
        if not self.is_bf16:
            return self.model(*self.inputs)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.model(*self.inputs).float()

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.forward(), self.target) + getattr(self.model, "auxiliary", 0)
        loss.backward()
        self.optimizer.step()
        return loss

    def once(self):
        if self.is_training:
            return self.step()
        with torch.inference_mode():
            return self.forward()

    def values(self):
        """Outputs, or the losses of the first three steps."""
        if not self.is_training:
            return self.once().flatten().tolist()
        values = [self.step().item() for _ in range(3)]
        # As ours: what is timed from here on leaves the parameters.
        self.optimizer.param_groups[0]["lr"] = 0
        return values


class TrainWork:
    """A whole program from its start to the trained model; its value is the test accuracy."""

    def __init__(self, request):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "train_avdigits.py")
        self.command = [sys.executable, script, request["folder"], "--epochs", str(request["epochs"]), "--batch-size",
                        str(request["batch_size"]), "--threads", str(request["threads"]), "--out", request["out"]]

    def once(self):
        return subprocess.run(self.command, check=True, stdout=subprocess.PIPE).stdout

    def values(self):
        return [json.loads(self.once())["accuracy"]]


class MediaWork:
    def __init__(self, request, tensors):
        self.once, self.values = MEDIA[request["model"]](request, tensors)


class Session:
    def hindered(self, request):
        """Why this cannot be done here, "" where it can."""
        name = request["model"]
        if name in ("jpeg", "train") and importlib.util.find_spec("torchvision") is None:
            return {"why": "PyTorch's side needs torchvision and Pillow"}
        if name.startswith(FUSION) and name[len(FUSION):] not in COUNTERPARTS:
            return {"why": "no counterpart in bench/peers/fusions.py; --alone times ours"}
        return {"why": ""}

    def load(self, request):
        torch.set_num_threads(request["threads"])
        tensors = read_safetensors(request["inputs"]) if "inputs" in request else {}
        if request["model"] == "train":
            self.work = TrainWork(request)
        elif request["model"] in MEDIA:
            self.work = MediaWork(request, tensors)
        else:
            self.work = ModelWork(request, tensors)
        return {"name": "PyTorch " + torch.__version__}

    def output(self, request):
        return {"values": self.work.values()}

    def run(self, request):
        seconds = []
        for _ in range(request["times"]):
            started = time.perf_counter()
            self.work.once()
            seconds.append(time.perf_counter() - started)
        return {"seconds": seconds}

    def export(self, request):
        torch.onnx.export(self.work.model.eval(), tuple(self.work.inputs), request["path"], input_names=request["names"],
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
