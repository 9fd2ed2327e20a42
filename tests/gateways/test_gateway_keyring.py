"""Where tokens are kept: fetched once, shared, renewed when they end or are taken no more."""

import threading
import time

import pytest

from gateways import keyring as keyring_module
from gateways.keyring import Keyring


class Counter:
    """Hands out 1, 2, 3…, as slowly as a network."""

    def __init__(self, seconds: float = 0):
        self.count = 0
        self._seconds = seconds

    def __call__(self) -> str:
        time.sleep(self._seconds)
        self.count += 1
        return str(self.count)


@pytest.fixture
def clock(monkeypatch):
    """The time, which stands still until a test sets it."""
    now = [1000.0]
    monkeypatch.setattr(keyring_module.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def fetch() -> Counter:
    return Counter()


def test_a_value_is_fetched_once(fetch):
    keyring = Keyring()
    assert [keyring.obtain("a", fetch, seconds=60) for _ in range(3)] == ["1", "1", "1"]
    assert fetch.count == 1


def test_each_name_has_a_value_of_its_own(fetch):
    keyring = Keyring()
    assert [keyring.obtain(name, fetch, seconds=60) for name in "abab"] == ["1", "2", "1", "2"]


def test_keyrings_share_nothing(fetch):
    assert Keyring().obtain("a", fetch, seconds=60) == "1"
    assert Keyring().obtain("a", fetch, seconds=60) == "2"


@pytest.mark.parametrize(("later", "value"), [(0, "1"), (59.9, "1"), (60, "2"), (61, "2")])
def test_a_value_is_kept_for_so_many_seconds(clock, fetch, later, value):
    keyring = Keyring()
    keyring.obtain("a", fetch, seconds=60)
    clock[0] += later
    assert keyring.obtain("a", fetch, seconds=60) == value


def test_the_time_counts_from_when_the_value_came(clock):
    keyring = Keyring()

    def fetch_slowly() -> str:
        clock[0] += 30
        return "1"

    keyring.obtain("a", fetch_slowly, seconds=60)
    clock[0] += 59
    assert keyring.obtain("a", pytest.fail, seconds=60) == "1"


def test_a_stale_value_is_replaced(fetch):
    keyring = Keyring()
    keyring.obtain("a", fetch, seconds=60)
    assert keyring.obtain("a", fetch, seconds=60, stale="1") == "2"
    assert keyring.obtain("a", fetch, seconds=60) == "2"


def test_a_value_that_was_replaced_meanwhile_is_not_replaced_again(fetch):
    keyring = Keyring()
    keyring.obtain("a", fetch, seconds=60)
    renewed = [keyring.obtain("a", fetch, seconds=60, stale="1") for _ in range(3)]
    assert renewed == ["2", "2", "2"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_could_not_be_fetched_is_not_kept(fetch, error):
    keyring = Keyring()

    def fail() -> str:
        raise error

    with pytest.raises(error):
        keyring.obtain("a", fail, seconds=60)
    assert keyring.obtain("a", fetch, seconds=60) == "1"


def test_a_failure_to_renew_does_not_bring_back_the_stale_value(fetch):
    keyring = Keyring()
    keyring.obtain("a", fetch, seconds=60)
    with pytest.raises(ZeroDivisionError):
        keyring.obtain("a", lambda: str(1 // 0), seconds=60, stale="1")
    assert keyring.obtain("a", fetch, seconds=60, stale="1") == "2"


def test_what_is_fetched_may_need_what_else_is_kept(fetch):
    """A table needs a token."""
    keyring = Keyring()
    outer = keyring.obtain(
        "table", lambda: "table by " + keyring.obtain("token", fetch, seconds=60), seconds=60
    )
    assert (outer, keyring.obtain("token", fetch, seconds=60)) == ("table by 1", "1")


@pytest.mark.parametrize("stale", ["", "1"])
def test_nobody_fetches_while_somebody_does(stale):
    keyring, fetch, values = Keyring(), Counter(seconds=0.05), []
    if stale:
        keyring.obtain("a", fetch, seconds=60)
    before = fetch.count

    def obtain():
        values.append(keyring.obtain("a", fetch, seconds=60, stale=stale))

    threads = [threading.Thread(target=obtain) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetch.count == before + 1
    assert values == [str(before + 1)] * 8
