"""Makes moto fast enough for ten thousand resources, without a change in what it answers.

Each function here stands in for one of moto that does the same work again for every call or every tag of the account.
Where a version of moto lacks one, nothing is replaced and it is merely slower.
"""

import functools

import moto.backends
import moto.core.responses
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix


def remember(module, name: str, make) -> None:
    original = getattr(module, name, None)
    if original is not None:
        setattr(module, name, functools.cache(make(original)))


def own_tags(resource) -> list[dict[str, str]]:
    """moto matches every tag of the region against a pattern that is the resource's id."""
    if not resource.id:
        return []
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "")
    # Looked up without making an entry: the table is a defaultdict that others iterate over.
    tags = resource.ec2_backend.tags.get(resource.id, {})
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind}
        for key, value in tags.copy().items()
    ]


# Half of the time of a small call goes into listing moto's own folder and its own classes again.
remember(moto.backends, "list_of_moto_modules", lambda modules: lambda: frozenset(modules()))
remember(moto.core.responses, "method_names_from_class", lambda names: names)
if hasattr(TaggedEC2Resource, "get_tags"):
    TaggedEC2Resource.get_tags = own_tags
