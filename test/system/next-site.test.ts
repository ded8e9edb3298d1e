// needs: root nginx unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT, plantCalled } from '../support/plant.ts';
import { openWebBox, type WebBox } from './web-box.ts';

/* Two sites behind the one address that boot images have built in, as the locations of one phs were. */

const SERVER = '192.168.178.7';
/** What images have built in; the second site is behind it. */
const [PORT, BEHIND] = [10000, 10001] as const;
const IMAGE = '192.168.178.252';
const NODE = '192.168.178.42';
/** A node of the second site, which is routed here. */
const FAR_NODE = '192.168.99.41';
const FAR_MAC = '52:54:00:AA:63:01';

const ours = edited(PLANT, [
  `url: http://${SERVER}`,
  `url: http://${SERVER}:${PORT}\n  next: http://${SERVER}:${BEHIND}\n  allow_scripts: [${IMAGE}]`,
]);
const theirs = edited(plantCalled('far', 99), [
  'url: http://192.168.99.7',
  `url: http://${SERVER}:${BEHIND}\n  allow_scripts: [${IMAGE}]`,
]);

const test = suite('several sites behind one address');
let box: WebBox;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(IMAGE, NODE, FAR_NODE);
  const sites = [await box.deploy(ours), await box.deploy(theirs)];
  for (const site of sites) await box.include(site, { cluster_token: `the-token-of-${site.name}` });
  await box.start(...sites);
});

test.after(() => box?.close());

/** Asks as an image does that follows where it is sent, which iPXE does; gives the answer, and the ports that it was sent to. */
async function follow(from: string, path: string) {
  const ports: number[] = [PORT];
  const ask = (to: number, at: string) => box.get(from, at, { port: to, headers: [`Host: ${SERVER}:${to}`] });
  let answer = await ask(PORT, path);
  while (answer.status === 302 && ports.length < 5) {
    const { port, pathname } = new URL(answer.headers.location ?? '');
    ports.push(Number(port));
    answer = await ask(Number(port), decodeURIComponent(pathname));
  }
  return { ...answer, ports };
}

test('a machine of the first site is answered at once', async () => {
  const { status, body, ports } = await follow(IMAGE, '/ipxe/52:54:00:aa:01:02');
  assert.equal([status, ports], [200, [PORT]]);
  assert.match(body, '# harv-2, a node of plant\n');
});

test('a machine of the second site is sent there, and gets its own script and configuration', async () => {
  for (const [from, path] of [
    [IMAGE, `/ipxe/${FAR_MAC}`],
    [FAR_NODE, `/ipxe/${FAR_MAC.toLowerCase()}/`],
  ] as const) {
    const { status, body, ports } = await follow(from, path);
    assert.equal([status, ports], [200, [PORT, BEHIND]]);
    assert.match(body, '# harv-1, a node of far\n');
    assert.match(body, `http://${SERVER}:${BEHIND}/config/52-54-00-aa-63-01.yaml`);
  }
  const configuration = await follow(FAR_NODE, `/config/${FAR_MAC}`);
  assert.equal([configuration.status, configuration.ports], [200, [PORT, BEHIND]]);
  assert.match(configuration.body, 'the-token-of-far');
});

test('no one gets there what is not theirs', async () => {
  for (const from of [IMAGE, NODE]) assert.is((await follow(from, `/config/${FAR_MAC}`)).status, 403);
  assert.is((await follow(NODE, `/ipxe/${FAR_MAC}`)).status, 403);
});

test('who is unknown to both is told so by the last one, and what is no MAC by the first', async () => {
  const unknown = await follow(IMAGE, '/ipxe/52:54:00:de:ad:01');
  assert.equal([unknown.status, unknown.ports], [404, [PORT, BEHIND]]);
  const malformed = await follow(IMAGE, '/ipxe/52:54:00:de:ad');
  assert.equal([malformed.status, malformed.ports], [400, [PORT]]);
  // What ends with a line break is no MAC, and the break would be in a header of the answer.
  const broken = await follow(IMAGE, '/ipxe/52:54:00:aa:63:01%0A');
  assert.equal([broken.status, broken.ports, broken.headers.location], [400, [PORT], undefined]);
  // What harvgen's own scripts ask for is of this site.
  const own = await follow(IMAGE, '/ipxe/52-54-00-aa-63-01.ipxe');
  assert.equal([own.status, own.ports], [404, [PORT]]);
});

test('three sites fit what nginx sets aside for variables, and it warns of nothing', async () => {
  const names = ['location_x', 'location_y', 'location_z'];
  const sites = [];
  for (const [index, name] of names.entries()) {
    const [url, at] = [`url: http://192.168.${20 + index}.7`, `url: http://${SERVER}:${11_000 + index}`];
    const inventory = edited(plantCalled(name, 20 + index), [url, `${at}\n  allow_scripts: [${IMAGE}]`]);
    sites.push(await box.deploy(inventory));
  }
  for (const site of sites) await box.include(site, { cluster_token: 'a-token' });
  await box.start(...sites);
  assert.not.match(await box.log(), /\[(warn|error|emerg)\]/);
});

test.run();
