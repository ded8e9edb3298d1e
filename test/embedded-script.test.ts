import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { fileText } from './support/file-text.ts';
import { NESTED } from './support/nested-plant.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('the script embedded in iPXE');

const STORAGE: Edit = [
  'cluster:\n',
  '  far: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, dns: [10.0.0.2, 10.0.0.3] }\ncluster:\n',
];

/** One node boots from a network without DHCP, two from one with it. */
const MIXED = edited(PLANT, ['version: v1.4.1', 'version: v1.6.1'], STORAGE, [
  '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
  '{ nics: [{ name: eno1, mac: 52:54:00:AA:01:03, network: far, ip: 10.0.0.43 }], boot: { os: local } }',
]);

async function scriptOf(inventory: string): Promise<string | undefined> {
  const { tree, diagnostics } = await compile(makeSite(inventory));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return fileText(tree, 'embed/plant.ipxe');
}

/** Returns the lines from one label to the next. */
function partOf(script: string, label: string): string[] {
  const [, rest] = script.split(`\n:${label}\n`);
  assert.ok(rest !== undefined, label);
  return (rest.split('\n:')[0] ?? '').trimEnd().split('\n');
}

test('each node by its MAC address, with a static IP address or by DHCP', async () => {
  const script = (await scriptOf(MIXED)) ?? '';
  assert.equal(partOf(script, 'mac-52-54-00-aa-01-01'), ['set node harv-1', 'goto network-mgmt']);
  assert.equal(partOf(script, 'mac-52-54-00-aa-01-03'), [
    'set node harv-3',
    'set address 10.0.0.43',
    'goto network-far',
  ]);
  assert.equal(partOf(script, 'network-mgmt'), ['goto dhcp']);
  assert.equal(partOf(script, 'network-far'), [
    'set net${nic}/ip ${address}',
    'set net${nic}/netmask 255.255.255.0',
    'set net${nic}/gateway 10.0.0.1',
    'set net${nic}/dns 10.0.0.2',
    'goto link',
  ]);
  assert.equal(partOf(script, 'known').slice(0, 2), [
    'isset ${net${nic}/mac} || goto none-known',
    'goto mac-${net${nic}/mac:hexhyp} ||',
  ]);
});

const UUID = '4c4c4544-0042-3510-8057-b7c04f4d3332';
/** The same site, but no machine has a known MAC address on `far`; firmware provides an identifier. */
const BY_FIRMWARE = MIXED.replace(
  'mac: 52:54:00:AA:01:03, network: far, ip: 10.0.0.43 }], ',
  `network: far, ip: 10.0.0.43 }], uuid: ${UUID}, serial: B5W7M32, `,
).replace('ip: 192.168.178.42 }', 'ip: 192.168.178.42, serial: B5W7M31 }');

test('a machine without a known NIC is identified by firmware: by UUID, then by serial number', async () => {
  const script = (await scriptOf(BY_FIRMWARE)) ?? '';
  assert.equal(partOf(script, 'none-known').slice(0, 4), [
    'isset ${node} && goto failed ||',
    'isset ${uuid} && goto uuid-${uuid} ||',
    'isset ${serial} && goto serial-${serial} ||',
    'set node an unknown machine',
  ]);
  assert.match(script, `\n:uuid-${UUID}\n:serial-B5W7M32\nset node harv-3\n`);
  assert.equal(partOf(script, 'serial-B5W7M32'), [
    'set node harv-3',
    'set address 10.0.0.43',
    'set network far',
    'goto firmware',
  ]);
  assert.equal(partOf(script, 'serial-B5W7M31'), ['set node harv-2', 'set network mgmt', 'goto firmware']);
  assert.equal(partOf(script, 'any-of-it'), [
    'isset ${net${nic}/mac} || goto failed',
    'goto network-${network}',
  ]);
  assert.not.match((await scriptOf(MIXED)) ?? '', 'firmware');
});

test('a machine identified only by its IP address is not unknown before it has one', async () => {
  const script = await scriptOf(
    edited(
      PLANT,
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '    dhcp: { server: external }\n'],
      ['mac: 52:54:00:aa:01:03, ', ''],
    ),
  );
  assert.match(script ?? '', '\nset node an unidentified machine\n');
});

test('an unknown machine tries DHCP on every NIC if any network has it', async () => {
  assert.ok(
    partOf((await scriptOf(PLANT)) ?? '', 'any').includes(
      'ifconf --configurator dhcp net${nic} && goto fetch ||',
    ),
  );
  const without = edited(
    PLANT,
    ['version: v1.4.1', 'version: v1.6.1'],
    ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
  ).replace(/\{ (mac: \S+, ip: [0-9.]+)/g, '{ nics: [{ name: eno1, $1 }]');
  const script = (await scriptOf(without)) ?? '';
  assert.not.match(script, 'configurator');
  assert.match(
    script,
    'set why this machine is not in the inventory of ${site}: add its identifier and rebuild\n',
  );
  // In brackets, since some firmware adds trailing blanks.
  assert.match(script, 'serial number: [${serial}], NICs');
});

test('every menu item and every later search is a label', async () => {
  for (const inventory of [
    PLANT,
    MIXED,
    BY_FIRMWARE,
    edited(PLANT, ['server:\n', 'server:\n  sign: { signer: b }\n']),
  ]) {
    const script = (await scriptOf(inventory)) ?? '';
    const labels = Array.from(script.matchAll(/^:(\S+)$/gm), ([, label]) => label);
    const chosen = Array.from(
      script.matchAll(/^item (?!--)([\w-]+)|^set search (\S+)|--default (\S+)/gm),
      (match) => match.slice(1).find((label) => label !== undefined),
    );
    assert.ok(chosen.length > 8);
    assert.equal(
      chosen.filter((label) => !labels.includes(label)),
      [],
    );
  }
});

test('the menu waits a minute after a key press, otherwise as long as the pause', async () => {
  const script = (await scriptOf(PLANT)) ?? '';
  assert.equal(partOf(script, 'menu-by-key'), ['set countdown 60']);
  assert.match(partOf(script, 'failed').join('\n'), '\nset countdown ${pause}\ngoto menu\n');
  assert.match(partOf(script, 'pause').join('\n'), /Press any key for a menu\. && goto menu-by-key \|\|/);
  // An iPXE without --retimeout would print its usage at every menu.
  const menu = partOf(script, 'menu');
  const at = menu.findIndex((line) => line.includes('--retimeout 120000'));
  assert.is(menu[at - 1], 'isset ${net0/linktype} || goto choose-plain');
  for (const line of script.split('\n').filter((one) => one.startsWith('choose ')))
    assert.match(line, /^choose --timeout \$\{countdown\}000 /);
});

test('no failure ends the script: each command that can fail has a next step', async () => {
  for (const inventory of [PLANT, MIXED, BY_FIRMWARE]) {
    const script = (await scriptOf(inventory)) ?? '';
    const lines = script.split('\n').filter((line) => !/^(#|:|$)/.test(line));
    const unguarded = lines.filter((line) => !/\|\|( |$)/.test(line));
    // Commands that cannot fail: settings, output, jumps to existing labels.
    assert.equal(
      unguarded.filter((line) => !/^(set|echo|inc|item|menu|goto|imgfree)\b/.test(line)),
      [],
    );
  }
});

test('a site whose machines are virtual machines of a host has no such script', async () => {
  assert.is(await scriptOf(NESTED), undefined);
});

test.run();
