"""Imported by any Python program that has this folder on PYTHONPATH: tells how it was started, and ends it.

A program on the path may be a shim of a version manager, so its first line does not tell the interpreter.
"""

import json
import os
import sys

sys.stdout.write(
    json.dumps(
        {
            "executable": sys.executable,
            "started": getattr(sys, "orig_argv", None),
            "environment": dict(os.environ),
            "packages": [
                entry for entry in sys.path if os.path.isfile(os.path.join(entry, "awscli", "__init__.py"))
            ],
        }
    )
)
sys.stdout.flush()
os._exit(0)
