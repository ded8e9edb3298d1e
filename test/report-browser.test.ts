// needs: chromium
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PATIENCE } from '../src/rehearse/machine.ts';
import { bigPlant } from './support/big-plant.ts';
import { Browser, type Page } from './support/browser.ts';
import { harvgenWarm as harvgen } from './support/cli.ts';
import { edited, PLANT } from './support/plant.ts';
import { Running } from './support/running.ts';
import { makeSite, scratchFolder } from './support/scratch.ts';

/** The report in a real browser: what a visitor sees, and what someone uses who has only a keyboard or a screen reader. */
const test = suite('report in a browser');

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDE = [1300, 900] as const;
const NARROW = [390, 800] as const;

let browser: Browser;
let page: Page;

test.before(async () => {
  browser = await Browser.start();
  page = await browser.page();
});

test.after(() => browser.close());

/** Writes the report of sites; returns its file. */
function write(...sites: readonly string[]): string {
  const file = join(scratchFolder(), 'report.html');
  const { code, stderr } = harvgen(['report', '--out', file, ...sites], ROOT);
  assert.is(code, 0, stderr);
  return file;
}

/** Opens a report, which must request nothing else and print no error. */
async function open(file: string, id = ''): Promise<void> {
  page.errors.length = 0;
  page.requests.length = 0;
  await page.open(pathToFileURL(file).href + id);
  assert.equal(
    page.requests.filter((url) => !/^(?:data|about):/.test(url)),
    [pathToFileURL(file).href],
  );
  assert.equal(page.errors, []);
}

/** Returns the violations that axe-core finds in what is visible: contrast, labels, roles, structure. */
async function violations(): Promise<string[]> {
  const isThere = await page.evaluate<boolean>('typeof axe === "object"');
  if (!isThere) await page.evaluate(AXE);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(' ')))`);
}

/** Returns the visible elements whose text does not fit, outside of regions that scroll. */
function overflowing(): Promise<string[]> {
  return page.evaluate(`(() => {
    const found = [];
    const isShown = (one) => one.checkVisibility() && !one.closest('noscript');
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page');
    for (const one of document.querySelectorAll('body *:not(svg *)'))
      if (isShown(one) && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline' && !one.matches('.scroll, pre'))
        found.push(one.outerHTML.slice(0, 100));
    for (const text of document.querySelectorAll('svg text')) {
      const around = text.parentNode.querySelector(':scope > rect:not(.frame)') ?? text.ownerSVGElement;
      const [inner, outer] = [text, around].map((one) => one.getBoundingClientRect());
      if (isShown(text) && (inner.left < outer.left - 1 || inner.right > outer.right + 1)) found.push(text.outerHTML);
    }
    return found.slice(0, 5);
  })()`);
}

test('all samples: nothing to request, no error, no overflow, and accessible', async () => {
  const file = write('sites/*');
  await page.look(...WIDE);
  await open(file);
  assert.equal(await violations(), []);
  const ids = await page.evaluate<string[]>('[...document.querySelectorAll(".site")].map(({ id }) => id)');
  assert.is(ids.length, 8);
  for (const id of ids) {
    const node = await page.evaluate<string>(`document.querySelector('[id="${id}"] .nodes > tbody').id`);
    await page.evaluate(`location.hash = ${JSON.stringify(node)}`);
    for (const { size, scheme } of [
      { size: WIDE, scheme: 'light' },
      { size: NARROW, scheme: 'dark' },
    ] as const) {
      await page.look(size[0], size[1], scheme);
      assert.equal(await overflowing(), [], `${id} ${scheme}`);
      assert.equal(await violations(), [], `${id} ${scheme}`);
    }
    const shown = await page.evaluate(
      '[...document.querySelectorAll(".site, .fleet")].filter((one) => one.checkVisibility()).map(({ id }) => id)',
    );
    assert.equal(shown, [id]);
  }
  assert.equal(page.errors, []);
});

test('an address after # that is no encoded text shows the first page, and the page still works', async () => {
  const file = write('sites/*');
  await open(file, '#%');
  assert.is(await page.evaluate('document.getElementById(":fleet").checkVisibility()'), true);
  await page.evaluate('location.hash = "location_x"');
  await until('document.getElementById("location_x").checkVisibility()');
  assert.equal(page.errors, []);
});

test('1,000 machines open without a pause, and can be filtered', async () => {
  const file = write(makeSite(bigPlant(1000)));
  await page.look(...WIDE);
  await open(file);
  const spent = await page.evaluate<number>(`(() => {
    const begun = performance.now();
    const input = document.querySelector('.filter input');
    input.value = '10.1.3.9 join';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    document.body.getBoundingClientRect();
    return performance.now() - begun;
  })()`);
  assert.is(await page.evaluate('document.querySelector(".filter output").value'), '11 of 1000 machines');
  assert.ok(spent < 1000, `filtering took ${spent} ms`);
  assert.equal(await overflowing(), []);
  // The rows are alike, and axe-core takes long for all.
  await page.evaluate(
    'document.querySelectorAll(".nodes > tbody[hidden], details tr:nth-child(n+9)").forEach((one) => one.remove())',
  );
  assert.equal(await violations(), []);
});

/** Presses Tab until an element has the focus. */
async function tabTo(selector: string): Promise<void> {
  for (let presses = 0; presses < 200; presses += 1) {
    if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
    await page.press('Tab');
  }
  throw new Error(`Tab does not reach ${selector}`);
}

const names = () =>
  page.evaluate<string[]>(
    '[...document.querySelectorAll(".nodes > tbody")].filter((one) => !one.hidden).map((one) => one.querySelector(".open").textContent)',
  );

test('the keyboard alone filters, sorts and opens machines', async () => {
  await page.look(...WIDE);
  await open(write(makeSite(PLANT)));
  await tabTo('.filter input');
  await page.press('HARV-2');
  assert.equal(await names(), ['harv-2']);
  await page.evaluate('document.activeElement.select()');
  await page.press(' ');
  assert.equal(await names(), ['harv-1', 'harv-2', 'harv-3']);
  await tabTo('.nodes thead button');
  await page.press('Enter');
  assert.is(await page.evaluate('document.activeElement.parentNode.ariaSort'), 'ascending');
  await page.press('Space');
  assert.is(await page.evaluate('document.activeElement.parentNode.ariaSort'), 'descending');
  assert.equal(await names(), ['harv-3', 'harv-2', 'harv-1']);
  await tabTo('.open');
  await page.press('Enter');
  assert.is(await page.evaluate('document.activeElement.ariaExpanded'), 'true');
  assert.match(
    await page.evaluate<string>('document.querySelector(".details:not([hidden])").innerText'),
    'Boot of harv-3',
  );
  await page.press('Enter');
  assert.is(await page.evaluate('document.querySelectorAll(".details:not([hidden])").length'), 0);
});

test('a printed page has all tables, and is light', async () => {
  await page.look(...WIDE, 'dark');
  await open(write(makeSite(PLANT)));
  const pdf = Buffer.from(await page.pdf());
  assert.is(pdf.subarray(0, 5).toString(), '%PDF-');
  assert.ok(pdf.toString('latin1').split('/Type /Page\n').length > 1);
  assert.is(await page.evaluate('document.querySelector("details").open'), true);
});

test('hostile names stay text', async () => {
  const hostile = '</script><img src=x onerror=alert(1)><svg onload=alert(2)>';
  const site = edited(PLANT, ['.42 }', `.42, rack: ${JSON.stringify(hostile)} }`]);
  await open(write(makeSite(site)), '#plant/harv-2');
  assert.is(await page.evaluate('document.querySelectorAll("img, [onload], [onerror]").length'), 0);
  assert.equal(
    await page.evaluate('[...document.querySelectorAll(".rack h3")].map((one) => one.textContent)'),
    ['no rack', hostile],
  );
  assert.match(
    await page.evaluate<string>('document.querySelector(".details:not([hidden])").textContent'),
    hostile,
  );
});

test('without scripts, the details of all machines are there', async () => {
  await page.send('Emulation.setScriptExecutionDisabled', { value: true });
  await open(write(makeSite(PLANT)));
  const shown = '[...document.querySelectorAll(".node")].filter((one) => one.checkVisibility()).length';
  assert.is(await page.evaluate(shown), 3);
  await page.send('Emulation.setScriptExecutionDisabled', { value: false });
});

/** The saves that the live page follows. */
const SAVES = 100;

/** The build that serves the live page, which must not outlive a failed test. */
let live: Running | undefined;
test.after.each(async () => {
  await live?.stop('SIGKILL');
  live = undefined;
});

/** Waits until an expression is true in the page, which can reload meanwhile. */
async function until(expression: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await page.evaluate<boolean>(expression).catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`never true: ${expression}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

