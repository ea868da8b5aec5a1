"""Times another program's margins on an ONNX chain: one line of JSON per repetition.

    peers.py convex-adversarial MODEL IMAGES LABELS --eps 0.1 --repetitions 5

computes for every example the lower bounds of z_y - z_j over the linf ball, by
`convex-adversarial` (the paper's own package, no max pooling) or by `auto-lirpa` (CROWN; the
environment variable AUTO_LIRPA names a checkout, where it is not installed). One untimed batch warms it
up. With `--wait` every repetition waits for a line on standard input, so that a driver can alternate.
"""

import argparse
import json
import os
import sys
import time
import warnings

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from idx import read_idx


class Flatten(nn.Flatten):
    """convex-adversarial recognises a flattening layer by this name."""


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def convolution(weights, options):
    top, left, bottom, right = options.get("pads", [0, 0, 0, 0])
    if (top, left) != (bottom, right) or options.get("group", 1) != 1:
        sys.exit("peers: only symmetric padding and one group")
    return nn.Conv2d(
        weights.shape[1], weights.shape[0], weights.shape[2:],
        stride=options.get("strides", [1, 1]), padding=[top, left],
    )


def pooling(options):
    if any(options.get("pads", [0])) or options.get("ceil_mode", 0):
        sys.exit("peers: only pooling without padding")
    return nn.MaxPool2d(options["kernel_shape"], options.get("strides", [1, 1]))


def load_chain(path):
    """The ONNX chain as torch modules; Conv, Gemm with transB, Relu, MaxPool, Flatten and Reshape."""
    graph = onnx.load(path).graph
    tensors = {t.name: torch.tensor(numpy_helper.to_array(t)) for t in graph.initializer}
    modules = []
    for node in graph.node:
        options = attributes(node)
        if node.op_type == "Relu":
            modules.append(nn.ReLU())
        elif node.op_type == "MaxPool":
            modules.append(pooling(options))
        elif node.op_type in ("Flatten", "Reshape"):
            modules.append(Flatten())
        elif node.op_type in ("Conv", "Gemm"):
            weights = tensors[node.input[1]]
            if node.op_type == "Conv":
                module = convolution(weights, options)
            elif options.get("transB") == 1:
                module = nn.Linear(weights.shape[1], weights.shape[0])
            else:
                sys.exit(f"peers: {node.name}: Gemm without transB")
            module.weight.data, module.bias.data = weights, tensors[node.input[2]]
            modules.append(module)
        elif node.op_type != "Constant":
            sys.exit(f"peers: {node.name}: {node.op_type} is not supported here")
    return nn.Sequential(*modules).eval()


def specification(labels, classes):
    """The rows e_y - e_j, for every class j: [examples, classes, classes]."""
    identity = torch.eye(classes)
    return identity[labels].unsqueeze(1) - identity.unsqueeze(0)


def convex_adversarial_margins(chain, epsilon, classes, _, __):
    from convex_adversarial import DualNetwork

    def margins(images, labels):
        return DualNetwork(chain, images, epsilon)(specification(labels, classes))

    return margins


def auto_lirpa_margins(chain, epsilon, classes, example, slopes):
    if "AUTO_LIRPA" in os.environ:
        sys.path.insert(0, os.environ["AUTO_LIRPA"])
    from auto_LiRPA import BoundedModule, BoundedTensor, PerturbationLpNorm

    options = {"activation_bound_option": slopes, "relu": slopes}
    bounded = BoundedModule(chain, example, bound_opts=options)

    def margins(images, labels):
        ball = BoundedTensor(images, PerturbationLpNorm(norm=np.inf, eps=epsilon))
        c = specification(labels, classes)
        lower, _ = bounded.compute_bounds(x=(ball,), C=c, method="CROWN", bound_upper=False)
        return lower

    return margins


PROGRAMS = {"convex-adversarial": convex_adversarial_margins, "auto-lirpa": auto_lirpa_margins}


def run(margins, images, labels, batch):
    """One pass over all examples: seconds, and the smallest margin of each."""
    smallest = []
    start = time.perf_counter()
    for first in range(0, len(images), batch):
        part = slice(first, first + batch)
        lower = margins(images[part], labels[part])
        lower[torch.arange(len(lower)), labels[part]] = torch.inf
        smallest.append(lower.min(1).values)
    return time.perf_counter() - start, torch.cat(smallest)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", choices=PROGRAMS)
    parser.add_argument("model")
    parser.add_argument("images", help="IDX, uint8, scaled by 1/255")
    parser.add_argument("labels", help="IDX, uint8")
    parser.add_argument("--eps", type=float, required=True)
    parser.add_argument(
        "--slopes", default="same-slope", help="auto-lirpa: same-slope or adaptive")
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--wait", action="store_true")
    return parser.parse_args()


def main():
    warnings.simplefilter("ignore")
    options = arguments()
    torch.set_num_threads(options.threads)
    images = read_idx(options.images)[: options.limit].astype(np.float32) / 255
    images = torch.tensor(images.reshape(len(images), -1, *images.shape[-2:]))
    labels = torch.tensor(read_idx(options.labels)[: options.limit]).long()
    chain = load_chain(options.model)
    with torch.no_grad():
        classes = chain(images[:1]).shape[1]
        margins = PROGRAMS[options.program](chain, options.eps, classes, images[:1], options.slopes)
        run(margins, images[: options.batch], labels[: options.batch], options.batch)
        for _ in range(options.repetitions):
            if options.wait and not sys.stdin.readline():
                break
            seconds, smallest = run(margins, images, labels, options.batch)
            print(json.dumps({
                "program": options.program, "eps": options.eps, "examples": len(images),
                "threads": options.threads, "ms": 1000 * seconds / len(images),
                "without_certificate": int((smallest <= 0).sum()),
                "mean_margin": float(smallest.double().mean()),
                "margins": smallest.double().tolist(),
            }), flush=True)


if __name__ == "__main__":
    main()
