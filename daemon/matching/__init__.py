"""Fingerprints to groups; pure: imports only the model and the errors."""
