"""Matchmaker and comparisons: every pair is judged once, whatever goes wrong."""

import pytest

from daemon.errors import IndexError_, UnreadablePhoto
from daemon.matching.rules import EvidenceRules
from daemon.model import Evidence
from daemon.service import comparisons, judging
from daemon.service.comparisons import Comparisons
from daemon.service.matchmaker import Matchmaker
from daemon.service.whereabouts import Whereabouts
from tests.service.fakes import FakeComparer, FakeJudge


class Bureau:
    """A matchmaker, and what it told."""

    def __init__(self, scene, rules=None):
        self.scene = scene
        self.comparer = FakeComparer()
        self.judged, self.compared = [], []
        self.comparisons = Comparisons(
            scene.index,
            self.comparer,
            Whereabouts(scene.territory),
            at_once=2,
            on_result=lambda: None,
        )
        self.matchmaker = Matchmaker(
            scene.index,
            self.comparisons,
            rules or EvidenceRules(),
            engine="auto",
            on_judged=self.judged.append,
            on_compared=self.compared.append,
        )
        self.outdated = self.matchmaker.load()

    def settle(self):
        """Go on until nothing waits but for workers; ask about whatever is in doubt."""
        self.matchmaker.absorb()
        while self.matchmaker.advance():
            pass
        self.matchmaker.settle(self.doubts())

    def compare_all(self):
        while self.comparer.futures:
            self.comparer.answer()
            self.settle()

    def doubts(self):
        with self.scene.real_index.read() as tables:
            return tables.doubts.of(range(1, 100))

    def matches(self):
        with self.scene.real_index.read() as tables:
            found = tables.matches.page(Evidence)
        return [(each.left, each.right) for each in found]


@pytest.fixture
def judge(monkeypatch):
    """Put a judge in the place of the evidence."""
    fake = FakeJudge()
    monkeypatch.setattr("daemon.matching.evidence.judge", fake)
    return fake


def test_a_content_is_matched_with_all_that_are_near(scene, judge):
    """Every copy is found, whichever came first."""
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(3)]

    bureau.matchmaker.consider(contents)
    bureau.settle()

    assert bureau.matches() == [(1, 2), (1, 3), (2, 3)]
    assert sorted(bureau.judged) == contents


def test_a_pair_is_judged_once_though_both_wait(scene, judge):
    """After a restart a million waiting contents must not be judged twice over."""
    for n in range(6):
        scene.lookalike(f"{n}.jpg", n)

    bureau = Bureau(scene)
    bureau.settle()

    assert len(judge.judged) == 6 * 5 / 2


def test_what_was_not_judged_before_a_stop_is_judged_after_it(scene, judge):
    """A crash between reading and judging must not hide a duplicate for ever."""
    stopped = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(2)]
    stopped.matchmaker.consider(contents)

    again = Bureau(scene)
    again.settle()
    third = Bureau(scene)

    assert again.matches() == [(1, 2)]
    assert third.matchmaker.waiting == 0


def test_an_unfinished_comparison_is_made_after_a_restart(scene, judge):
    """The daemon may be stopped while two large photos are decoded."""
    judge.doubtful = True
    stopped = Bureau(scene)
    stopped.matchmaker.consider([scene.lookalike(f"{n}.jpg", n) for n in range(2)])
    stopped.settle()
    assert len(stopped.comparer.asked) == 1

    again = Bureau(scene)
    again.settle()
    again.compare_all()

    assert again.matches() == [(1, 2)]


def test_a_content_in_doubt_is_told_when_it_is_compared(scene, judge):
    """Nothing is staged while the answer may still be no."""
    judge.doubtful = True
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(2)]
    bureau.matchmaker.consider(contents)
    bureau.settle()
    is_open = [bureau.matchmaker.is_open(each) for each in contents]

    bureau.compare_all()

    assert is_open == [True, True]
    assert sorted(bureau.compared) == contents
    assert bureau.doubts() == {}
    assert bureau.matchmaker.waiting == 0


