import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFixes } from '../../test/support/fixes.ts';
import { cpuTime } from '../../test/support/linear.ts';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { NEWEST_RELEASE } from '../knowledge/harvester.ts';
import { namedKeys, schemaOf, sitePart } from '../knowledge/schemas.ts';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { type Diagnostic, Report } from '../source/diagnostics/report.ts';
import { isBroken, type ValueMap } from '../source/origin.ts';
import { Source } from '../source/source.ts';
import { parseYaml } from './parse.ts';
import { validateSchema } from './validate-schema.ts';

const test = suite("an inventory's schema");

/** The validated texts with their diagnostics, whose fixes the last test applies. */
const checked: { readonly text: string; readonly diagnostics: readonly Diagnostic[] }[] = [];

/** Validates a text; returns the inventory without its invalid values, and the diagnostics. */
function check(text: string) {
  const report = new Report();
  const inventory = parseYaml(new Source('/site.yaml', text), report);
  assert.ok(inventory);
  validateSchema(inventory, report);
  const found = report.sorted().map((diagnostic) => {
    const { severity, code, message, help, line, column } = plainDiagnostic(diagnostic, '/');
    return [`${line}:${column}`, code, message, help, ...(severity === 'error' ? [] : [severity])];
  });
  checked.push({ text, diagnostics: report.sorted() });
  return { inventory, found };
}

/** Returns the diagnostics of the common site after edits. */
function found(...edits: readonly Edit[]) {
  return check(edited(PLANT, ...edits)).found;
}

test('the common site is valid', () => {
  assert.equal(found(), []);
});

test('the keys below a map are searched once, not for each of its unknown keys', async () => {
  const text = PLANT + Array.from({ length: 500 }, (_, index) => `unknown_${index}: v\n`).join('');
  const search = () => {
    for (let times = 0; times < 250; times += 1) namedKeys(sitePart([]));
  };
  let [ofText, ofSearches] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let run = 0; run < 3 && ofText >= ofSearches; run += 1) {
    ofText = Math.min(ofText, await cpuTime(() => check(text)));
    ofSearches = Math.min(ofSearches, await cpuTime(search));
  }
  assert.ok(ofText < ofSearches, `${ofText} ms, and ${ofSearches} ms for half as many searches`);
});

test('server URLs: http or https; for configurations https only', () => {
  const withTls = (text: string) =>
    found(['  url: http://192.168.178.7', `  url: https://boot.example.org\n  tls: { ${text} }`]);
  const files = 'certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key';
  assert.equal(withTls(files), []);
  assert.equal(withTls(`${files}, url: http://boot.example.org:8443`), [
    [
      '6:65',
      'bad-value',
      '`http://boot.example.org:8443` is not an https URL without a path, such as https://boot.example.org.',
      'did you mean https://boot.example.org:8443?',
    ],
  ]);
  assert.equal(withTls('certificate: /etc/ssl/a.pem'), [
    [
      '6:3',
      'missing-key',
      'server.tls lacks the key key.',
      'set the path of its private key on the boot server, for example `key: /etc/letsencrypt/live/boot.example.org/privkey.pem`',
    ],
  ]);
});

test('label keys: a prefix is a DNS subdomain, as for the kubelet', () => {
  const withLabel = (key: string) => found(['mode: create', `mode: create, labels: { "${key}": a }`]);
  const long = 'a'.repeat(126);
  for (const key of ['topology.kubernetes.io/zone', 'a/B_c', 'a-b.c-d/x', `${long}.${long}/x`, 'rack'])
    assert.equal(withLabel(key), [], key);
  for (const key of ['a..b/c', 'a-.b/c', 'a.-b/c', '.a/c', 'a./c', `${long}.${long}a/x`, '/c', 'a/', 'a/b/c'])
    assert.equal(
      withLabel(key),
      [
        [
          '23:81',
          'bad-name',
          `\`${key.length > 60 ? `${key.slice(0, 57)}…` : key}\` is not a label key such as topology.kubernetes.io/zone.`,
          'write a label key such as topology.kubernetes.io/zone',
        ],
      ],
      key,
    );
});

test('names of Kubernetes objects have no empty part and none with a hyphen at its edge', () => {
  const withClaim = (name: string) =>
    found([
      '  url: http://192.168.178.7',
      `  url: http://192.168.178.7\n  kubernetes: { media_claim: ${name} }`,
    ]);
  for (const name of ['harvester-media', 'a.b-c', 'a1']) assert.equal(withClaim(name), [], name);
  for (const name of ['a..b', 'a-.b', 'a.-b'])
    assert.equal(withClaim(name), [
      [
        '6:30',
        'bad-value',
        `\`${name}\` is not the name of a PersistentVolumeClaim: lower-case letters and digits, with - and . inside.`,
        'write the name of a PersistentVolumeClaim: lower-case letters and digits, with - and . inside',
      ],
    ]);
});

test('sans and NTP servers: an address with colons is a valid IPv6 address', () => {
  const withAddress = (value: string) =>
    found(['[0.suse.pool.ntp.org]', `["${value}"]`], ['  config:\n', `  config:\n    sans: ["${value}"]\n`]);
  for (const value of [
    '2001:db8::1',
    '::1',
    '::',
    'fd00::',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::ffff:10.0.0.1',
  ])
    assert.equal(withAddress(value), [], value);
  for (const value of [':::', '1::2::3', ':1::2', '1::2:', '1:2:3', '1:2:3:4:5:6:7:8:9', '12345::'])
    assert.equal(
      withAddress(value),
      [
        [
          '18:12',
          'bad-value',
          `\`${value}\` is not a DNS name or an IP address such as harvester.plant.example.org.`,
          'write a DNS name or an IP address such as harvester.plant.example.org',
        ],
        [
          '19:25',
          'bad-value',
          `\`${value}\` is not the name or address of one NTP server, such as 0.suse.pool.ntp.org.`,
          'write the name or address of one NTP server, such as 0.suse.pool.ntp.org',
        ],
      ],
      value,
    );
});

