"""Writes the packaged SSDLite MobileNetV2 (a TensorFlow.js graph model) as an ONNX model, for ONNX Runtime Web.

    python make_onnx.py MODEL_JSON OUT_ONNX

Same network, same float32 weights. Batch norm is folded into the convolutions, as every exporter does; layout is
[batch, channels, height, width], the one that ONNX convolutions take.

input   `image`   float32 [1, 3, 300, 300], RGB, 0 to 255, already resized
outputs `boxes`   float32 [1917, 4], (ymin, xmin, ymax, xmax) as fractions of the photo
        `scores`  float32 [1917, 90], sigmoids; column 0 is COCO id 1
Suppression is in neither graph.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUT = 300
DEFAULT_BOXES = 1917
CLASSES = 90


def read_graph(path):
    """Returns the nodes by name and the constants by name of a TensorFlow.js graph model."""
    model = json.loads(path.read_text())
    constants = {}
    for group in model["weightsManifest"]:
        data = b"".join((path.parent / shard).read_bytes() for shard in group["paths"])
        offset = 0
        for weight in group["weights"]:
            if "quantization" in weight:
                raise SystemExit(f"{weight['name']} is quantised: this script reads float32 and int32 only")
            dtype = np.dtype(weight["dtype"]).newbyteorder("<")
            count = int(np.prod(weight["shape"], dtype=np.int64))
            constants[weight["name"]] = np.frombuffer(data, dtype, count, offset).reshape(weight["shape"])
            offset += count * dtype.itemsize
        if offset != len(data):
            raise SystemExit(f"the shards hold {len(data)} bytes, the manifest describes {offset}")
    return {node["name"]: node for node in model["modelTopology"]["node"]}, constants


class Convolution:
    """A convolution with everything linear that follows it: `input * weight * scale + bias`."""

    def __init__(self, node, weight, depthwise):
        self.input = node["input"][0]
        self.stride = int(node["attr"]["strides"]["list"]["i"][1])
        # TensorFlow: [height, width, in, out], depthwise [height, width, channels, 1]. ONNX: [out, in / groups, h, w].
        self.weight = weight.transpose(2, 3, 0, 1) if depthwise else weight.transpose(3, 2, 0, 1)
        self.groups = self.weight.shape[0] if depthwise else 1
        self.bias = np.zeros(self.weight.shape[0], np.float64)

    def scale(self, factor):
        self.weight = self.weight * np.asarray(factor, np.float64)[:, None, None, None]
        self.bias = self.bias * factor

    def shift(self, offset):
        self.bias = self.bias + offset


class Exporter:
    """Walks the graph from its outputs and writes ONNX nodes in order."""

    def __init__(self, nodes, constants):
        self.source = nodes
        self.constants = constants
        self.nodes = []
        self.initializers = []
        self.done = {}
        self.heights = {}

    def constant(self, name, values):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operation, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operation, inputs, [output], name=output, **attributes))
        return output

    def split(self, node):
        """The constant among a node's two inputs, and the name of the other."""
        first, second = node["input"]
        if first in self.constants:
            return self.constants[first], second
        return self.constants.get(second), first

    def folded(self, name):
        """The convolution that the tensor `name` is, linear followers folded in; `None` if it is something else."""
        node = self.source[name]
        operation, inputs = node["op"], node.get("input", [])
        if operation in ("Conv2D", "DepthwiseConv2dNative"):
            if bytes(node["attr"]["padding"]["s"]) != b"SAME":
                raise SystemExit(f"{name}: only the padding SAME is known")
            return Convolution(node, self.constants[inputs[1]].astype(np.float64), operation != "Conv2D")
        if operation in ("Mul", "Add", "BiasAdd"):
            value, other = self.split(node)
            convolution = self.folded(other) if value is not None else None
            if convolution:
                (convolution.scale if operation == "Mul" else convolution.shift)(value)
            return convolution
        if operation == "FusedBatchNorm":
            convolution = self.folded(inputs[0])
            gamma, beta, mean, variance = (self.constants[it].astype(np.float64) for it in inputs[1:])
            factor = gamma / np.sqrt(variance + node["attr"]["epsilon"]["f"])
            convolution.scale(factor)
            convolution.shift(beta - mean * factor)
            return convolution
        return None

    def convolution(self, name, convolution):
        source = self.tensor(convolution.input)
        size, kernel = self.heights[convolution.input], convolution.weight.shape[2]
        out = -(-size // convolution.stride)
        # TensorFlow's SAME: the odd pixel of padding goes below and to the right.
        pad = max((out - 1) * convolution.stride + kernel - size, 0)
        self.heights[name] = out
        weight = self.constant(f"{name}/weight", convolution.weight.astype(np.float32))
        bias = self.constant(f"{name}/bias", convolution.bias.astype(np.float32))
        return self.node(
            "Conv",
            [source, weight, bias],
            name,
            kernel_shape=[kernel, kernel],
            strides=[convolution.stride] * 2,
            group=convolution.groups,
            pads=[pad // 2, pad // 2, pad - pad // 2, pad - pad // 2],
        )

    def tensor(self, name):
        """Writes what makes the tensor `name`, once, and returns its name."""
        if name not in self.done:
            self.done[name] = self.write(name)
        return self.done[name]

    def write(self, name):
        node = self.source[name]
        operation, inputs = node["op"], node.get("input", [])
        convolution = self.folded(name)
        if convolution:
            return self.convolution(name, convolution)
        if operation == "TensorArrayGatherV3":  # the end of the loop that resizes each photo of a batch
            self.heights[name] = INPUT
            return "image"
        if operation == "Relu6":
            source = self.tensor(inputs[0])
            self.heights[name] = self.heights[inputs[0]]
            return self.node("Clip", [source, "zero", "six"], name)
        if operation in ("Mul", "Sub") and any(it in self.constants for it in inputs):
            names = [
                self.constant(f"{name}/{i}", self.constants[it].astype(np.float32))
                if it in self.constants
                else self.tensor(it)
                for i, it in enumerate(inputs)
            ]
            self.heights[name] = next(self.heights[it] for it in inputs if it not in self.constants)
            return self.node(operation, names, name)
        if operation == "Add":
            return self.residual(name, node)
        raise SystemExit(f"{name}: the operation {operation} is not known here")

    def residual(self, name, node):
        """`bias + (convolution + skip)`, as TensorFlow's optimiser left it: the bias belongs to the convolution."""
        bias, total = self.split(node)
        first, skip = self.source[total]["input"]
        convolution = self.folded(first)
        convolution.shift(bias)
        made = self.convolution(f"{name}/convolution", convolution)
        self.heights[name] = self.heights[f"{name}/convolution"]
        return self.node("Add", [made, self.tensor(skip)], name)

    def head(self, concat, width, output):
        """The six predictions joined to [1, default boxes, width]."""
        parts = []
        shape = self.constant(f"{output}/shape", np.array([1, -1, width], np.int64))
        for reshape in self.source[concat]["input"][:-1]:
            source = self.source[reshape]["input"][0]
            rows = self.node("Transpose", [self.tensor(source)], f"{reshape}/rows", perm=[0, 2, 3, 1])
            parts.append(self.node("Reshape", [rows, shape], f"{reshape}/boxes"))
        return self.node("Concat", parts, output, axis=1)

    def decode(self, codes):
        """Box codes (ty, tx, th, tw) and default boxes to corners (Liu et al. 2016, section 2.2)."""
        priors = self.constants["Postprocessor/ExpandDims"].reshape(-1, 4).astype(np.float64)
        sizes = priors[:, 2:] - priors[:, :2]
        centres = priors[:, :2] + sizes / 2
        centre_scale = self.constants["ConstantFolding/Postprocessor/Decode/div_recip"].astype(np.float64)
        size_scale = self.constants["ConstantFolding/Postprocessor/Decode/div_2_recip"].astype(np.float64)
        shape = self.constant("boxes/codes_shape", np.array([-1, 4], np.int64))
        codes = self.node("Reshape", [codes, shape], "boxes/codes")
        split = self.constant("boxes/split", np.array([2, 2], np.int64))
        self.nodes.append(helper.make_node("Split", [codes, split], ["boxes/t", "boxes/s"], name="boxes/split_codes", axis=1))
        by = self.constant("boxes/centre_factor", (sizes * centre_scale).astype(np.float32))
        moved = self.node("Mul", ["boxes/t", by], "boxes/moved")
        centre = self.node("Add", [moved, self.constant("boxes/centres", centres.astype(np.float32))], "boxes/centre")
        scaled = self.node("Mul", ["boxes/s", self.constant("boxes/size_scale", np.float32(size_scale))], "boxes/scaled")
        grown = self.node("Exp", [scaled], "boxes/grown")
        half = self.node("Mul", [grown, self.constant("boxes/half_sizes", (sizes / 2).astype(np.float32))], "boxes/half")
        low = self.node("Sub", [centre, half], "boxes/low")
        high = self.node("Add", [centre, half], "boxes/high")
        self.node("Concat", [low, high], "boxes", axis=1)

    def classify(self, logits):
        """Sigmoids of all classes but the background, which is column 0."""
        shape = self.constant("scores/logits_shape", np.array([-1, CLASSES + 1], np.int64))
        rows = self.node("Reshape", [logits, shape], "scores/rows")
        ends = [self.constant(f"scores/{n}", np.array([v], np.int64)) for n, v in (("from", 1), ("to", CLASSES + 1), ("axis", 1))]
        self.node("Sigmoid", [self.node("Slice", [rows, *ends], "scores/logits")], "scores")

    def model(self):
        self.constant("zero", np.float32(0))
        self.constant("six", np.float32(6))
        self.decode(self.head("concat", 4, "codes"))
        self.classify(self.head("concat_1", CLASSES + 1, "logits"))
        value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        graph = helper.make_graph(
            self.nodes,
            "ssdlite_mobilenet_v2",
            [value("image", [1, 3, INPUT, INPUT])],
            [value("boxes", [DEFAULT_BOXES, 4]), value("scores", [DEFAULT_BOXES, CLASSES])],
            self.initializers,
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(made, full_check=True)
        return made


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    source, out = map(Path, sys.argv[1:])
    model = Exporter(*read_graph(source)).model()
    unfinished = out.with_suffix(".unfinished")
    onnx.save(model, unfinished)
    unfinished.replace(out)


main()
