"""What all calls share: the loaded CLI, its caches, and a driver that has not run yet."""

import contextvars
import gc
import logging
import os
import sys

from warm_authorities import load_authorities

# Nothing of this process's calls: a dry call must find credentials at once and no configuration.
NEUTRAL = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",
}

# The descriptions of a service take up to 30 MB, and there are 400 of them.
LARGEST = 300 * 1024 * 1024

LOGGERS = ("awscli", "botocore", "s3transfer", "urllib3")


class NotSent(Exception):
    """Stands for the answer to a request of a dry call."""


class Preloaded:
    def __init__(self, script):
        self.script = script
        with open(script, "rb") as file:
            self.code = compile(file.read(), script, "exec")
        os.environ.update(NEUTRAL)
        import awscli
        import awscli.clidriver as clidriver

        self.version = awscli.__version__
        if not self.version.startswith("1."):
            raise SystemExit(f"version {self.version} of the AWS CLI is not known")
        # awscli sets it when it is imported, once.
        self.data_path = os.environ["AWS_DATA_PATH"]
        self.clidriver = clidriver
        self.loader = clidriver.create_clidriver().session.get_component("data_loader")
        remember_client_classes()
        try:
            load_authorities()
        except Exception:
            pass  # Then each call loads its own.
        self.driver = self.create_driver()
        self.driver._get_command_table()
        self.driver._get_argument_table()
        self.prepared = set()
        self.prepare("sts")
        gc.collect()
        gc.freeze()

    def create_driver(self):
        driver = self.clidriver.create_clidriver()
        driver.session.register_component("data_loader", self.loader)
        return driver

    def prepare(self, service):
        """Loads what every call of a service needs, also by calls that are not sent. Failing costs only time."""
        if service in self.prepared or resident_bytes() > LARGEST:
            return
        self.prepared.add(service)
        operation = self.harmless_operation(service)
        if operation is not None:
            # Twice: the interpreter specializes code that it has seen before.
            for _ in range(2):
                contextvars.copy_context().run(self.dry_call, [service, operation])
            gc.collect()
            gc.freeze()

    def harmless_operation(self, service):
        """Has the driver list the operations of the service: of EC2 that takes as long as a call.

        Their arguments it must not list. With the arguments of an operation go handlers, such as the one for
        `--cli-input-json`, that then hear of the calls of all operations.
        """
        try:
            command = self.driver._get_command_table().get(service)
            if type(command) is not self.clidriver.ServiceCommand:
                return None
            for name, operation in command._get_command_table().items():
                if name.startswith(("describe-", "list-", "get-")) and type(operation) is self.clidriver.ServiceOperation:
                    shape = operation._operation_model.input_shape
                    if shape is None or not shape.required_members:
                        return name
        except Exception:
            pass
        return None

    def dry_call(self, arguments):
        from botocore.httpsession import URLLib3Session

        send = URLLib3Session.send
        loggers = [(logger, logger.level, list(logger.handlers)) for logger in map(logging.getLogger, LOGGERS)]
        streams = sys.stdout, sys.stderr
        URLLib3Session.send = refuse
        try:
            with open(os.devnull, "w") as nowhere:
                sys.stdout = sys.stderr = nowhere
                self.create_driver().main(arguments)
        except (Exception, SystemExit):
            pass
        finally:
            sys.stdout, sys.stderr = streams
            URLLib3Session.send = send
            for logger, level, handlers in loggers:
                logger.setLevel(level)
                logger.handlers[:] = handlers


def remember_client_classes():
    """botocore makes the class of a client anew for each client, with a method for each of its operations.

    It is a function of the description of the service alone, and nothing of a client is kept in it.
    """
    from botocore.client import ClientCreator

    create = ClientCreator._create_client_class
    classes = {}

    def remembered(self, service_name, service_model):
        key = service_name, service_model.api_version
        if key not in classes:
            classes[key] = create(self, service_name, service_model)
        return classes[key]

    ClientCreator._create_client_class = remembered


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def refuse(session, request):
    raise NotSent
