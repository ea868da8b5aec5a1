"""Networks made at benchmark time, with random weights: written as ONNX, never committed."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GAIN = 2.0


class Chain:
    """An ONNX chain under construction: convolutions and dense layers with ReLUs between them."""

    def __init__(self, shape, seed):
        self.random = np.random.default_rng(seed)
        self.shape = shape
        self.nodes, self.tensors = [], []
        self.value = "input"
        self.layers = 0

    def node(self, kind, inputs, **attributes):
        output = f"v{len(self.nodes)}"
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(kind, [self.value, *inputs], [output], name=name, **attributes))
        self.value = output

    def weights(self, *shape):
        """Random weights of variance GAIN / fan-in, and a bias of a tenth of the output's size."""
        fan_in = int(np.prod(shape[1:]))
        self.layers += 1
        names = f"w{self.layers}", f"b{self.layers}"
        w = self.random.normal(0, (GAIN / fan_in) ** 0.5, shape)
        b = self.random.normal(0, 0.1, shape[0])
        for name, array in zip(names, (w, b)):
            self.tensors.append(numpy_helper.from_array(array.astype(np.float32), name))
        return names

    def convolution(self, channels, kernel, stride):
        names = self.weights(channels, self.shape[0], kernel, kernel)
        self.node("Conv", names, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[1] * 4)
        size = (self.shape[1] + 2 - kernel) // stride + 1
        self.shape = [channels, size, size]
        return self

    def dense(self, width):
        if len(self.shape) > 1:
            self.node("Flatten", [], axis=1)
            self.shape = [int(np.prod(self.shape))]
        self.node("Gemm", self.weights(width, self.shape[0]), transB=1)
        self.shape = [width]
        return self

    def relu(self):
        self.node("Relu", [])
        return self

    def save(self, path, input_shape):
        self.nodes[-1].output[0] = "logits"
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes, "chain", [value("input", TensorProto.FLOAT, ["batch", *input_shape])],
            [value("logits", TensorProto.FLOAT, ["batch", *self.shape])], self.tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        onnx.save(model, Path(path))


def large(path):
    """The second paper's large MNIST network: four convolutions, three dense layers."""
    chain = Chain([1, 28, 28], seed=1)
    for channels, kernel, stride in ((32, 3, 1), (32, 4, 2), (64, 3, 1), (64, 4, 2)):
        chain.convolution(channels, kernel, stride).relu()
    chain.dense(512).relu().dense(512).relu().dense(10)
    chain.save(path, [1, 28, 28])


def dense(path, width, depth):
    """784 inputs, `depth` hidden layers of `width` units, 10 classes."""
    chain = Chain([1, 28, 28], seed=2)
    for _ in range(depth):
        chain.dense(width).relu()
    chain.dense(10).save(path, [1, 28, 28])
