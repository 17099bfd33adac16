"""Keeps the AWS CLI loaded, and forks a process for each call.

Started by the keeper with the CLI's own interpreter: `python warm_server.py SCRIPT CALLS`, where SCRIPT is the Python
program behind `aws`, and CALLS the unix socket at which the forked processes fetch what they are to do: arguments and
environment of a call never come here. Descriptor 3 is a socket to the keeper; lines of JSON go both ways. Its end is the
end of this process and of its calls.
"""

import json
import os
import selectors
import signal
import socket
import sys

CONTROL = 3


class Server:
    def __init__(self, preloaded, become_call, meeting_point, inherited):
        self.inherited = inherited
        self.preloaded = preloaded
        self.become_call = become_call
        self.meeting_point = meeting_point
        self.control = socket.socket(fileno=CONTROL)
        self.unread = b""
        # By pid, until reaped.
        self.calls = {}

    def say(self, **message):
        try:
            self.control.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self.leave()

    def serve(self):
        wakeup, wake = socket.socketpair()
        for end in (wakeup, wake):
            end.setblocking(False)
        # A handler alone would not end a wait in select, which Python resumes.
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        selector = selectors.DefaultSelector()
        selector.register(wakeup, selectors.EVENT_READ, self.reap)
        selector.register(self.control, selectors.EVENT_READ, self.listen)
        self.say(event="ready", version=self.preloaded.version)
        while True:
            for key, _ in selector.select():
                key.data(key.fileobj)

    def listen(self, control):
        try:
            data = control.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.leave()
        lines = (self.unread + data).split(b"\n")
        self.unread = lines.pop()
        for line in lines:
            request = json.loads(line)
            if request["op"] == "fork":
                self.fork(request["call"], request["service"])
            else:
                self.say(event="pong")

    def fork(self, call, service):
        self.preloaded.prepare(service)
        try:
            if len(os.listdir("/proc/self/task")) != 1:
                # A lock that another thread holds would stay locked in the child.
                raise OSError("a library has started a thread")
            pid = os.fork()
        except OSError as error:
            self.say(event="declined", call=call, reason=str(error))
            return
        if pid == 0:
            self.become_call(call, self.meeting_point, self.preloaded, self.inherited)
        self.calls[pid] = call

    def reap(self, wakeup):
        try:
            while wakeup.recv(4096):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            call = self.calls.pop(pid, None)
            if call is not None:
                killed = os.WIFSIGNALED(status)
                self.say(
                    event="exited",
                    call=call,
                    code=None if killed else os.WEXITSTATUS(status),
                    signal=os.WTERMSIG(status) if killed else None,
                )

    def leave(self):
        """The keeper is gone, and with it whoever could hear how the calls end."""
        for pid in self.calls:
            try:
                os.killpg(pid, signal.SIGTERM)
            except OSError:
                os.kill(pid, signal.SIGTERM)
        os._exit(0)


def open_descriptors():
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            os.fstat(int(name))
            found.add(int(name))
        except OSError:
            pass  # The one that has listed them.
    return found


def load(script):
    here = os.path.dirname(os.path.abspath(__file__))
    writes_nothing = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    sys.path.insert(0, here)
    import warm_call
    import warm_preload

    # Where the system forbids it, no call could be found by its execution.
    warm_call.bear_cookies({name: os.environ[name] for name in warm_call.COOKIES})
    sys.dont_write_bytecode = writes_nothing
    # As the CLI's own start would have it, and without these modules.
    sys.path[:] = [entry for entry in sys.path if entry != here]
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        sys.path.insert(0, os.path.dirname(os.path.realpath(script)))
    return warm_preload.Preloaded(script), warm_call.become_call


if __name__ == "__main__":
    # Whatever the keeper starts inherits them; looked at before anything else is opened.
    inherited = open_descriptors() - {CONTROL}
    Server(*load(sys.argv[1]), sys.argv[2], inherited).serve()
