"""Serves moto on a free loopback port, says which one, and ends as soon as standard input does.

The parent holds the other end of standard input. When it goes away, also by SIGKILL, the pipe closes and so does
this process: nothing is left running.
"""

import functools
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

import moto.backends  # noqa: E402
import moto.core.responses  # noqa: E402
from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402


def remember(module, name: str, make) -> None:
    """Puts a remembering version in the place of a pure function, where this version of moto has it."""
    original = getattr(module, name, None)
    if original is not None:
        setattr(module, name, functools.cache(make(original)))


# Half of the time of a small call goes into listing moto's own folder and its own classes again.
remember(moto.backends, "list_of_moto_modules", lambda modules: lambda: frozenset(modules()))
remember(moto.core.responses, "method_names_from_class", lambda names: names)


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
server.serve_forever()
