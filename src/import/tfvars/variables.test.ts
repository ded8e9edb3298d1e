import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../../src/compile.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import type { ProviderName } from '../../knowledge/cloud-providers.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { formatText } from '../../source/diagnostics/text.ts';
import { Source } from '../../source/source.ts';
import { tfvars } from './tfvars.ts';
import { harvesterCloud } from './variables.ts';

const test = suite('the variables of harvester-cloud');

const { projects, variables } = harvesterCloud();

interface Upstream {
  readonly type: string;
  /** The default of each provider that has the variable; null without one, or if it is null. */
  readonly defaults: Readonly<Partial<Record<ProviderName, unknown>>>;
}

/** The variables in harvester-cloud's own files (scripts/derive-harvester-cloud.mjs). */
const UPSTREAM = JSON.parse(readFileSync('test/data/cloud-upstream.json', 'utf8')).variable as Readonly<
  Record<string, Upstream>
>;

const PROVIDERS = Object.keys(projects) as ProviderName[];

test('are all known, with their type, their providers and their defaults', () => {
  assert.equal(Object.keys(variables).sort(), Object.keys(UPSTREAM).sort());
  for (const [name, { type, defaults }] of Object.entries(UPSTREAM)) {
    const known = variables[name];
    assert.is(known?.type, type.replace(/\(.*/, ''), name);
    assert.equal([...(known?.only ?? PROVIDERS)].sort(), Object.keys(defaults).sort(), name);
    const canBeNull = Object.values(defaults).every((value) => value === null);
    assert.is(known?.nullable ?? false, canBeNull, name);
  }
  for (const provider of PROVIDERS) {
    assert.is(projects[provider].prefix, UPSTREAM.prefix?.defaults[provider]);
    assert.is(projects[provider].region, UPSTREAM.region?.defaults[provider]);
  }
});

/** A value of each variable that is not its default, in HCL. */
const OTHER: Readonly<Record<string, string>> = {
  prefix: '"plant"',
  subscription_id: '"11111111-2222-3333-4444-555555555555"',
  project_id: '"our-project"',
  do_token: '"dop_v1_00112233445566778899"',
  create_ssh_key_pair: 'true',
  ssh_private_key_path: '"/home/me/.ssh/id"',
  ssh_public_key_path: '"/home/me/.ssh/id.pub"',
  create_vnet: 'false',
  create_vpc: 'false',
  vpc: '"ours"',
  subnet: '"ours-1"',
  create_firewall: 'false',
  instance_type: '"g-32vcpu-128gb"',
  os_disk_size: '400',
  data_disk_count: '2',
  data_disk_size: '700',
  public_ip_source_addresses: '["203.0.113.10/32"]',
  startup_script: '"echo hello"',
  harvester_version: '"v1.7.1"',
  harvester_node_count: '3',
  harvester_first_node_token: '"eight-geese-on-a-lake"',
  harvester_password: '"Quite-a-password-77"',
  harvester_airgapped: 'true',
  harvester_witness_node: 'true',
  harvester_cluster_size: '"medium"',
  rancher_api_url: '"https://rancher.example.org"',
  rancher_access_key: '"token-abcde"',
  rancher_secret_key: '"0123456789abcdef"',
  rancher_insecure: 'true',
};

/** Values that depend on the provider. */
const OF_PROVIDER: Readonly<Record<ProviderName, Readonly<Record<string, string>>>> = {
  aws: { region: '"eu-central-1"', ip_cidr_range: '"10.20.0.0"', spot_instance: 'true' },
  azure: {
    region: '"northeurope"',
    ip_cidr_range: '"10.20.0.0/24"',
    spot_instance: 'true',
    os_disk_type: '"StandardSSD_LRS"',
    data_disk_type: '"Premium_ZRS"',
  },
  digitalocean: { region: '"ams3"' },
  google: {
    region: '"europe-west4"',
    ip_cidr_range: '"10.20.0.0/24"',
    spot_instance: 'true',
    os_disk_type: '"hyperdisk-balanced"',
    data_disk_type: '"hyperdisk-throughput"',
  },
};

/** Returns everything that an import shows of these variables: the site, its secrets and its notes, or else its errors. */
function importOf(values: Readonly<Record<string, string>>): { text: string; all: string } {
  const file = Object.entries(values).map(([name, value]) => `${name} = ${value}\n`);
  const report = new Report();
  const [made] = tfvars.read(new Source('/terraform.tfvars', file.join('')), { folder: 'lab' }, report) ?? [];
  if (!made) return { text: '', all: formatText(report.sorted(), { color: false, folder: '/' }) };
  const notes = made.notes.map(({ kind, of, text }) => [kind, of, text]);
  return { text: made.text, all: JSON.stringify([made.text, [...made.secrets], notes]) };
}

for (const provider of PROVIDERS)
  test(`${provider}: with every variable set, each of them changes the site, a secret or a note`, async () => {
    const names = Object.keys(UPSTREAM).filter((name) => provider in (UPSTREAM[name]?.defaults ?? {}));
    const values = Object.fromEntries(
      names.map((name): [string, string] => [name, OF_PROVIDER[provider][name] ?? OTHER[name] ?? '']),
    );
    const { text, all } = importOf(values);
    assert.equal(
      names.filter((name) => {
        // An existing network sets create_vpc, too.
        if (name === 'create_vpc') return false;
        const { [name]: _, ...others } = values;
        return importOf(others).all === all;
      }),
      [],
    );
    const { tree, diagnostics } = await compile(makeSite(text, 'plant'), {});
    assert.ok(tree, formatText(diagnostics, { color: false, folder: '/' }));
  });

test('google: a network that exists needs its names', () => {
  const { all } = importOf({ prefix: '"plant"', project_id: '"our-project"', create_vpc: 'false' });
  assert.match(
    all,
    '["open","create_vpc","set host.cloud.network.vpc and host.cloud.network.subnet to your names"]',
  );
});

test.run();
