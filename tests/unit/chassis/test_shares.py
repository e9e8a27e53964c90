"""How what one poll brought is cut into transactions."""

from aiokafka.structs import ConsumerRecord, TopicPartition

from chassis.bus.poison import Poison
from chassis.bus.shares import Share, shares_of
from chassis.bus.wire import encode
from tests.unit.chassis.test_wire import KNOWN, a_message, received

ZERO, ONE, TWO = (TopicPartition("marks", number) for number in range(3))
SOUND = encode(a_message())
DAMAGED = SOUND._replace(value=b"{")


def records(*kinds: str, first: int = 10) -> list["ConsumerRecord[bytes, bytes]"]:
    found = {"sound": SOUND, "damaged": DAMAGED}
    return [received(found[kind], offset=offset) for offset, kind in enumerate(kinds, start=first)]


def shape(share: Share) -> list[str | int]:
    """Poison, and how many messages between."""
    return ["poison" if isinstance(piece, Poison) else len(piece) for piece in share.pieces()]


def test_partitions_that_are_well_share_a_transaction() -> None:
    batch = {ZERO: records("sound", "sound"), ONE: records("sound", first=90)}

    (share,) = shares_of(batch, apart=(), known=KNOWN)

    assert shape(share) == [3]
    assert (share.begins, share.ends) == ({ZERO: 10, ONE: 90}, {ZERO: 12, ONE: 91})


def test_a_partition_that_failed_before_is_taken_by_itself_after_the_others() -> None:
    batch = {ZERO: records("sound"), ONE: records("sound"), TWO: records("sound")}

    shares = list(shares_of(batch, apart={ONE}, known=KNOWN))

    assert [set(share.begins) for share in shares] == [{ZERO, TWO}, {ONE}]


def test_poison_is_taken_in_its_place_and_its_partition_by_itself() -> None:
    batch = {ZERO: records("sound", "damaged", "damaged", "sound", "sound"), ONE: records("sound")}

    shares = list(shares_of(batch, apart=(), known=KNOWN))

    assert [shape(share) for share in shares] == [[1], [1, "poison", "poison", 2]]


def test_without_anything_well_there_is_no_empty_share() -> None:
    shares = list(shares_of({ZERO: records("damaged")}, apart=(), known=KNOWN))

    assert [shape(share) for share in shares] == [["poison"]]
