"""Jobs belong to the process: found again by owner, stopped, queued, and never lost silently."""

import threading
import time

import pytest

from rvc.errors import Cancelled, RVCError
from rvc.messages import Message
from rvc.ui.jobs import Busy, Job, Jobs

SAID = Message("Working")
PATIENCE_SECONDS = 20


def _until_stop_is_requested(job: Job) -> None:
    while True:
        job.set_progress(0.5, SAID)
        time.sleep(0.005)


def test_result_is_there_for_whoever_looks_later() -> None:
    jobs = Jobs()
    job = jobs.start("clean", "me", lambda job: 42)
    assert job.wait(PATIENCE_SECONDS)
    found = jobs.latest("clean", "me")
    assert found is job and found.state == "done" and found.fraction == 1.0
    assert found.outcome() == 42
    assert jobs.latest("clean", "somebody else") is None


def test_stop_ends_at_the_next_word() -> None:
    jobs = Jobs()
    job = jobs.start("clean", "me", _until_stop_is_requested)
    while not job.fraction:
        time.sleep(0.005)
    job.stop()
    assert job.wait(PATIENCE_SECONDS) and job.state == "stopped"
    with pytest.raises(Cancelled):
        job.outcome()


def test_what_a_person_can_mend_is_explained_in_both_languages() -> None:
    def work(job: Job) -> None:
        raise RVCError("Too short.")

    job = Jobs().start("clean", "me", work)
    assert job.wait(PATIENCE_SECONDS)
    with pytest.raises(RVCError) as caught:
        job.outcome()
    assert caught.value.text == Message("Too short.")


def test_a_bug_ends_the_job_with_a_sentence_and_a_traceback_in_the_log(caplog) -> None:
    job = Jobs().start("clean", "me", lambda job: 1 / 0)
    assert job.wait(PATIENCE_SECONDS) and job.state == "failed"
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in str(job.error)  # no jargon on the page


def test_one_lane_runs_six_jobs_one_at_a_time_in_the_order_they_came() -> None:
    for _ in range(20):
        jobs, gate = Jobs(), threading.Event()
        order: list[str] = []
        working, most = 0, 0

        def work(job: Job, gate: threading.Event = gate, order: list[str] = order) -> None:
            nonlocal working, most
            working += 1
            most = max(most, working)
            gate.wait(PATIENCE_SECONDS)
            order.append(job.owner)
            working -= 1

        owners = [f"visitor {n}" for n in range(6)]
        kinds = ("clean", "report")  # two kinds may share a lane
        queued = [
            jobs.start(kinds[n % 2], owner, work, lane="sound") for n, owner in enumerate(owners)
        ]
        assert [job.ahead for job in queued] == list(range(6))
        assert all(job.state == "waiting" for job in queued[1:])
        gate.set()
        assert all(job.wait(PATIENCE_SECONDS) for job in queued)
        assert order == owners and most == 1
        assert all(job.state == "done" and job.ahead == 0 for job in queued)


def test_lanes_do_not_wait_for_each_other() -> None:
    jobs, gate = Jobs(), threading.Event()
    training = jobs.start("train", "a", lambda job: gate.wait(PATIENCE_SECONDS))
    assert jobs.start("convert", "a", lambda job: 1).wait(PATIENCE_SECONDS)
    assert training.live
    gate.set()
    assert training.wait(PATIENCE_SECONDS)


def test_a_job_stopped_while_queued_ends_at_once_and_never_works() -> None:
    jobs, gate, worked = Jobs(), threading.Event(), []
    first = jobs.start("clean", "a", lambda job: gate.wait(PATIENCE_SECONDS), lane="sound")
    second = jobs.start("clean", "b", worked.append, lane="sound")
    third = jobs.start("clean", "c", worked.append, lane="sound")
    second.stop()
    assert second.state == "stopped" and second.wait(0) and second.ahead == 0
    assert third.ahead == 1
    again = jobs.start("clean", "b", worked.append, lane="sound")  # its place is free again
    gate.set()
    assert all(job.wait(PATIENCE_SECONDS) for job in (first, third, again))
    assert worked == [third, again] and second.state == "stopped"


ENDINGS = {"done": None, "failed": RVCError("Too short."), "stopped": Cancelled()}


