import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { makeSite } from './support/scratch.ts';

/** A setting, its value as text, the answer of the webhook, and whether the value is right. */
type Row = readonly [name: string, value: string, answer: 'accepted' | 'refused', isRight: boolean];

const { values: ROWS } = JSON.parse(
  readFileSync(new URL('data/setting-values.json', import.meta.url), 'utf8'),
) as { readonly values: readonly Row[] };

const SITE = `site: plant
harvester: { version: v1.9.0 }
server: { url: "http://10.9.10.7" }
networks: { mgmt: { subnet: 10.9.10.0/24, gateway: 10.9.10.1, dns: [10.9.10.1], ntp: [10.9.10.1], dhcp: {} } }
cluster: { vip: 10.9.10.40, token: "\${secret:cluster_token}" }
defaults:
  config:
    os: { password: "\${secret:node_password}" }
    install: { device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 }
    system_settings:
      SETTING
nodes:
  h1: { mac: 52:54:00:aa:01:01, ip: 10.9.10.41, mode: create }
${[2, 3, 4, 5].map((one) => `  h${one}: { mac: 52:54:00:aa:01:0${one}, ip: 10.9.10.4${one} }\n`).join('')}`;

/** Settings that only a running cluster has. */
const OF_MANIFESTS =
  /^(?:rwx-network|instance-manager-resources|support-bundle-file-name|traefik|.*-memory-size)/;

/** Rules about the same values that are not about what Harvester does with them. */
const OTHERS = ['clear-text-secret', 'key-without-effect', 'text-trimmed'];

/** The answers that depend on parts that the webhook lacked. */
const STUBBED = ['{"share-storage-network": true}', 'minio:9000'];

/** Returns the severities and messages about a value in each spelling: JSON text, and a map. */
async function judged([name, value]: Row): Promise<{ severity: string; messages: string[] }[]> {
  const map = /^\{/.test(value) && !OF_MANIFESTS.test(name) ? [`${name}: ${value}`] : [];
  const spellings = OF_MANIFESTS.test(name)
    ? [
        {
          'site.yaml': SITE.replace('SETTING', 'ui-source: auto'),
          'manifests/a.yaml': `apiVersion: harvesterhci.io/v1beta1\nkind: Setting\nmetadata: { name: ${name} }\nvalue: ${JSON.stringify(value)}\n`,
        },
      ]
    : [`${name}: ${JSON.stringify(value)}`, ...map].map((line) => SITE.replace('SETTING', () => line));
  return Promise.all(
    spellings.map(async (files) => {
      const { diagnostics } = await compile(makeSite(files));
      const found = diagnostics.filter(({ code }) => !OTHERS.includes(code));
      const severities = found.map(({ severity }) => severity);
      return {
        severity: severities.includes('error') ? 'error' : (severities[0] ?? 'silent'),
        messages: found.map(({ message }) => message),
      };
    }),
  );
}

const test = suite('values of settings');
const names = [...new Set(ROWS.map(([name]) => name))];

for (const name of names)
  test(name, async () => {
    for (const row of ROWS.filter(([one]) => one === name)) {
      const [, value, answer, isRight] = row;
      if (STUBBED.some((text) => value.includes(text))) continue;
      for (const { severity, messages } of await judged(row)) {
        const shown = `${value}: ${messages.join(' | ')}`;
        if (answer === 'refused') assert.is(severity, 'error', shown);
        else if (isRight) assert.is(severity, 'silent', shown);
        assert.ok(messages.length <= 1, shown);
      }
    }
  });

test('most values that are accepted and fail later are found', async () => {
  const wrong = ROWS.filter(([, , answer, isRight]) => answer === 'accepted' && !isRight);
  const results = await Promise.all(wrong.map(judged));
  const found = results.filter((all) => all.every(({ severity }) => severity !== 'silent'));
  assert.ok(found.length / wrong.length >= 0.75, `${found.length} of ${wrong.length}`);
});

test.run();
