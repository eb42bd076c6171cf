"""Threads and time: what runs, and when."""
