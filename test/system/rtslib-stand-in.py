"""Stands in for rtslib-fb where the kernel has no LIO: keeps the kernel's state in a file, and checks names and arguments with the real one."""

import importlib.util
import inspect
import json
import os
import sys

REAL = "/usr/lib/python3/dist-packages/rtslib_fb"
STATE = "/run/lio.json"

_spec = importlib.util.spec_from_file_location("real", f"{REAL}/__init__.py", submodule_search_locations=[REAL])
real = importlib.util.module_from_spec(_spec)
sys.modules["real"] = real
_spec.loader.exec_module(real)
from real.utils import normalize_wwn  # noqa: E402


def load():
    try:
        with open(STATE) as file:
            return json.load(file)
    except FileNotFoundError:
        return {"stores": {}, "targets": {}}


def save(state):
    with open(STATE, "w") as file:
        json.dump(state, file)


class _Store:
    def __init__(self, **options):
        inspect.signature(self.real.__init__).bind(self, **options)
        if self.real is real.FileIOStorageObject and not isinstance(options.get("size"), int):
            raise ValueError("Path is to a file, size needed")
        state = load()
        if options["name"] in state["stores"]:
            raise ValueError("it already exists")
        state["stores"][options["name"]] = options
        save(state)


class FileIOStorageObject(_Store):
    real = real.FileIOStorageObject


class BlockStorageObject(_Store):
    real = real.BlockStorageObject


class FabricModule:
    def __init__(self, name):
        self.name = name


class Target:
    @staticmethod
    def setup(_, target, err):
        normalize_wwn(("iqn",), target["wwn"])
        state = load()
        if target["wwn"] in state["targets"]:
            err("it already exists")
        for group in target["tpgs"]:
            for lun in group["luns"]:
                if lun["storage_object"].split("/")[3] not in state["stores"]:
                    err("Could not find matching StorageObject")
            for node in group["node_acls"]:
                normalize_wwn(("iqn",), node["node_wwn"])
                for name in node.keys() - {"node_wwn", "mapped_luns"}:
                    if not isinstance(getattr(real.NodeACL, name, None), property):
                        err(f"Could not set nodeacl attribute {name}")
        state["targets"][target["wwn"]] = target
        save(state)


class _Live:
    def __init__(self, kind, key, **more):
        self.kind, self.key = kind, key
        self.__dict__.update(more)

    def delete(self):
        state = load()
        del state[self.kind][self.key]
        save(state)


class _Of:
    def __init__(self, **options):
        self.__dict__.update(options)


def _group(group):
    user = os.environ.get("LOGGED_IN")
    nodes = [
        _Of(session=node["node_wwn"] == user or None, node_wwn=node["node_wwn"], mapped_luns=node["mapped_luns"])
        for node in group["node_acls"]
    ]
    return _Of(enable=group["enable"], node_acls=nodes)


class RTSRoot:
    @property
    def storage_objects(self):
        return [_Live("stores", name, name=name) for name in load()["stores"]]

    @property
    def targets(self):
        found = load()["targets"].items()
        return [_Live("targets", name, wwn=name, tpgs=[_group(one) for one in target["tpgs"]]) for name, target in found]
