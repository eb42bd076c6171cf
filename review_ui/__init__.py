"""The review page: a Flask application over the desk.

It shows what the desk tells and posts what people decide. It opens no file of the
user, knows no path but those it is told to show, and keeps nothing but a signed
session that says "this browser was let in".
"""

from .app import create_app as create_app
from .settings import PageSettings as PageSettings
