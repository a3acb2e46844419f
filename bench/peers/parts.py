"""What several models share: Braid's safetensors files, and its attention under the names of PyTorch's modules."""
import json
import struct

import torch
from torch import nn

TYPES = {"F32": torch.float32, "I64": torch.int64, "BOOL": torch.bool}


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


def attention_state(state, ours, theirs):
    """An attention's parameters under nn.MultiheadAttention's names.

    Braid has query, key (without a bias, which softmax cancels), value and out apart.
    """
    bias = state[ours + "query.bias"]
    mapped = {
        theirs + "in_proj_weight": torch.cat([state[f"{ours}{part}.weight"] for part in ("query", "key", "value")]),
        theirs + "in_proj_bias": torch.cat([bias, torch.zeros_like(bias), state[ours + "value.bias"]]),
    }
    for kind in ("weight", "bias"):
        mapped[theirs + "out_proj." + kind] = state[f"{ours}out.{kind}"]
    return mapped


def block_state(state, ours, theirs):
    """A block's parameters under nn.TransformerEncoderLayer's names."""
    mapped = attention_state(state, ours + "attention.", theirs + "self_attn.")
    for kind in ("weight", "bias"):
        mapped[theirs + "linear1." + kind] = state[f"{ours}mlp.0.{kind}"]
        mapped[theirs + "linear2." + kind] = state[f"{ours}mlp.2.{kind}"]
        mapped[theirs + "norm1." + kind] = state[f"{ours}norm.{kind}"]
        mapped[theirs + "norm2." + kind] = state[f"{ours}norm_mlp.{kind}"]
    return mapped


def map_blocks(state, prefix, num_layers):
    mapped = {}
    for i in range(num_layers):
        mapped.update(block_state(state, f"{prefix}{i}.", f"blocks.layers.{i}."))
    return mapped


def renames(mapping):
    """A hook before load_state_dict that puts mapping(state, prefix, prefix) in place of what stands under the prefix."""
    def hook(state, prefix, *_):
        mapped = mapping(state, prefix, prefix)
        for name in [name for name in state if name.startswith(prefix)]:
            del state[name]
        state.update(mapped)
    return hook


class Attention(nn.MultiheadAttention):
    """nn.MultiheadAttention that loads the parameters of Braid's."""

    def __init__(self, width, heads):
        super().__init__(width, heads, batch_first=True)
        self._register_load_state_dict_pre_hook(renames(attention_state))

    def forward(self, query, keys, mask):
        """mask: (B, Tk), true where a token is real."""
        return super().forward(query, keys, keys, key_padding_mask=~mask, need_weights=False)[0]


class SelfBlock(nn.TransformerEncoderLayer):
    """nn.TransformerEncoderLayer that loads the parameters of Braid's pre-norm block."""

    def __init__(self, width, heads, mlp_ratio):
        super().__init__(width, heads, mlp_ratio * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self._register_load_state_dict_pre_hook(renames(block_state))

    def forward(self, x, mask):
        return super().forward(x, src_key_padding_mask=~mask)


class CrossBlock(nn.Module):
    """Queries of one sequence attend to the tokens of another; pre-norm."""

    def __init__(self, width, heads, mlp_ratio):
        super().__init__()
        self.norm, self.norm_context, self.norm_mlp = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, mlp_ratio * width), nn.GELU(), nn.Linear(mlp_ratio * width, width))

    def forward(self, x, context, mask):
        x = x + self.attention(self.norm(x), self.norm_context(context), mask)
        return x + self.mlp(self.norm_mlp(x))
