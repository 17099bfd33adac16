"""Serves moto on a free loopback port, says which one, and ends as soon as standard input does.

The parent holds the other end of standard input. When it goes away, also by SIGKILL, the pipe closes and so does
this process: nothing is left running.
"""

import json
import os
import signal
import sys
import threading


def end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


# Ctrl-C reaches the whole process group; the parent decides when this ends.
signal.signal(signal.SIGINT, signal.SIG_IGN)
threading.Thread(target=end_with_parent, daemon=True).start()

from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402


class QuietHandler(WSGIRequestHandler):
    """Without a line per request: nobody reads them, and writing them costs."""

    def log_request(self, code="-", size="-") -> None:
        pass


server = make_server(
    "127.0.0.1",
    0,
    DomainDispatcherApplication(create_backend_app),
    threaded=True,
    request_handler=QuietHandler,
)
print(json.dumps({"port": server.port}), flush=True)
# Importing EC2 takes half a second: behind the first answers, not before them.
sys.dont_write_bytecode = True
threading.Thread(target=lambda: __import__("speed"), daemon=True).start()
server.serve_forever()
