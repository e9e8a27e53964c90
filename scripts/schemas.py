"""Writes what the contracts say: a JSON Schema per fact, one AsyncAPI 3 document, and docs/events.md.

python -m scripts.schemas           write; refuses to break a schema that is already committed
python -m scripts.schemas --check   only say whether what is committed is what the code says
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from contracts.catalog import CATALOG, PARTITIONS, RETENTION_DAYS, TOPICS, Entry

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "contracts" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Json = dict[str, Any]


def schema_of(entry: Entry) -> Json:
    """The JSON Schema of a fact's body."""
    fact = entry.fact
    return {"$schema": DIALECT, "$id": f"urn:needlepoint:fact:{fact.type}", **fact.model_json_schema()}


def breaks(old: Json, new: Json) -> Iterator[str]:
    """What a reader of `old` facts, or a reader that knows only `old`, could no longer understand."""
    yield from _broken_fields("", _inlined(old, old), _inlined(new, new))


def _broken_fields(path: str, old: Json, new: Json) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, told in before.items():
        here = f"{path}{name}"
        if name not in after:
            yield f"{here} was removed"
            continue
        yield from _broken_type(here, told, after[name])
    for name in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{path}{name} became required: facts already told do not have it"


def _broken_type(path: str, old: Json, new: Json) -> Iterator[str]:
    """Whatever a value could be before, it can be now, and is told in the same way."""
    before, after = _by_kind(old), _by_kind(new)
    if lost := before.keys() - after.keys():
        yield (
            f"{path} changed from {_said(before)} to {_said(after)}"
            if len(before) == 1
            else (f"{path} is no longer {_said(lost)}")
        )
    for kind in before.keys() & after.keys():
        yield from _broken_value(path, before[kind], after[kind])


def _broken_value(path: str, old: Json, new: Json) -> Iterator[str]:
    """A value of one kind: its choices, its fields, what is in a list, what a mapping leads to."""
    if "enum" in new and (lost := set(old.get("enum", ())) - set(new["enum"])):
        yield f"{path} no longer has {', '.join(sorted(map(str, lost)))}"
    yield from _broken_fields(f"{path}.", old, new)
    for member, mark in (("items", "[]"), ("additionalProperties", "{}")):
        told = old.get(member), new.get(member)
        if isinstance(told[0], dict) and isinstance(told[1], dict):
            yield from _broken_type(f"{path}{mark}", told[0], told[1])


def _by_kind(schema: Json) -> dict[str, Json]:
    """What a value may be: one thing, or each of several, such as an amount or nothing."""
    return {_kind(each): each for each in schema.get("anyOf") or schema.get("oneOf") or [schema]}


def _kind(schema: Json) -> str:
    return " ".join(str(schema[each]) for each in ("type", "format") if each in schema) or "any"


def _said(kinds: Iterable[str]) -> str:
    return " or ".join(sorted(kinds))


def _inlined(node: Any, root: Json) -> Any:
    """The same schema with every reference replaced by what it points to."""
    if isinstance(node, dict):
        if "$ref" in node:
            return _inlined(root["$defs"][node["$ref"].rsplit("/", 1)[-1]], root)
        return {key: _inlined(value, root) for key, value in node.items() if key != "$defs"}
    if isinstance(node, list):
        return [_inlined(each, root) for each in node]
    return node


def asyncapi() -> Json:
    """Every topic, message, sender and receiver as an AsyncAPI 3.0 document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Needlepoint facts",
            "version": "1.0.0",
            "description": "Facts between the services: CloudEvents 1.0, Kafka binary content mode, JSON bodies.",
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {"messages": {entry.fact.type: _message(entry) for entry in CATALOG}},
    }


def _channel(topic: str) -> Json:
    told = [entry.fact.type for entry in CATALOG if entry.owner == topic]
    return {
        "address": topic,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in told},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": PARTITIONS,
                "topicConfiguration": {"retention.ms": RETENTION_DAYS * 86_400_000},
            }
        },
    }


def _message(entry: Entry) -> Json:
    fact = entry.fact
    return {
        "name": fact.type,
        "summary": " ".join((fact.__doc__ or "").split()),
        "contentType": "application/json",
        "payload": {"$ref": f"./{fact.type}.json"},
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid", "description": fact.key}}},
    }


def _operations() -> Iterator[tuple[str, Json]]:
    for topic in TOPICS:
        yield f"{topic}.tell", _operation("send", topic, [e.fact.type for e in CATALOG if e.owner == topic])
    for listener in sorted({name for entry in CATALOG for name in entry.heard_by}):
        for topic in TOPICS:
            heard = [e.fact.type for e in CATALOG if e.owner == topic and listener in e.heard_by]
            if heard:
                yield f"{listener}.hear.{topic}", _operation("receive", topic, heard)


def _operation(action: str, topic: str, names: list[str]) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "messages": [{"$ref": f"#/channels/{topic}/messages/{name}"} for name in names],
    }


def events_page() -> str:
    """docs/events.md: one line a fact."""
    lines = [
        "# Facts",
        "",
        "Generated by `make schemas` from `contracts/`; do not edit. Each fact's schema is in `contracts/schemas/`.",
        f"Topics have {PARTITIONS} partitions and keep facts for {RETENTION_DAYS} days; the key is the id in brackets.",
        "",
        "| fact | means | about | listeners |",
        "|---|---|---|---|",
    ]
    for entry in CATALOG:
        fact = entry.fact
        means = " ".join((fact.__doc__ or "").split("\n\n")[0].split())
        about = f"{fact.aggregate} (`{fact.key}`)"
        lines.append(f"| `{fact.type}` | {means} | {about} | {', '.join(entry.heard_by)} |")
    return "\n".join(lines) + "\n"


def files() -> dict[Path, str]:
    """Everything this command writes, by path."""
    written = {SCHEMAS / f"{e.fact.type}.json": json.dumps(schema_of(e), indent=2) + "\n" for e in CATALOG}
    written[SCHEMAS / "asyncapi.yaml"] = yaml.safe_dump(asyncapi(), sort_keys=False, width=110)
    written[ROOT / "docs" / "events.md"] = events_page()
    return written


def broken_promises(committed: Mapping[str, Json]) -> list[str]:
    """Breaks of the code against schemas that were already given out, by fact type."""
    now = {entry.fact.type: schema_of(entry) for entry in CATALOG}
    gone = [f"{name} is gone" for name in committed.keys() - now.keys()]
    changed = [
        f"{name}: {each}" for name in committed.keys() & now.keys() for each in breaks(committed[name], now[name])
    ]
    return sorted(gone + changed)


def committed_schemas() -> dict[str, Json]:
    return {file.stem: json.loads(file.read_text()) for file in SCHEMAS.glob("*.json")}


def main() -> int:
    """Write or check; returns the exit status."""
    if broken := broken_promises(committed_schemas()):
        sys.stderr.write("This would break listeners. Add a new fact beside the old one instead:\n")
        sys.stderr.writelines(f"  {each}\n" for each in broken)
        return 1
    stale = [path for path, text in files().items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        sys.stderr.writelines(f"out of date: {path.relative_to(ROOT)} (run `make schemas`)\n" for path in stale)
        return 1 if stale else 0
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_text(files()[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
