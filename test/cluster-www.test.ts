import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { fileText } from './support/file-text.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('www/ and the objects of a running cluster');

const MANIFESTS = `apiVersion: network.harvesterhci.io/v1beta1
kind: ClusterNetwork
metadata: { name: data }
---
apiVersion: network.harvesterhci.io/v1beta1
kind: VlanConfig
metadata: { name: "data-\${node:name}" }
spec: { clusterNetwork: data, nodeSelector: { kubernetes.io/hostname: "\${node:name}" }, uplink: { nics: [eth1] } }
---
apiVersion: v1
kind: Secret
metadata: { name: login, namespace: default }
stringData: { password: "\${secret:login}" }
`;

/** Returns the files that machines fetch, by path. */
async function wwwOf(site: string, manifests: string): Promise<Record<string, string | undefined>> {
  const { tree, diagnostics } = await compile(
    makeSite({ 'site.yaml': site, ...(manifests && { 'manifests/a.yaml': manifests }) }),
  );
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  const paths = [...tree.keys()].filter((path) => path.startsWith('www/'));
  return Object.fromEntries(paths.map((path) => [path, fileText(tree, path)]));
}

test('manifests change www/ only with bootstrap, and then only the configuration of the create node', async () => {
  const site = edited(PLANT, ['v1.4.1', 'v1.8.1']);
  const www = await wwwOf(site, '');
  assert.ok(Object.keys(www).length > 5);
  assert.equal(await wwwOf(site, MANIFESTS), www);
  const bootstrapped = await wwwOf(
    edited(site, ['cluster:\n', 'cluster:\n  bootstrap: [ClusterNetwork]\n']),
    MANIFESTS,
  );
  const changed = Object.keys(bootstrapped).filter((path) => bootstrapped[path] !== www[path]);
  assert.equal(changed, ['www/config/52-54-00-aa-01-01.yaml']);
  assert.equal(Object.keys(bootstrapped), Object.keys(www));
});

test.run();
