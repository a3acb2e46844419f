"""PyTorch's counterparts of Braid's fusion methods, the plain way its users write them.

One class per method, made from (context, config) and called with one Encoded per modality: masked and absent places may hold anything.
Attributes have the names of Braid's parameters, so that load_state_dict takes them over. Dropout is 0 in the benchmark and left out.
To add a method: one class, `@counterpart("<its name>")` above it. What has none is skipped by name.
"""
import math
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
    tap_widths: list  # of each modality: the widths of its taps


class Encoded(NamedTuple):
    tokens: torch.Tensor   # (B, T, D)
    mask: torch.Tensor     # (B, T) bool, true where a token is real; false where the modality is absent
    pooled: torch.Tensor   # (B, D)
    present: torch.Tensor  # (B) bool
    taps: list             # (B, D_s) of each stage before the last


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

    def replace(self, encoded):
        return [torch.where(e.present[:, None], e.pooled, self[name]) for name, e in zip(self.modalities, encoded)]

    def join(self, encoded):
        return torch.cat(self.replace(encoded), dim=1)


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


@counterpart("weighted", "greedy")
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


def nested(make, names):
    """make() for each ordered pair of different names."""
    return nn.ModuleDict({name: nn.ModuleDict({other: make() for other in names if other != name}) for name in names})


def sinusoid(length, width):
    position, pair = torch.arange(length).unsqueeze(1), torch.arange(0, width, 2)
    angle = position * torch.exp(-math.log(10000) * pair / width)
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)[:, :width]


