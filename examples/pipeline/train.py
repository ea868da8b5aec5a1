"""Trains a classifier of digits to be robust, and writes what `certify` reads.

    python3 train.py [--epochs N] [--eps E]

The training minimises the cross-entropy of the worst logits that interval bounds allow within eps ("interval
bound propagation"), eps growing to its full size. Writes `model.onnx`, `test-images-idx3-ubyte` and
`test-labels-idx1-ubyte`: 500 of scikit-learn's 8x8 digits that the training never saw.
"""

import argparse
import struct

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

TEST_COUNT = 500
BATCH = 32


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--eps", type=float, default=0.06, help="in units of pixels scaled to 0...1")
    options = parser.parse_args()
    # So small a network gains nothing from a second one.
    torch.set_num_threads(1)
    torch.manual_seed(0)
    training, test = digits()
    write_idx("test-images-idx3-ubyte", test[0])
    write_idx("test-labels-idx1-ubyte", test[1])
    network = train(options.epochs, options.eps, *tensors(*training))
    images, labels = tensors(*test)
    with torch.no_grad():
        wrong = (network(images).argmax(1) != labels).double().mean().item()
    print(f"error on {TEST_COUNT} test images: {wrong:.2%}")
    torch.onnx.export(
        network, images[:1], "model.onnx", input_names=["pixels"], output_names=["logits"],
        dynamic_axes={"pixels": {0: "batch"}, "logits": {0: "batch"}}, dynamo=False)


def digits():
    """Images as bytes (16 grey levels spread over 0...255) and labels: training, then test."""
    data = load_digits()
    images = np.rint(data.images * (255 / 16)).astype(np.uint8)
    labels = data.target.astype(np.uint8)
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = images[order], labels[order]
    return (images[TEST_COUNT:], labels[TEST_COUNT:]), (images[:TEST_COUNT], labels[:TEST_COUNT])


def tensors(images, labels):
    return torch.tensor(images, dtype=torch.float32).unsqueeze(1) / 255, torch.tensor(labels).long()


def make_network():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(),
        nn.Conv2d(8, 16, 4, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 64), nn.ReLU(),
        nn.Linear(64, 10))


def train(epochs, eps, images, labels):
    network = make_network()
    optimiser = torch.optim.Adam(network.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for epoch in range(epochs):
        radius = eps * min(1.0, (epoch + 1) / (epochs / 2))
        for batch in torch.randperm(len(images)).split(BATCH):
            pixels, classes = images[batch], labels[batch]
            low, high = interval(network, (pixels - radius).clamp(0, 1), (pixels + radius).clamp(0, 1))
            own = nn.functional.one_hot(classes, 10).bool()
            # Within the ball no logits are worse than these.
            worst = torch.where(own, low, high)
            loss = (nn.functional.cross_entropy(network(pixels), classes)
                    + nn.functional.cross_entropy(worst, classes)) / 2
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {loss.item():.3f} at eps {radius:.3f}", flush=True)
    return network.eval()


def interval(network, low, high):
    """Bounds of the output for inputs between low and high."""
    for layer in network:
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            middle, radius = (high + low) / 2, (high - low) / 2
            middle = layer(middle)
            if isinstance(layer, nn.Linear):
                radius = nn.functional.linear(radius, layer.weight.abs())
            else:
                radius = nn.functional.conv2d(
                    radius, layer.weight.abs(), stride=layer.stride, padding=layer.padding)
            low, high = middle - radius, middle + radius
        else:
            low, high = layer(low), layer(high)
    return low, high


def write_idx(path, array):
    """An array of bytes as IDX."""
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    with open(path, "wb") as file:
        file.write(head + array.tobytes())


if __name__ == "__main__":
    main()
