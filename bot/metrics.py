"""Counters for ``/metrics``: no person, no chat in any label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Histogram

REGISTRY = CollectorRegistry()

updates = Counter("marshrut_updates", "Updates handled", ["messenger", "outcome"], registry=REGISTRY)
seconds = Histogram(
    "marshrut_update_seconds",
    "Time from an update to the end of its handling",
    ["messenger"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
delivered = Counter("marshrut_delivered", "Outbox rows by outcome", ["messenger", "outcome"], registry=REGISTRY)
waiting = Gauge("marshrut_outbox_waiting", "Outbox rows waiting", ["state"], registry=REGISTRY)
pace = Gauge(
    "marshrut_pace", "Share of the allowed pace in use; below 1 after refusals", ["messenger"], registry=REGISTRY
)
receiving = Gauge("marshrut_receiving", "1 while the messenger's events reach us", ["messenger"], registry=REGISTRY)
RECEIVER_STATES = ("starting", "working", "unreachable", "token-refused", "taken-by-another", "stopped")
receiver = Enum(
    "marshrut_receiver", "How the messenger's events reach us", ["messenger"], states=RECEIVER_STATES, registry=REGISTRY
)
lost = Counter("marshrut_degraded", "Something a messenger could not show", ["messenger", "what"], registry=REGISTRY)


def receiver_state(messenger: str) -> str:
    """How a messenger's events reach this process; empty where another process receives them."""
    for state in RECEIVER_STATES:
        labels = {"messenger": messenger, receiver._name: state}
        if REGISTRY.get_sample_value(receiver._name, labels):
            return state
    return ""
