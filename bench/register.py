"""The rows, in the order in which they are measured and shown."""

from bench import book, consumer, day, export, importing, relay, slots, visible
from bench.row import Row

ROWS: tuple[Row, ...] = (
    book.ROW,
    slots.ROW,
    relay.ROW,
    consumer.ROW,
    visible.ROW,
    importing.ROW,
    day.ROW,
    export.ROW,
)
