"""The suite's models the way PyTorch's users write them, under Braid's parameter names or mapped from them."""
import torch
from torch import nn

from parts import map_blocks


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
    """Braid's image_cnn with a classifier on its pooled vector."""

    def __init__(self, before, channels, step):
        super().__init__()
        layers, self.places = [], []  # of the convolutions among the layers
        for i, after in enumerate(channels):
            if i >= 2:
                layers.append(nn.MaxPool2d(2))
            self.places.append(len(layers))
            convolution = (nn.Conv2d(before, after, 2 * step + 1, stride=step, padding=step, bias=False) if i == 0
                           else nn.Conv2d(before, after, 3, padding=1, bias=False))
            layers += [convolution, nn.GroupNorm(8, after), nn.ReLU()]
            before = after
        self.layers = nn.Sequential(*layers)
        self.pooling = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(before * 16, 64))
        self.classifier = nn.Linear(64, 10)

    def forward(self, image):
        return self.classifier(self.pooling(self.layers(image)))

    def load_state_dict(self, state):
        mapped = {name: value for name, value in state.items() if name.startswith("classifier.")}
        for i, place in enumerate(self.places):
            mapped[f"layers.{place}.weight"] = state[f"encoder.convolutions.{i}.weight"]
            for kind in ("weight", "bias"):
                mapped[f"layers.{place + 1}.{kind}"] = state[f"encoder.norms.{i}.{kind}"]
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


MODELS = {"early": Early, "late": Late, "hybrid": Hybrid, "transformer": Transformer,
          "image_cnn": lambda: ImageCnn(1, (16, 32, 64), step=2), "image_cnn_224": lambda: ImageCnn(3, (32, 64, 128, 256), step=8),
          "vit_tiny": VitTiny}
