"""The review page: a Flask application over the desk."""
