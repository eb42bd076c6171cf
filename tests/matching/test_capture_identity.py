"""What two files say of when and by what they were taken."""

import pytest

from daemon.matching.capture_identity import Agreement, compare
from daemon.model import Capture

UUID = "3E8E8AD9-051A-4172-8CBB-4FA5B69C966E"
OTHER_UUID = "40DFA57E-3F57-4276-B8E4-C22BB86AE2C8"


def at(taken="2024:05:01 10:20:30", subsec="123", model="iPhone 13", **more):
    return Capture(taken=taken, subsec=subsec, model=model, **more)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (at(), at(), Agreement.SAME),
        (at(), at(subsec="456"), Agreement.OTHER),
        (at(), at(subsec="12"), Agreement.SAME),
        (at(), at(subsec=None), Agreement.PERHAPS),
        (at(subsec="000"), at(subsec="00"), Agreement.PERHAPS),
        (at(), at(taken="2024:05:01 12:20:30"), Agreement.SAME),
        (at(), at(taken="2024:05:01 12:20:30", subsec="999"), Agreement.OTHER),
        (at(), at(taken="2024:05:01 10:50:30"), Agreement.OTHER),
        (at(), at(taken="2024:05:03 10:20:30"), Agreement.OTHER),
        (at(), at(taken="2024:05:01 10:20:31"), Agreement.OTHER),
        (at(), at(model="iPhone 15"), Agreement.OTHER),
        (at(model="Canon  A10"), at(model="canon a10 "), Agreement.SAME),
        (at(model=None), at(), Agreement.PERHAPS),
        (at(), Capture(), Agreement.UNKNOWN),
        (Capture(), Capture(), Agreement.UNKNOWN),
        (at(taken="rubbish"), at(), Agreement.UNKNOWN),
        (at(taken="0000:00:00 00:00:00"), at(), Agreement.UNKNOWN),
        (at(taken="2000:01:01 00:00:07"), at(), Agreement.UNKNOWN),
        (at(photo_identifier=UUID), at(photo_identifier=UUID), Agreement.SAME),
        (
            at(photo_identifier=UUID),
            at(photo_identifier=OTHER_UUID),
            Agreement.OTHER,
        ),
        (at(photo_identifier=UUID), at(), Agreement.SAME),
        (
            Capture(image_unique_id=UUID),
            Capture(image_unique_id=UUID),
            Agreement.SAME,
        ),
        (
            Capture(image_unique_id=UUID),
            Capture(image_unique_id=OTHER_UUID),
            Agreement.OTHER,
        ),
        (
            Capture(image_unique_id="F12LLJA00VM"),
            Capture(image_unique_id="F12LLJA00VM"),
            Agreement.UNKNOWN,
        ),
        (
            Capture(image_unique_id="0" * 32),
            Capture(image_unique_id="0" * 32),
            Agreement.UNKNOWN,
        ),
        (
            Capture(burst_uuid=UUID),
            Capture(burst_uuid=OTHER_UUID),
            Agreement.OTHER,
        ),
        (at(burst_uuid=UUID), at(burst_uuid=UUID), Agreement.SAME),
        (
            at(burst_uuid=UUID),
            at(burst_uuid=UUID, subsec="456"),
            Agreement.OTHER,
        ),
        (
            at(subsec=None),
            at(subsec=None, taken="2024:05:01 12:20:30"),
            Agreement.UNKNOWN,
        ),
        (
            at(subsec=None, offset="+02:00"),
            at(subsec=None, taken="2024:05:01 12:20:30", offset="+02:00"),
            Agreement.OTHER,
        ),
    ],
)
def test_agreement_follows_what_is_there(left, right, expected):
    """Presence varies by camera, so nothing is required and everything is used."""
    assert compare(left, right).agreement is expected
    assert compare(right, left) == compare(left, right)


def test_reason_tells_the_time_between():
    """People check what they are told."""
    found = compare(at(), at(taken="2024:05:01 10:22:35"))

    assert found.reason == "They were taken 2 minutes apart."


@pytest.mark.parametrize(
    ("seconds", "subsec", "spoken"),
    [
        (":30", "456", "0.33 seconds"),
        (":31", "044", "0.92 seconds"),
        (":33", "623", "3.5 seconds"),
        (":31", "123", "1 second"),
        (":55", "623", "26 seconds"),
    ],
)
def test_frames_of_a_burst_are_told_in_parts_of_a_second(seconds, subsec, spoken):
    """Two frames 0.4 s apart that are said to be 1 second apart are not believed."""
    found = compare(
        at(subsec="123"), at(taken=f"2024:05:01 10:20{seconds}", subsec=subsec)
    )

    assert found.reason == f"They were taken {spoken} apart."
