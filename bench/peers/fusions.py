"""PyTorch's counterparts of Braid's fusion methods, the plain way its users write them.

One class per method, made from (context, config) and called with one Encoded per modality: masked and absent places may hold anything.
Attributes have the names of Braid's parameters, so that load_state_dict takes them over. Dropout is 0 in the benchmark and left out.
To add a method: one class, `@counterpart("<its name>")` above it. What has none is skipped by name.
"""
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from parts import CrossBlock, SelfBlock

COUNTERPARTS = {}
TINY = 1e-12  # keeps logarithms finite


def counterpart(*names):
    def add(make):
        COUNTERPARTS.update(dict.fromkeys(names, make))
        return make
    return add


class Context(NamedTuple):
    modalities: list  # names
    widths: list      # of each modality's tokens and pooled vector
    outputs: int


class Encoded(NamedTuple):
    tokens: torch.Tensor   # (B, T, D)
    mask: torch.Tensor     # (B, T) bool, true where a token is real; false where the modality is absent
    pooled: torch.Tensor   # (B, D)
    present: torch.Tensor  # (B) bool


def mlp(width, hidden, outputs):
    layers = []
    for after in hidden:
        layers += [nn.Linear(width, after), nn.ReLU()]
        width = after
    return nn.Sequential(*layers, nn.Linear(width, outputs))


class MissingVectors(nn.ParameterDict):
    """A learned vector for each modality stands where it is absent."""

    def __init__(self, context):
        super().__init__({name: nn.Parameter(torch.zeros(width)) for name, width in zip(context.modalities, context.widths)})
        self.modalities = context.modalities  # in their order: the dictionary sorts its names

    def join(self, encoded):
        return torch.cat([torch.where(e.present[:, None], e.pooled, self[name]) for name, e in zip(self.modalities, encoded)], dim=1)


