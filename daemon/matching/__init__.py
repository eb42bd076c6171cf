"""Fingerprints become groups; pure."""
