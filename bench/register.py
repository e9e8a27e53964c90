"""The rows, in the order in which they are measured and shown."""

from bench import book
from bench.row import Row

ROWS: tuple[Row, ...] = (book.ROW,)
