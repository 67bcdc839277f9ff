"""Anomaly mode: where numbers first went wrong, told by one exception."""

from .block import detect_anomaly

__all__ = ["detect_anomaly"]
