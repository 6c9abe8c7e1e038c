"""A relay between the server and PostgreSQL that cuts the line at a chosen byte."""

import pathlib
import shutil
import socket
import tempfile
import threading


class Relay:
    """Forwards connections to the cluster's socket. Its dsn is for the server."""

    def __init__(self, cluster):
        self.target = str(cluster.folder / "s" / ".s.PGSQL.5432")
        self.folder = tempfile.mkdtemp(prefix="relay")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(pathlib.Path(self.folder, ".s.PGSQL.5432")))
        self.listener.listen(16)
        self.lock = threading.Lock()
        self.left = {"asked": None, "answered": None}
        self.tag = None
        self.cuts = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def dsn(self, user="atbalsts_api"):
        return f"host={self.folder} dbname=atbalsts user={user}"

    def cut(self, way, after):
        """Once: after so many more bytes "asked" of the database or "answered" by it."""
        with self.lock:
            self.left[way] = after

    def lose_answer(self, tag):
        """Once: when the database answers with this tag, which is done by then."""
        with self.lock:
            self.tag = tag.encode() + b"\0"

    def heal(self):
        """Calls off what is not cut yet; whether there was a cut since the last time."""
        with self.lock:
            cuts, self.cuts = self.cuts, 0
            self.left = {"asked": None, "answered": None}
            self.tag = None
        return cuts > 0

    def passes(self, way, data):
        """How much of data goes on, and whether the line is cut behind it."""
        with self.lock:
            left = self.left[way]
            if way == "answered" and self.tag is not None and self.tag in data:
                self.tag, left = None, 0
            if left is None or len(data) <= left:
                self.left[way] = None if left is None else left - len(data)
                return len(data), False
            self.left[way] = None
            self.cuts += 1
            return left, True

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            for way, source, sink in (("asked", client, server), ("answered", server, client)):
                threading.Thread(target=self.forward, args=(way, source, sink),
                                 daemon=True).start()

    def forward(self, way, source, sink):
        try:
            while data := source.recv(65536):
                length, cut = self.passes(way, data)
                sink.sendall(data[:length])
                if cut:
                    break
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.listener.close()
        shutil.rmtree(self.folder)
