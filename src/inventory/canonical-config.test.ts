import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { at, foundIn, node, plain, resolvedFrom } from '../../test/support/resolved.ts';
import { configSchema } from '../knowledge/config-schema.ts';
import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { keyLocationOf, locationOf } from '../source/origin.ts';
import { renderConfig } from '../targets/www.ts';

const test = suite('canonical configurations');

/** A site with every key. */
const SITE = edited(PLANT, ['version: v1.4.1', 'version: v1.8.0']);

/** Returns the edit that sets a configuration of the create node, in flow style on line 23. */
function harv1(config: string): Edit {
  return ['mode: create', `mode: create, config: ${config}`];
}

/** Returns the configuration that the create node sets. */
async function configOf(text: string): Promise<HarvesterConfig> {
  return node(await resolvedFrom(SITE, harv1(text)), 'harv-1').own;
}

test('numbers and booleans become text in maps of text', async () => {
  const config = await configOf(
    '{ os: { sysctls: { a: 1, b: true }, environment: { A: 0.5 }, labels: { rack: 5 } },' +
      ' install: { management_interface: { bond_options: { mode: active-backup, miimon: 100, updelay: 200 } } },' +
      ' system_settings: { log-level: debug, upgrade-checker-enabled: false, max-hotplug-ratio: 4 } }',
  );
  assert.equal(plain(config), {
    os: { sysctls: { a: '1', b: 'true' }, environment: { A: '0.5' }, labels: { rack: '5' } },
    install: {
      management_interface: { bond_options: { mode: 'active-backup', miimon: '100', updelay: '200' } },
    },
    system_settings: {
      'log-level': 'debug',
      'upgrade-checker-enabled': 'false',
      'max-hotplug-ratio': '4',
    },
  });
  assert.match(renderConfig(config), /^ {6}miimon: "100"$/m);
  assert.is(at(locationOf(config.os?.sysctls ?? {}, 'a')), '23:101');
});

test('a number that changes as text must be in quotes', async () => {
  for (const [written, type] of [
    ['010', 'a number'],
    ['1.10', 'a number'],
    ['1e3', 'a number'],
    ['0x10', 'a number'],
    ['True', 'true or false'],
  ])
    assert.equal(await foundIn(SITE, harv1(`{ os: { sysctls: { a: ${written} } } }`)), [
      [
        '23:101',
        'wrong-type',
        `nodes.harv-1.config.os.sysctls.a must be a string, not ${type}.`,
        `write it in quotes: "${written}"`,
      ],
    ]);
});

test('a single text becomes a list', async () => {
  const config = await configOf(
    '{ sans: a.example.org, os: { ntp_servers: ntp.example.org, ssh_authorized_keys: "github:a", modules: kvm,' +
      ' dns_nameservers: 192.168.178.1, after_install_chroot_commands: "true", persistent_state_paths: /srv/a } }',
  );
  assert.equal(plain(config), {
    sans: ['a.example.org'],
    os: {
      ntp_servers: ['ntp.example.org'],
      ssh_authorized_keys: ['github:a'],
      modules: ['kvm'],
      dns_nameservers: ['192.168.178.1'],
      after_install_chroot_commands: ['true'],
      persistent_state_paths: ['/srv/a'],
    },
  });
  assert.is(at(locationOf(config.sans ?? [], 0)), '23:87');
  assert.equal(await foundIn(SITE, harv1('{ os: { ntp_servers: "a,b" } }')), [
    [
      '23:100',
      'bad-value',
      '`a,b` is not the name or address of one NTP server, such as 0.suse.pool.ntp.org.',
      'write the name or address of one NTP server, such as 0.suse.pool.ntp.org',
    ],
  ]);
});

test('a single text after a hyphen without a blank is an error, not a list', async () => {
  for (const list of ['-echo a\n        -echo b', '-echo a'])
    assert.equal(
      await foundIn(SITE, ['    os: {', `    os: { after_install_chroot_commands:\n        ${list},`]),
      [
        [
          '19:9',
          'wrong-type',
          'defaults.config.os.after_install_chroot_commands must be a list, not a string: a blank is missing after the hyphen.',
          'write a blank after each hyphen',
        ],
      ],
    );
});

test('digits in quotes become a number', async () => {
  const config = await configOf(
    '{ scheme_version: "1", install: { management_interface: { mtu: "9000", vlan_id: "0" },' +
      ' harvester: { storage_class: { replica_count: "2" } } } }',
  );
  assert.equal(plain(config), {
    scheme_version: 1,
    install: {
      management_interface: { mtu: 9000, vlan_id: 0 },
      harvester: { storage_class: { replica_count: 2 } },
    },
  });
  assert.equal(await foundIn(SITE, harv1('{ install: { management_interface: { mtu: "0x10" } } }')), [
    [
      '23:121',
      'wrong-type',
      'nodes.harv-1.config.install.management_interface.mtu must be a whole number, not a string.',
      'write it without quotes: 0x10',
    ],
  ]);
});

/** Returns the validator of a configuration in the published schema. */
function schemaForEditors() {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const site = JSON.parse(readFileSync('schema/site.schema.json', 'utf8'));
  return ajv.addSchema(site).compile({ $ref: `${site.$id}#/$defs/harvester-config` });
}

