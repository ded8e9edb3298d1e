import { FLAG, listOf, type ManifestSchema, map, mapOf, TEXT } from './manifest-schema.ts';

/**
 * The files of yip, the program that configures Harvester nodes at each boot. yip decodes all files of /oem or none. Source:
 * pkg/schema/schema.go of mudler/yip v1.4.0 to v1.4.4, which the nodes have, and of rancher/yip v1.9, which replaces them.
 */

const NUMBER: ManifestSchema = { type: 'integer', minimum: 0, maximum: 0xffffffff };

/**
 * Returns the schema of a file that the yip of the nodes decodes as it is meant; a key that yip would ignore is unknown. With
 * `isExact`, of one that every yip understands as it is written, without converting numbers to texts.
 */
export function yipFile({ isExact }: { readonly isExact: boolean }): ManifestSchema {
  const text: ManifestSchema = isExact ? TEXT : { type: ['string', 'number', 'boolean'] };
  const list = (items: ManifestSchema) => ({ ...listOf(items), ...(isExact && { minItems: 1 }) });
  const owned = { path: text, permissions: NUMBER, owner: NUMBER, group: NUMBER };
  const entity = map({ path: text, entity: text }, 'path', 'entity');
  const user = map({
    ...{ name: text, passwd: text, gecos: text, homedir: text, primary_group: text, shell: text, uid: text },
    ...{ no_create_home: FLAG, no_user_group: FLAG, system: FLAG, no_log_init: FLAG, lock_passwd: FLAG },
    ssh_authorized_keys: list(text),
    groups: list(text),
  });
  const auth = map({ username: text, password: text, private_key: text, public_key: text, insecure: FLAG });
  const partition = map({ fsLabel: text, size: NUMBER, pLabel: text, filesystem: text });
  const step = map({
    ...{ name: text, if: text, node: text, hostname: text, environment_file: text },
    // Not in v1.9.
    ...(!isExact && { modules: list(text) }),
    after: list(map({ name: text }, 'name')),
    commands: list(text),
    files: list(map({ ...owned, content: text, encoding: text, ownerstring: text }, 'path', 'permissions')),
    directories: list(map(owned, 'path', 'permissions')),
    downloads: list(map({ ...owned, url: text, timeout: NUMBER, ownerstring: text }, 'path', 'url')),
    ensure_entities: list(entity),
    delete_entities: list(entity),
    dns: map({ nameservers: list(text), search: list(text), options: list(text), path: text }),
    sysctl: mapOf(text),
    environment: mapOf(text),
    timesyncd: mapOf(text),
    systemd_firstboot: mapOf(text),
    authorized_keys: mapOf(list(text)),
    users: mapOf(user),
    systemctl: map({ enable: list(text), disable: list(text), start: list(text), mask: list(text) }),
    datasource: map({ providers: list(text), path: text }),
    git: map({ url: text, path: text, branch: text, branch_only: FLAG, auth }, 'url', 'path'),
    layout: map({
      device: map({ label: text, path: text }),
      expand_partition: map({ size: NUMBER }),
      add_partitions: list(partition),
    }),
  });
  return map({ name: text, stages: mapOf(list(step)) });
}

const OPERATIONS = ['install', 'upgrade', 'reset', 'disk'];

/**
 * The stages of a node: those of its boot, then those of installing, upgrading and resetting it, and of making a disk image. Source:
 * pkg/constants and the systemd units of rancher/elemental-toolkit v1.1.
 */
const NAMES: readonly string[] = [
  ...['rootfs', 'initramfs', 'fs', 'boot', 'network', 'reconcile'],
  ...OPERATIONS.flatMap((one) => [`before-${one}`, `after-${one}-chroot`, `after-${one}`, `post-${one}`]),
];

/** The stages that a node runs: before and after each one, another one. */
export const YIP_STAGES: readonly string[] = NAMES.flatMap((name) => [
  name,
  `${name}.before`,
  `${name}.after`,
]);