const UUID = '4c4c4544-0042-3510-8057-b7c04f4d3332';
const NO_UUID = `is not a UUID such as ${UUID}.`;

/** Returns the diagnostics of another key of harv-2. */
function ofSecond(more: string) {
  return found(['ip: 192.168.178.42 }', `ip: 192.168.178.42, ${more} }`]);
}

test('identifiers from firmware, as other tools write them', () => {
  assert.equal(ofSecond(`uuid: ${UUID.toUpperCase()}, serial: B5W7M32`), []);
  for (const written of [`{${UUID.toUpperCase()}}`, `urn:uuid:${UUID}`, UUID.replaceAll('-', '')]) {
    assert.equal(ofSecond(`uuid: "${written}"`), [
      ['24:63', 'bad-value', `\`${written}\` ${NO_UUID}`, `did you mean ${UUID}?`],
    ]);
  }
  assert.equal(ofSecond(`uuid: {${UUID}}`), [
    ['24:63', 'wrong-type', 'nodes.harv-2.uuid must be a string, not a map.', `remove the braces: ${UUID}`],
  ]);
  assert.equal(ofSecond('serial: To be filled by O.E.M.'), [
    [
      '24:65',
      'bad-value',
      '`To be filled by O.E.M.` is not a serial number of at most 64 letters and digits, with . _ + - inside.',
      'remove the key: this is a placeholder of the vendor, the same in many machines',
    ],
  ]);
});

test('a serial number that YAML reads as something else', () => {
  for (const [written, type] of [
    ['12345678', 'a number'],
    ['0123', 'a number'],
    ['1e5', 'a number'],
    ['0x1F', 'a number'],
    ['true', 'true or false'],
  ] as const) {
    assert.equal(ofSecond(`serial: ${written}`), [
      [
        '24:65',
        'wrong-type',
        `nodes.harv-2.serial must be a string, not ${type}.`,
        `write it in quotes: "${written}"`,
      ],
    ]);
  }
});

test('a key for a single machine is not a key of a layer', () => {
  for (const [key, value] of [
    ['uuid', UUID],
    ['serial', 'B5W7M32'],
  ]) {
    const [error, ...more] = found(['defaults:\n', `defaults:\n  ${key}: ${value}\n`]);
    assert.equal(more, []);
    assert.equal(error?.slice(0, 3), ['17:3', 'unknown-key', `defaults has no key ${key}.`]);
  }
});

test('the boot disk, as firmware counts', () => {
  const expected = 'the number of a disk, from 0x80 for the first to 0x9f';
  assert.equal(ofSecond('boot: { drive: 0x81 }'), []);
  assert.equal(ofSecond('boot: { drive: 1 }'), [
    [
      '24:72',
      'bad-value',
      `\`1\` is not ${expected}.`,
      'firmware counts disks from 0x80: set 0x80 for the first disk, 0x81 for the second',
    ],
  ]);
  assert.equal(ofSecond('boot: { drive: first }'), [
    [
      '24:72',
      'wrong-type',
      'nodes.harv-2.boot.drive must be a whole number, not a string.',
      `write ${expected}`,
    ],
  ]);
  assert.equal(ofSecond('boot: { drive: "0x81" }'), [
    [
      '24:72',
      'wrong-type',
      'nodes.harv-2.boot.drive must be a whole number, not a string.',
      'write it without quotes: 0x81',
    ],
  ]);
});

test('every key of the schema has a description and an example', () => {
  const lacking: string[] = [];
  const visit = (part: object, path: string) => {
    for (const [key, value] of Object.entries(part)) {
      if (typeof value !== 'object' || value === null) continue;
      visit(value, `${path}/${key}`);
      const isKey = path.endsWith('/properties') && !path.endsWith('/properties/properties');
      if (isKey && !('$ref' in value || ('description' in value && 'examples' in value)))
        lacking.push(`${path}/${key}`);
    }
  };
  visit(schemaOf('site.schema.json'), '');
  assert.equal(lacking, []);
});

test('a misspelled key: the nearest one, and the allowed ones', () => {
  assert.equal(found(['  version: v1.4.1', '  verison: v1.4.1']), [
    [
      '3:3',
      'unknown-key',
      'harvester has no key verison: did you mean version?',
      'allowed here: version, arch, sha512, size',
    ],
  ]);
});

test('a misspelled key at the top', () => {
  const [[at, code, message, help] = [], ...more] = found(['defaults:', 'defualts:']);
  assert.equal(
    [at, code, message],
    ['16:1', 'unknown-key', 'The inventory has no key defualts: did you mean defaults?'],
  );
  assert.is(
    help,
    'allowed here: site, include, harvester, server, host, networks, cluster, clusters, air_gapped, defaults, profiles, groups, tenants, images, unknown_machines, nodes, silence',
  );
  assert.equal(more, []);
});

test('a key that resembles no other', () => {
  assert.equal(found(['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  frobnicate: 1']), [
    [
      '6:3',
      'unknown-key',
      'server has no key frobnicate.',
      'allowed here: url, root, media, images, tftp, tftp_server, dns, iscsi, secrets, sign, tls, ports, compat, allow_scripts, next, kubernetes, allow',
    ],
  ]);
});

test('a key under the name of another tool', () => {
  const [[at, code, message] = [], ...more] = found(['    gateway:', '    router:']);
  assert.equal(
    [at, code, message],
    ['9:5', 'unknown-key', 'networks.mgmt has no key router: did you mean gateway?'],
  );
  assert.equal(more, []);
});

test('a key of the configuration under the name of another tool', () => {
  const [[at, , message] = [], ...more] = found(['      device:', '      disk:']);
  assert.equal([at, message], ['21:7', 'defaults.config.install has no key disk: did you mean device?']);
  assert.equal(more, []);
});

