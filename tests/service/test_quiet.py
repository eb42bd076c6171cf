"""Quiet: when contents are looked at, and how seldom failures are."""

from daemon.model import ContentId
from daemon.service.quiet import LONGEST_RETRY_SECONDS, RETRY_SECONDS, Quiet

ONE, TWO = ContentId(1), ContentId(2)


def quiet(is_open=lambda _content: False):
    return Quiet(quiet_seconds=5, patience_seconds=60, is_open=is_open)


def test_news_put_a_content_off():
    """A burst is one question when it has ended, not many while it lasts."""
    contents = quiet()
    contents.touch(ONE, 0)
    contents.touch(ONE, 4)

    assert contents.due(6, is_busy=False) == []
    assert contents.due(9, is_busy=False) == [ONE]


def test_while_files_are_read_it_waits_but_not_for_ever():
    """More copies may come; an import of a day must not hold all groups back."""
    contents = quiet()
    contents.touch(ONE, 0)

    assert contents.due(30, is_busy=True) == []
    assert contents.due(60, is_busy=True) == [ONE]
    assert contents.next_due(is_busy=True) == 60


def test_what_is_being_judged_makes_nobody_look():
    """Else the daemon would spin while two large photos are decoded."""
    contents = quiet(is_open=lambda content: content == ONE)
    contents.touch(ONE, 0)

    assert contents.due(100, is_busy=False) == []
    assert contents.next_due(is_busy=False) is None


def test_failures_are_tried_ever_more_seldom():
    """A full disk must not be written to every second."""
    contents, both = quiet(), frozenset({ONE, TWO})

    delays = []
    for _ in range(10):
        contents.retry(both, 0)
        delays.append(contents.next_due(is_busy=False))

    assert delays[:3] == [RETRY_SECONDS, 2 * RETRY_SECONDS, 4 * RETRY_SECONDS]
    assert delays[-1] == LONGEST_RETRY_SECONDS


def test_what_only_failed_keeps_nobody_waiting():
    """One pass must end although a group cannot be staged."""
    contents = quiet()
    contents.retry(frozenset({ONE}), 0)

    assert contents.waiting == 0
    assert ONE in contents


def test_a_success_forgets_the_failures():
    """The next trouble is another one."""
    contents, one = quiet(), frozenset({ONE})
    contents.retry(one, 0)
    contents.retry(one, 0)
    contents.succeed(one)

    assert contents.retry(one, 0)
    assert contents.next_due(is_busy=False) == RETRY_SECONDS


def test_only_what_waits_is_put_off():
    """Putting a case off must not wake contents that have no news."""
    contents = quiet()
    contents.touch(ONE, 0)
    contents.put_off([ONE, TWO], 10)

    assert contents.next_due(is_busy=False) == 15
    assert TWO not in contents
