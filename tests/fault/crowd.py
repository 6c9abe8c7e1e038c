"""A crowd of clients that asks several servers at the same moment."""

import concurrent.futures
import itertools
import os
import threading
import time
import uuid

import httpx

CLIENTS = 32
# A caller that is told to wait does so this often, then the test fails.
PATIENCE = 5


class Crowd:
    """Thirty-two clients, each with a connection of its own, evenly over the servers."""

    def __init__(self, urls, contract, tally):
        self.contract, self.tally = contract, tally
        self.clients = [httpx.Client(base_url=url, timeout=60)
                        for url, _ in zip(itertools.cycle(urls), range(CLIENTS))]
        self.threads = concurrent.futures.ThreadPoolExecutor(CLIENTS)

    def rush(self, acts):
        """Sends (caller, method, path, body, headers) all at the same moment; the answers.

        Neighbours in the list go to different servers.
        """
        assert len(acts) == CLIENTS, f"{len(acts)} acts for {CLIENTS} clients"
        gate = threading.Barrier(CLIENTS)
        futures = [self.threads.submit(self.send, gate, client, *act)
                   for client, act in zip(self.clients, acts)]
        return [self.checked(future.result()) for future in futures]

    def alone(self, index, act):
        """Sends one act by the client with this index, while nobody else asks."""
        return self.checked(self.send(threading.Barrier(1), self.clients[index], *act))

    def checked(self, answer):
        """A refusal is a 4xx; nothing of the database's quarrels comes through."""
        self.contract.check(answer)
        assert answer.status_code < 500, (answer.status_code, answer.text)
        assert "deadlock" not in answer.text
        return answer

    def send(self, gate, client, caller, method, path, body, headers=None):
        sent = {"Authorization": f"Bearer {caller.token}"} | (headers or {})
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        gate.wait()
        for _ in range(PATIENCE):
            answer = client.request(method, path, json=body, headers=sent)
            self.tally["requests"] += 1
            if answer.status_code != 503:
                break
            # Told apart in the summary; the design wants none.
            fight = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2]
            told = f"{answer.json()['code']} in {fight}"
            self.tally[told] = self.tally.get(told, 0) + 1
            time.sleep(int(answer.headers["Retry-After"]))
        return answer

    def close(self):
        self.threads.shutdown()
        for client in self.clients:
            client.close()
