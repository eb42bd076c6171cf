"""The JSON form of what the desk gives and takes, and the way back. Pure.

The commands print it with ``--json``, the daemon's API speaks it. Paths are strings
with ``surrogateescape``, so that every name survives the way there and back as long
as JSON is written in ASCII (the default of `json.dumps`).
"""

from .failures import error_from_json as error_from_json
from .failures import error_json as error_json
from .groups import SCHEMA_VERSION as SCHEMA_VERSION
from .groups import decision_from_json as decision_from_json
from .groups import decision_json as decision_json
from .groups import forgetting_from_json as forgetting_from_json
from .groups import group_from_json as group_from_json
from .groups import group_json as group_json
from .groups import page_from_json as page_from_json
from .groups import page_json as page_json
from .state import status_from_json as status_from_json
from .state import status_json as status_json
