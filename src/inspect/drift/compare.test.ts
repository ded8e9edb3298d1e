import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CREDENTIAL } from '../../knowledge/cluster-dump.ts';
import { pathText } from '../../source/leaf.ts';
import { deviations } from './compare.ts';

const test = suite('deviations of an object');

function found(declared: unknown, running: unknown, isWhole = false): string[] {
  const how = { isWhole, visit: () => {} };
  return [...deviations(declared, running, how)].map(
    ({ path, declared: own, running: other }) =>
      `${pathText(path)}: ${JSON.stringify(own)} ${JSON.stringify(other)}`,
  );
}

test('the text of a network is compared as a map, and the MTU that a webhook adds is not reported', () => {
  const config = {
    cniVersion: '0.3.1',
    name: 'vlan100',
    type: 'bridge',
    bridge: 'data-br',
    vlan: 100,
    ipam: {},
  };
  const declared = { spec: { config: JSON.stringify(config) } };
  const { ipam: _, ...others } = config;
  const text = (more: object) => ({ spec: { config: JSON.stringify({ mtu: 9000, ...others, ...more }) } });
  assert.equal(found(declared, text({})), []);
  assert.equal(found(declared, text({ vlan: 101 })), ['spec.config.vlan: 100 101']);
});

test('a zero is as a missing key, whatever the default is', () => {
  const how = { isWhole: true, visit: () => {} };
  const found = (declared: object, running: object) =>
    [...deviations(declared, running, how, [], { enable: true })].map(({ path }) => path.join());
  assert.equal(found({ enable: false, period: 60 }, { period: 60 }), []);
  assert.equal(found({ period: 60 }, { enable: false, period: 60 }), []);
  assert.equal(found({ enable: false, period: 60 }, { enable: true, period: 60 }), ['enable']);
  assert.equal(found({ period: 60 }, {}), ['period']);
});

test('keys that controllers add, and another unit of a quantity, are not reported', () => {
  const vm = (memory: string, more: object = {}) => ({
    spec: {
      domain: { resources: { limits: { cpu: '2', memory } }, cpu: { cores: 2, ...more } },
      volumes: [
        { name: 'root', size: '4Gi' },
        { name: 'cloudinit', secretRef: { name: 'a' } },
      ],
    },
  });
  const running = vm('4096Mi', { sockets: 1, maxSockets: 8 });
  running.spec.volumes.reverse();
  assert.equal(found(vm('4Gi'), running), []);
  assert.equal(found(vm('4Gi'), vm('4G')), ['spec.domain.resources.limits.memory: "4Gi" "4G"']);
  assert.equal(found({ labels: { a: '1k' } }, { labels: { a: '1000' } }), ['labels.a: "1k" "1000"']);
});

test('an entry of a list is found by its name, and is missing once', () => {
  const list = (...names: string[]) => ({ disks: names.map((name) => ({ name, bus: 'virtio' })) });
  assert.equal(found(list('a', 'b'), list('b')), ['disks[0]: {"name":"a","bus":"virtio"} undefined']);
  assert.equal(found(list('a'), list('b'), true), ['disks[0].name: "a" "b"']);
  assert.equal(found(list('a'), list('a', 'c'), true), ['disks[1]: undefined {"name":"c","bus":"virtio"}']);
});

test('a secret is not compared, and neither is a credential that the dump lacks', () => {
  assert.equal(found({ a: '@@secret:x@@', b: '1' }, { a: 'value', b: '2' }), ['b: "1" "2"']);
  assert.equal(found({ a: '@@secret:x@@' }, {}), []);
  assert.equal(found({ url: 'http://a:b@c' }, { url: `http://${CREDENTIAL}@c` }), []);
  assert.equal(found({ contents: 'a: 1' }, { contents: `a: [${CREDENTIAL}` }), []);
  const contents = (secret: string, other: number) => ({ contents: `a: "${secret}"\nb: ${other}\n` });
  assert.equal(found(contents('@@secret:x@@', 1), contents(CREDENTIAL, 2)), ['contents.b: 1 2']);
});

test('line endings and blanks at the end are not reported; types are', () => {
  assert.equal(found({ ca: 'A\nB\n' }, { ca: 'A\r\nB' }), []);
  assert.equal(found({ a: true }, { a: 'yes' }), ['a: true "yes"']);
  assert.equal(found({ a: { b: 1 } }, { a: [1] }), ['a: {"b":1} [1]']);
});

test.run();