test('a key or value with a blank at its edge, which would be invisible', () => {
  const messages = (...edit: Edit) => found(edit).map(([, , message, help]) => [message, help]);
  for (const [key, shown] of [
    ['"gateway "', '`gateway `, which ends with a blank'],
    ['" gateway"', '` gateway`, which begins with a blank'],
    ['"gateway\\t"', '`gateway\\u{9}`, which ends with a blank'],
    ['"gate way"', 'gate way'],
  ] as const)
    assert.is(
      messages('gateway:', `${key}:`)[0]?.[0],
      `networks.mgmt has no key ${shown}: did you mean gateway?`,
    );
  assert.equal(messages('ip: 192.168.178.42', 'ip: "192.168.178.42 "'), [
    ['`192.168.178.42 ` is not an IPv4 address such as 192.168.178.41.', 'did you mean 192.168.178.42?'],
  ]);
});

test('a suggestion that is already set is replaced by the next', () => {
  const [[, , message] = []] = found(['  vip:', '  vip_mod: dhcp\n  vip_mode: static\n  vip:']);
  assert.match(message as string, /^cluster has no key vip_mod: did you mean vip_/);
});

test('a map below an unknown key is not validated', () => {
  assert.equal(found(['  vip:', '  vpi: { a: { b: 1 } }\n  vip:']).length, 1);
});

test('a missing key is reported at its parent, with an example', () => {
  assert.equal(found(['  url: http://192.168.178.7', '  root: /srv/x']), [
    [
      '4:1',
      'missing-key',
      'server lacks the key url.',
      'set the URL of the boot server, for example `url: http://192.168.178.7`',
    ],
  ]);
  assert.equal(found(['    subnet: 192.168.178.0/24\n', '']), [
    [
      '7:3',
      'missing-key',
      'networks.mgmt lacks the key subnet.',
      "set the network's subnet, for example `subnet: 192.168.178.0/24`",
    ],
  ]);
});

test('a missing key at the top is reported at the first key', () => {
  assert.equal(found(['server:\n  url: http://192.168.178.7\n', '']), [
    [
      '1:1',
      'missing-key',
      'The inventory lacks the key server.',
      'set the URL of the boot server, for example `server: {url: http://192.168.178.7}`',
    ],
  ]);
});

test('a missing key in a list is reported at the entry', () => {
  const ip = 'ip: 192.168.178.42';
  assert.equal(found([`${ip} }`, `${ip}, disks: [{ path: /dev/disk/by-id/a }, { size: 480GB }] }`]), [
    [
      '24:94',
      'missing-key',
      'nodes.harv-2.disks[1] lacks the key path.',
      'name the disk: `path: /dev/disk/by-id/…`',
    ],
  ]);
});

test('a key that is misspelled is not missing as well', () => {
  assert.equal(
    found(['  vip:', '  vpi:']).map(([at, code]) => [at, code]),
    [['14:3', 'unknown-key']],
  );
});

test('an empty file lacks what every site has', () => {
  assert.equal(
    check('').found.map(([at, code, message]) => [at, code, message]),
    ['networks', 'nodes', 'server', 'site'].map((key) => [
      '1:1',
      'missing-key',
      `The inventory lacks the key ${key}.`,
    ]),
  );
});

test('a number or a boolean instead of text: in quotes, as written', () => {
  const sysctl = (value: string) =>
    found(['ssh_authorized_keys:', `sysctls: { a: ${value} },\n      ssh_authorized_keys:`]);
  const path = 'defaults.config.os.sysctls.a';
  assert.equal(sysctl('12345'), [
    ['19:21', 'wrong-type', `${path} must be a string, not a number.`, 'write it in quotes: "12345"'],
  ]);
  assert.equal(sysctl('true'), [
    ['19:21', 'wrong-type', `${path} must be a string, not true or false.`, 'write it in quotes: "true"'],
  ]);
  assert.is(sysctl('0123')[0]?.[3], 'write it in quotes: "0123"');
});

test('for a release newer than the newest known one, an unknown key is passed on, but not a misspelt one', () => {
  const newer = (key: string) =>
    found(['version: v1.4.1', 'version: v1.99.0'], ['    install:\n', `    install:\n      ${key}: 1\n`]);
  assert.equal(newer('frobnicate'), [
    [
      '21:7',
      'unknown-key',
      'harvgen does not know v1.99.0: defaults.config.install has the key frobnicate, which is passed on as it is.',
      `install a newer harvgen; keys up to ${NEWEST_RELEASE} are known`,
      'warning',
    ],
  ]);
  const [[, code, message, help] = []] = newer('devise');
  assert.equal(
    [code, message],
    ['unknown-key', 'defaults.config.install has no key devise: did you mean device?'],
  );
  assert.match(String(help), `; keys newer than ${NEWEST_RELEASE} are unknown`);
});

test('a setting that only a running cluster has belongs to the manifests', () => {
  const of = (release: string) =>
    found(
      ['version: v1.4.1', `version: ${release}`],
      ['    install:\n', '    system_settings: { rwx-network: "{}" }\n    install:\n'],
    ).map(([at, , message]) => [at, message]);
  assert.equal(of('v1.8.1'), [
    [
      '20:24',
      'The installer does not accept the setting rwx-network, and stops: only a running cluster has it.',
    ],
  ]);
  assert.equal(of('v1.7.2'), [['20:24', 'defaults.config.system_settings has no key rwx-network.']]);
});

test('a secret of another type is not shown', () => {
  assert.equal(found(['token: ${secret:cluster_token}', 'token: 12345']), [
    [
      '15:10',
      'wrong-type',
      'cluster.token must be a string, not a number.',
      'write "${secret:name}", and provide its value to the servers that need it (`harvgen secrets`)',
    ],
  ]);
});

test('the kernel command line, which anyone can read, must have no secret, for any system', () => {
  const help =
    'write a kernel argument of printable ASCII; put secrets in cloud_init, because every user can read the kernel command line';
  for (const os of ['linux', 'local']) {
    const boot = `boot: { os: ${os}, args: [quiet, "key=\${secret:x}"], root: "/dev/\${secret:x}" }`;
    const all = found(['mode: create }', `mode: create, ${boot} }`]);
    assert.equal(
      all.map(([, code, message]) => [code, (message as string).split(':')[0]]),
      [
        ['secret-out-of-place', 'nodes.harv-1.boot.args[1] cannot be a secret'],
        ['secret-out-of-place', 'nodes.harv-1.boot.root cannot be a secret'],
      ],
    );
    assert.is(all[0]?.[3], help);
  }
});