test('the schema for editors accepts the types, too', () => {
  const accepts = schemaForEditors();
  const config = {
    sans: 'a.example.org',
    os: { sysctls: { a: 1 }, environment: { A: 0.5 }, labels: { b: true }, ntp_servers: 'ntp.example.org' },
    install: { management_interface: { bond_options: { miimon: 100, updelay: 200 }, mtu: '9000' } },
    system_settings: { 'upgrade-checker-enabled': false, 'overcommit-config': { cpu: 1000 } },
  };
  assert.ok(accepts(config), JSON.stringify(accepts.errors));
  assert.not(accepts({ os: { sysctls: { a: [1] } } }));
  assert.not(accepts({ install: { management_interface: { mtu: 575 } } }));
});

test('the schema for editors accepts the spellings, too', () => {
  const accepts = schemaForEditors();
  const { install = {}, os = {} } = configSchema().properties ?? {};
  for (const [map, { properties = {}, 'x-renamed': renamed = {} }] of Object.entries({ install, os }))
    for (const name of Object.keys(properties)) {
      const camel = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
      for (const key of [camel, camel.toLowerCase(), name.toUpperCase(), name.replace(/s$/, '')])
        if (!(key in properties || key in renamed)) assert.ok(accepts({ [map]: { [key]: null } }), key);
    }
  assert.ok(
    accepts({
      install: { vip_mode: 'DHCP', webhooks: [{ event: 'STARTED', method: 'get', url: 'http://a/' }] },
    }),
  );
  assert.not(accepts({ install: { vip_mode: 'DHPC' } }));
  // Two keys that mean another, and a typo: harvgen suggests the right one.
  for (const key of ['skip_checks', 'vip_method', 'vip_moed'])
    assert.not(accepts({ install: { [key]: true } }), key);
});

test('an MTU of 0 is the default', async () => {
  const config = await configOf('{ install: { management_interface: { mtu: 0 } } }');
  assert.is(config.install?.management_interface?.mtu, 0);
  assert.equal(await foundIn(SITE, harv1('{ install: { management_interface: { mtu: 575 } } }')), [
    [
      '23:121',
      'bad-value',
      '`575` is not an MTU from 576 to 9000, without quotes.',
      'write an MTU from 576 to 9000, without quotes',
    ],
  ]);
});

test('values that the installer takes in any case', async () => {
  const { install } = await configOf(
    '{ install: { vip_mode: STATIC, management_interface: { method: DHCP },' +
      ' webhooks: [{ event: STARTED, method: get, url: "http://192.168.178.7/" }] } }',
  );
  assert.is(install?.vip_mode, 'static');
  assert.is(install?.management_interface?.method, 'dhcp');
  assert.is(install?.webhooks?.[0]?.method, 'GET');
  const [finding] = await foundIn(SITE, [
    'mode: create',
    'mode: create, config: { install: { role: Default } }',
  ]);
  assert.equal((finding as string[])[1], 'bad-value');
});

test('keys in other spellings, in every layer', async () => {
  const site = await resolvedFrom(
    SITE,
    ['    os: {', '    OS: { externalstorageconfig: { enabled: true },'],
    harv1(
      '{ systemSettings: { log-level: debug }, install: { vipMode: static, powerOff: true, ForceEfi: true,' +
        ' webhook: [{ event: STARTED, method: GET, url: "http://192.168.178.7/", basic_auth: { user: a, password: "${secret:p}" } }] } }',
    ),
  );
  const { own, userConfig } = node(site, 'harv-1');
  assert.equal(plain(own), {
    system_settings: { 'log-level': 'debug' },
    install: {
      vip_mode: 'static',
      poweroff: true,
      force_efi: true,
      webhooks: [
        {
          event: 'STARTED',
          method: 'GET',
          url: 'http://192.168.178.7/',
          basicAuth: { user: 'a', password: '${secret:p}' },
        },
      ],
    },
  });
  assert.is(userConfig.os?.externalStorageConfig?.enabled, true);
  assert.is(at(keyLocationOf(own, 'system_settings')), '23:81');
});

test('a key in camel case may be written with underscores', async () => {
  const { os } = await configOf(
    '{ os: { external_storage_config: { enabled: true, multi_path_config: { blacklist_wwids: [a] } } } }',
  );
  assert.equal(plain(os), {
    externalStorageConfig: { enabled: true, multiPathConfig: { blacklistWwids: ['a'] } },
  });
});

test('a key in two spellings is an error, and names of the user are never changed', async () => {
  const twice = (await foundIn(
    SITE,
    harv1('{ install: { vip_mode: static, vipMode: static } }'),
  )) as string[][];
  assert.equal(
    twice.map(([position, code, message]) => [position, code, message]),
    [['23:110', 'unknown-key', 'nodes.harv-1.config.install has no key vipMode: did you mean vip_mode?']],
  );
  const { os } = await configOf(
    '{ os: { environment: { Path: a, PATH: b }, labels: { Rack: a, racks: b } } }',
  );
  assert.equal(plain(os), { environment: { Path: 'a', PATH: 'b' }, labels: { Rack: 'a', racks: 'b' } });
});

test.run();
