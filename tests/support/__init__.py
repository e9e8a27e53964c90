"""Builders and harnesses that tests share: plain functions a reader can jump to."""
