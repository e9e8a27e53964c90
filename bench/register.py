"""The rows, in the order in which they are measured and shown."""

from bench import book, consumer, relay, visible
from bench.row import Row

ROWS: tuple[Row, ...] = (book.ROW, relay.ROW, consumer.ROW, visible.ROW)
