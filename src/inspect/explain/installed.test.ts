import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { resolve } from '../../compile.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { explainNode, select } from './explain-node.ts';
import { installedText } from './installed.ts';

const test = suite('explain: a key on an installed node');

/** Returns the line for a key of the create node. */
function lineOf(key: string, release = 'v1.4.1'): string {
  const { inventory, draft } = resolve(makeSite(PLANT.replace('v1.4.1', release)), new Report());
  const node = draft?.nodes?.[0];
  assert.ok(inventory && draft && node);
  return installedText(select(explainNode(inventory, draft, node), key), node);
}

test('one line for a key of the configuration, by the release', () => {
  assert.is(
    lineOf('config.os.ntp_servers'),
    'A change reaches the installed node at once, by cluster/ (Setting ntp-servers, with the list of the create node for all nodes).\n',
  );
  const keys = 'config.os.ssh_authorized_keys[0]';
  assert.is(
    lineOf(keys),
    'A change reaches the installed node at its next reboot, by cluster/ (CloudInit: stage network.after).\n',
  );
  assert.is(
    lineOf(keys, 'v1.2.2'),
    'A change reaches the installed node manually (edit /oem/90_custom.yaml on each node, then reboot it).\n',
  );
  assert.is(
    lineOf('config.install.mode'),
    'A change reaches the installed node not at all: only the installation uses it.\n',
  );
});

test('none for several keys, and for keys of the inventory itself', () => {
  assert.is(lineOf('config.os'), '');
  assert.is(lineOf('ip'), '');
});

test.run();
