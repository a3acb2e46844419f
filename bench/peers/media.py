"""What PyTorch's users write to bring sound and pictures into tensors; each returns a function that does it once, and its values."""
import math

import torch

SAMPLED = 101  # every so-manieth value is compared


def mel_bands(num_mels, num_bins, rate_hz, low_hz, high_hz):
    """Triangles of peak 1 on the HTK mel scale, (num_bins, num_mels), as torchaudio's melscale_fbanks makes them."""
    def to_mel(hz):
        return 2595 * math.log10(1 + hz / 700)
    edges = 700 * (10 ** (torch.linspace(to_mel(low_hz), to_mel(high_hz), num_mels + 2, dtype=torch.float64) / 2595) - 1)
    bins = torch.linspace(0, rate_hz / 2, num_bins, dtype=torch.float64)
    slopes = edges[None, :] - bins[:, None]
    widths = edges[1:] - edges[:-1]
    return torch.minimum(-slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]).clamp(min=0).float()


def log_mel(request, tensors):
    sounds = tensors["samples"]  # (B, N)
    size, window = request["fft_size"], torch.hann_window(request["window"])
    bands = mel_bands(request["num_mels"], size // 2 + 1, request["rate_hz"], request["low_hz"], request["rate_hz"] / 2)

    def once():
        spectrum = torch.stft(sounds, size, hop_length=request["hop"], win_length=request["window"], window=window, center=True,
                              pad_mode="reflect", return_complex=True)
        power = spectrum.abs().pow(2)
        return torch.log(torch.matmul(power.transpose(1, 2), bands).clamp(min=1e-10))  # (B, T, M)

    return once, lambda: once().flatten()[::SAMPLED].tolist()


class Pictures(torch.utils.data.Dataset):
    def __init__(self, paths, size, mean, deviation):
        from torchvision import transforms
        self.paths = paths
        self.transform = transforms.Compose([transforms.Resize((size, size)), transforms.ToTensor(),
                                             transforms.Normalize(mean, deviation)])

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        from PIL import Image
        return self.transform(Image.open(self.paths[i]).convert("RGB"))


def jpeg(request, tensors):
    workers = request["threads"] if request["threads"] > 1 else 0
    loader = torch.utils.data.DataLoader(
        Pictures(request["paths"], request["size"], request["mean"], request["deviation"]), batch_size=request["batch_size"],
        num_workers=workers, persistent_workers=workers > 0)

    def once():
        return list(loader)

    return once, lambda: torch.cat([batch.flatten() for batch in once()])[::SAMPLED].tolist()


MEDIA = {"log_mel": log_mel, "jpeg": jpeg}
