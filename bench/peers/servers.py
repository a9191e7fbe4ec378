"""The servers that are measured: Sconce and its peers, each on a free port of 127.0.0.1, with its data in a folder of its own."""

import json
import os
import pwd
import re
import socket
import subprocess
import time
import urllib.request

START_SECONDS = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, ready):
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} after {START_SECONDS} s")
        time.sleep(0.02)


def cpu_seconds(pid):
    """Of a process and of those that it started, some of which may have ended, in user and kernel mode, of all threads."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    ticks = sum(int(field) for field in fields[11:15])  # its own two, and those of its children that ended
    children = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/children") as listed:
            children += listed.read().split()
    return ticks / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(child) for child in children)


class Server:
    """Some processes that answer HTTP at `url`, from `start` to `stop`. A key's object is put at `put_path` + key, and is read at `get_path` + key +
    `get_suffix`."""

    name = ""
    put_path = get_path = "/"
    get_suffix = ""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.url = ""
        os.makedirs(folder)

    def start(self):
        """Returns when it answers. Whatever comes of it, `stop` ends what was started."""
        raise NotImplementedError

    def start_process(self, *command):
        with open(f"{self.folder}/log", "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def wait_for_url(self, path):
        """Until that answers with 2xx."""
        def answers():
            for process in self.processes:
                if process.poll() is not None:
                    raise RuntimeError(f"{self.name} ended: {self.log()}")
            try:
                urllib.request.urlopen(self.url + path, timeout=5).close()
            except OSError:
                return False
            return True

        wait_until(f"{self.name} does not answer", answers)

    def log(self):
        with open(f"{self.folder}/log", errors="replace") as log:
            return log.read()

    def cpu_seconds(self):
        return sum(cpu_seconds(process.pid) for process in self.processes)

    def settings(self):
        """What matters for the comparison, as the running server says or was told."""
        raise NotImplementedError

    def hidden_failures(self):
        """How many requests failed since the start, although they were answered with a 2xx."""
        return 0

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()


class Sconce(Server):
    name = "sconce"
    put_path = get_path = "/v1/objects/"

    def __init__(self, folder, program):
        super().__init__(folder)
        self.program = program

    def start(self):
        self.start_process(self.program, "serve", "--listen", "127.0.0.1:0", "--data", f"{self.folder}/data")
        listening = re.compile(r"listening on ([\d.:]+)")
        wait_until("sconce does not listen", lambda: listening.search(self.log()))
        self.url = "http://" + listening.search(self.log()).group(1)
        self.wait_for_url("/readyz")

    def settings(self):
        with urllib.request.urlopen(self.url + "/metrics") as answer:
            metrics = dict(line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if line[0] != "#")
        commits, groups = (int(float(metrics[f"sconce_store_{name}_total"])) for name in ("commits", "commit_groups"))
        return f"defaults; a PUT is on the disk before it is answered: {commits:,} commits in {groups:,} synced groups"


class Nginx(Server):
    """Static files by sendfile, and WebDAV, which moves a file into place without a sync."""

    name = "nginx"
    put_path = get_path = "/objects/"

    def start(self):
        folder = self.folder
        os.makedirs(f"{folder}/data/objects")
        open(f"{folder}/data/ready", "w").close()
        port = free_port()
        user = pwd.getpwuid(os.getuid()).pw_name
        with open(f"{folder}/nginx.conf", "w") as file:
            file.write(self.configuration(folder, port, f"user {user};" if os.getuid() == 0 else ""))
        self.start_process("/usr/sbin/nginx", "-p", folder, "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf")
        self.url = f"http://127.0.0.1:{port}"
        self.wait_for_url("/ready")

    @staticmethod
    def configuration(folder, port, user):
        return f"""
            {user}
            daemon off;
            worker_processes auto;
            worker_rlimit_nofile 65536;
            pid {folder}/pid;
            error_log {folder}/log;
            events {{ worker_connections 4096; }}
            http {{
              access_log off;
              sendfile on; tcp_nopush on; tcp_nodelay on;
              keepalive_requests 1000000000; keepalive_timeout 300;
              open_file_cache max=100000 inactive=60s; open_file_cache_valid 60s;
              default_type application/octet-stream;
              client_max_body_size 0; client_body_buffer_size 64k;
              client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
              uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
              server {{
                listen 127.0.0.1:{port} backlog=4096 reuseport;
                root {folder}/data;
                dav_methods PUT DELETE; dav_access user:rw;
              }}
            }}
            """

    def settings(self):
        return "worker_processes auto, sendfile, open_file_cache, no access log; WebDAV does not sync"


class RedisWebdis(Server):
    """Redis, which syncs its log before it answers, and webdis, which speaks HTTP for it."""

    name = "redis + webdis"
    put_path, get_path, get_suffix = "/SET/", "/GET/", ".bin"

    def __init__(self, folder):
        super().__init__(folder)
        self.socket = f"{folder}/redis.sock"

    def start(self):
        folder = self.folder
        self.start_process("/usr/bin/redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", folder,
                           "--appendonly", "yes", "--appendfsync", "always", "--save", "")
        wait_until("redis does not answer", lambda: os.path.exists(self.socket) and self.ask("PING") == "+PONG")
        port = free_port()
        with open(f"{folder}/webdis.json", "w") as file:
            json.dump({"redis_host": self.socket, "http_host": "127.0.0.1", "http_port": port, "database": 0,
                       "threads": os.cpu_count(), "pool_size": 20, "daemonize": False, "verbosity": 0,
                       "logfile": f"{folder}/webdis.log", "http_max_request_size": 1 << 28}, file)
        self.start_process("/usr/bin/webdis", f"{folder}/webdis.json")
        self.url = f"http://127.0.0.1:{port}"
        self.wait_for_url("/PING")

    def ask(self, command):
        """What Redis answers, without webdis."""
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(self.socket)
            except OSError:
                return None
            connection.sendall(command.encode() + b"\r\n")
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        return answer.decode().strip()

    def settings(self):
        answer = self.ask("CONFIG GET appendfsync").split()
        if answer[-1] != "always":
            raise RuntimeError(f"redis does not sync: {answer}")
        return f"appendfsync {answer[-1]}; webdis with {os.cpu_count()} threads of 20 connections to Redis's socket"

    def hidden_failures(self):
        """How many commands Redis refused."""
        found = re.search(r"total_error_replies:(\d+)", self.ask("INFO stats"))
        return int(found.group(1))