test('a number that is invalid in quotes gets a valid example', () => {
  assert.is(found(['mac: 52:54:00:aa:01:02', 'mac: 525400090013'])[0]?.[3], 'write 52:54:00:09:00:13');
  const bond = '      management_interface: { bond_options: { mode: 4, miimon: "100" } }\n';
  assert.match(
    found(['    install:\n', `    install:\n${bond}`])[0]?.[3] as string,
    /^allowed: balance-rr, /,
  );
});

test('a bond mode under the name or number of another tool', () => {
  const key = 'defaults.config.install.management_interface.bond_options.mode';
  const messageOf = (mode: string) =>
    found([
      '    install:\n',
      `    install:\n      management_interface: { bond_options: { mode: ${mode} } }\n`,
    ])[0]?.[2];
  for (const [mode, meant] of [
    ['lacp', '802.3ad'],
    ['LACP', '802.3ad'],
    ['8023ad', '802.3ad'],
    ['802.3AD', '802.3ad'],
    ['bond4', '802.3ad'],
    ['mode-1', 'active-backup'],
    ['activebackup', 'active-backup'],
    ['active_backup', 'active-backup'],
    ['round-robin', 'balance-rr'],
    ['alb', 'balance-alb'],
  ])
    assert.is(messageOf(mode ?? ''), `${key} cannot be \`${mode}\`: did you mean ${meant}?`);
  assert.is(messageOf('4'), `${key} must be a string, not a number: did you mean 802.3ad?`);
  assert.is(messageOf('"6"'), `${key} cannot be \`6\`: did you mean balance-alb?`);
  assert.is(messageOf('7'), `${key} must be a string, not a number.`);
  assert.is(messageOf('teaming'), `${key} cannot be \`teaming\`.`);
});

test('text instead of a number or a boolean: without quotes', () => {
  assert.equal(found(['    dhcp:', '    mtu: "9000"\n    dhcp:']), [
    [
      '11:10',
      'wrong-type',
      'networks.mgmt.mtu must be a whole number, not a string.',
      'write it without quotes: 9000',
    ],
  ]);
  assert.equal(found(['    install:', '    install:\n      debug: "yes"']), [
    [
      '21:14',
      'wrong-type',
      'defaults.config.install.debug must be true or false, not a string.',
      'write it without quotes: true',
    ],
  ]);
});

test('a word for a boolean that is text here', () => {
  assert.equal(found(['    install:', '    install:\n      debug: yes']), [
    [
      '21:14',
      'wrong-type',
      'defaults.config.install.debug must be true or false, not a string.',
      'write true',
    ],
  ]);
});

test('a word that an earlier version allowed', () => {
  assert.equal(found(['  url: http', '  iscsi: { driver: iet }\n  url: http']), [
    [
      '5:20',
      'bad-value',
      'server.iscsi.driver cannot be `iet`.',
      'set tgt, which serves the same disk files and Ceph images to the same IP addresses, or lio',
    ],
  ]);
});

test('a longer name instead of a shorter one, in a list', () => {
  assert.equal(found(['  url: http', '  compat: [oci-harvester]\n  url: http']), [
    [
      '5:12',
      'bad-value',
      'server.compat[0] cannot be `oci-harvester`: did you mean oci?',
      'allowed: phs, phs-all, oci, ochami',
    ],
  ]);
  assert.equal(found(['  url: http', '  compat: [ocean]\n  url: http']), [
    ['5:12', 'bad-value', 'server.compat[0] cannot be `ocean`.', 'allowed: phs, phs-all, oci, ochami'],
  ]);
});

test('one value instead of a list: in brackets', () => {
  assert.equal(found(['dns: [192.168.178.1]', 'dns: 192.168.178.1']), [
    ['10:10', 'wrong-type', 'networks.mgmt.dns must be a list, not a string.', 'write [192.168.178.1]'],
  ]);
});

test('a list instead of a map, and vice versa', () => {
  const nodes = PLANT.slice(PLANT.indexOf('  harv-1'));
  assert.equal(found([nodes, '  - { mac: 52:54:00:aa:01:01 }\n']), [
    [
      '23:3',
      'wrong-type',
      'nodes must be a map, not a list.',
      'write a map, such as {harv-1: {mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create}}',
    ],
  ]);
  assert.equal(found(['dns: [192.168.178.1]', 'dns: { a: 1 }']), [
    [
      '10:10',
      'wrong-type',
      'networks.mgmt.dns must be a list, not a map.',
      'write a list, such as [192.168.178.1]',
    ],
  ]);
});

test('an empty value is reported as such, at the key', () => {
  assert.equal(found(['gateway: 192.168.178.1', 'gateway:']), [
    [
      '9:5',
      'wrong-type',
      'networks.mgmt.gateway has no value.',
      'set a value: an IPv4 address such as 192.168.178.41, or remove the key',
    ],
  ]);
  assert.equal(found(['mode: create', 'mode: ~'])[0]?.slice(0, 3), [
    '23:63',
    'wrong-type',
    'nodes.harv-1.mode has no value.',
  ]);
});

test('an empty value for a default: how to remove the default', () => {
  const [error] = found(
    ['defaults:\n', 'defaults:\n  hardware: { threads: 16 }\n'],
    ['mode: create', 'mode: create, hardware: ~'],
  );
  assert.match(
    error?.[3] ?? '',
    /, or remove the key; an empty value does not remove a default: set the default in a profile, for the nodes that need it$/,
  );
});

