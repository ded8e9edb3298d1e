import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { located } from '../source/origin.ts';
import { type Place, Source } from '../source/source.ts';
import { pathsOfOtherMode, withoutOtherMode } from './config-schema.ts';
import type { HarvesterConfig } from './harvester-config.gen.ts';

const test = suite('keys of one mode');

const PLACE: Place = { source: new Source('site.yaml', ''), start: 0, end: 0 };

function config(): HarvesterConfig {
  const install = located({ device: '/dev/sda', vip: '10.0.0.1', addons: {} }, PLACE);
  return located({ server_url: 'https://10.0.0.1', sans: [], os: {}, install }, PLACE) as HarvesterConfig;
}

test('the paths of keys that a node of a mode may not have', () => {
  assert.equal(pathsOfOtherMode(config(), 'create'), [['server_url']]);
  assert.equal(pathsOfOtherMode(config(), 'join'), [['sans'], ['install', 'vip'], ['install', 'addons']]);
});

test('a configuration without them; the one it is made of stays as it is', () => {
  const whole = config();
  assert.equal(JSON.parse(JSON.stringify(withoutOtherMode(whole, 'join'))), {
    server_url: 'https://10.0.0.1',
    os: {},
    install: { device: '/dev/sda' },
  });
  assert.equal(whole, config());
});

test('a configuration without any is given back itself', () => {
  const plain = located({ os: {} }, PLACE) as HarvesterConfig;
  assert.is(withoutOtherMode(plain, 'join'), plain);
});

test.run();
