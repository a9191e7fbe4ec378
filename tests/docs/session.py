"""A shell, as a reader of the docs has it: in a folder that looks like the checkout, beside a server."""

import os
import re
import signal
import subprocess
import time

SERVER_SECONDS_MAX = 20
COMMAND_SECONDS_MAX = 30
LISTENING = re.compile(r"listening on \S*:(\d+)")
# The names of hosts in the docs; curl takes them for this machine.
HOSTS = ("store.example", "store")


class SessionError(Exception):
    """The shell, or the server, did not do what it always does."""


class Session:
    """Threads: none. End it with `close`, or the server stays."""

    def __init__(self, folder, checkout, program):
        self.folder, self.port, self.server = folder, 0, 0
        for name in ("tests", "docs", "docker", "x", "bench"):
            os.symlink(os.path.join(checkout, name), os.path.join(folder, name))
        for place in ("build", "bin"):
            os.mkdir(os.path.join(folder, place))
            os.symlink(program, os.path.join(folder, place, "sconce"))
        kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
        self.environment = {**kept, "HOME": folder, "TMPDIR": folder, "LC_ALL": "C.UTF-8", "no_proxy": "*",
                            "PATH": f"{folder}/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
        self.shell = subprocess.Popen(["/bin/bash", "--norc", "--noprofile"], cwd=folder, env=self.environment, text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self.run("set -o pipefail")

    def configure_curl(self):
        """A status from 400 on is a failure: no problem document is taken for a tensor."""
        with open(os.path.join(self.folder, ".curlrc"), "w", encoding="utf-8") as file:
            file.write("fail-with-body\nno-progress-meter\n")
            for host in HOSTS:
                file.write(f'resolve = "{host}:{self.port}:127.0.0.1"\n')

    def run(self, command):
        """Returns the exit code and what was printed."""
        with open(os.path.join(self.folder, ".command"), "w", encoding="utf-8") as file:
            file.write(command.replace("7077", str(self.port)))
        self.shell.stdin.write('eval "$(cat .command)" </dev/null >.printed 2>&1; echo $?\n')
        self.shell.stdin.flush()
        ended = self.read_status()
        with open(os.path.join(self.folder, ".printed"), encoding="utf-8", errors="replace") as file:
            return ended, file.read().replace(f":{self.port}", ":7077")

    def read_status(self):
        previous = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(SessionError("it does not end")))
        signal.alarm(COMMAND_SECONDS_MAX)
        try:
            line = self.shell.stdout.readline()
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, previous)
        if not line:
            raise SessionError("the shell has ended")
        return int(line)

    def serve(self, command):
        """Starts `sconce serve …` in the place of the server that runs, on a free port."""
        self.stop()
        command = re.sub(r"\s*(#.*)?$", "", re.sub(r"\s*&(\s*echo \$! > \S+)?\s*$", "", command))
        flags = command.replace(":7077", ":0")
        if "--listen" not in flags:
            flags += " --listen 127.0.0.1:0"
        log = os.path.join(self.folder, "server.log")
        self.run(f": >server.log; {flags} 2>>server.log & echo $! > sconce.pid")
        with open(os.path.join(self.folder, "sconce.pid"), encoding="ascii") as file:
            self.server = int(file.read())
        until = time.monotonic() + SERVER_SECONDS_MAX
        while True:
            with open(log, encoding="utf-8", errors="replace") as file:
                said = file.read()
            if listening := LISTENING.search(said):
                break
            if time.monotonic() > until or not os.path.exists(f"/proc/{self.server}"):
                raise SessionError(f"the server does not listen: {said}")
            time.sleep(0.01)
        self.port = int(listening.group(1))
        self.configure_curl()

    def stop(self):
        if self.server == 0:
            return
        status, printed = self.run(f"kill {self.server}; wait {self.server}")
        self.server = 0
        if status != 0:
            raise SessionError(f"the server ended with {status}: {printed}")

    def close(self):
        """Ends all that the page has started."""
        try:
            os.killpg(self.shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.shell.wait()
        self.shell.stdin.close()
        self.shell.stdout.close()
