import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plot } from './plot.ts';
import { simulateAll } from './scenarios.ts';
import { arrivals, simulate } from './simulate.ts';

const test = suite('the simulated start');

const DEMAND = { leases: 3, requests: 2, bytes: 6e9, link: 1e9 };
/** A server that takes no time, except for the media. */
const MOST = Number.POSITIVE_INFINITY;
const IDLE = { leases: MOST, requests: MOST, connections: MOST };
const together = (machines: number) => Array<number>(machines).fill(0);
const near = (actual: number | undefined, expected: number, what = '') =>
  assert.ok(
    Math.abs((actual ?? Number.NaN) - expected) < expected * 1e-9,
    `${what}: ${actual}, not ${expected}`,
  );

test('takes the bytes of all machines divided by the link', () => {
  const { done, downloads } = simulate(together(1000), { ...IDLE, media: 3e9 }, DEMAND);
  near(done.at(-1), (1000 * 6e9) / 3e9);
  near(done[0], (1000 * 6e9) / 3e9);
  assert.is(downloads, 1000);
  // A wrong rate makes another time.
  const wrong = simulate(together(1000), { ...IDLE, media: 3.3e9 }, DEMAND);
  near(wrong.done.at(-1), (1000 * 6e9) / 3.3e9);
});

test('takes as long as the link of a machine that is alone', () => {
  near(simulate([10], { ...IDLE, media: 3e9 }, DEMAND).done[0], 16);
});

test('adds the leases and requests of the machines before', () => {
  // 100 machines: 300 leases take 30 s, and the last requests 2 files in 0.2 s; then it is alone on its link.
  const { done, configured } = simulate(
    together(100),
    { ...IDLE, leases: 10, requests: 10, media: 1e12 },
    DEMAND,
  );
  near(configured, 30.2);
  near(done.at(-1), 36.2);
});

test('shares the link with machines that are switched on later', () => {
  // Alone for 2 s at 1 GB/s, then together at 0.5 GB/s each: the first needs 4 GB more, the second then 2 GB, alone.
  const { done } = simulate([0, 2], { ...IDLE, media: 1e9 }, DEMAND);
  near(done[0], 10);
  near(done[1], 12);
});

test('lets machines wait that have no connection', () => {
  // Two at a time, at 0.5 GB/s each: the next begin when the first two end.
  const { done, downloads } = simulate([0, 0, 3, 3, 3], { ...IDLE, media: 1e9, connections: 2 }, DEMAND);
  assert.equal(done.map(Math.round), [12, 12, 24, 24, 30]);
  assert.is(downloads, 2);
});

test('switches the same machines on at the same times', () => {
  const [first = Number.NaN, ...others] = arrivals(1000, 600);
  assert.equal(arrivals(1000, 600), [first, ...others]);
  assert.ok(first >= 0 && others.every((at, index) => at >= (others[index - 1] ?? first) && at < 600));
  assert.not.equal(arrivals(1000, 600, 2), arrivals(1000, 600));
});

test('draws the same bytes for the same rates, and others for another rate', () => {
  const rates = {
    processors: 2,
    leases: 5000,
    kea: 5000,
    requests: 40_000,
    media: 10e9,
    connections: 40_000,
  };
  const { text, curves } = simulateAll(rates);
  assert.is(plot(simulateAll(rates).curves), plot(curves));
  assert.equal(
    curves.map(({ done }) => done.length),
    [100_000, 100_000, 100_000],
  );
  // 100,000 × 6.44 GB through 25 Gbit/s take 57.2 hours, after the first machine is switched on.
  assert.match(
    text,
    /^\| one boot server, 25 Gbit\/s +\| +1,746 \| +link \| .* 57\.2 h \| +1\.00 × \|.* 40,000 \|$/m,
  );
  const limitOf = (changed: object, name: string) =>
    new RegExp(`^\\| ${name} +\\| +[\\d,]+ \\| +(\\S+) `, 'm').exec(
      simulateAll({ ...rates, ...changed }).text,
    )?.[1];
  assert.is(limitOf({}, 'one boot server, 100 Gbit/s'), 'nginx');
  assert.is(limitOf({ media: 2e9 }, 'one boot server, 25 Gbit/s'), 'nginx');
  assert.is(limitOf({ leases: 1 }, 'one boot server, 25 Gbit/s'), 'DHCP');
});

test.run();
