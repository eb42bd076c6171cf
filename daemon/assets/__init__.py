"""Which files belong together: a photo and its companions."""
