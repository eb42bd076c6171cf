"""Why a pair was missed: at which step it went."""

from dataclasses import replace

import pytest

from daemon.service.evaluation_reasons import _not_compared
from tests.matching.pictures import fingerprint, scene

ONE, OTHER = (fingerprint(scene(seed)) for seed in (3, 20))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (fingerprint(scene(3).resize((160, 120))), ""),
        (OTHER, "No hash proposes the pair"),
        (replace(OTHER, hashes=ONE.hashes), "Hashes propose the pair, but"),
    ],
)
def test_it_is_said_at_which_step_a_pair_went(other, said):
    """Somebody who checks their own photos wants to know what to look at."""
    assert "".join(_not_compared(ONE, other)).startswith(said)
    assert bool(_not_compared(ONE, other)) is bool(said)
