"""A Slurm of one machine, with its own munged, below a folder; it touches no other that may run there."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

CONFIGURATION = """\
ClusterName=certify
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
JobRequeue=1
KillWait=2
MinJobAge=600
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class Cluster:
    """Its daemons, from their start to their end."""

    def __init__(self, folder, cpus=2):
        self.folder, self.daemons = Path(folder), []
        self.host = socket.gethostname().split(".")[0]
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        configuration = self.folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(
            host=self.host, folder=self.folder, ports=free_ports(2), cpus=cpus))
        self.environment = os.environ | {"SLURM_CONF": str(configuration)}

    def __enter__(self):
        try:
            self._start_munged()
            self._start("slurmctld", "-D", "-c")
            self._start("slurmd", "-D", "-c", "-N", self.host)
            self.wait("the node to be idle", lambda: "idle" in self.run("sinfo", "-h", "-o", "%T"))
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def run(self, *command, **others):
        """A command of Slurm's; returns what it prints."""
        done = subprocess.run(
            command, env=self.environment, text=True, capture_output=True, **others)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: ends with {done.returncode}: {done.stderr.strip()}")
        return done.stdout.strip()

    def wait(self, what, holds, seconds=120):
        """Until something holds, or ends the test."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                sys.exit(f"waited {seconds} s for {what}{self.logs()}")
            for name, daemon in self.daemons:
                if daemon.poll() is not None:
                    sys.exit(f"{name} ended with {daemon.returncode}{self.logs()}")
            time.sleep(0.1)

    def logs(self):
        """The ends of the daemons' logs."""
        return "".join(
            f"\n{log.name}:\n" + "".join(log.read_text().splitlines(True)[-15:])
            for log in sorted(self.folder.glob("*.log")))

    def stop(self):
        """Ends what was started, the last first, and nothing else."""
        for _, daemon in reversed(self.daemons):
            if daemon.poll() is None:
                daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons = []

    def _start_munged(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        place = {name: f"{self.folder}/munge.{name}" for name in ("socket", "pid", "log", "seed")}
        self._start(
            "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={place['socket']}",
            f"--pid-file={place['pid']}", f"--log-file={place['log']}", f"--seed-file={place['seed']}")
        self.wait("munged's socket", Path(place["socket"]).exists)

    def _start(self, name, *words):
        # Debian has them where only root looks.
        program = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
        if program is None:
            sys.exit(f"{name} is not installed; expected Debian's slurm-wlm and munge")
        with open(self.folder / f"{name}.output.log", "w") as output:
            daemon = subprocess.Popen(
                [program, *words], env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT)
        self.daemons.append((name, daemon))


def free_ports(count):
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
