import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HARV_3, node, resolved } from '../../test/support/resolved.ts';
import { linkSpeedOf, memoryOf, threadsOf } from './hardware.ts';

const test = suite('the hardware of a machine');

async function facts(keys: string) {
  const site = await resolved([HARV_3, `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${keys} }`]);
  return node(site, 'harv-3').facts;
}

test('memory is binary in any notation', async () => {
  for (const text of ['64GB', '64G', '64Gi', '64GiB', '65536MB']) {
    const memory = memoryOf(await facts(`hardware: { memory: ${text} }`));
    assert.equal([memory?.value, memory?.text], [64, text]);
  }
});

test("hardware of a virtual machine is its own, not its host's", async () => {
  const vm = await facts(
    'vm: { memory: 24Gi, vcpus: 6 }, hardware: { memory: 64Gi, threads: 16, link_speed: 2.5G }',
  );
  assert.equal([memoryOf(vm)?.value, threadsOf(vm)?.value, linkSpeedOf(vm)?.value], [24, 6, 2500]);
});

test('undeclared hardware is unknown', async () => {
  const none = await facts('hardware: {}');
  assert.equal([memoryOf(none), threadsOf(none), linkSpeedOf(none)], [undefined, undefined, undefined]);
});

test.run();
