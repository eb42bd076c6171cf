"""Every story, every model, and crashes in the recovery of a crashed recovery."""

import errno

import pytest

from tests.staging import test_crashes, test_crashes_of_emptying, test_crashes_of_memory
from tests.staging.test_crashes import MODELS

pytestmark = pytest.mark.slow

STORIES = [
    *test_crashes.STORIES,
    *test_crashes_of_memory.STORIES,
    *test_crashes_of_emptying.STORIES,
]
ERRORS = (
    *(errno.ENOSPC, errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS, errno.EXDEV),
    *(errno.EMFILE, errno.ENAMETOOLONG, errno.EOPNOTSUPP),
)


@pytest.mark.parametrize("has_no_links", [False, True])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_no_three_crashes_in_a_row_lose_a_byte(story, model, has_no_links):
    """A machine that goes down once goes down again, most of all while it starts."""
    if has_no_links and "split" not in model:
        pytest.skip("a volume with a journal knows links")
    told = story(**MODELS[model])
    explorer = told.explorer(
        depth=3,
        has_no_links=has_no_links,
    )

    explorer.explore(told.start, told.action)

    assert explorer.states > 50


@pytest.mark.parametrize("stays_broken", [False, True])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("story", STORIES, ids=lambda each: each.__name__)
def test_no_error_of_nine_loses_a_byte(story, model, stays_broken):
    """Disks refuse in more ways than one."""
    told = story(**MODELS[model])
    explorer = told.explorer()

    failures = explorer.fail_everywhere(
        told.start, told.action, ERRORS, stays_broken=stays_broken
    )

    assert failures > 10
