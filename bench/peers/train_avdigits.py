#!/usr/bin/env python3
"""Trains on avdigits from raw files as a PyTorch user would: what `braid train` is compared with.

The same files, shapes, encoders, fusion (concatenation), batch size, epochs, optimiser and schedule as braid's, without what braid
does beyond that. Prints the test accuracy as JSON. Usage: train_avdigits.py FOLDER --epochs N --batch-size N --threads N --out FILE
"""
import argparse
import csv
import json
import os
import wave

import numpy
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from media import mel_bands

RATE_HZ, WINDOW, HOP, FFT_SIZE, NUM_MELS = 8000, 200, 80, 256, 40
BANDS = mel_bands(NUM_MELS, FFT_SIZE // 2 + 1, RATE_HZ, 20, RATE_HZ / 2)


def read_picture(path):
    return torch.from_numpy(numpy.array(Image.open(path).convert("L"), dtype=numpy.float32) / 255)[None]  # (1, H, W)


def read_log_mel(path):
    with wave.open(path) as file:
        samples = numpy.frombuffer(file.readframes(file.getnframes()), dtype=numpy.int16).astype(numpy.float32) / 32768
    spectrum = torch.stft(torch.from_numpy(samples), FFT_SIZE, hop_length=HOP, win_length=WINDOW, window=torch.hann_window(WINDOW),
                          return_complex=True)
    return torch.log((spectrum.abs().pow(2).T @ BANDS).clamp(min=1e-10))  # (T, F)


class Digits(Dataset):
    def __init__(self, folder, split, statistics=None):
        with open(os.path.join(folder, "manifest.csv"), newline="") as file:
            self.rows = [row for row in csv.DictReader(file) if row["split"] == split]
        self.folder = folder
        self.statistics = statistics or self.learn()

    def learn(self):
        sounds = [read_log_mel(os.path.join(self.folder, row["audio_noisy"])) for row in self.rows]
        self.statistics = {"frames": int(numpy.median([len(sound) for sound in sounds])), "picture": (0, 1), "sound": (0, 1)}
        pictures, sounds = zip(*[self[i][:2] for i in range(len(self))])
        pictures, sounds = torch.stack(pictures), torch.stack(sounds)
        return {"frames": self.statistics["frames"], "picture": (pictures.mean(), pictures.std()),
                "sound": (sounds.mean(dim=(0, 1, 2)), sounds.std(dim=(0, 1, 2)))}

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        row, at = self.rows[i], self.statistics
        picture = read_picture(os.path.join(self.folder, row["image_degraded"]))
        sound = read_log_mel(os.path.join(self.folder, row["audio_noisy"]))
        sound = F.interpolate(sound.T[None], at["frames"], mode="linear", align_corners=True)[0].T[None]  # (1, frames, F)
        sound = sound - sound.mean(dim=1, keepdim=True)
        return ((picture - at["picture"][0]) / at["picture"][1], (sound - at["sound"][0]) / at["sound"][1], int(row["label"]))


def cnn(pool, parts, width):
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2, bias=False), nn.GroupNorm(8, 16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.GroupNorm(8, 32), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(32, 64, 3, padding=1, bias=False), nn.GroupNorm(8, 64), nn.ReLU(),
        nn.AdaptiveAvgPool2d(pool), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64 * parts, width))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.picture, self.sound = cnn(4, 16, 64), cnn((4, 5), 20, 64)
        self.classifier = nn.Sequential(nn.Dropout(0.3), nn.Linear(128, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))

    def forward(self, picture, sound):
        return self.classifier(torch.cat([self.picture(picture), self.sound(sound)], dim=1))


def accuracy(model, loader):
    model.eval()
    with torch.no_grad():
        right = [model(picture, sound).argmax(dim=1) == label for picture, sound, label in loader]
    return torch.cat(right).float().mean().item()


def train_epoch(model, loader, optimizer, schedule):
    model.train()
    for picture, sound, label in loader:
        loss = F.cross_entropy(model(picture, sound), label)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(args.threads)
    train = Digits(args.folder, "train")

    def load(data, shuffle=False):
        return DataLoader(data, batch_size=args.batch_size, shuffle=shuffle, num_workers=args.threads, persistent_workers=True)

    train_loader = load(train, shuffle=True)
    validation = load(Digits(args.folder, "val", train.statistics))
    model = Model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, args.epochs * len(train_loader), pct_start=0.05)
    best = -1.0
    for _ in range(args.epochs):
        train_epoch(model, train_loader, optimizer, schedule)
        score = accuracy(model, validation)
        if score > best:
            best = score
            torch.save(model.state_dict(), args.out)
    model.load_state_dict(torch.load(args.out))
    print(json.dumps({"accuracy": accuracy(model, load(Digits(args.folder, "test", train.statistics)))}))


if __name__ == "__main__":
    main()
