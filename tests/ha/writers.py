"""A load of writes: each act has a key, and is repeated under it until it is acknowledged."""

import collections
import http.client
import itertools
import json
import threading
import time
import urllib.parse
import uuid

# A patient client's pause between two tries; shorter than Retry-After, so that gaps are seen well.
PAUSE_S = 0.2
TIMEOUT_S = 15


class Act:
    """One client to be created; id is None until it was acknowledged."""

    def __init__(self, number, writer):
        self.number, self.key, self.id = number, str(uuid.uuid4()), None
        self.writer = writer  # index of the token
        self.dependants = number % 51
        self.family_name = f"Pārbaude {number}"

    def body(self):
        return json.dumps({"given_name": "Ilze", "family_name": self.family_name,
                           "dependants": self.dependants})


    def send(self, connection, token):
        """The code of what came back, or the error's name, and the answer's body."""
        try:
            connection.request("POST", "/v1/clients", self.body(), {
                "Authorization": f"Bearer {token}", "Idempotency-Key": self.key,
                "Content-Type": "application/json"})
            answer = connection.getresponse()
            body = json.loads(answer.read())
            return body.get("code", answer.status), body
        except (OSError, http.client.HTTPException, ValueError) as error:
            return type(error).__name__, {}


class Writers:
    """Threads, each with a connection of its own; who meets an error goes to the next server."""

    def __init__(self, urls, tokens, count):
        self.urls = [urllib.parse.urlsplit(url) for url in urls]
        self.acknowledged = []  # (when, act), in this order
        self.answers = collections.Counter()
        self.lock, self.gate, self.ended = threading.Lock(), threading.Event(), False
        self.numbers, self.busy = itertools.count(), 0
        self.tokens = tokens
        self.threads = [threading.Thread(target=self.write, args=(n,), daemon=True)
                        for n in range(count)]
        self.gate.set()
        for thread in self.threads:
            thread.start()

    def write(self, index):
        connections = itertools.cycle(self.urls[index % 2:] + self.urls[:index % 2])
        connection = None
        while not self.ended:
            self.gate.wait()
            with self.lock:
                if not self.gate.is_set():
                    continue
                self.busy += 1
                act = Act(next(self.numbers), index % len(self.tokens))
            while act.id is None and not self.ended:
                connection = connection or self.connect(next(connections))
                if not self.attempt(connection, act):
                    connection.close()
                    connection = None
                    time.sleep(PAUSE_S)
            with self.lock:
                self.busy -= 1

    @staticmethod
    def connect(url):
        """To a server, by its split URL."""
        return http.client.HTTPConnection(url.hostname, url.port, timeout=TIMEOUT_S)

    def attempt(self, connection, act):
        told, body = act.send(connection, self.tokens[act.writer])
        with self.lock:
            self.answers[told] += 1
            if told == 201:
                act.id = body["id"]
                self.acknowledged.append((time.monotonic(), act))
        return told == 201

    def rest(self, seconds=60):
        """Nobody begins a new act; returns when all begun ones are acknowledged."""
        with self.lock:
            self.gate.clear()
        deadline = time.monotonic() + seconds
        while self.busy > 0:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.busy} acts are never acknowledged: {self.answers}")
            time.sleep(0.01)

    def resume(self):
        self.gate.set()

    def done(self):
        """The acts that were acknowledged."""
        with self.lock:
            return [act for _, act in self.acknowledged]

    def first_after(self, moment, seconds=30):
        """When the first act after that moment was acknowledged."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with self.lock:
                last = self.acknowledged[-1][0] if self.acknowledged else 0
                if last >= moment:
                    return min(at for at, _ in self.acknowledged[-5000:] if at >= moment)
            time.sleep(0.005)
        raise RuntimeError(f"nothing was acknowledged in {seconds} s: {self.answers}")

    def longest_gap(self, since, until):
        """Seconds without any acknowledgement."""
        with self.lock:
            moments = [at for at, _ in self.acknowledged if since <= at <= until]
        marks = [since, *moments, until]
        return max(after - before for before, after in zip(marks, marks[1:]))

    def end(self):
        self.ended = True
        self.gate.set()
        for thread in self.threads:
            thread.join(TIMEOUT_S + 5)
