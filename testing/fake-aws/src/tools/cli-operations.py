"""Lists the operations of the installed AWS CLI from its own service models: service, operation, HTTP method, "reads" where the model says so."""

import sys

try:
    import awscli.clidriver
except ImportError as error:
    sys.exit(f"no awscli for this interpreter: {error}")

for service, command in sorted(awscli.clidriver.create_clidriver()._get_command_table().items()):
    model = getattr(command, "service_model", None)
    if model is None:
        continue
    described = model._service_description["operations"]
    for operation, sub in command._get_command_table().items():
        known = getattr(sub, "_operation_model", None)
        if known is None:
            continue
        raw = described[known.name]
        method = raw.get("http", {}).get("method", "POST")
        print(service, operation, method, "reads" if raw.get("readonly") else "-", sep="\t")
