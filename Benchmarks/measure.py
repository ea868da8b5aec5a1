"""Runs a command and prints its wall-clock seconds, peak memory and exit status as JSON.

A process of its own, started without site packages: Linux counts the memory of the process that
forks into the peak of the one that is started, and this one is small.
"""

import json
import os
import resource
import subprocess
import sys
import time


def main():
    start = time.perf_counter()
    done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    seconds = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    json.dump({
        "seconds": seconds, "mebibytes": usage.ru_maxrss / 1024, "status": done.returncode,
        "message": os.fsdecode(done.stderr),
    }, sys.stdout)


if __name__ == "__main__":
    main()
