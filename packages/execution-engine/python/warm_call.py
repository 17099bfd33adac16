"""Turns a forked process into what `aws` would be, had it been started anew."""

import atexit
import io
import json
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import types

# Of proc_pid_stat(5); the first after the name, which may hold blanks, is number 3.
START_TIME = 22 - 3
ENVIRONMENT_START = 50 - 3

COOKIES = ("CLOUDOPS_EXECUTION_ID", "CLOUDOPS_ENGINE_ID")


def become_call(name, meeting_point, preloaded, inherited):
    """Never returns, whatever happens: the caller is the server's own loop."""
    try:
        # From its first word on, signals to its group must reach this process.
        os.setsid()
        close_all_but(inherited)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if begin(name, meeting_point, preloaded):
            os._exit(run(preloaded))
    finally:
        os._exit(1)


def begin(name, meeting_point, preloaded):
    """Whether it is what it is to be. If not, nothing was run, and the keeper starts a process of its own instead."""
    greeting = {"call": name, "pid": os.getpid(), "startTime": own_stat()[START_TIME]}
    with meet(meeting_point, greeting) as keeper:
        try:
            call = json.loads(read_all(keeper))
        except ValueError:
            # Whoever asked for it has given up.
            return False
        try:
            take_streams(call, meeting_point, name)
            os.chdir(call["cwd"])
            bear_cookies(call["env"])
            take_environment(call["env"])
            prepare_interpreter(call, preloaded)
            prepare_driver(preloaded)
        except Exception as error:
            # Also configuration that cannot be read: the CLI says so in its own words.
            keeper.sendall(f"-{type(error).__name__}: {error}".encode(errors="replace"))
            return False
        # From here on it counts as running.
        keeper.sendall(b"+")
    return True


def close_all_but(inherited):
    """What the server has opened."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in inherited:
            try:
                os.close(int(name))
            except OSError:
                pass  # The one that has listed them.


def meet(meeting_point, greeting):
    """A connection to the keeper. Its end comes with the death of the keeper."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(meeting_point)
    connection.sendall(json.dumps(greeting).encode() + b"\n")
    return connection


def read_all(connection):
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def take_streams(call, meeting_point, name):
    # The keeper holds both ends of the pipes until it has been answered: no open waits.
    for descriptor, path in ((1, call["stdout"]), (2, call["stderr"])):
        opened = os.open(path, os.O_WRONLY)
        os.dup2(opened, descriptor)
        os.close(opened)
    if call["stdin"]:
        with meet(meeting_point, {"call": name, "stdin": True}) as connection:
            os.dup2(connection.fileno(), 0)
    # Without input it has the server's, which is empty.


def own_stat():
    with open("/proc/self/stat", "rb") as file:
        return file.read().rpartition(b") ")[2].decode().split()


def bear_cookies(variables):
    """Writes the ids over their places in the environment that the server was born with.

    That is what /proc/PID/environ shows, and how the processes of an execution are found.
    """
    start = int(own_stat()[ENVIRONMENT_START])
    with open("/proc/self/environ", "rb") as file:
        environment = b"\0" + file.read()
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        for name in COOKIES:
            mark = f"\0{name}=".encode()
            cookie = variables[name].encode()
            place = environment.index(mark) + len(mark)
            if environment.index(b"\0", place) - place != len(cookie):
                raise ValueError(f"{name} does not fit into its place")
            memory.seek(start + place - 1)
            memory.write(cookie)


def take_environment(variables):
    os.environ.clear()
    for name, value in variables.items():
        os.environb[name.encode()] = value.encode()
    time.tzset()
    tempfile.tempdir = None


def prepare_interpreter(call, preloaded):
    sys.argv = [preloaded.script, *(os.fsdecode(argument.encode()) for argument in call["args"])]
    sys.orig_argv = [sys.executable, *call["flags"], *sys.argv]
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        stream = opened_anew(descriptor, name, mode)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    main = types.ModuleType("__main__")
    main.__file__ = preloaded.script
    sys.modules["__main__"] = main
    with open("/proc/self/comm", "w") as file:
        file.write(os.path.basename(preloaded.script))


def opened_anew(descriptor, name, mode):
    """A standard stream knows what it was opened on: whether that can seek, and in what blocks it is written."""
    old = getattr(sys, name)
    unbuffered = mode == "w" and old.write_through
    file = open(descriptor, mode + "b", buffering=0 if unbuffered else -1, closefd=False)
    (file if unbuffered else file.raw).name = f"<{name}>"
    stream = io.TextIOWrapper(
        file, old.encoding, old.errors, "\n", old.line_buffering, old.write_through
    )
    stream.mode = mode
    return stream


def prepare_driver(preloaded):
    """What the driver's session has read under the environment of the server, it reads again."""
    os.environ["AWS_DATA_PATH"] = preloaded.data_path
    session = preloaded.driver.session
    for cached in ("_config", "_profile_map", "_profile", "_credentials", "_auth_token"):
        if not hasattr(session, cached):
            raise AttributeError(cached)
        setattr(session, cached, None)
    session._register_user_agent_creator()
    config = session.full_config
    if config.get("plugins"):
        raise ValueError("plugins")
    # Also the file of credentials can name them, and the driver has listed the operations of other versions.
    if any("api_versions" in profile for profile in config["profiles"].values()):
        raise ValueError("api_versions")
    preloaded.clidriver.create_clidriver = lambda: preloaded.driver


def run(preloaded):
    """Runs the program behind `aws`, and ends as the interpreter does (Py_RunMain, Py_FinalizeEx)."""
    status = 0
    try:
        exec(preloaded.code, sys.modules["__main__"].__dict__)
    except SystemExit as end:
        status = exit_status(end.code)
    except KeyboardInterrupt:
        sys.excepthook(*sys.exc_info())
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            status = 120
    return status


def exit_status(code):
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1
