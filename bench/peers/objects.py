"""The objects of a measurement: serialized tensors of random floats, no two of them the same."""

import hashlib
import http.client
import subprocess
import urllib.parse

HEADER_BYTES = 109  # of a serialized FloatTensor of one dimension


class Objects:
    """`count` of them, of about `about_bytes` each (never more), one after the other in a file."""

    def __init__(self, build, path, about_bytes, count):
        self.path, self.count = path, count
        element_bytes = (about_bytes - HEADER_BYTES) // 4 * 4
        with open(path, "wb") as file:
            subprocess.run([f"{build}/bench/make_tensor", str(element_bytes), str(count)], stdout=file, check=True)
        self.bytes = element_bytes + HEADER_BYTES
        self.digests = {hashlib.sha256(each).digest() for each in self}
        if len(self.digests) != count:
            raise RuntimeError(f"{path}: {len(self.digests)} different objects, not {count}")

    def __iter__(self):
        with open(self.path, "rb") as file:
            while each := file.read(self.bytes):
                yield each

    def __contains__(self, body):
        return hashlib.sha256(body).digest() in self.digests


class Client:
    """One connection to a server. Anything but a 2xx is an error."""

    def __init__(self, server):
        self.server = server
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=600)

    def ask(self, method, target, body=None):
        self.connection.request(method, target, body)
        answer = self.connection.getresponse()
        content = answer.read()
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{self.server.name}: {method} {target}: {answer.status} {content[:200]!r}")
        return content

    def put(self, key, body):
        self.ask("PUT", self.server.put_path + key, body)

    def get(self, key):
        return self.ask("GET", self.server.get_path + key + self.server.get_suffix)


def fill(server, prefix, objects):
    """Puts them as prefix0, prefix1, …."""
    client = Client(server)
    for number, each in enumerate(objects):
        client.put(f"{prefix}{number}", each)
    if client.get(f"{prefix}{objects.count - 1}") not in objects:
        raise RuntimeError(f"{server.name} answers with other bytes than were put")