test('a word that is not allowed', () => {
  assert.equal(found(['mode: create', 'mode: craete']), [
    [
      '23:63',
      'bad-value',
      'nodes.harv-1.mode cannot be `craete`: did you mean create?',
      'allowed: create, join',
    ],
  ]);
  assert.equal(found(['mode: create', 'mode: standalone']), [
    ['23:63', 'bad-value', 'nodes.harv-1.mode cannot be `standalone`.', 'allowed: create, join'],
  ]);
  assert.equal(found(['mode: create', 'mode: 5']), [
    ['23:63', 'bad-value', 'nodes.harv-1.mode cannot be `5`.', 'allowed: create, join'],
  ]);
});

test('a value of the wrong form: the probable intention', () => {
  const helps = (...edits: readonly Edit[]) =>
    found(...edits).map(([at, , message, help]) => [at, message, help]);
  assert.equal(helps(['version: v1.4.1', 'version: 1.4.1']), [
    ['3:12', '`1.4.1` is not a Harvester release such as v1.4.1.', 'did you mean v1.4.1?'],
  ]);
  assert.equal(helps(['subnet: 192.168.178.0/24', 'subnet: 192.168.178.41/24']), [
    [
      '8:13',
      '`192.168.178.41/24` is not an IPv4 subnet such as 192.168.178.0/24: the network address and the prefix length.',
      'did you mean 192.168.178.0/24?',
    ],
  ]);
  const allow = (entry: string) =>
    helps(['url: http://192.168.178.7', `url: http://192.168.178.7\n  allow_scripts: [${entry}]`]);
  const from8to32 = (length: number) =>
    `has the prefix length ${length}, but a subnet must have one from 8 to 32.`;
  assert.equal(allow('0.0.0.0/0'), [
    ['6:19', `\`0.0.0.0/0\` ${from8to32(0)}`, 'list each intended network individually'],
  ]);
  assert.equal(allow('10.0.8.15/32'), []);
  assert.equal(allow('10.0.8.14/31'), []);
  const isNeither = (text: string) =>
    `\`${text}\` is not an IPv4 address or subnet such as 10.0.8.15 or 10.0.8.0/24.`;
  assert.equal(allow('10.0.8.15/24'), [['6:19', isNeither('10.0.8.15/24'), 'did you mean 10.0.8.0/24?']]);
  assert.equal(allow('10.0.8.015'), [['6:19', isNeither('10.0.8.015'), 'did you mean 10.0.8.15?']]);
  assert.equal(helps(['ip: 192.168.178.42', 'ip: 192.168.178.042']), [
    [
      '24:41',
      '`192.168.178.042` is not an IPv4 address such as 192.168.178.41.',
      'did you mean 192.168.178.42?',
    ],
  ]);
  assert.equal(helps(['ip: 192.168.178.42', 'ip: 192.168.178.256']), [
    [
      '24:41',
      '`192.168.178.256` is not an IPv4 address such as 192.168.178.41.',
      'write four numbers from 0 to 255 with dots between them',
    ],
  ]);
});

test('another notation, or a value of another key: the correction, or the next step', () => {
  const helps = (...edits: readonly Edit[]) => found(...edits).map(([, , , help]) => help);
  for (const [mac, help] of [
    ['5254.00aa.0102', 'did you mean 52:54:00:aa:01:02?'],
    ['525400AA0102', 'did you mean 52:54:00:aa:01:02?'],
    ['52:54:0:aa:1:2', 'did you mean 52:54:00:aa:01:02?'],
    ['525400e90013', 'write 52:54:00:e9:00:13'],
    [
      '01:00:5e:00:00:01',
      'this address belongs to no single NIC: copy that of the NIC, which `ip link` prints',
    ],
  ] as const)
    assert.equal(helps(['mac: 52:54:00:aa:01:02', `mac: ${mac}`]), [help], mac);
  for (const [subnet, help] of [
    ['192.168.178.0/255.255.255.0', 'did you mean 192.168.178.0/24?'],
    ['192.168.178.41 255.255.255.0', 'did you mean 192.168.178.0/24?'],
    ['192.168.178.0', 'add the prefix length, such as 192.168.178.0/24 for the netmask 255.255.255.0'],
    ['fd00::/64', 'set an IPv4 address: harvgen configures no IPv6'],
  ] as const)
    assert.equal(helps(['subnet: 192.168.178.0/24', `subnet: ${subnet}`]), [help], subnet);
  for (const [gateway, help] of [
    ['192.168.178.1/24', 'did you mean 192.168.178.1?'],
    ['router.example.org', 'set the IP address of that name: machines boot before they can resolve names'],
    ['<YOUR_GATEWAY>', 'replace <YOUR_GATEWAY> with your own value'],
  ] as const)
    assert.equal(helps(['gateway: 192.168.178.1', `gateway: ${gateway}`]), [help], gateway);
  assert.equal(helps(['http://192.168.178.7', '"http://<your server>:80"']), [
    'replace <your server> with your own value',
  ]);
  for (const [pool, help] of [
    ['192.168.178.200-250', 'did you mean 192.168.178.200-192.168.178.250?'],
    ['192.168.178.200, 192.168.178.250', 'did you mean 192.168.178.200-192.168.178.250?'],
    ['192.168.178.250-192.168.178.200', 'did you mean 192.168.178.200-192.168.178.250?'],
    ['192.168.178.192/26', 'write the first and the last address of the subnet, with a hyphen between them'],
  ] as const)
    assert.equal(helps(['pool: 192.168.178.200-192.168.178.250', `pool: ${pool}`]), [help], pool);
  const hardware = (text: string) => helps(['defaults:\n', `defaults:\n  hardware: { ${text} }\n`]);
  assert.equal(hardware('memory: 64 gb'), ['did you mean 64GB?']);
  assert.equal(hardware('memory: "64"'), ['add the unit: 64Gi']);
  assert.equal(hardware('memory: 64'), ['add the unit: 64Gi']);
  assert.equal(hardware('link_speed: 10 Gbit/s'), ['did you mean 10G?']);
  assert.equal(helps(['site: plant', 'site: My Plant']), ['did you mean my-plant?']);
});

