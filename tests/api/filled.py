"""A database with a row in every table, each made, changed or deleted through the API."""

from callers import Callers
from files import FileSender, pdf
from harness import PROVIDERS, ROOT, Server
from story import Story
from world import World


def fill(cluster, contract):
    """Fills an empty database; the server that did so is stopped again."""
    cluster.run("migrate")
    with cluster.connect() as owner:
        owner.execute((ROOT / "tests/api/seed.sql").read_text())
    server = Server(cluster)
    callers = Callers(cluster, server.base_url, contract)
    world = World(callers, PROVIDERS, "marta")
    walk(world)
    callers.http.close()
    server.stop()
    return world


def walk(world):
    """Files are kept and withdrawn, an escort is deleted, a case handed over."""
    files = FileSender(world.caller("case_worker"), {"id": world.ids["case_id"]})
    for size in (65536, 65537):
        files.upload(pdf(size), "application/pdf")
    withdrawn = files.upload(pdf(200), "application/pdf")
    files.caller.change(files.url(withdrawn), {"state": "withdrawn", "withdrawal_reason": "Wrong."})
    escorts = "/v1/cases/{case_id}/journeys/{journey_id}/escorts"
    world.caller("case_worker").remove(f"{world.url(escorts)}/{world.make(escorts)['id']}")
    story = world.story
    receiver = Story(world.api, PROVIDERS, "dm")
    receiver.answer(story.transfer(story.case_in("in_course"), receiver))
