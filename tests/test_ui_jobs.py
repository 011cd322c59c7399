"""Jobs belong to the process: found again by owner, stopped, queued, and never lost silently."""

import threading
import time

import pytest

from rvc.errors import Cancelled, RVCError, Text
from rvc.ui.jobs import Busy, Job, Jobs

SAID = Text("Working", "작업 중")
PATIENCE_SECONDS = 20


def _until_told_to_stop(job: Job) -> None:
    while True:
        job.tell(0.5, SAID)
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
    job = jobs.start("clean", "me", _until_told_to_stop)
    while not job.fraction:
        time.sleep(0.005)
    job.stop()
    assert job.wait(PATIENCE_SECONDS) and job.state == "stopped"
    with pytest.raises(Cancelled):
        job.outcome()


def test_what_a_person_can_mend_is_told_in_both_languages() -> None:
    def work(job: Job) -> None:
        raise RVCError("Too short.", "너무 짧습니다.")

    job = Jobs().start("clean", "me", work)
    assert job.wait(PATIENCE_SECONDS)
    with pytest.raises(RVCError) as caught:
        job.outcome()
    assert caught.value.text == Text("Too short.", "너무 짧습니다.")


def test_a_bug_ends_the_job_with_a_sentence_and_a_traceback_in_the_log(caplog) -> None:
    job = Jobs().start("clean", "me", lambda job: 1 / 0)
    assert job.wait(PATIENCE_SECONDS) and job.state == "failed"
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in job.error.en  # no jargon on the page


def test_one_lane_works_one_after_another() -> None:
    jobs, order, gate = Jobs(), [], threading.Event()

    def work(name: str):
        def body(job: Job) -> None:
            order.append(f"{name} in")
            gate.wait(PATIENCE_SECONDS)
            order.append(f"{name} out")

        return body

    first = jobs.start("clean", "a", work("a"), lane="sound")
    while not order:
        time.sleep(0.005)
    second = jobs.start("report", "b", work("b"), lane="sound")
    time.sleep(0.1)
    assert second.state == "waiting"
    gate.set()
    assert first.wait(PATIENCE_SECONDS) and second.wait(PATIENCE_SECONDS)
    assert order == ["a in", "a out", "b in", "b out"]


def test_a_waiting_job_can_be_stopped_without_ever_working() -> None:
    jobs, gate, worked = Jobs(), threading.Event(), []
    first = jobs.start("clean", "a", lambda job: gate.wait(PATIENCE_SECONDS), lane="sound")
    second = jobs.start("clean", "b", worked.append, lane="sound")
    second.stop()
    assert second.wait(PATIENCE_SECONDS) and second.state == "stopped" and not worked
    gate.set()
    assert first.wait(PATIENCE_SECONDS)


def test_busy_is_said_at_once() -> None:
    jobs = Jobs()
    first = jobs.start("train", "a", _until_told_to_stop, queue=False)
    with pytest.raises(Busy):
        jobs.start("train", "b", _until_told_to_stop, queue=False)
    with pytest.raises(Busy):
        jobs.start("train", "a", _until_told_to_stop)
    assert jobs.live("train") is first
    jobs.forget("a")
    assert first.wait(PATIENCE_SECONDS) and jobs.latest("train", "a") is None


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
