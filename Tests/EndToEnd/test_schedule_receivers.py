"""What a schedule is promised on every way it can go: nothing twice, nothing lost."""

import pytest
from receivers import DAY, SIBR, Gateway


@pytest.fixture(params=[SIBR, Gateway])
def receiver(request, make_house):
    return request.param(make_house())


def test_the_same_again_sends_nothing_and_says_so(receiver):
    receiver.serve()
    receiver.submit()
    assert "the same was submitted before, and nothing was changed: valid" in receiver.submit().stdout
    assert len(receiver.calls()) == 1 and len(receiver.bids()) == 1


def test_a_changed_schedule_is_a_revision(receiver):
    receiver.serve()
    receiver.submit()
    receiver.write("0.600")
    assert "revision 2: valid" in receiver.submit().stdout
    assert [call["batch"] for call in receiver.calls()] == [f"EXAMPL_7_DERA1-{DAY:%Y%m%d}-{n}" for n in (1, 2)]


@pytest.mark.parametrize("fault", ["lose-answer", "half-answer", "hang-taken"])
def test_what_arrived_is_found_by_asking_and_not_sent_again(receiver, fault):
    receiver.serve(fault, timeout="1s")
    result = receiver.submit()
    assert "no answer, so it may have arrived" in result.stderr and "revision 1: valid" in result.stdout
    assert len(receiver.calls()) == 1


@pytest.mark.parametrize("fault", ["drop", "hang", "breakdown"])
def test_what_did_not_arrive_is_sent_again_when_its_absence_has_held(receiver, fault):
    receiver.serve(fault, timeout="1s")
    assert "revision 1: valid" in receiver.submit().stdout
    assert len(receiver.calls()) == 2
    assert len(receiver.calls("results")) >= 4, "asked three times before it was sent again, and once after"
    assert receiver.bids()[0]["attempts"] == 2


def test_who_asks_too_often_tries_again_without_asking(receiver):
    receiver.serve("throttle")
    assert "asked too often" in receiver.submit().stderr
    assert [bid["state"] for bid in receiver.bids()] == ["valid"] and len(receiver.calls()) == 2


@pytest.mark.parametrize("moment", [
    "beforeWrite:1", "afterSync:1", "beforeWrite:2", "afterSync:2", "beforeFirstBodyByte:1", "bodyGiven:1",
    "answerBegun:1", "beforeWrite:3",
])
def test_a_command_that_is_killed_sends_nothing_twice(receiver, moment):
    receiver.serve()
    receiver.house.environment = {"DERTELEMETRYD_STOP_AT": moment}
    killed = receiver.house.start(
        "dertelemetryd", "schedule", "submit", receiver.house.folder / "day.csv", "--config", receiver.house.configuration,
        log="killed")
    assert killed.process.wait(30) == -9
    receiver.house.environment = {}
    assert "revision 1: valid" in receiver.submit().stdout
    arrived = [call for call in receiver.calls() if call["outcome"] == "accepted"]
    assert len(arrived) == 1 and len(receiver.bids()) == 1
