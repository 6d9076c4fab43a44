"""The reference nets in ONNX Runtime, which only predicts.

Its parameters are those that PyTorch's program has left in the directory `--weights`. Without them
they are random, and there is no accuracy to tell.
"""

import common

options = common.parse_options(__doc__)

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

# Dropout does nothing here, and is left out. "conv IN OUT KERNEL PADDING", "dense IN OUT".
NETS = {
    "mlp": ["Flatten", "dense 784 128", "Relu", "dense 128 10"],
    "keras-cnn": [
        *("conv 1 32 3 0", "Relu", "MaxPool"),
        *("conv 32 64 3 0", "Relu", "MaxPool", "Flatten", "dense 1600 10"),
    ],
    "torch-cnn": [
        *("conv 1 32 3 0", "Relu", "conv 32 64 3 0", "Relu", "MaxPool", "Flatten"),
        *("dense 9216 128", "Relu", "dense 128 10"),
    ],
    "lenet5": [
        *("conv 1 6 5 2", "Tanh", "AveragePool", "conv 6 16 5 0", "Tanh", "AveragePool", "Flatten"),
        *("dense 400 120", "Tanh", "dense 120 84", "Tanh", "dense 84 10"),
    ],
}


def build(layers: list[str], trained: list[np.ndarray]) -> bytes:
    """The net as an ONNX model, with the trained parameters, or random ones if there are none."""
    rng = np.random.default_rng(0)
    nodes, parameters, value = [], [], "x0"

    def parameter(*shape: int) -> str:
        values = trained.pop(0) if trained else rng.normal(0, 0.05, shape).astype(np.float32)
        assert values.shape == shape, f"{values.shape} for {shape}"
        parameters.append(numpy_helper.from_array(values, f"p{len(parameters)}"))
        return parameters[-1].name

    for number, layer in enumerate(layers, start=1):
        kind, *sizes = layer.split()
        operands, attributes = [value], {}
        match [int(size) for size in sizes]:
            case [inputs, outputs, kernel, padding]:
                operands += [parameter(outputs, inputs, kernel, kernel), parameter(outputs)]
                kind, attributes = "Conv", {"pads": [padding] * 4}
            case [inputs, outputs]:
                operands += [parameter(outputs, inputs), parameter(outputs)]
                kind, attributes = "Gemm", {"transB": 1}
        if kind.endswith("Pool"):
            attributes = {"kernel_shape": [2, 2], "strides": [2, 2]}
        value = f"x{number}"
        nodes.append(helper.make_node(kind, operands, [value], **attributes))

    x = helper.make_tensor_value_info("x0", TensorProto.FLOAT, ["n", 1, 28, 28])
    y = helper.make_tensor_value_info(value, TensorProto.FLOAT, ["n", 10])
    graph = helper.make_graph(nodes, options.net, [x], [y], parameters)
    # The versions that ONNX Runtime knows may lag behind those of the newest `onnx`.
    versions = {"opset_imports": [helper.make_opsetid("", 21)], "ir_version": 10}
    model = helper.make_model(graph, **versions)
    onnx.checker.check_model(model)
    return model.SerializeToString()


trained = []
if options.weights and (file := options.weights / f"{options.net}.npz").exists():
    trained = list(np.load(file).values())
settings = onnxruntime.SessionOptions()
settings.intra_op_num_threads = options.threads
model = build(NETS[options.net], list(trained))
session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
_, test = common.load(options)
test_pixels = test.pixels[:, np.newaxis]


def predict(start: int, end: int) -> np.ndarray:
    return session.run(None, {"x0": test_pixels[start:end]})[0]


about = {
    "name": "ONNX Runtime",
    "version": onnxruntime.__version__,
    "how": "PyTorch's trained net" if trained else "random parameters",
}
common.run(options, about, test.labels, predict, learned=bool(trained))
