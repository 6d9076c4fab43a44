"""The reference nets in PyTorch: eager, in the layout of memory that is the fastest for each."""

import common

options = common.parse_options(__doc__)

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(options.threads)


class Rows(nn.Module):
    """The rows of an image as steps of an LSTM, whose last state is the output."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(28, 128, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, (state, _) = self.lstm(x.flatten(1, 2))
        return state[-1]


class Patches(nn.Module):
    """Patches of an image as steps, a block of a transformer, and the mean of its steps."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Sequential(nn.ZeroPad2d(2), nn.Conv2d(1, 128, 4, 4))
        self.block = nn.TransformerEncoderLayer(
            128, 4, 512, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.block(self.patches(x).flatten(2).transpose(1, 2)).mean(1)


def build(name: str) -> tuple[nn.Module, torch.optim.Optimizer]:
    """The net and its optimizer."""
    match name:
        case "mlp":
            net = nn.Sequential(
                nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10)
            )
        case "keras-cnn":
            net = nn.Sequential(
                *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
                *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
                *(nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)),
            )
        case "torch-cnn":
            net = nn.Sequential(
                *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU()),
                *(nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128)),
                *(nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
            )
        case "lenet5":
            net = nn.Sequential(
                *(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2)),
                *(nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten()),
                *(nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh()),
                nn.Linear(84, 10),
            )
        case "lstm":
            net = nn.Sequential(Rows(), nn.Linear(128, 10))
        case "transformer":
            net = nn.Sequential(Patches(), nn.Linear(128, 10))
    match name:
        case "torch-cnn":
            return net, torch.optim.Adadelta(net.parameters(), lr=1.0)
        case "lenet5":
            return net, torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    return net, torch.optim.Adam(net.parameters(), lr=0.001)


train, test = common.load(options)
pixels = torch.from_numpy(train.pixels).unsqueeze(1)
labels = torch.from_numpy(train.labels.astype(np.int64))
test_pixels = torch.from_numpy(test.pixels).unsqueeze(1)
net, optimizer = build(options.net)
# Convolutions are faster with the channels last, but `torch-cnn` trains faster with them first.
first, last = torch.contiguous_format, torch.channels_last
layout = first if options.net in ["mlp", "lstm", "transformer"] else last
train_layout = first if options.net == "torch-cnn" else layout
net.eval().to(memory_format=layout)
loss = nn.CrossEntropyLoss()


def train_epoch() -> None:
    net.train().to(memory_format=train_layout)
    for batch in torch.randperm(len(pixels)).split(common.BATCH):
        optimizer.zero_grad()
        loss(net(pixels[batch].contiguous(memory_format=train_layout)), labels[batch]).backward()
        optimizer.step()
    net.eval().to(memory_format=layout)


@torch.inference_mode()
def predict(start: int, end: int) -> torch.Tensor:
    return net(test_pixels[start:end])


how = "eager" if layout is first else "channels last"
if train_layout is not layout:
    how += " to predict"
about = {"name": "PyTorch", "version": torch.__version__.split("+")[0], "how": how}
common.run(options, about, test.labels, predict, train_epoch)
if options.weights and "train" in options.tasks:
    file = options.weights / f"{options.net}.npz"
    np.savez(file, *(p.detach().contiguous().numpy() for p in net.parameters()))
