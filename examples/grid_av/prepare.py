#!/usr/bin/env python3
"""Makes of grid_av what `braid align` reads: lossless videos of the mouth, sound with noise, and tables of streams and words.

Needs ffmpeg. Usage: examples/grid_av/prepare.py OUT [--data DIR] [--slot digit] [--snr DB ...] [--shift SECONDS]

OUT/mouth/CLIP.mkv          75 grey frames of 60x36 at 25 Hz
OUT/audio/SNR/CLIP.wav      the clip, or the clip with its noise at SNR dB
OUT/streams_SNR.csv         clip, stream, file; the sound's times moved by SECONDS (a clock that is off)
OUT/words.csv               a row for each word of the slot: clip, t_start, t_end, split, label
"""
import argparse
import array
import csv
import os
import struct
import subprocess
import wave
from pathlib import Path


def read_wav(path):
    with wave.open(str(path)) as f:
        samples = array.array("h", f.readframes(f.getnframes()))
        return [s / 32768 for s in samples], f.getframerate()


def write_wav(path, samples, rate):
    """32-bit floats: a loud noise goes beyond what 16 bits hold."""
    data = struct.pack(f"<{len(samples)}f", *samples)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, 1, rate, 4 * rate, 4, 32,
                       b"data", len(data))
    path.write_bytes(head + data)


def power(samples):
    return sum(s * s for s in samples) / len(samples)


def mixed(clean, noise, start, snr_db):
    tail = noise[start:]
    n = [tail[i % len(tail)] for i in range(len(clean))]
    scale = (power(clean) / power(n) / 10 ** (snr_db / 10)) ** 0.5
    return [a + scale * b for a, b in zip(clean, n)]


def make_video(sprite, video):
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-framerate", "1/3", "-i", str(sprite), "-vf", "untile=15x5", "-r", "25", "-c:v", "ffv1",
                    "-pix_fmt", "gray", str(video)], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("BRAID_DATA", "../shared/data")) / "grid_av")
    parser.add_argument("--slot", default="digit")
    parser.add_argument("--snr", type=float, nargs="*", default=[], help="noise, dB; the clean sound is always made")
    parser.add_argument("--shift", type=float, default=0, help="seconds that the sound's clock is late")
    args = parser.parse_args()
    clips = [row for row in csv.DictReader(open(args.data / "manifest.csv")) if row["split"] != "corrupt"]
    (args.out / "mouth").mkdir(parents=True, exist_ok=True)
    for clip in clips:
        video = args.out / "mouth" / (clip["id"] + ".mkv")
        if not video.exists():
            make_video(args.data / clip["mouth"], video)
    for snr in [None] + args.snr:
        name = "clean" if snr is None else f"{snr:g}dB"
        folder = args.out / "audio" / name
        folder.mkdir(parents=True, exist_ok=True)
        with open(args.out / f"streams_{name}.csv", "w", newline="") as f:
            table = csv.writer(f)
            table.writerow(["clip", "stream", "file", "offset"])
            for clip in clips:
                sound = folder / (clip["id"] + ".wav")
                if not sound.exists():
                    samples, rate = read_wav(args.data / clip["audio"])
                    if snr is not None:
                        noise, _ = read_wav(args.data / clip["noise"])
                        samples = mixed(samples, noise, int(clip["noise_start_sample"]), snr)
                    write_wav(sound, samples, rate)
                table.writerow([clip["id"], "mouth", f"mouth/{clip['id']}.mkv", ""])
                table.writerow([clip["id"], "audio", f"audio/{name}/{clip['id']}.wav", f"{args.shift:g}s" if args.shift else ""])
    used = {clip["id"] for clip in clips}
    with open(args.out / "words.csv", "w", newline="") as f:
        table = csv.writer(f)
        table.writerow(["id", "clip", "t_start", "t_end", "split", "label"])
        for word in csv.DictReader(open(args.data / "words.csv")):
            if word["slot"] == args.slot and word["clip"] in used:
                table.writerow([word["id"], word["clip"], word["t_start"], word["t_end"], word["split"], word["label"]])


if __name__ == "__main__":
    main()
