"""Callers of a server of one's own: accounts are made, and signed in, when they are asked for."""

import httpx

from harness import PASSWORD, all_accounts
from recorder import Api


class Callers:
    """api("case_worker", "marta"), as the fixture of that name is on the session's server."""

    def __init__(self, cluster, base_url, contract):
        self.cluster, self.contract = cluster, contract
        self.http = httpx.Client(base_url=base_url, timeout=60)
        self.accounts, self.known = list(all_accounts()), {}

    def __call__(self, role, provider=None, profession=None, number=1):
        account = next(a for a in self.accounts if (a.role, a.number) == (role, number)
                       and provider in (None, a.provider) and profession in (None, a.profession))
        if account.id is None:
            account.create(self.cluster)
        if account.email not in self.known:
            self.known[account.email] = self.sign_in(account)
        return self.known[account.email]

    def at(self, base_url):
        """The same accounts at another server on the same database."""
        others = Callers(self.cluster, base_url, self.contract)
        others.accounts = self.accounts
        return others

    def sign_in(self, account):
        session = Api(self.http, self.contract).post(
            "/v1/sessions", {"email": account.email, "password": PASSWORD}, expect=201,
            headers={"Idempotency-Key": None}).json()
        return Api(self.http, self.contract, session["access_token"], account)
