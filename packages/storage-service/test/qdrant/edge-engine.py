"""Qdrant's own storage engine (the package qdrant-edge-py) behind JSON lines: one request a line on standard input, one answer a
line on standard output. It knows the part of the REST API that works on points; the end of standard input ends it."""

import json
import os
import shutil
import sys
import tempfile

import qdrant_edge as edge

# Every index is a few files that are synced: memory is quicker, and nothing here has to last.
memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
folder = tempfile.mkdtemp(prefix="qdrant-edge-", dir=memory)
shards = {}

TOKENIZERS = {
    "word": edge.TokenizerType.Word,
    "whitespace": edge.TokenizerType.Whitespace,
    "prefix": edge.TokenizerType.Prefix,
    "multilingual": edge.TokenizerType.Multilingual,
}


def match_of(match):
    [(kind, value)] = match.items()
    if kind == "value":
        return edge.MatchValue(value)
    if kind == "any":
        return edge.MatchAny(value)
    if kind == "except":
        return edge.MatchExcept(value)
    if kind == "text":
        return edge.MatchText(value)
    if kind == "prefix":
        # As a server without it answers.
        if not hasattr(edge, "MatchPrefix"):
            raise ValueError("data did not match any variant of untagged enum Match")
        return edge.MatchPrefix(value)
    raise ValueError(f"match {kind}")


def range_of(bounds):
    texts = any(isinstance(value, str) for value in bounds.values())
    return (edge.RangeDateTime if texts else edge.RangeFloat)(**bounds)


def condition_of(condition):
    if "has_id" in condition:
        return edge.HasIdCondition(set(condition["has_id"]))
    if "has_vector" in condition:
        return edge.HasVectorCondition(condition["has_vector"])
    if "is_empty" in condition:
        return edge.IsEmptyCondition(condition["is_empty"]["key"])
    if "key" in condition:
        if "match" in condition:
            return edge.FieldCondition(condition["key"], match=match_of(condition["match"]))
        return edge.FieldCondition(condition["key"], range=range_of(condition["range"]))
    return filter_of(condition)


def filter_of(filter):
    if filter is None:
        return None
    clauses = {name: [condition_of(one) for one in listed(filter[name])] for name in filter}
    return edge.Filter(**clauses)


def listed(value):
    return value if isinstance(value, list) else [value]


def index_of(schema):
    if isinstance(schema, str):
        schema = {"type": schema}
    schema = dict(schema)
    kind = schema.pop("type")
    if kind == "text":
        schema["tokenizer"] = TOKENIZERS[schema.get("tokenizer", "word")]
    known = {
        "keyword": edge.KeywordIndexParams,
        "integer": edge.IntegerIndexParams,
        "datetime": edge.DatetimeIndexParams,
        "text": edge.TextIndexParams,
    }
    return known[kind](**schema)


def payload_of(wanted):
    return edge.PayloadSelector.Include(wanted) if isinstance(wanted, list) else bool(wanted)


def shown(point):
    answer = {"id": point.id}
    if point.payload is not None:
        answer["payload"] = point.payload
    if point.vector is not None:
        answer["vector"] = point.vector
    return answer


def change(shard, operation):
    [(kind, body)] = operation.items()
    update = edge.UpdateOperation
    where = filter_of(body.get("filter"))
    ids = body.get("points")
    if kind in ("set_payload", "overwrite_payload"):
        by_ids = update.set_payload if kind == "set_payload" else update.overwrite_payload
        by_filter = (
            update.set_payload_by_filter if kind == "set_payload" else update.overwrite_payload_by_filter
        )
        arguments = (body["payload"], body.get("key"))
        shard.update(by_ids(ids, *arguments) if where is None else by_filter(where, *arguments))
    elif kind == "delete_vectors":
        names = body["vector"]
        shard.update(
            update.delete_vectors(ids, names)
            if where is None
            else update.delete_vectors_by_filter(where, names)
        )
    elif kind == "update_vectors":
        points = [edge.PointVectors(point["id"], point["vector"]) for point in body["points"]]
        shard.update(update.update_vectors(points, filter_of(body.get("update_filter"))))
    elif kind == "upsert":
        upsert(shard, body)
    elif kind == "delete":
        delete(shard, body)
    else:
        raise ValueError(f"operation {kind}")