@pytest.mark.parametrize("ending", ENDINGS)
def test_stop_never_changes_a_final_state(ending: str) -> None:
    """Many threads call `stop` while the job ends; states seen afterwards never change again."""
    problem, jobs = ENDINGS[ending], Jobs()

    for _ in range(200):
        started = threading.Event()

        def work(job: Job, started: threading.Event = started) -> str:
            started.set()
            if problem is not None:
                raise problem
            return "result"

        job = jobs.start("clean", "me", work)

        def stop_until_it_ends(job: Job = job, started: threading.Event = started) -> None:
            assert started.wait(PATIENCE_SECONDS)
            while job.live:
                job.stop()
            job.stop()

        stoppers = [threading.Thread(target=stop_until_it_ends) for _ in range(3)]
        for thread in stoppers:
            thread.start()
        for thread in stoppers:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        assert job.wait(PATIENCE_SECONDS)
        assert job.state == ending and not job.live
        job.stop()
        assert job.state == ending
    assert jobs.start("clean", "me", lambda job: 7).wait(PATIENCE_SECONDS)  # the lane goes on


def test_a_job_that_ends_while_stop_runs_keeps_its_final_state(monkeypatch) -> None:
    """`stop` finds the job live, then the work returns before `stop` changes the state."""
    jobs, go = Jobs(), threading.Event()
    job = jobs.start("clean", "me", lambda job: go.wait(PATIENCE_SECONDS))
    while job.state != "running":
        time.sleep(0.005)
    live = Job.live.fget

    def slowly(job: Job) -> bool:
        found = live(job)
        go.set()
        time.sleep(0.1)  # long enough for the work to return
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Job, "live", property(slowly))
        job.stop()
    assert job.wait(PATIENCE_SECONDS) and job.state == "done" and not job.live


def test_stop_hammers_waiting_jobs_and_each_works_or_is_stopped() -> None:
    jobs = Jobs()
    for _ in range(30):
        worked: list[Job] = []
        queued = [jobs.start("clean", f"visitor {n}", worked.append) for n in range(6)]
        for job in reversed(queued):
            job.stop()
        assert all(job.wait(PATIENCE_SECONDS) for job in queued)
        assert all((job.state == "done") == (job in worked) for job in queued)
        assert {job.state for job in queued} <= {"done", "stopped"}
        assert worked == [job for job in queued if job in worked]


def test_callbacks_run_once_whatever_ends_the_job() -> None:
    jobs, gate, ended = Jobs(), threading.Event(), []
    running = jobs.start("clean", "a", lambda job: gate.wait(PATIENCE_SECONDS) and 1 / 0)
    queued = jobs.start("clean", "b", lambda job: None)
    running.when_ended(lambda: ended.append("running"))
    queued.when_ended(lambda: ended.append("queued"))
    queued.stop()
    assert ended == ["queued"]
    gate.set()
    assert running.wait(PATIENCE_SECONDS) and ended == ["queued", "running"]
    running.when_ended(lambda: ended.append("late"))
    assert ended[-1] == "late"


def test_work_that_leaves_its_thread_fails_and_the_lane_goes_on() -> None:
    def leave(job: Job) -> None:
        raise SystemExit

    jobs = Jobs()
    first, second = jobs.start("clean", "a", leave), jobs.start("clean", "b", lambda job: 2)
    assert first.wait(PATIENCE_SECONDS) and first.state == "failed" and first.error is not None
    assert second.wait(PATIENCE_SECONDS) and second.outcome() == 2


def test_busy_is_said_at_once() -> None:
    jobs = Jobs()
    first = jobs.start("train", "a", _until_stop_is_requested, queue=False)
    with pytest.raises(Busy):
        jobs.start("train", "b", _until_stop_is_requested, queue=False)
    with pytest.raises(Busy):
        jobs.start("train", "a", _until_stop_is_requested)
    assert jobs.live("train") is first
    jobs.forget("a")
    assert first.wait(PATIENCE_SECONDS) and jobs.latest("train", "a") is None
    assert jobs.live("train") is None


def test_a_forgotten_job_keeps_its_place_until_it_has_ended() -> None:
    jobs, gate = Jobs(), threading.Event()
    first = jobs.start("train", "a", lambda job: gate.wait(PATIENCE_SECONDS))
    while first.state != "running":
        time.sleep(0.005)
    jobs.forget("a")
    second = jobs.start("train", "b", lambda job: 2)
    assert (second.state, second.ahead) == ("waiting", 1)
    with pytest.raises(Busy):
        jobs.start("train", "c", lambda job: 3, queue=False)
    gate.set()
    assert first.wait(PATIENCE_SECONDS) and second.wait(PATIENCE_SECONDS)


def test_a_full_lane_refuses_more() -> None:
    jobs, gate = Jobs(), threading.Event()
    held = [
        jobs.start("clean", f"visitor {n}", lambda job: gate.wait(PATIENCE_SECONDS))
        for n in range(8)
    ]
    with pytest.raises(Busy):
        jobs.start("clean", "one too many", lambda job: None)
    gate.set()
    assert all(job.wait(PATIENCE_SECONDS) for job in held)
