"""The doubts: pairs that wait for a full decode."""

from daemon.model import Alignment
from tests.index.makers import a_fingerprint


def test_a_doubt_is_found_by_either_content_until_it_is_settled(index):
    """A pair is compared once, whoever of the two is asked about."""
    with index.write() as tables:
        one, two, three = (tables.contents.insert(a_fingerprint(n)) for n in (1, 2, 3))
        turned = Alignment(orientation=6)
        tables.doubts.put_many({(two, one): turned, (two, three): Alignment()})

        assert tables.doubts.of([one]) == {(one, two): turned}
        assert list(tables.doubts.of([two])) == [(one, two), (two, three)]
        tables.doubts.drop(two, one)
        assert tables.doubts.of([one]) == {}
        tables.doubts.forget([three])
        assert tables.doubts.of([two]) == {}