def upsert(shard, body):
    modes = {"insert_only": edge.UpdateMode.InsertOnly, "upsert": edge.UpdateMode.Upsert}
    points = [edge.Point(p["id"], p.get("vector") or {}, p.get("payload")) for p in body["points"]]
    shard.update(
        edge.UpdateOperation.upsert_points(
            points, filter_of(body.get("update_filter")), modes[body.get("update_mode", "upsert")]
        )
    )


def delete(shard, body):
    if "filter" in body:
        shard.update(edge.UpdateOperation.delete_points_by_filter(filter_of(body["filter"])))
    else:
        shard.update(edge.UpdateOperation.delete_points(body["points"]))


def create(name, body):
    sizes = {vector: params["size"] for vector, params in body.get("vectors", {}).items()}
    # The engine alone refuses a collection without vectors; a server does not.
    sizes = sizes or {"none": 1}
    vectors = {
        vector: edge.EdgeVectorParams(size=size, distance=edge.Distance.Cosine)
        for vector, size in sizes.items()
    }
    path = tempfile.mkdtemp(dir=folder)
    shards[name] = edge.EdgeShard.create(path, edge.EdgeConfig(vectors=vectors))


def call(name, path, body):
    if path == "create":
        return create(name, body)
    if path == "drop":
        return shards.pop(name).close()
    shard = shards[name]
    where = filter_of(body.get("filter"))
    if path == "PUT index":
        index = index_of(body["field_schema"])
        shard.update(edge.UpdateOperation.create_field_index(body["field_name"], index))
    elif path == "PUT points":
        upsert(shard, body)
    elif path == "POST points/delete":
        delete(shard, body)
    elif path == "POST points/batch":
        for operation in body["operations"]:
            change(shard, operation)
    elif path == "POST points":
        found = shard.retrieve(body["ids"], payload_of(body.get("with_payload")), body.get("with_vector"))
        return [shown(point) for point in found]
    elif path == "POST points/scroll":
        order = body.get("order_by")
        directions = {"asc": edge.Direction.Asc, "desc": edge.Direction.Desc}
        request = edge.ScrollRequest(
            offset=body.get("offset"),
            limit=body.get("limit"),
            filter=where,
            with_payload=payload_of(body.get("with_payload")),
            with_vector=body.get("with_vector"),
            order_by=None if order is None else edge.OrderBy(order["key"], directions[order["direction"]]),
        )
        points, following = shard.scroll(request)
        return {"points": [shown(p) for p in points], "next_page_offset": following}
    elif path == "POST points/count":
        return {"count": shard.count(edge.CountRequest(exact=body["exact"], filter=where))}
    elif path == "POST points/query":
        request = edge.QueryRequest(
            limit=body["limit"],
            query=edge.Query.Nearest(body["query"], body.get("using")),
            filter=where,
            with_payload=payload_of(body.get("with_payload")),
        )
        return {"points": [{**shown(point), "score": point.score} for point in shard.query(request)]}
    elif path == "POST facet":
        request = edge.FacetRequest(body["key"], body["limit"], body["exact"], where)
        hits = shard.facet(request).hits
        return {"hits": [{"value": hit.value, "count": hit.count} for hit in hits]}
    else:
        raise ValueError(f"no route {path}")
    return None


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"result": call(request["collection"], request["path"], request["body"])}
    except BaseException as error:  # also what the engine panics with
        answer = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(answer, default=str) + "\n")  # ids are UUIDs
    sys.stdout.flush()
shutil.rmtree(folder, ignore_errors=True)
