"""Kafka door of booking: it listens to nobody; what others need from it, it tells or answers."""

from chassis.inbox import Subscriptions

SUBSCRIPTIONS: Subscriptions = {}
