"""What the programs in Python share: options, MNIST, timing, and the JSON line that they print.

`common.rs` is the same for those in Rust.
"""

import argparse
import gzip
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

BATCH = 128


class Images(NamedTuple):
    """Pixels in 0..1 of shape (n, 28, 28), and the digits that they show."""

    pixels: np.ndarray
    labels: np.ndarray


def parse_options(about: str | None) -> argparse.Namespace:
    """Reads the command line; to be called before the library is imported."""
    parser = argparse.ArgumentParser(description=about)
    nets = ["mlp", "keras-cnn", "torch-cnn", "lenet5", "lstm", "transformer"]
    parser.add_argument("net", choices=nets)
    parser.add_argument("--tasks", default="train,infer,one", help="what to measure")
    parser.add_argument("--epochs", type=int, default=4, help="the first is a warm-up")
    parser.add_argument("--images", type=int, default=60_000, help="fewer for a quick trial")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default="data", help="where MNIST's gzip files are")
    parser.add_argument("--weights", type=Path, help="where PyTorch leaves what ONNX Runtime reads")
    options = parser.parse_args()
    # OpenMP's name and XLA's; where a library has a setting of its own, its program sets that too.
    os.environ["OMP_NUM_THREADS"] = os.environ["NPROC"] = str(options.threads)
    return options


def load(options: argparse.Namespace) -> tuple[Images, Images]:
    """The training images that the options ask for, and all test images."""

    def images(prefix: str) -> Images:
        # An IDX file is a header, of 4 bytes and 4 more a dimension, and the values.
        pixels = gzip.decompress((options.data / f"{prefix}-images-idx3-ubyte.gz").read_bytes())
        labels = gzip.decompress((options.data / f"{prefix}-labels-idx1-ubyte.gz").read_bytes())
        shape = (-1, 28, 28)
        scaled = np.frombuffer(pixels, np.uint8, offset=16).reshape(shape) / np.float32(255)
        return Images(scaled, np.frombuffer(labels, np.uint8, offset=8))

    train = images("train")
    return Images(train.pixels[: options.images], train.labels[: options.images]), images("t10k")


def run(
    options: argparse.Namespace,
    about: dict,
    labels: np.ndarray,
    predict: Callable[[int, int], ArrayLike],
    train_epoch: Callable[[], None] | None = None,
    learned: bool = False,
) -> None:
    """Measures, and prints.

    `about` says what the program is: its name, version and variant. `predict(i, j)` gives the
    logits of the test images i..j, computed as one batch, as whatever NumPy can turn into an array;
    a library may still be computing them when it returns. `train_epoch` goes through all training
    images once, and is done when it returns. `learned` tells that the net has been trained already.
    """
    tasks = options.tasks.split(",")
    report = about | {"net": options.net}

    def predict_all() -> np.ndarray:
        count = len(labels)
        logits = [predict(i, min(i + BATCH, count)) for i in range(0, count, BATCH)]
        return np.concatenate([np.asarray(batch) for batch in logits])

    if "train" in tasks and options.epochs > 0 and train_epoch:
        report["epochs"] = [seconds(train_epoch) for _ in range(options.epochs)]
        learned = True
    if learned:
        report["accuracy"] = 100 * float(np.mean(predict_all().argmax(axis=1) == labels))
    if "infer" in tasks:
        predict_all()
        passes = [seconds(predict_all) for _ in range(5)]
        report["images_per_second"] = len(labels) / statistics.median(passes)
    if "one" in tasks:
        # The first hundred do not count.
        images = [seconds(lambda i=i: np.asarray(predict(i, i + 1))) for i in range(1100)][100:]
        report["one_us"] = 1e6 * statistics.median(images)
    print(json.dumps(report), flush=True)


def seconds(action: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
