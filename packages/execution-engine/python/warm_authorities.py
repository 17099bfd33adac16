"""The certificate authorities that botocore trusts by default, loaded by the process that forks.

Otherwise each call loads them anew, 120 of them, for its first connection: that is 17 of 42 ms.
"""

import os
import ssl

# A call makes a session for each place where it may find credentials, and one for each client.
SESSIONS = 4


class LoadedContext(ssl.SSLContext):
    """Has been given its authorities, and takes no others beside them."""

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile != self.loaded or capath is not None or cadata is not None:
            raise ssl.SSLError("the certificate authorities of a connection are not those of its session")


def load_authorities():
    """Gives sessions that verify by default, and those alone, a context each that trusts what they would load."""
    import botocore.httpsession as http

    path = http.get_cert_path(True)
    before = identity(path)
    server = os.getpid()
    contexts = [loaded_context(http.create_urllib3_context(), path) for _ in range(SESSIONS)]
    # Their list keeps those that were given away: what is freed is written to, and so copied by the fork.
    unused = iter(contexts)
    arguments_of = http.URLLib3Session._get_pool_manager_kwargs

    def with_context(self, **more):
        arguments = arguments_of(self, **more)
        # The dry calls of the server leave them to the forks.
        if self._verify is True and os.getpid() != server and identity(path) == before:
            context = next(unused, None)
            if context is not None:
                arguments["ssl_context"] = context
        return arguments

    http.URLLib3Session._get_pool_manager_kwargs = with_context


def loaded_context(context, path):
    context.load_verify_locations(path)
    context.__class__ = LoadedContext
    context.loaded = path
    return context


def identity(path):
    """Another one after the file was changed in place, as those do who add an authority of their company."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size
