import { isDeepStrictEqual } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

/**
 * The files of yip. A key that yip ignores is an error, and so is a type that it would convert. yip decodes all files of
 * /oem or none. Source: pkg/schema/schema.go of mudler/yip v1.4.0; `modules` is not in v1.9.
 */

const text = { type: 'string' };
const number = { type: 'integer', minimum: 0, maximum: 0xffffffff };
const flag = { type: 'boolean' };
const list = (items: object) => ({ type: 'array', minItems: 1, items });
const mapOf = (values: object) => ({ type: 'object', additionalProperties: values });
const map = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const owned = { path: text, permissions: number, owner: number, group: number };
const entity = map({ path: text, entity: text }, ['path', 'entity']);

const user = map({
  ...{ name: text, passwd: text, gecos: text, homedir: text, primary_group: text, shell: text, uid: text },
  ...{ no_create_home: flag, no_user_group: flag, system: flag, no_log_init: flag, lock_passwd: flag },
  ssh_authorized_keys: list(text),
  groups: list(text),
});

const step = map({
  ...{ name: text, if: text, node: text, hostname: text, environment_file: text },
  after: list(map({ name: text }, ['name'])),
  commands: list(text),
  files: list(map({ ...owned, content: text, encoding: text, ownerstring: text }, ['path', 'permissions'])),
  directories: list(map(owned, ['path', 'permissions'])),
  downloads: list(map({ ...owned, url: text, timeout: number, ownerstring: text }, ['path', 'url'])),
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
});

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(
  map({ name: text, stages: mapOf(list(step)) }),
);

/** Returns why a text is not a file that each yip understands as it is written: the errors of the schema, and of YAML. */
export function yipErrors(text: string): string[] {
  // The first line decides between the formats.
  if (text.startsWith('#cloud-config')) return ['cloud-config'];
  let file: unknown;
  try {
    file = parse(text);
    if (!isDeepStrictEqual(parse(text, { version: '1.1' }), file)) return ['another value in YAML 1.1'];
  } catch (error) {
    return [(error as Error).message];
  }
  validate(file);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
