"""The binary's options, as core/config.def has them."""

import re

from harness import ROOT

OPTION = re.compile(r'^OPTION_(?:TEXT|NUMBER)\(\w+, "([A-Z_]+)", (?:NULL|"([^"]*)"|(\d+)),', re.M)
# Connection strings, and where the key files lie: each way to run it has its own.
SECRETS = {"DATABASE", "MASTER_KEYS", "TOKEN_KEYS"}
OWNERS = {"OWNER_DATABASE"}


def options():
    """{name: default}, None for what has none."""
    text = (ROOT / "internal/core/config.def").read_text()
    found = {one[1]: one[2] if one[3] is None else one[3] for one in OPTION.finditer(text)}
    assert len(found) == len(re.findall(r"^OPTION_", text, re.M))
    assert SECRETS | OWNERS < found.keys()
    return found


def option(variable):
    """The option that an environment variable sets."""
    assert variable.startswith("ATBALSTS_")
    return variable.removeprefix("ATBALSTS_").removesuffix("_FILE")
