"""Checks ONNX files with the onnx package and runs them with ONNX Runtime.

    python3 run.py FOLDER

The folder's cases.json is a list of {"name", "x", "y", "facts"}: the shapes of a batch of inputs and of
outputs, and the metadata that must be there. The model of a case is in NAME.onnx, and its inputs in NAME.x as
32-bit floats. The outputs go to NAME.y.
"""

import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime


def run(folder, case):
    model = onnx.load(folder / f"{case['name']}.onnx")
    onnx.checker.check_model(model, full_check=True)
    for value in [model.graph.input[0], model.graph.output[0]]:
        assert value.type.tensor_type.shape.dim[0].dim_param == "N"

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    x = numpy.fromfile(folder / f"{case['name']}.x", "<f4").reshape(case["x"])
    (y,) = session.run(["output"], {"input": x})
    assert list(y.shape) == case["y"], f"{y.shape} instead of {case['y']}"
    # The batch may have any size.
    (one,) = session.run(["output"], {"input": x[:1]})
    assert numpy.allclose(one, y[:1], rtol=1e-4, atol=1e-4 * abs(y).max())
    facts = session.get_modelmeta().custom_metadata_map
    assert case["facts"].items() <= facts.items(), f"the metadata is {facts}"
    y.astype("<f4").tofile(folder / f"{case['name']}.y")


def main():
    onnxruntime.set_default_logger_severity(3)
    folder = pathlib.Path(sys.argv[1])
    failed = []
    for case in json.loads((folder / "cases.json").read_text()):
        try:
            run(folder, case)
        except Exception as error:
            failed.append(f"{case['name']}: {error}")
    if failed:
        sys.exit("\n".join(failed))


main()