test('the live page follows each of 100 saves, shows errors, keeps its state, and ends with the build', async () => {
  const folder = makeSite(PLANT);
  const save = (text: string) => writeFileSync(join(folder, 'site.yaml'), text);
  const running = new Running(['build', '--watch', '--report', 'plant'], join(folder, '..'));
  live = running;
  const [url = ''] = /http:\S+/.exec(await running.until(/the report is at \S+/)) ?? [];
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  page.errors.length = 0;
  await page.look(...WIDE);
  await page.open(url);
  await page.evaluate('document.querySelector("[aria-controls=\'plant/harv-2/details\']").click()');
  for (let number = 1; number <= SAVES; number += 1) {
    save(PLANT.replace('52:54:00:aa:01:03', `52:54:00:aa:02:${(number + 16).toString(16)}`));
    await until(`document.body.textContent.includes("52:54:00:aa:02:${(number + 16).toString(16)}")`);
  }
  assert.is(await page.evaluate('document.querySelector("[id=\'plant/harv-2/details\']").hidden'), false);
  save(PLANT.replace('vip: 192.168.178.40', 'vip: 192.168.178.210'));
  await until('document.querySelector(".failed") !== null');
  assert.match(await page.evaluate<string>('document.title'), /^1 error: plant$/);
  assert.match(
    await page.evaluate<string>('document.querySelector(".failed").innerText'),
    'vip-in-dhcp-pool',
  );
  assert.match(
    await page.evaluate<string>('document.querySelector(".nodes").innerText'),
    '52:54:00:aa:02:74',
  );
  assert.equal(await violations(), []);
  save(PLANT);
  await until(
    'document.querySelector(".failed") === null && document.body.textContent.includes("52:54:00:aa:01:03")',
  );
  const { status } = await fetch(url, { method: 'POST' });
  assert.is(status, 405);
  assert.is(await running.stop('SIGINT'), 0);
  await until('document.querySelector(".live").textContent.includes("has ended")');
  assert.equal(
    page.errors.filter((text) => !text.includes('net::ERR_')),
    [],
  );
  assert.is(await fetch(url).catch(() => 'gone'), 'gone');
});

test.run();
