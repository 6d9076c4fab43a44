"""The reference nets in JAX: plain functions, compiled, and Optax's optimizers."""

import os
from functools import partial

import common

options = common.parse_options(__doc__)
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
from jax import lax, nn  # noqa: E402
from jax import numpy as jnp  # noqa: E402

# The shapes of each net's weights; a bias goes with each.
SHAPES = {
    "mlp": [(784, 128), (128, 10)],
    "keras-cnn": [(3, 3, 1, 32), (3, 3, 32, 64), (1600, 10)],
    "torch-cnn": [(3, 3, 1, 32), (3, 3, 32, 64), (9216, 128), (128, 10)],
    "lenet5": [(5, 5, 1, 6), (5, 5, 6, 16), (400, 120), (120, 84), (84, 10)],
}
OPTIMIZERS = {
    "torch-cnn": optax.adadelta(1.0, rho=0.9, eps=1e-6),
    "lenet5": optax.sgd(0.05, momentum=0.9),
}


def dense(x, params):
    weights, bias = params
    return x.reshape(len(x), -1) @ weights + bias


def conv(x, params, padding="VALID"):
    weights, bias = params
    dims = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, weights, (1, 1), padding, dimension_numbers=dims) + bias


def max_pool(x, train):
    """The same either way. XLA's `reduce_window` is fast, but its gradient several times slower."""
    if not train:
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    n, h, w, c = x.shape
    windows = x[:, : h // 2 * 2, : w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, c)
    return windows.max(axis=(2, 4))


def avg_pool(x):
    return lax.reduce_window(x, 0.0, lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") / 4


def forward(params, x, key=None):
    """The logits; with dropout, as in training, if there is a key."""
    train = key is not None

    def dropout(x, rate, number):
        if not train:
            return x
        keep = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - rate, x.shape)
        return jnp.where(keep, x / (1 - rate), 0)

    match options.net:
        case "mlp":
            x = dropout(nn.relu(dense(x, params[0])), 0.2, 0)
        case "keras-cnn":
            x = max_pool(nn.relu(conv(x, params[0])), train)
            x = max_pool(nn.relu(conv(x, params[1])), train)
            x = dropout(x, 0.5, 0)
        case "torch-cnn":
            x = nn.relu(conv(nn.relu(conv(x, params[0])), params[1]))
            x = dropout(max_pool(x, train), 0.25, 0)
            x = dropout(nn.relu(dense(x, params[2])), 0.5, 1)
        case "lenet5":
            x = avg_pool(jnp.tanh(conv(x, params[0], "SAME")))
            x = avg_pool(jnp.tanh(conv(x, params[1])))
            x = jnp.tanh(dense(jnp.tanh(dense(x, params[2])), params[3]))
    return dense(x, params[-1])


def loss(params, x, y, key):
    return optax.softmax_cross_entropy_with_integer_labels(forward(params, x, key), y).mean()


@partial(jax.jit, donate_argnums=0)
def step(state, x, y, number):
    params, moments = state
    gradient = jax.grad(loss)(params, x, y, jax.random.fold_in(SEED, number))
    updates, moments = optimizer.update(gradient, moments, params)
    return optax.apply_updates(params, updates), moments


SEED = jax.random.key(0)
rng = np.random.default_rng()
optimizer = OPTIMIZERS.get(options.net, optax.adam(0.001))
params = [
    (nn.initializers.glorot_uniform()(jax.random.fold_in(SEED, i), shape), jnp.zeros(shape[-1]))
    for i, shape in enumerate(SHAPES[options.net])
]
state = (params, optimizer.init(params))
steps = 0
train, test = common.load(options)
pixels, test_pixels = train.pixels[..., np.newaxis], test.pixels[..., np.newaxis]
labels = train.labels.astype(np.int32)
infer = jax.jit(forward)


def train_epoch() -> None:
    global state, steps
    order = rng.permutation(len(pixels))
    for start in range(0, len(order), common.BATCH):
        batch = order[start : start + common.BATCH]
        state = step(state, pixels[batch], labels[batch], steps)
        steps += 1
    jax.block_until_ready(state)


def predict(start: int, end: int) -> jax.Array:
    return infer(state[0], test_pixels[start:end])


about = {"name": "JAX", "version": jax.__version__, "how": f"Optax {optax.__version__}"}
if options.net in ("keras-cnn", "torch-cnn"):
    about["how"] += ", trains with max pools by reshape"
common.run(options, about, test.labels, predict, train_epoch)