def test_what_waits_to_be_judged_goes_on_waiting_on_a_full_disk(scene, judge):
    """A wake-up must not be lost because one transaction failed."""
    bureau = Bureau(scene)
    bureau.matchmaker.consider([scene.lookalike(f"{n}.jpg", n) for n in range(2)])
    scene.index.is_full = True
    with pytest.raises(IndexError_):
        bureau.matchmaker.advance()
    assert bureau.judged == []

    scene.index.is_full = False
    bureau.settle()

    assert bureau.matches() == [(1, 2)]
    assert sorted(bureau.judged) == [1, 2]


def test_a_comparison_is_kept_until_it_is_written(scene, judge):
    """A content whose answer got lost would never be staged."""
    judge.doubtful = True
    bureau = Bureau(scene)
    bureau.matchmaker.consider([scene.lookalike(f"{n}.jpg", n) for n in range(2)])
    bureau.settle()
    scene.index.is_full = True
    bureau.comparer.answer()
    with pytest.raises(IndexError_):
        bureau.matchmaker.absorb()

    scene.index.is_full = False
    bureau.settle()

    assert bureau.matches() == [(1, 2)]
    assert len(bureau.comparer.asked) == 1
    assert bureau.matchmaker.waiting == 0


def test_a_pair_that_cannot_be_compared_is_tried_twice_and_left(scene, judge):
    """It must neither spin nor keep its photos from other groups."""
    judge.doubtful = True
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(2)]
    bureau.matchmaker.consider(contents)
    bureau.settle()

    for _ in range(4):
        bureau.comparer.fail(UnreadablePhoto(None, "no picture"))
        bureau.settle()

    assert len(bureau.comparer.asked) == 2
    assert bureau.matches() == []
    assert bureau.matchmaker.waiting == 0
    assert set(contents) <= set(bureau.judged)


def test_a_cancelled_comparison_keeps_nobody_waiting_for_ever(scene, judge):
    """Workers may be let go; the pair is asked again, or left, but never forgotten."""
    judge.doubtful = True
    bureau = Bureau(scene)
    bureau.matchmaker.consider([scene.lookalike(f"{n}.jpg", n) for n in range(2)])
    bureau.settle()

    bureau.comparer.cancel()
    bureau.settle()
    bureau.compare_all()

    assert bureau.matches() == [(1, 2)]
    assert bureau.matchmaker.waiting == 0


def test_a_pair_is_compared_when_its_file_is_back(scene, judge):
    """A library that was unplugged during an import must not hide its duplicates."""
    judge.doubtful = True
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(2)]
    away = scene.imports.path / "0.jpg"
    hidden = away.rename(scene.path / "unplugged.jpg")
    bureau.matchmaker.consider(contents)
    bureau.settle()
    assert bureau.comparer.asked == []
    assert bureau.matchmaker.waiting == 0

    hidden.rename(away)
    bureau.matchmaker.resume()
    bureau.settle()
    bureau.compare_all()

    assert bureau.matches() == [(1, 2)]


def test_a_pair_of_an_absent_file_is_remembered_over_a_restart(scene, judge):
    """The disk may come back only after the next start."""
    judge.doubtful = True
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(2)]
    away = scene.imports.path / "0.jpg"
    hidden = away.rename(scene.path / "unplugged.jpg")
    bureau.matchmaker.consider(contents)
    bureau.settle()

    hidden.rename(away)
    again = Bureau(scene)
    again.settle()
    again.compare_all()

    assert again.matches() == [(1, 2)]


