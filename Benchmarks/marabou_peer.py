"""Decides properties by Marabou, for `search.py`: one path a line in, one line of JSON out.

    marabou_peer.py MODEL
"""

import json
import os
import sys
import time
import warnings

warnings.simplefilter("ignore")
from maraboupy import Marabou  # noqa: E402

SECONDS = 600


def main():
    # Marabou says what it reads on standard output, below Python.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    options = Marabou.createOptions(verbosity=0, timeoutInSeconds=SECONDS, numWorkers=1)
    for line in sys.stdin:
        network = Marabou.read_onnx(sys.argv[1])
        start = time.perf_counter()
        answer, _, _ = network.solve(
            propertyFilename=line.strip(), verbose=False, options=options)
        seconds = time.perf_counter() - start
        answers.write(json.dumps({"answer": answer, "seconds": seconds}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
