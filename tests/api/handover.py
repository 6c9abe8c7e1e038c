"""Where the two sides of a transfer stand."""

IDENTITY = ("given_name", "family_name", "birth_date", "personal_code", "phone")


def place(transfer):
    """The giver's."""
    return f"/v1/cases/{transfer['case_id']}/transfers/{transfer['id']}"


def incoming(transfer):
    """The receiver's."""
    return f"/v1/incoming_transfers/{transfer['id']}"


def consult(story, case, starts_at, **more):
    """Joint, so that no appointment of another test collides."""
    return story.consultation(case, starts_at, joint=True, **more)
