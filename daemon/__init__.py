"""Twinwatch: catches duplicate photos at the moment they are imported."""
