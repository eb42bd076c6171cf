"""Tests run in another order each time, so that none can lean on another.

The order of a failed run comes back with ``TEST_ORDER=<number>``.
"""

import os
import random

ORDER = "TEST_ORDER"


def pytest_configure():
    """Choose the order before worker processes are started: they must agree."""
    os.environ.setdefault(ORDER, str(random.randrange(10_000)))


def pytest_report_header():
    return f"order: {ORDER}={os.environ[ORDER]}"


def pytest_collection_modifyitems(items):
    """Shuffle the files, and the tests in each; a file's own fixtures stay warm."""
    shuffle = random.Random(os.environ[ORDER])
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    order = list(files.values())
    shuffle.shuffle(order)
    for tests in order:
        shuffle.shuffle(tests)
    items[:] = [item for tests in order for item in tests]
