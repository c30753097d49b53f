"""What an account is told of what it has used, over the whole stack."""

import datetime

import pytest

from client import NODIUM, SCREENNABSTER

pytestmark = pytest.mark.usefixtures("nothing_left")


def test_an_account_is_told_what_it_was_charged_for(new_account, pages):
    _, client = new_account(5)
    url = pages.url("/plain")
    job_id = client.capture(background=False, url=url, output="pdf").headers["x-screennabster-job-id"]
    assert client.take(**{"async": False}, url=url, full_page=True).status_code == 200
    assert client.take(**{"async": False}, url=pages.url("/missing")).status_code == 500

    told = client.call("GET", f"{NODIUM}/usage", headers={"X-Access-Key": client.key}).json()
    assert (told["total"], told["used"], told["available"]) == (5, 2, 3)
    counts = {kind: share["count"] for kind, share in told["breakdown"].items()}
    assert counts == {"screenshot": 0, "full_page": 1, "pdf": 1, "video": 0}

    today = datetime.datetime.now(datetime.UTC).date()
    span = {"access_key": client.key, "start_date": str(today - datetime.timedelta(days=1))}
    days = client.call("GET", f"{NODIUM}/usage/daily", params=span).json()
    assert sum(day["screenshots"] for day in days) == 2
    assert days[-1]["date"] in {str(today), str(today + datetime.timedelta(days=1))}

    usage = client.call("GET", f"{SCREENNABSTER}/usage", headers={"X-API-Key": client.key}).json()
    assert (usage["quota"], usage["used"], usage["remaining"]) == (5, 2, 3)
    rows = {row["job_id"]: row for row in usage["rows"]}
    assert (rows[job_id]["status"], rows[job_id]["charged"]) == ("completed", True)
    assert sorted(row["charged"] for row in usage["rows"]) == [False, True, True]
