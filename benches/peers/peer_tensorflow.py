"""The reference nets in TensorFlow, with Keras's `fit`."""

import os

import common

options = common.parse_options(__doc__)
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras.layers import AveragePooling2D, Conv2D, Dense, Dropout, Flatten, MaxPooling2D  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(options.threads)
tf.config.threading.set_inter_op_parallelism_threads(options.threads)

LAYERS = {
    "mlp": lambda: [Flatten(), Dense(128, "relu"), Dropout(0.2), Dense(10)],
    "keras-cnn": lambda: [
        *(Conv2D(32, 3, activation="relu"), MaxPooling2D(2)),
        *(Conv2D(64, 3, activation="relu"), MaxPooling2D(2)),
        *(Flatten(), Dropout(0.5), Dense(10)),
    ],
    "torch-cnn": lambda: [
        *(Conv2D(32, 3, activation="relu"), Conv2D(64, 3, activation="relu"), MaxPooling2D(2)),
        *(Dropout(0.25), Flatten(), Dense(128, "relu"), Dropout(0.5), Dense(10)),
    ],
    "lenet5": lambda: [
        *(Conv2D(6, 5, padding="same", activation="tanh"), AveragePooling2D(2)),
        *(Conv2D(16, 5, activation="tanh"), AveragePooling2D(2), Flatten()),
        *(Dense(120, "tanh"), Dense(84, "tanh"), Dense(10)),
    ],
}
OPTIMIZERS = {
    # Keras's epsilon stands outside the root, its default for Adadelta is 1e-7: PyTorch's values.
    "torch-cnn": lambda: keras.optimizers.Adadelta(1.0, rho=0.9, epsilon=1e-6),
    "lenet5": lambda: keras.optimizers.SGD(0.05, momentum=0.9),
}

net = keras.Sequential([keras.Input((28, 28, 1)), *LAYERS[options.net]()])
net.compile(
    optimizer=OPTIMIZERS.get(options.net, lambda: keras.optimizers.Adam(0.001))(),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    jit_compile=False,  # with XLA these nets train several times slower
)
train, test = common.load(options)
pixels = train.pixels[..., np.newaxis]
test_pixels = tf.constant(test.pixels[..., np.newaxis])
# Faster than `net.predict`, which is made for whole data sets, and than calling the net eagerly.
forward = tf.function(lambda x: net(x, training=False))


def train_epoch() -> None:
    net.fit(pixels, train.labels, batch_size=common.BATCH, verbose=0)


def predict(start: int, end: int) -> tf.Tensor:
    return forward(test_pixels[start:end])


about = {"name": "TensorFlow", "version": tf.__version__, "how": f"Keras {keras.__version__}"}
common.run(options, about, test.labels, predict, train_epoch)