@counterpart("linear")
class Linear(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        self.classifier = nn.Linear(sum(context.widths) + len(context.widths), context.outputs)

    def forward(self, encoded):
        present = torch.stack([e.present for e in encoded], dim=1).float()
        vectors = [e.pooled.masked_fill(~e.present[:, None], 0) for e in encoded]
        return self.classifier(torch.cat(vectors + [present], dim=1))


@counterpart("concat", "concat_features")
class Concat(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        self.missing = MissingVectors(context)
        self.classifier = mlp(sum(context.widths), config["hidden"], context.outputs)

    def forward(self, encoded):
        return self.classifier(self.missing.join(encoded))


@counterpart("concat_project")
class ConcatProject(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        self.missing = MissingVectors(context)
        self.fusion_layer = nn.Linear(sum(context.widths), config["width"])
        self.norm = nn.LayerNorm(config["width"])
        self.classifier = mlp(config["width"], config["hidden"], context.outputs)

    def forward(self, encoded):
        return self.classifier(self.norm(torch.relu(self.fusion_layer(self.missing.join(encoded)))))


class Head(nn.Module):
    """A modality's own prediction, or a learned one where it is absent."""

    def __init__(self, width, hidden, outputs):
        super().__init__()
        self.classifier = mlp(width, hidden, outputs)
        self.missing = nn.Parameter(torch.zeros(outputs))

    def forward(self, e):
        return torch.where(e.present[:, None], self.classifier(e.pooled), self.missing)


class Late(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        self.heads = nn.ModuleDict({name: Head(width, config["hidden"], context.outputs)
                                    for name, width in zip(context.modalities, context.widths)})

    def forward(self, encoded):
        logits = torch.stack([head(e) for head, e in zip(self.heads.values(), encoded)], dim=1)  # (B, M, O)
        return self.combine(logits, torch.stack([e.present for e in encoded], dim=1))


@counterpart("single")
class Single(Late):
    def combine(self, logits, present):
        return logits[:, 0]


@counterpart("average")
class Average(Late):
    def __init__(self, context, config):
        super().__init__(context, config)
        self.of = config["of"]

    def weights(self, present):
        return present / present.sum(dim=1, keepdim=True)

    def combine(self, logits, present):
        weights = self.weights(present)[:, :, None]
        if self.of == "probabilities":
            return torch.log((logits.softmax(dim=-1) * weights).sum(dim=1) + TINY)
        return (logits.log_softmax(dim=-1) * weights).sum(dim=1)


def masked_softmax(numbers, present):
    return numbers.expand(present.shape).masked_fill(~present, float("-inf")).softmax(dim=1)


@counterpart("weighted")
class Weighted(Average):
    def __init__(self, context, config):
        super().__init__(context, config)
        self.decision_weights = nn.Parameter(torch.zeros(len(context.widths)))

    def weights(self, present):
        return masked_softmax(self.decision_weights, present)


@counterpart("vote")
class Vote(Late):
    TIE_SHARE = 1e-3  # of the probabilities, which decide between equal votes

    def __init__(self, context, config):
        super().__init__(context, config)
        self.decision_weights = nn.Parameter(torch.zeros(len(context.widths)))

    def combine(self, logits, present):
        probabilities = logits.softmax(dim=-1)
        votes = F.one_hot(probabilities.argmax(dim=-1), logits.shape[-1]).float()
        shares = (1 - self.TIE_SHARE) * votes + self.TIE_SHARE * probabilities
        return torch.log((shares * masked_softmax(self.decision_weights, present)[:, :, None]).sum(dim=1) + TINY)


@counterpart("stacking")
class Stacking(Late):
    def __init__(self, context, config):
        super().__init__(context, config)
        num_modalities = len(context.widths)
        self.decision_layer = nn.Linear(num_modalities * context.outputs + num_modalities, context.outputs)

    def combine(self, logits, present):
        known = logits.masked_fill(~present[:, :, None], 0).flatten(1)
        return self.decision_layer(torch.cat([known, present.float()], dim=1))


class Projection(nn.Module):
    """Tokens at the common width with their modality's embedding; an absent modality is one learned token."""

    def __init__(self, before, width):
        super().__init__()
        self.projection = nn.Linear(before, width)
        self.embedding, self.missing = nn.Parameter(torch.zeros(width)), nn.Parameter(torch.zeros(width))

    def forward(self, e):
        stands_in = torch.zeros_like(e.mask)
        stands_in[:, 0] = ~e.mask.any(dim=1)
        tokens = torch.where(stands_in[:, :, None], self.missing, self.projection(e.tokens)) + self.embedding
        return tokens, e.mask | stands_in


def project_all(context, config):
    return nn.ModuleDict({name: Projection(width, config["width"]) for name, width in zip(context.modalities, context.widths)})


@counterpart("cross_attention")
class CrossAttention(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        width, names = config["width"], context.modalities
        shape = width, config["heads"], config["mlp_ratio"]
        self.tokens = project_all(context, config)
        setattr(self, "self", nn.ModuleDict(
            {name: nn.ModuleList(SelfBlock(*shape) for _ in range(config["self_layers"])) for name in names}))
        self.cross = nn.ModuleDict(
            {name: nn.ModuleDict({other: nn.ModuleList(CrossBlock(*shape) for _ in range(config["cross_layers"]))
                                  for other in names if other != name}) for name in names})
        self.norm = nn.LayerNorm(len(names) * width)
        self.classifier = mlp(len(names) * width, [width], context.outputs)
        self.rounds = config["cross_layers"]

    def forward(self, encoded):
        x, masks = {}, {}
        for (name, projection), e in zip(self.tokens.items(), encoded):
            x[name], masks[name] = projection(e)
            for block in getattr(self, "self")[name]:
                x[name] = block(x[name], masks[name])
        for i in range(self.rounds):
            x = {name: torch.stack([pair[i](x[name], x[other], masks[other]) for other, pair in others.items()]).mean(dim=0)
                 for name, others in self.cross.items()}
        pooled = [(x[name] * masks[name][:, :, None]).sum(dim=1) / masks[name].sum(dim=1, keepdim=True) for name in x]
        return self.classifier(self.norm(torch.cat(pooled, dim=1)))


@counterpart("merged")
class Merged(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        width = config["width"]
        self.tokens = project_all(context, config)
        self.class_token = nn.Parameter(torch.zeros(width))
        self.blocks = nn.ModuleList(SelfBlock(width, config["heads"], config["mlp_ratio"]) for _ in range(config["layers"]))
        self.norm = nn.LayerNorm(width)
        self.classifier = mlp(width, [], context.outputs)

    def forward(self, encoded):
        tokens, masks = zip(*[projection(e) for projection, e in zip(self.tokens.values(), encoded)])
        rows = len(tokens[0])
        x = torch.cat([self.class_token.expand(rows, 1, -1), *tokens], dim=1)
        mask = torch.cat([torch.ones(rows, 1, dtype=torch.bool), *masks], dim=1)
        for block in self.blocks:
            x = block(x, mask)
        return self.classifier(self.norm(x[:, 0]))
