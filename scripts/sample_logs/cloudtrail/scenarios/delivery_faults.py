"""What best-effort delivery does: records that come twice, late, corrected, or on the other side of midnight."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sample_logs.cloudtrail.actors import MONITOR, TRAILS, Trail
from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.records import Event
from sample_logs.cloudtrail.truth import CORRECTION
from sample_logs.s3_access_logs.request_maker import SECONDS_PER_DAY

# How often and how late: again in the next file, again the next day, and both.
REPEATED_DELIVERIES = ((0, 0), (0, 1), (0, 0, 1), (1, 2))


def delivered_again(maker: EventMaker) -> Iterator[Event]:
    """Deliver a record again in a later file of the same day, of the next day, of both, or late and then once more."""
    for number in maker.times(12):
        deliveries = REPEATED_DELIVERIES[number % len(REPEATED_DELIVERIES)]
        yield described_key(maker, trail_in_turn(number), at=maker.early_moment(), delivered_after_days=deliveries)


def delivered_late(maker: EventMaker) -> Iterator[Event]:
    """Deliver records in the folder of the next day, or of the day after. Every second one says so itself."""
    for number in maker.times(12):
        yield described_key(
            maker,
            trail_in_turn(number),
            delivered_after_days=(2,) if number % 4 == 0 else (1,),
            more_fields={"addendum": {"reason": "DELIVERY_DELAY"}} if number % 2 else {},
        )


def around_midnight(maker: EventMaker) -> Iterator[Event]:
    """Call in the first second of the day and in the last two, which are delivered on the next day."""
    for trail in TRAILS:
        for second in (0, SECONDS_PER_DAY - 2, SECONDS_PER_DAY - 1):
            yield described_key(maker, trail, at=maker.moment(second, second))


def corrected_later(maker: EventMaker) -> Iterator[Event]:
    """Deliver a record that lacks its user agent and, with it or on the next day, one that supplies it.

    CloudTrail user guide, "Record contents": an addendum with the reason UPDATED_DATA names the fields it brings, the
    request and the event it belongs to. The reading taken here: the later record has an event id of its own and takes
    the place of the one it names.
    """
    for number in maker.times(2):
        original = described_key(maker, trail_in_turn(number), at=maker.early_moment())
        without_agent = original.caller.seen_from(original.caller.source_address, None)
        yield replace(original, caller=without_agent, is_corrected=True)
        yield replace(
            original,
            event_id=maker.unique_id(),
            more_fields={
                "addendum": {
                    "reason": "UPDATED_DATA",
                    "updatedFields": "userAgent",
                    "originalRequestID": original.request_id,
                    "originalEventID": original.event_id,
                }
            },
            delivered_after_days=(1,) if number % 2 else (0,),
            finding=CORRECTION,
        )


def trail_in_turn(number: int) -> Trail:
    """Return a trail, the same one for four numbers on end, so that each trail has every kind of delivery."""
    return TRAILS[number // 4 % len(TRAILS)]


def described_key(maker: EventMaker, trail: Trail, **fields: Any) -> Event:
    """Return a call that changes nothing."""
    return maker.event(trail, MONITOR, "kms", "DescribeKey", **fields)