test('a value of another type: an example, or what is missing', () => {
  const helps = (...edits: readonly Edit[]) => found(...edits).map(([, , message, help]) => [message, help]);
  assert.equal(helps(['defaults:\n  config:\n', 'defaults:\n  install: { device: /dev/sda }\n  config:\n']), [
    ['defaults.install cannot be a map.', 'move it below config: `config: {install: {…}}`'],
  ]);
  const layer = (text: string) =>
    helps(['defaults:\n', `defaults:\n  ${text}\n`]).map(([message]) => message);
  assert.equal(layer('os: { modules: [kvm] }'), ['defaults has no key os: did you mean config.os?']);
  assert.equal(layer('os: linux'), ['defaults has no key os: did you mean boot.os?']);
  assert.equal(layer('device: /dev/sda'), [
    'defaults has no key device: did you mean config.install.device?',
  ]);
  const keys = (text: string) =>
    helps([
      '      ssh_authorized_keys: ["github:your_username"] }',
      `      ssh_authorized_keys:${text} }`,
    ]).map(([, help]) => help);
  assert.equal(keys(' -ssh-ed25519 AAAA x'), ['write a blank after each hyphen']);
  assert.equal(keys(' "ssh-ed25519 AAAA\\nssh-rsa BBBB"'), ['write ["ssh-ed25519 AAAA\\nssh-rsa BBBB"]']);
  assert.equal(helps(['dns: [192.168.178.1]', 'dns: 192.168.178.1, 192.168.178.2']), [
    ['networks.mgmt.dns must be a list, not a string.', 'write [192.168.178.1, 192.168.178.2]'],
  ]);
  assert.equal(helps(['harvester:\n  version: v1.4.1', 'harvester: v1.4.1']), [
    ['harvester must be a map, not a string.', 'write a map, such as {version: v1.4.1}'],
  ]);
  assert.equal(
    helps(['  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }', '  harv-2: 192.168.178.42']),
    [['nodes.harv-2 must be a map, not a string.', 'write a map of its keys: mac, ip, uuid, …']],
  );
  const password = (text: string) =>
    helps(['      ssh_authorized_keys', `      password: ${text},\n      ssh_authorized_keys`]).map(
      ([, help]) => help,
    );
  assert.match(password('&bc')[0] as string, /; a text that begins with & or # must be in quotes$/);
});

test('all clients in an allow list: the help is to remove the list', () => {
  const site = PLANT.replace('networks:', 'host: { expose: [{ port: 443, allow: [0.0.0.0/0] }] }\nnetworks:');
  assert.equal(check(site).found, [
    [
      '6:39',
      'bad-value',
      '`0.0.0.0/0` has the prefix length 0, but a subnet must have one from 8 to 32.',
      'remove allow: every client may connect without it',
    ],
  ]);
});

test('a value that is long, or contains control characters, is shown short and escaped', () => {
  const [[, , long] = []] = found(['ip: 192.168.178.42', `ip: ${'9'.repeat(500)}x`]);
  assert.is(long, `\`${'9'.repeat(57)}…\` is not an IPv4 address such as 192.168.178.41.`);
  const [[, , hostile] = []] = found(['ip: 192.168.178.42', 'ip: "\\e[2J\\n\\tx\\"y"']);
  assert.is(hostile, '`\\u001b[2J\\n\\tx"y` is not an IPv4 address such as 192.168.178.41.');
});

test('a number that is out of its bounds', () => {
  assert.equal(found(['    dhcp:', '    vlan: 4095\n    dhcp:']), [
    ['11:11', 'bad-value', '`4095` is not a VLAN id from 2 to 4094.', 'set at most 4094'],
  ]);
});

test("a BMC's address is an IP address or a name", () => {
  const second = '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }';
  const errors = (address: string) =>
    found([second, second.replace(' }', `, bmc: { address: ${address} } }`)]);
  for (const address of ['192.168.178.92', 'bmc-2', '2.bmc.example.org']) assert.equal(errors(address), []);
  for (const address of ['192.168.178.300', '192.168.178', '192.168.178.092', '"1"', '-a', 'a/b'])
    assert.equal(
      errors(address).map(([, code, message]) => [code, message]),
      [
        [
          'bad-value',
          `\`${address.replaceAll('"', '')}\` is not an IPv4 address, or a name such as lab.example.org.`,
        ],
      ],
    );
});

test('a lease is two minutes or more', () => {
  const errors = (lease: string) =>
    found(['    dhcp:\n', `    dhcp:\n      lease: ${lease}\n`]).map(([, , message]) => message);
  for (const lease of ['120s', '1000s', '2m', '10m', '1h', 'infinite'])
    assert.equal(errors(lease), [], lease);
  for (const lease of ['30s', '119s', '1m', '0h'])
    assert.equal(errors(lease), [
      `\`${lease}\` is not a lease time of two minutes or more, such as 45m, 12h or 7d.`,
    ]);
});

test("a time server's address is an IP address or a name", () => {
  const errors = (server: string) =>
    found(['    dhcp:\n', `    ntp: [0.pool.example.org, ${server}]\n    dhcp:\n`]).map(
      ([, , message]) => message,
    );
  for (const server of ['192.168.178.1', 'ntp-1', '2.pool.example.org']) assert.equal(errors(server), []);
  assert.equal(errors('172.20.0.999'), [
    '`172.20.0.999` is not an IPv4 address, or a name such as lab.example.org.',
  ]);
});

test('an empty map or list that must have entries', () => {
  const nodes = PLANT.slice(PLANT.indexOf('nodes:\n'));
  assert.equal(found([nodes, 'nodes: {}\n']), [
    [
      '22:8',
      'bad-value',
      'nodes is empty.',
      'add at least one entry, such as {harv-1: {mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create}}',
    ],
  ]);
  assert.equal(found(['{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }', '{ nics: [] }']), [
    [
      '24:19',
      'bad-value',
      'nodes.harv-2.nics is empty.',
      'add at least one entry: a list of one or more NICs',
    ],
  ]);
});

test('stricter than the installer: the reason', () => {
  const install = (text: string) =>
    found(['    install:\n', `    install:\n      ${text}\n`]).map(([, , ...texts]) => texts);
  const os = (text: string) => found(['os: { ', `os: { ${text}, `]).map(([, , ...texts]) => texts);
  // harvester-installer v1.2.0-v1.8.1, pkg/util/disk.go (parsePartitionBytes): an error when it partitions the disk.
  const unit = (text: string) =>
    `\`${text}\` is not a size in whole Mi or Gi, such as 200Gi: the installer stops at any other unit.`;
  assert.equal(install('persistent_partition_size: 1Ti'), [[unit('1Ti'), 'did you mean 1024Gi?']]);
  assert.equal(install('persistent_partition_size: 1.5 TiB'), [[unit('1.5 TiB'), 'did you mean 1536Gi?']]);
  assert.equal(install('persistent_partition_size: 200G'), [
    [unit('200G'), 'write a size in whole Mi or Gi, such as 200Gi: the installer stops at any other unit'],
  ]);
  // pkg/config/templates/nm-bridge.nmconnection of v1.8.1, and nmcli 1.42, which drops the address when it reads the file.
  assert.equal(os('dns_nameservers: ["2001:db8::53"]'), [
    [
      '`2001:db8::53` is not an IPv4 address such as 192.168.178.41: from v1.7.0, NetworkManager drops any other.',
      'set an IPv4 address: harvgen configures no IPv6',
    ],
  ]);
  // pkg/config/templates/rancherd-config.yaml: nodeName without quotes; getaddrinfo(3) reads 1.2 as 1.0.0.2.
  for (const [name, node] of [
    ['1.2.3.4', 'node-1-2-3-4'],
    ['0815', 'node-0815'],
  ] as const)
    assert.equal(
      found(['  harv-2:', `  "${name}":`]).map(([, , , help]) => help),
      [`add a letter, such as ${node}: programs read the name as a number or an IP address`],
    );
});

test('an empty value of the containerd settings, as Harvester writes it', () => {
  // harvester v1.8.1, pkg/controller/master/setting/containerd_registry.go (removeCredentialInSetting).
  const setting =
    '{"Mirrors":{"docker.io":{"Endpoints":["https://r.example.org"],"Rewrites":null}},"Configs":{"r.example.org":{"Auth":null,"TLS":null}},"Auths":null}';
  for (const text of [
    setting,
    `'${setting}'`,
    setting.replace(/"Configs".*/, '"Configs":null}'),
    '{ Mirrors: {}, Auths: }',
  ])
    assert.equal(
      found(['    install:\n', `    system_settings: { containerd-registry: ${text} }\n    install:\n`]),
      [],
    );
});

test('an invalid name, at the name', () => {
  assert.equal(found(['  harv-2:', '  Harv_2:']), [
    [
      '24:3',
      'bad-name',
      '`Harv_2` is not a host name such as harv-1: lower-case letters, digits and -, not digits alone.',
      'did you mean harv-2?',
    ],
  ]);
  assert.equal(found(['  mgmt:', '  ../mgmt:'])[0]?.slice(0, 3), [
    '7:3',
    'bad-name',
    '`../mgmt` is not a name of at most 63 lower-case letters and digits, with - and _ inside.',
  ]);
});

test('keys that every object has are ordinary unknown keys', () => {
  for (const key of ['constructor', 'toString', 'hasOwnProperty']) {
    const [[at, code, message] = [], ...more] = found(['  mgmt:\n', `  mgmt:\n    ${key}: { a: 1 }\n`]);
    assert.equal([at, code, message], ['8:5', 'unknown-key', `networks.mgmt has no key ${key}.`]);
    assert.equal(more, []);
  }
  const [[at, code, message] = [], ...more] = found(['  mgmt:\n', '  mgmt:\n    __proto__: { a: 1 }\n']);
  assert.equal([at, code, message], ['8:5', 'unknown-key', 'networks.mgmt has no key __proto__.']);
  assert.equal(more, []);
});

test('a key with a slash or a tilde is named as written', () => {
  assert.equal(found(['server:\n', 'server:\n  a/b~c: { d: 1 }\n'])[0]?.slice(0, 3), [
    '5:3',
    'unknown-key',
    'server has no key a/b~c.',
  ]);
  const labels = 'config: { os: { sysctls: { example.org/a~b: 5 } } }';
  assert.equal(found(['ip: 192.168.178.42', `ip: 192.168.178.42, ${labels}`]), [
    [
      '24:101',
      'wrong-type',
      'nodes.harv-2.config.os.sysctls.example.org/a~b must be a string, not a number.',
      'write it in quotes: "5"',
    ],
  ]);
});

test('several errors are all reported', () => {
  const codes = found(
    ['version: v1.4.1', 'version: 1'],
    ['  vip:', '  vpi:'],
    ['mode: create', 'mode: 1'],
    ['url: http', 'url: ftp'],
  ).map(([at, code]) => `${at} ${code}`);
  assert.equal(codes, ['3:12 wrong-type', '5:8 bad-value', '14:3 unknown-key', '23:63 bad-value']);
});

test('invalid values are removed and marked as broken; the rest stays', () => {
  const { inventory } = check(
    edited(
      PLANT,
      ['gateway: 192.168.178.1', 'gateway: none'],
      ['dns: [192.168.178.1]', 'dns: [192.168.178.1, none, 192.168.178.2]'],
      ['  token:', '  tokn:'],
      ['  harv-2:', '  Harv-2:'],
    ),
  );
  const mgmt = (inventory.networks as ValueMap).mgmt as ValueMap;
  assert.is(mgmt.gateway, undefined);
  assert.ok(isBroken(mgmt, 'gateway'));
  assert.is(mgmt.subnet, '192.168.178.0/24');
  assert.not(isBroken(mgmt, 'subnet'));
  assert.equal(mgmt.dns, ['192.168.178.1', undefined, '192.168.178.2']);
  const cluster = inventory.cluster as ValueMap;
  assert.equal(Object.keys(cluster), ['vip']);
  assert.ok(isBroken(cluster, 'token'));
  const nodes = inventory.nodes as ValueMap;
  assert.equal(Object.keys(nodes), ['harv-1', 'harv-3']);
  assert.ok(isBroken(nodes, 'Harv-2'));
});

test('keys that an unreadable include may contain are not missing, and all other errors are reported', () => {
  const codes = (include: string) =>
    check(`${include}\nsite: plant\nnodes:\n  harv-1: { macc: x }\n`).found.map(
      ([at, code]) => `${at} ${code}`,
    );
  assert.equal(codes('include: ../x.yaml'), ['1:10 wrong-type', '4:13 unknown-key']);
  assert.equal(codes('include: [5, ../x.yaml]'), ['1:11 wrong-type', '4:13 unknown-key']);
  assert.equal(codes('include: [../x.yml]'), ['1:11 bad-value', '4:13 unknown-key']);
  assert.equal(codes('include:'), ['1:1 wrong-type', '4:13 unknown-key']);
  assert.equal(codes('inclde: [../x.yaml]'), ['1:1 unknown-key', '4:13 unknown-key']);
  assert.ok(codes('include: [../x.yaml]').some((line) => line.endsWith('missing-key')));
});

test('a missing blank or colon makes a list, a map or a key a text, and is named', () => {
  assert.equal(found(['    dns: [192.168.178.1]', '    dns:\n      -192.168.178.1']), [
    [
      '11:7',
      'wrong-type',
      'networks.mgmt.dns must be a list, not a string: a blank is missing after the hyphen.',
      'write a blank after each hyphen',
    ],
  ]);
  assert.equal(
    found(['  vip: 192.168.178.40\n  token: ${secret:cluster_token}', '  vip:192.168.178.40\n  token:a']),
    [
      [
        '14:3',
        'wrong-type',
        'cluster must be a map, not a string: a blank is missing after the colon.',
        'write a blank after each colon',
      ],
    ],
  );
  assert.equal(found(['{ mac: 52:54:00:aa:01:02,', '{ mac:52:54:00:aa:01:02,']), [
    [
      '24:13',
      'unknown-key',
      'nodes.harv-2 has the key mac, but a blank is missing after its colon: YAML reads the value as part of the key.',
      'write `mac: value`',
    ],
  ]);
  assert.equal(found(['{ mac: 52:54:00:aa:01:02,', '{ mac 52:54:00:aa:01:02,']), [
    [
      '24:13',
      'unknown-key',
      'nodes.harv-2 has the key mac, but its colon is missing: YAML reads the value as part of the key.',
      'write `mac: value`',
    ],
  ]);
});

test('the advice for a secret is valid within brackets', () => {
  const [[, , , help = ''] = []] = found(['token: ${secret:cluster_token}', 'token: 1']);
  const advice = /write (.*?),/.exec(help)?.[1];
  assert.is(advice, '"${secret:name}"');
  const edit: Edit = [
    'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}',
    `cluster: { vip: 192.168.178.40, token: ${advice} }`,
  ];
  assert.equal(found(edit), []);
});

test('host names: at most 63 characters between two dots, and 253 in all', () => {
  const [label, most] = ['a'.repeat(64), 'b'.repeat(63)];
  const shorten = 'shorten the host name: it may have 63 characters between two dots, and 253 in all';
  const places: readonly ((name: string) => Edit)[] = [
    (name) => ['url: http://192.168.178.7', `url: http://${name}`],
    (name) => ['url: http://192.168.178.7', `next: http://${name}:8080\n  url: http://192.168.178.7`],
    (name) => ['url: http://192.168.178.7', `media: https://${name}/harvester\n  url: http://192.168.178.7`],
    (name) => ['dns: [', `domain: ${name}\n    dns: [`],
    (name) => ['dns: [', `ntp: [${name}]\n    dns: [`],
    (name) => ['nodes:\n', `host: { address: ${name} }\nnodes:\n`],
    (name) => ['0.suse.pool.ntp.org', name],
    (name) => ['    os:', `    sans: [${name}]\n    os:`],
    (name) => ['install:\n', `install:\n      iso_url: http://${name}/h.iso\n`],
  ];
  for (const place of places) {
    const [[, code, , help] = [], ...others] = found(place(`${label}.org`));
    assert.equal([code, help, others], ['bad-value', shorten, []], place('').join());
    assert.equal(found(place(`${most}.org`)), [], place('').join());
  }
  const token = `https://ghp_${label}@example.org/h.iso`;
  assert.equal(found(['install:\n', `install:\n      iso_url: ${token}\n`]), []);
});

test('lengths that DHCP and dnsmasq cannot send', () => {
  const long = Array.from({ length: 12 }, () => 'boot-servers').join('.');
  assert.equal(found(['url: http://192.168.178.7', `url: http://${long}`]), [
    ['5:8', 'bad-value', 'server.url has more than 100 characters.', 'shorten it to 100 characters'],
  ]);
  assert.equal(found(['dns: [192.168.178.1]', `dns: [${'192.168.178.1, '.repeat(51)}]`]), [
    ['10:10', 'bad-value', 'networks.mgmt.dns has more than 50 entries.', 'shorten it to 50 entries'],
  ]);
  const [[, code] = []] = found([
    'url: http://192.168.178.7',
    `url: http://192.168.178.7\n  root: /srv/${'a'.repeat(251)}`,
  ]);
  assert.is(code, 'bad-value');
});

test('each fix ends its error and adds no other', async () => {
  const codes = new Set<string>();
  for (const { diagnostics } of [...checked])
    for (const code of await checkFixes(
      diagnostics,
      async (edits) => {
        const report = new Report();
        const inventory = parseYaml(new Source('/site.yaml', edits.get('/site.yaml') ?? ''), report);
        if (inventory) validateSchema(inventory, report);
        return report.sorted();
      },
      (code) => code === 'missing-key' || code === 'bad-value',
    ))
      codes.add(code);
  assert.equal([...codes].sort(), ['bad-name', 'bad-value', 'unknown-key', 'wrong-type']);
});

test.run();
