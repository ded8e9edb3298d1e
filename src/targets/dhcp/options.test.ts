import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { dhcpOptions } from '../../plan/dhcp-options.ts';

type Option = ReturnType<typeof dhcpOptions>[number];

/** A value for every option of the list: an option without one here fails the test of each server. */
const KEYS =
  'dns: [192.168.178.2, 192.168.178.3]\n    ntp: [192.168.178.4]\n    domain: rack.example\n    mtu: 9000';

interface Server {
  /** The inventory, whose first network has this server. */
  readonly site: string;
  readonly file: string;
  /** Returns the text of an option with a value, as the server reads it. */
  written(option: Option): string;
  /** The options that the server cannot send, with the reason. */
  readonly cannot?: Readonly<Record<string, string>>;
}

const plant = (dhcp: string) =>
  edited(PLANT, ['dns: [192.168.178.1]', KEYS], ['      pool:', `      ${dhcp}\n      pool:`]);

const forDnsmasq = ({ dnsmasq, values }: Option) => `option:${dnsmasq},${values.join(',')}`;

const SERVERS: Readonly<Record<string, Server>> = {
  dnsmasq: {
    site: plant('server: dnsmasq'),
    file: 'dnsmasq/plant.conf',
    written: (option) => `dhcp-option=tag:plant-mgmt,${forDnsmasq(option)}\n`,
  },
  'dnsmasq with hosts_files': {
    site: plant('server: dnsmasq\n      hosts_files: true'),
    file: 'dnsmasq/plant.options',
    written: (option) => `tag:plant-mgmt,${forDnsmasq(option)}\n`,
  },
  'an external dnsmasq with hosts_files': {
    site: plant('server: external\n      hosts_files: true').replace(/^ +pool: .*\n/m, ''),
    file: 'dnsmasq/plant.options',
    written: (option) => `tag:plant-mgmt,${forDnsmasq(option)}\n`,
  },
  dhcpd: {
    site: plant('server: isc'),
    file: 'dhcpd/dhcpd.conf',
    written: ({ name, isText, values }) =>
      `\toption ${name} ${isText ? `"${values.join(' ')}"` : values.join(', ')};\n`,
  },
  Kea: {
    site: plant('server: kea'),
    file: 'kea/kea-dhcp4.conf',
    written: ({ name, values }) => `"name": "${name}",\n            "data": "${values.join(', ')}"\n`,
  },
  coredhcp: {
    site: plant('server: coredhcp'),
    file: 'coredhcp/config.yaml',
    // YAML quotes a text of digits.
    written: ({ coredhcp, values }) => `    - ${coredhcp}: ${values.join(' ').replace(/^\d+$/, '"$&"')}\n`,
    cannot: { 'ntp-servers': 'coredhcp has no plugin for time servers' },
  },
  libvirt: {
    site: edited(NESTED, ['dns: [192.168.150.1]', KEYS]),
    file: 'libvirt/network.xml',
    // These have elements of their own, which libvirt sends itself.
    written: (option) =>
      ({
        'domain-name': '<domain name="rack.example"',
        'interface-mtu': '<mtu size="9000"/>',
      })[option.name] ?? `<dnsmasq:option value="dhcp-option=tag:virbr-mgmt,${forDnsmasq(option)}"/>`,
  },
};

const test = suite('the options of DHCP in each server');

for (const [server, { site: text, file, written, cannot = {} }] of Object.entries(SERVERS)) {
  test(server, async () => {
    const { site, tree, diagnostics } = await compile(makeSite(text));
    const [network] = site?.networks ?? [];
    const config = fileText(tree, file);
    assert.ok(network && config, diagnostics.map(({ message }) => message).join('\n'));
    const options = dhcpOptions(network);
    for (const option of options) {
      const { name, values } = option;
      assert.ok(values.length > 0, `set ${name} in the site of this test`);
      assert.is(
        config.includes(written(option)),
        cannot[name] === undefined,
        `${file} ${cannot[name] ? 'has' : 'lacks'} ${name}: ${written(option)}\n${config}`,
      );
    }
    const names = options.map(({ name }) => name);
    assert.equal(
      Object.keys(cannot).filter((name) => !names.includes(name)),
      [],
    );
  });
}

test.run();