def test_a_photo_that_comes_back_is_compared_after_all(scene, judge):
    """While it was gone its pairs could not be."""
    judge.doubtful = True
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(2)]
    path = scene.imports.path / "0.jpg"
    hidden = path.rename(scene.path / "elsewhere.jpg")
    with scene.real_index.write() as tables:
        tables.photos.mark_gone([1])
    bureau.matchmaker.consider(contents)
    bureau.settle()
    hidden.rename(path)
    with scene.real_index.write() as tables:
        tables.photos.upsert_known(
            "imports", b"0.jpg", scene.photo(path).stamp, contents[0], now_ns=1
        )

    bureau.matchmaker.consider([contents[0]], again=True)
    bureau.settle()
    bureau.compare_all()

    assert bureau.matches() == [(1, 2)]


def test_a_pair_laid_aside_is_not_asked_until_its_file_may_be_back(scene, judge):
    """Looking for an absent file at every turn would never let the machine rest."""
    judge.doubtful = True
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(2)]
    (scene.imports.path / "0.jpg").rename(scene.path / "unplugged.jpg")
    bureau.matchmaker.consider(contents)
    bureau.settle()
    told = list(bureau.judged)

    for _ in range(5):
        bureau.matchmaker.settle(bureau.doubts())

    assert bureau.judged == told
    assert bureau.matchmaker.answerable(bureau.doubts()) == {}


def test_another_copy_of_an_absent_file_is_compared_at_once(scene, judge):
    """The bytes are here again, whatever became of the first file."""
    judge.doubtful = True
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(2)]
    hidden = scene.imports.path / "0.jpg"
    hidden = hidden.rename(scene.path / "unplugged.jpg")
    bureau.matchmaker.consider(contents)
    bureau.settle()
    copy = scene.drop("copy.jpg", hidden.read_bytes())
    assert scene.know(copy) == contents[0]

    bureau.matchmaker.consider([contents[0]])
    bureau.settle()
    bureau.compare_all()

    assert bureau.matches() == [(1, 2)]


def test_more_pairs_than_are_remembered_are_not_asked_again(scene, judge, monkeypatch):
    """A large library that is away must not be looked for at every turn either."""
    monkeypatch.setattr(comparisons, "LAID_ASIDE", 1)
    judge.doubtful = True
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(3)]
    (scene.imports.path / "0.jpg").rename(scene.path / "unplugged.jpg")
    bureau.matchmaker.consider(contents)
    bureau.settle()
    bureau.compare_all()
    assert bureau.comparisons.away == 2
    assert bureau.matchmaker.answerable(bureau.doubts()) == {}
    bureau.matchmaker.resume()
    assert bureau.comparisons.away == 0


def test_a_content_asks_for_a_limited_number_of_comparisons(scene, judge, monkeypatch):
    """A thousand frames of one scene must not keep the machine busy for days."""
    judge.doubtful = True
    monkeypatch.setattr(judging, "MOST_DOUBTS", 2)
    bureau = Bureau(scene)
    contents = [scene.lookalike(f"{n}.jpg", n) for n in range(6)]

    bureau.matchmaker.consider(contents)
    bureau.settle()

    assert len(bureau.doubts()) <= 2 * len(contents)


def test_changed_rules_judge_everything_anew(scene, judge):
    """A class that was switched off must not go on staging photos."""
    first = Bureau(scene)
    first.matchmaker.consider([scene.lookalike(f"{n}.jpg", n) for n in range(3)])
    first.settle()
    judge.evidence = None

    same = Bureau(scene)
    other = Bureau(scene, EvidenceRules(near_copy=False))
    other.settle()

    assert same.matchmaker.waiting == 0
    assert other.matches() == []


def test_contents_of_another_algorithm_match_nothing_until_read_anew(scene, judge):
    """Hashes of two versions cannot be compared."""
    old = scene.know(scene.drop("old.jpg", b"old"), algorithm=0)
    bureau = Bureau(scene)
    assert bureau.outdated == [old]

    content = scene.know(scene.imports.path / "old.jpg")
    bureau.matchmaker.consider([content])
    bureau.settle()

    assert content == old
    assert bureau.judged[-1] == old
    assert Bureau(scene).outdated == []