def mean_of_real(x, mask):
    return (x * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


@counterpart("mult")
class Mult(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        width, names = config["width"], context.modalities
        shape = config["heads"], config["mlp_ratio"]
        wide = (len(names) - 1) * width
        self.tokens = project_all(context, config)
        self.cross = nested(lambda: nn.ModuleList(CrossBlock(width, *shape) for _ in range(config["cross_layers"])), names)
        self.memory = nn.ModuleDict(
            {name: nn.ModuleList(SelfBlock(wide, *shape) for _ in range(config["memory_layers"])) for name in names})
        joined = len(names) * wide
        self.norm = nn.LayerNorm(joined)
        self.mlp = mlp(joined, [joined], joined)
        self.classifier = nn.Linear(joined, context.outputs)

    def forward(self, encoded):
        first = {}
        for (name, projection), e in zip(self.tokens.items(), encoded):
            tokens, mask = projection(e)
            first[name] = tokens + sinusoid(*tokens.shape[1:]), mask
        summaries = []
        for name, (own, mask) in first.items():
            read = []
            for other, blocks in self.cross[name].items():
                x = own
                for block in blocks:
                    x = block(x, *first[other])
                read.append(x)
            memory = torch.cat(read, dim=2)
            for block in self.memory[name]:
                memory = block(memory, mask)
            summaries.append(mean_of_real(memory, mask))
        joined = self.norm(torch.cat(summaries, dim=1))
        return self.classifier(joined + self.mlp(joined))


def class_tokens(context, config):
    return nn.ParameterDict({name: nn.Parameter(torch.zeros(config["width"])) for name in context.modalities})


def with_class_token(token, x, mask):
    rows = len(x)
    return torch.cat([token.expand(rows, 1, -1), x], dim=1), F.pad(mask, (1, 0), value=True)


def self_blocks(context, config, layers):
    shape = config["width"], config["heads"], config["mlp_ratio"]
    return nn.ModuleDict({name: nn.ModuleList(SelfBlock(*shape) for _ in range(layers)) for name in context.modalities})


@counterpart("mbt")
class Mbt(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        width = config["width"]
        self.names = context.modalities
        self.tokens = project_all(context, config)
        self.bottleneck = nn.Parameter(torch.zeros(config["bottleneck_tokens"], width))
        self.class_tokens = class_tokens(context, config)
        setattr(self, "self", self_blocks(context, config, config["self_layers"]))
        self.fusion = self_blocks(context, config, config["fusion_layers"])
        self.norm = nn.LayerNorm(width)
        self.classifier = nn.Linear(width, context.outputs)
        self.layers = config["fusion_layers"]

    def forward(self, encoded):
        present = torch.stack([e.present for e in encoded], dim=1)
        share = (present | ~present.any(dim=1, keepdim=True)).float()
        share = share / share.sum(dim=1, keepdim=True)  # (B, M)
        parts = {}
        for name, e in zip(self.names, encoded):
            x, mask = with_class_token(self.class_tokens[name], *self.tokens[name](e))
            for block in getattr(self, "self")[name]:
                x = block(x, mask)
            parts[name] = x, mask
        rows, size = len(share), len(self.bottleneck)
        between = self.bottleneck.expand(rows, -1, -1)
        for i in range(self.layers):
            written = 0
            for m, (name, (x, mask)) in enumerate(parts.items()):
                seen = self.fusion[name][i](torch.cat([x, between], dim=1), F.pad(mask, (0, size), value=True))
                parts[name] = seen[:, :-size], mask
                written = written + share[:, m, None, None] * seen[:, -size:]
            between = written
        return sum(share[:, m, None] * self.classifier(self.norm(x[:, 0])) for m, (x, _) in enumerate(parts.values()))


@counterpart("perceiver")
class Perceiver(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        shape = config["width"], config["heads"], config["mlp_ratio"]
        self.tokens = project_all(context, config)
        self.latents = nn.Parameter(torch.zeros(config["latents"], config["width"]))
        self.read = nn.ModuleList(CrossBlock(*shape) for _ in range(config["rounds"]))
        self.blocks = nn.ModuleList(
            nn.ModuleList(SelfBlock(*shape) for _ in range(config["latent_layers"])) for _ in range(config["rounds"]))
        self.norm = nn.LayerNorm(config["width"])
        self.classifier = nn.Linear(config["width"], context.outputs)

    def forward(self, encoded):
        tokens, masks = zip(*[projection(e) for projection, e in zip(self.tokens.values(), encoded)])
        tokens, mask = torch.cat(tokens, dim=1), torch.cat(masks, dim=1)
        z = self.latents.expand(len(tokens), -1, -1)
        everywhere = torch.ones(z.shape[:2], dtype=torch.bool)
        for read, blocks in zip(self.read, self.blocks):
            z = read(z, tokens, mask)
            for block in blocks:
                z = block(z, everywhere)
        return self.classifier(self.norm(z.mean(dim=1)))


@counterpart("co_attention")
class CoAttention(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        width, names = config["width"], context.modalities
        self.names = names
        self.tokens = project_all(context, config)
        self.class_tokens = class_tokens(context, config)
        self.cross = nn.ModuleDict({name: nn.ModuleList(CrossBlock(width, config["heads"], config["mlp_ratio"])
                                                        for _ in range(config["layers"])) for name in names})
        setattr(self, "self", self_blocks(context, config, config["layers"]))
        self.poolers = nn.ModuleDict({name: nn.Linear(width, width) for name in names})
        self.norm = nn.LayerNorm(width)
        self.classifier = mlp(width, [width], context.outputs)
        self.layers = config["layers"]

    def forward(self, encoded):
        parts = {name: with_class_token(self.class_tokens[name], *self.tokens[name](e)) for name, e in zip(self.names, encoded)}
        for i in range(self.layers):
            after = {}
            for name, (x, mask) in parts.items():
                others = [part for other, part in parts.items() if other != name]
                context = [torch.cat(both, dim=1) for both in zip(*others)]
                after[name] = getattr(self, "self")[name][i](self.cross[name][i](x, *context), mask), mask
            parts = after
        product = 1
        for name, (x, _) in parts.items():
            product = product * torch.tanh(self.poolers[name](self.norm(x[:, 0])))
        return self.classifier(product)


def clean(encoded):
    return [e.pooled.masked_fill(~e.present[:, None], 0) for e in encoded]


def linears(context, width):
    """One linear map per modality."""
    return nn.ModuleDict({name: nn.Linear(before, width) for name, before in zip(context.modalities, context.widths)})


def signed_sqrt(x):
    return x / torch.sqrt(x.abs() + 1e-6)  # all but sign(x) sqrt(|x|), and trainable at 0


class Joined(nn.Module):
    """One vector per modality, joined into one by join(vectors), then a classifier."""

    def __init__(self, context, config, width):
        super().__init__()
        self.missing = MissingVectors(context)
        self.classifier = mlp(width, config["hidden"], context.outputs)

    def forward(self, encoded):
        return self.classifier(self.join(self.missing.replace(encoded)))


@counterpart("channel_attention")
class ChannelAttention(Joined):
    def __init__(self, context, config):
        width = sum(context.widths)
        super().__init__(context, config, width)
        self.gates = mlp(width, [max(1, width // config["ratio"])], width)

    def join(self, vectors):
        x = torch.cat(vectors, dim=1)
        return x * torch.sigmoid(self.gates(x))


@counterpart("gmu")
class Gmu(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        self.values = linears(context, config["width"])
        gated = context.modalities if len(context.modalities) > 2 else context.modalities[:1]
        self.gates = nn.ModuleDict({name: nn.Linear(sum(context.widths), config["width"]) for name in gated})
        self.classifier = mlp(config["width"], config["hidden"], context.outputs)

    def forward(self, encoded):
        vectors = clean(encoded)
        joined = torch.cat(vectors, dim=1)
        gates = [torch.sigmoid(gate(joined)) for gate in self.gates.values()]
        present = torch.stack([e.present for e in encoded], dim=1)[:, :, None]
        if len(gates) == 1:
            alone = ~present.all(dim=1)
            gates = [gates[0].masked_fill(alone, 1), (1 - gates[0]).masked_fill(alone, 1)]
        parts = [gate * torch.tanh(value(x)) * present[:, m]
                 for m, (gate, value, x) in enumerate(zip(gates, self.values.values(), vectors))]
        return self.classifier(sum(parts))


@counterpart("film")
class Film(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        width = config["width"]
        self.missing = MissingVectors(context)
        self.inputs = linears(context, width)
        self.blocks = nn.ModuleDict({name: nn.Linear(width, width, bias=False) for name in context.modalities})
        self.modulations = nn.ModuleDict({name: nn.Linear(sum(context.widths) - own, 2 * width)
                                          for name, own in zip(context.modalities, context.widths)})
        self.classifier = mlp(width * len(context.modalities), config["hidden"], context.outputs)

    def forward(self, encoded):
        vectors = self.missing.replace(encoded)
        parts = []
        for m, (name, e) in enumerate(zip(self.inputs, encoded)):
            others = torch.cat(vectors[:m] + vectors[m + 1:], dim=1)
            gamma, beta = self.modulations[name](others)[:, None].chunk(2, dim=2)
            x = torch.relu(self.inputs[name](e.tokens))
            x = x + torch.relu((1 + gamma) * F.layer_norm(self.blocks[name](x), x.shape[-1:]) + beta)
            mask = e.mask[:, :, None]
            parts.append((x * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1))
        return self.classifier(torch.cat(parts, dim=1))


@counterpart("mmtm")
class Mmtm(Joined):
    def __init__(self, context, config):
        total = sum(context.widths)
        super().__init__(context, config, total)
        width = max(1, total // config["ratio"])
        self.squeeze = nn.Linear(total, width)
        self.excite = nn.ModuleDict({name: nn.Linear(width, own) for name, own in zip(context.modalities, context.widths)})

    def join(self, vectors):
        summary = torch.relu(self.squeeze(torch.cat(vectors, dim=1)))
        return torch.cat([2 * torch.sigmoid(gate(summary)) * x for gate, x in zip(self.excite.values(), vectors)], dim=1)


@counterpart("centralnet")
class CentralNet(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        width = config["width"]
        stages = {name: taps + [own] for name, taps, own in zip(context.modalities, context.tap_widths, context.widths)}
        self.count = max(len(widths) for widths in stages.values())
        self.alphas = nn.ParameterDict({name: nn.Parameter(torch.zeros(len(widths))) for name, widths in stages.items()})
        self.central_alphas = nn.Parameter(torch.zeros(self.count - 1))
        self.projections = nn.ModuleDict({name: nn.ModuleList(nn.Linear(own, width, bias=False) for own in widths)
                                          for name, widths in stages.items()})
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(self.count))
        self.classifier = nn.Linear(width, context.outputs)

    def forward(self, encoded):
        h = 0
        for i, layer in enumerate(self.layers):
            x = self.central_alphas[i - 1] * h if i > 0 else 0
            own, whole, kept = 0, 0, 0
            for (name, projections), e in zip(self.projections.items(), encoded):
                k = i - (self.count - len(projections))
                if k < 0:
                    continue
                here = e.present[:, None]
                stage = (e.taps + [e.pooled])[k].masked_fill(~here, 0)
                alpha = self.alphas[name][k]
                own = own + alpha * projections[k](stage)
                whole, kept = whole + alpha.abs(), kept + alpha.abs() * here
            h = torch.relu(layer(x + own * whole / kept.clamp(min=TINY)))
        return self.classifier(h)


@counterpart("attention_pooling")
class AttentionPooling(Joined):
    def __init__(self, context, config):
        super().__init__(context, config, config["width"])
        self.values = linears(context, config["width"])
        self.score = nn.Linear(config["width"], config["width"])
        self.score_vector = nn.Parameter(torch.zeros(config["width"]))

    def forward(self, encoded):
        vectors = self.missing.replace(encoded)
        x = torch.stack([value(z) for value, z in zip(self.values.values(), vectors)], dim=1)
        scores = torch.tanh(self.score(x)) @ self.score_vector
        weights = masked_softmax(scores, torch.stack([e.present for e in encoded], dim=1))
        return self.classifier((weights[:, :, None] * x).sum(dim=1))


@counterpart("tensor")
class TensorFusion(Joined):
    def __init__(self, context, config):
        super().__init__(context, config, (config["width"] + 1) ** len(context.modalities))
        self.maps = linears(context, config["width"])

    def join(self, vectors):
        product = torch.ones(len(vectors[0]), 1)
        for one_map, x in zip(self.maps.values(), vectors):
            y = torch.cat([torch.ones(len(x), 1), one_map(x)], dim=1)
            product = (product[:, :, None] * y[:, None]).flatten(1)
        return product


@counterpart("lmf")
class Lmf(Joined):
    def __init__(self, context, config):
        super().__init__(context, config, config["width"])
        self.factors = nn.ParameterDict({name: nn.Parameter(torch.zeros(config["rank"], own + 1, config["width"]))
                                         for name, own in zip(context.modalities, context.widths)})
        self.order = context.modalities  # the dictionary sorts its names
        self.rank_weights = nn.Parameter(torch.zeros(config["rank"]))
        self.bias = nn.Parameter(torch.zeros(config["width"]))

    def join(self, vectors):
        product = 1
        for name, x in zip(self.order, vectors):
            product = product * torch.matmul(torch.cat([torch.ones(len(x), 1), x], dim=1), self.factors[name])
        return torch.einsum("r,rbo->bo", self.rank_weights, product) + self.bias


class Buffers(nn.Module):
    """A buffer per modality, under its name."""

    def __init__(self, context, dtype):
        super().__init__()
        for name, width in zip(context.modalities, context.widths):
            self.register_buffer(name, torch.zeros(width, dtype=dtype))


@counterpart("mcb")
class Mcb(Joined):
    def __init__(self, context, config):
        super().__init__(context, config, config["width"])
        self.width = config["width"]
        self.places, self.signs = Buffers(context, torch.int64), Buffers(context, torch.float32)

    def join(self, vectors):
        product = 1
        for places, signs, x in zip(self.places.buffers(), self.signs.buffers(), vectors):
            sketch = torch.zeros(len(x), self.width).index_add(1, places, x * signs)
            product = product * torch.fft.rfft(sketch)
        return F.normalize(signed_sqrt(torch.fft.irfft(product, self.width)))


@counterpart("mlb")
class Mlb(Joined):
    def __init__(self, context, config):
        super().__init__(context, config, config["width"])
        self.maps = linears(context, config["width"])

    def join(self, vectors):
        product = 1
        for one_map, x in zip(self.maps.values(), vectors):
            product = product * torch.tanh(one_map(x))
        return product


@counterpart("mfb", "mfh")
class FactorizedBilinear(Joined):
    def __init__(self, context, config):
        order = config.get("order", 1)
        super().__init__(context, config, order * config["width"])
        self.factors = config["factors"]
        self.blocks = nn.ModuleList(linears(context, config["width"] * self.factors) for _ in range(order))

    def join(self, vectors):
        product, pooled = 1, []
        for block in self.blocks:
            for one_map, x in zip(block.values(), vectors):
                product = product * one_map(x)
            sums = product.view(len(product), -1, self.factors).sum(dim=2)
            pooled.append(F.normalize(signed_sqrt(sums)))
        return torch.cat(pooled, dim=1)


@counterpart("mutan")
class Mutan(Joined):
    def __init__(self, context, config):
        super().__init__(context, config, config["joined"])
        self.rank = config["rank"]
        self.inputs = linears(context, config["width"])
        self.products = nn.ModuleDict({name: nn.Linear(config["width"], self.rank * config["joined"])
                                       for name in context.modalities})

    def join(self, vectors):
        product = 1
        for before, after, x in zip(self.inputs.values(), self.products.values(), vectors):
            product = product * after(torch.tanh(before(x)))
        return product.view(len(product), self.rank, -1).sum(dim=1)


@counterpart("block")
class Block(Joined):
    def __init__(self, context, config):
        super().__init__(context, config, config["blocks"] * config["joined"])
        self.rank, self.width = config["rank"], config["width"]
        self.inputs = linears(context, config["blocks"] * self.width)
        self.blocks = nn.ModuleList(
            nn.ModuleDict({name: nn.Linear(self.width, self.rank * config["joined"]) for name in context.modalities})
            for _ in range(config["blocks"]))

    def join(self, vectors):
        projected = [one_map(x).split(self.width, dim=1) for one_map, x in zip(self.inputs.values(), vectors)]
        joined = []
        for c, block in enumerate(self.blocks):
            product = 1
            for after, parts in zip(block.values(), projected):
                product = product * after(parts[c])
            joined.append(F.normalize(signed_sqrt(product.view(len(product), self.rank, -1).sum(dim=1))))
        return torch.cat(joined, dim=1)


@counterpart("tucker")
class Tucker(Joined):
    def __init__(self, context, config):
        super().__init__(context, config, config["joined"])
        self.maps = linears(context, config["width"])
        self.core = nn.Parameter(torch.zeros(*[config["width"]] * len(context.modalities), config["joined"]))

    def join(self, vectors):
        left = self.core.expand(len(vectors[0]), *self.core.shape)
        for one_map, x in zip(self.maps.values(), vectors):
            left = torch.einsum("bi,bi...->b...", torch.tanh(one_map(x)), left)
        return left


@counterpart("product")
class Product(Late):
    def __init__(self, context, config):
        super().__init__(context, config)
        self.prior = nn.Parameter(torch.zeros(context.outputs)) if config["divides_prior"] else None

    def combine(self, logits, present):
        product = (logits.log_softmax(dim=-1) * present[:, :, None]).sum(dim=1)
        if self.prior is not None:
            product = product - (present.sum(dim=1, keepdim=True) - 1) * self.prior.log_softmax(dim=-1)
        return product


@counterpart("maximum")
class Maximum(Late):
    def combine(self, logits, present):
        return logits.log_softmax(dim=-1).masked_fill(~present[:, :, None], float("-inf")).amax(dim=1)


@counterpart("calibrated")
class Calibrated(Late):
    def __init__(self, context, config):
        super().__init__(context, config)
        self.log_temperatures = nn.Parameter(torch.zeros(len(context.widths)))

    def combine(self, logits, present):
        weights = (present / present.sum(dim=1, keepdim=True))[:, :, None]
        cooled = logits / torch.exp(self.log_temperatures)[None, :, None]
        return (cooled.log_softmax(dim=-1) * weights).sum(dim=1)


@counterpart("dempster_shafer")
class DempsterShafer(Late):
    def combine(self, logits, present):
        classes = logits.shape[-1]
        evidence = F.softplus(logits) * present[:, :, None]
        strength = evidence.sum(dim=2, keepdim=True) + classes
        beliefs, doubts = evidence / strength, classes / strength
        belief, doubt = beliefs[:, 0], doubts[:, 0]
        for m in range(1, logits.shape[1]):
            conflict = (belief.sum(dim=1) * beliefs[:, m].sum(dim=1) - (belief * beliefs[:, m]).sum(dim=1))[:, None]
            belief, doubt = ((belief * beliefs[:, m] + belief * doubts[:, m] + beliefs[:, m] * doubt) / (1 - conflict),
                             doubt * doubts[:, m] / (1 - conflict))
        return torch.log(belief + doubt / classes)


def centred(x, rows):
    return (x - (x * rows).sum(dim=0) / rows.sum().clamp(min=1)) * rows


@counterpart("misa")
class Misa(nn.Module):
    """auxiliary: what training adds to the loss."""

    def __init__(self, context, config):
        super().__init__()
        self.weights = [config[name] for name in ("similarity", "difference", "reconstruction")]
        width, names = config["width"], context.modalities
        self.inputs = linears(context, width)
        self.norm = nn.LayerNorm(width)
        self.common = nn.Linear(width, width)
        self.own = nn.ModuleDict({name: nn.Linear(width, width) for name in names})
        self.decoders = nn.ModuleDict({name: nn.Linear(width, width) for name in names})
        self.block = SelfBlock(width, config["heads"], 2)
        self.classifier = mlp(2 * len(names) * width, config["hidden"], context.outputs)

    def forward(self, encoded):
        inputs = [self.norm(F.relu(layer(z))) for layer, z in zip(self.inputs.values(), clean(encoded))]
        common = [torch.sigmoid(self.common(u)) for u in inputs]
        own = [torch.sigmoid(layer(u)) for layer, u in zip(self.own.values(), inputs)]
        rows = [e.present.float()[:, None] for e in encoded]
        if self.training:
            self.auxiliary = self.objectives(inputs, common, own, rows)
        counted = torch.stack([e.present for e in encoded] * 2, dim=1)
        parts = torch.stack(common + own, dim=1) * counted[:, :, None]
        # A row in which nothing is present has no key to look at; its parts are masked anyway.
        seen = self.block(parts, counted | ~counted.any(dim=1, keepdim=True))
        return self.classifier((seen * counted[:, :, None]).flatten(1))

    def objectives(self, inputs, common, own, rows):
        similarity = difference = reconstruction = 0
        size = len(inputs)
        for m in range(size):
            difference = difference + self.overlap(common[m], own[m], rows[m])
            error = (self.decode(m, common[m] + own[m]) - inputs[m]) ** 2 * rows[m]
            reconstruction = reconstruction + (error.sum(dim=0) / rows[m].sum().clamp(min=1)).mean()
            for n in range(m + 1, size):
                both = rows[m] * rows[n]
                difference = difference + self.overlap(own[m], own[n], both)
                similarity = similarity + self.discrepancy(common[m], common[n], both)
        parts = similarity / (size * (size - 1) / 2), difference, reconstruction / size
        return sum(weight * part for weight, part in zip(self.weights, parts))

    def decode(self, m, x):
        return list(self.decoders.values())[m](x)

    @staticmethod
    def overlap(x, y, rows):
        def unit(part):
            part = centred(part, rows)
            return part / torch.sqrt((part ** 2).sum(dim=1, keepdim=True) + TINY)
        return (unit(x).T @ unit(y)).pow(2).mean()

    @staticmethod
    def discrepancy(x, y, rows):
        def moments(part):
            mean = (part * rows).sum(dim=0) / rows.sum().clamp(min=1)
            return [mean] + [((part - mean) ** k * rows).sum(dim=0) / rows.sum().clamp(min=1) for k in range(2, 6)]
        return sum(torch.sqrt(((a - b) ** 2).sum() + 1e-6) - 1e-3 for a, b in zip(moments(x), moments(y)))


@counterpart("deep_cca")
class DeepCca(nn.Module):
    def __init__(self, context, config):
        super().__init__()
        self.width, self.weight, self.ridge = config["width"], config["correlation"], config["ridge"]
        self.views = nn.ModuleDict({name: mlp(before, config["view_hidden"], self.width)
                                    for name, before in zip(context.modalities, context.widths)})
        self.classifier = mlp(len(context.modalities) * self.width, config["hidden"], context.outputs)

    def forward(self, encoded):
        views = [view(e.pooled) * e.present[:, None] for view, e in zip(self.views.values(), encoded)]
        if self.training:
            pairs = [(m, n) for m in range(len(views)) for n in range(m + 1, len(views))]
            sums = [self.squared_correlations(views[m], views[n], encoded[m].present & encoded[n].present) for m, n in pairs]
            self.auxiliary = -self.weight / self.width * sum(sums) / len(pairs)
        return self.classifier(torch.cat(views, dim=1))

    def squared_correlations(self, x, y, rows):
        x, y = x[rows], y[rows]
        x, y = x - x.mean(dim=0), y - y.mean(dim=0)
        def covariance(a, b):
            return a.T @ b / max(len(a) - 1, 1)
        def own(a):
            c = covariance(a, a)
            return c + (self.ridge * c.diagonal().mean() + 1e-12) * torch.eye(self.width)
        x, y = x.double(), y.double()
        return torch.trace(torch.linalg.solve(own(x), covariance(x, y)) @ torch.linalg.solve(own(y), covariance(y, x))).float()
