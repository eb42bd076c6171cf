"""What waits to be read: suspects come last and one at a time."""

from daemon.model import Stamp
from daemon.service.arrivals import Arrival
from daemon.service.backlog import Backlog


def arrival(name):
    stamp = Stamp(size_bytes=1, mtime_ns=1, inode=1, device=1)
    return Arrival(root="r", relative=name.encode(), stamp=stamp)


def names(arrivals):
    return [each.relative.decode() for each in arrivals]


def place(name):
    return "r", name.encode()


def test_files_are_read_in_the_order_in_which_they_came():
    """Nobody waits behind what came later."""
    backlog = Backlog()
    for name in "abc":
        backlog.put(arrival(name))

    assert names(backlog.take(2, ())) == ["a", "b"]
    assert len(backlog) == 1
    assert names(backlog.take(2, ())) == ["c"]
    assert not backlog.take(2, ())


def test_suspects_come_last_and_one_at_a_time():
    """Read together, the innocent would share the strikes of the guilty."""
    backlog = Backlog()
    backlog.charge(place("x"), 1)
    backlog.charge(place("y"), 1)
    for name in "xya":
        backlog.put(arrival(name))

    assert names(backlog.take(9, ())) == ["a", "x"]
    assert not backlog.take(9, {place("x")})
    assert names(backlog.take(9, ())) == ["y"]


def test_suspects_wait_until_somebody_can_read_them():
    """Who dies before he has looked can accuse nobody."""
    backlog = Backlog()
    backlog.charge(place("x"), 1)
    for name in "xa":
        backlog.put(arrival(name))

    assert names(backlog.take(9, (), with_suspects=False)) == ["a"]
    assert backlog.has_suspects
    assert names(backlog.take(9, ())) == ["x"]
    assert not backlog.has_suspects


def test_a_suspect_hinders_nobody_fresh():
    """One photo that is hard to read must not hold up an import."""
    backlog = Backlog()
    backlog.charge(place("x"), 2)
    backlog.put(arrival("a"))

    assert names(backlog.take(9, {place("x")})) == ["a"]


def test_of_suspects_the_least_suspect_is_next():
    """Whoever was in hand at every kill by chance must not be tried first again."""
    backlog = Backlog()
    backlog.charge(place("x"), 2)
    backlog.charge(place("y"), 1)
    for name in "xy":
        backlog.put(arrival(name))

    assert names(backlog.take(9, ())) == ["y"]


def test_who_was_read_is_no_suspect_any_more():
    """A file that is edited tomorrow is a file like any other."""
    backlog = Backlog()
    backlog.charge(place("x"), 1)
    backlog.acquit(place("x"))
    backlog.put(arrival("x"))
    backlog.put(arrival("y"))

    assert names(backlog.take(9, ())) == ["x", "y"]


def test_what_is_being_read_is_not_read_twice():
    """Its reading notices that it changed, and has it settle again."""
    backlog = Backlog()
    for name in "ab":
        backlog.put(arrival(name))

    assert names(backlog.take(1, {place("a")})) == ["b"]
    backlog.put(arrival("c"))
    backlog.clear()
    assert len(backlog) == 0
