/usr/bin/python3 -c 'import rtslib_fb' 2>/dev/null ||
  die 'rtslib is not installed: apt-get install targetcli-fb (zypper install targetcli-fb-common, dnf install targetcli)'
fill
[ -z "$maps" ] || map_images
SITE=$site MADE=$made DRY=$dry FORCE=$force FORCED=${forced[*]} FAILED=$failed /usr/bin/python3 - <<'END' || failed=1
"""Deploys the disks of a site to LIO, one by one: `targetctl restore` would first remove all other disks."""
import copy
import json
import os
import sys

from rtslib_fb import BlockStorageObject, FabricModule, FileIOStorageObject, RTSRoot, Target
from rtslib_fb.root import default_save_file

site, made, dry, force, forced = (os.environ[name] for name in ("SITE", "MADE", "DRY", "FORCE", "FORCED"))
KINDS = {"fileio": FileIOStorageObject, "block": BlockStorageObject}
# The disks of the previous run. It contains passwords, as LIO's own file does.
STATE = f"/etc/harvgen/{site}.lio.json"
failed = False


def say(word, name):
    print(f"{word:<7} {name}", file=sys.stderr)


def fail(name, why):
    global failed
    failed = True
    say("FAILED", f"{name}: {why}")


def read(path):
    """Returns the content of a file of LIO's tools, or an empty one."""
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def write(path, config):
    """Writes such a file atomically, readable by root only."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(json.dumps(config, sort_keys=True, indent=2) + "\n")
    os.replace(f"{path}.new", path)


def disks_of(config):
    """Returns the backstore and target of each disk, by its name."""
    stores = {store["name"]: store for store in config.get("storage_objects", [])}
    found = {}
    for target in config.get("targets", []):
        name = target["tpgs"][0]["luns"][0]["storage_object"].split("/")[-1]
        found[name] = (stores[name], target)
    return found


def sized(disk):
    """Returns a disk with the size of its file."""
    store, target = disk
    if store["plugin"] != "fileio" or not os.path.exists(store["dev"]):
        return disk
    return {**store, "size": os.path.getsize(store["dev"])}, target


def user_of(target):
    """Returns the client that is logged in to a target, or None."""
    for group in targets[target["wwn"]].tpgs if target["wwn"] in targets else []:
        for node in group.node_acls:
            if node.session:
                return node.node_wwn
    return None


def is_whole(disk):
    """Whether the kernel has a disk with its complete target: an earlier run may have been interrupted."""
    store, target = disk
    if store["name"] not in stores or target["wwn"] not in targets:
        return False
    groups = list(targets[target["wwn"]].tpgs)
    nodes = [node for group in groups for node in group.node_acls]
    return bool(nodes) and all(list(node.mapped_luns) for node in nodes) and all(group.enable for group in groups)


def look():
    """Returns the backstores and targets of the kernel, by their names."""
    return {one.name: one for one in root.storage_objects}, {one.wwn: one for one in root.targets}


def remove(disk):
    store, target = disk
    if target["wwn"] in targets:
        targets[target["wwn"]].delete()
    if store["name"] in stores:
        stores[store["name"]].delete()


def add(disk):
    """Creates a disk's backstore and target; returns the errors of LIO."""
    store, target = copy.deepcopy(disk)
    errors = []
    try:
        KINDS[store.pop("plugin")](**store)
        Target.setup(FabricModule("iscsi"), target, errors.append)
    except Exception as error:
        errors.append(str(error))
    return errors


def is_forced(name):
    return bool(force) and (not forced or name in forced.split())


root = RTSRoot()
stores, targets = look()
had = disks_of(read(STATE))
wanted = {name: sized(disk) for name, disk in disks_of(read(f"{made}/saveconfig.json")).items()}
put = dict(had)
changed = []

for name in sorted(had.keys() - wanted.keys()):
    user = user_of(had[name][1])
    if user and not is_forced(name):
        fail(name, f"no longer in the inventory, but {user} is logged in: switch it off first (or --force {name})")
    elif dry:
        say("would", f"remove {name}")
    else:
        remove(had[name])
        del put[name]
        say("removed", name)

for name, disk in sorted(wanted.items()):
    store, target = disk
    old = had.get(name)
    users = [user_of(one[1]) for one in (disk, old) if one]
    if old == disk and is_whole(disk):
        say("there", name)
    elif not os.path.exists(store["dev"]):
        fail(name, f"{store['dev']} is missing: create it with images.sh, then run this again")
    elif old is None and (name in stores or target["wwn"] in targets):
        fail(name, "LIO has an unmanaged backstore or target of this name: delete it with targetcli")
    elif any(users) and not is_forced(name):
        fail(name, f"it must change, but {next(filter(None, users))} is logged in: switch it off first (or --force {name})")
    elif dry:
        say("would", f"put {name}")
    else:
        put[name] = disk
        changed.append(name)

if changed or put.keys() != had.keys():
    # Written first, so that a run after an interrupted one finds its disks.
    write(STATE, {"storage_objects": [disk[0] for disk in put.values()], "targets": [disk[1] for disk in put.values()]})
for name in changed:
    if name in had:
        remove(had[name])
stores, targets = look()
for name in changed:
    remove(wanted[name])
    errors = add(wanted[name])
    if errors:
        fail(name, "; ".join(errors))
    else:
        say("put", name)

if changed or put.keys() != had.keys():
    # The disks that are restored when the machine starts. Keeps all other entries.
    saved = read(default_save_file)
    gone = {name for disk in [*had.values(), *put.values()] for name in (disk[0]["name"], disk[1]["wwn"])}
    for key, name, index in (("storage_objects", "name", 0), ("targets", "wwn", 1)):
        others = [one for one in saved.get(key, []) if one.get(name) not in gone]
        saved[key] = others + [disk[index] for _, disk in sorted(put.items())]
    write(default_save_file, saved)
sys.exit(failed)
END
[ -z "$maps" ] || unmap_images
exit "$failed"
