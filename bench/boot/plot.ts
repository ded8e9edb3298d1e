import { grouped } from '../targets.ts';
import { type Curve, WINDOW } from './scenarios.ts';

/** The colors of the curves on light and dark screens, as in the other pictures of the documentation. */
const COLORS = [
  ['#cf222e', '#f85149'],
  ['#0969da', '#4493f8'],
  ['#1a7f37', '#3fb950'],
] as const;
const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [760, 380, 60, 20, 740, 330];
/** The hours at the lines of the time axis, and the first one. */
const TICKS = [1 / 12, 1 / 6, 1 / 3, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const FIRST = TICKS[0] ?? 1;

/** Draws the share of machines that have started over the time, which is logarithmic. The same curves make the same bytes. */
export function plot(curves: readonly Curve[]): string {
  const ends = curves.map(({ done }) => (done.at(-1) ?? 0) / 3600);
  const last = TICKS.find((hours) => hours >= Math.max(...ends)) ?? Math.max(...ends);
  const x = (hours: number) =>
    LEFT + ((RIGHT - LEFT) * Math.log(Math.max(hours, FIRST) / FIRST)) / Math.log(last / FIRST);
  const y = (share: number) => BOTTOM - (BOTTOM - TOP) * share;
  const vertical = TICKS.filter((hours) => hours <= last).map((hours) => {
    const name = hours < 1 ? `${Math.round(hours * 60)} min` : `${hours} h`;
    return `<path class="line" d="M${n(x(hours))} ${TOP}V${BOTTOM}"/><text x="${n(x(hours))}" y="${BOTTOM + 18}" text-anchor="middle">${name}</text>`;
  });
  const horizontal = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<path class="line" d="M${LEFT} ${n(y(share))}H${RIGHT}"/><text x="${LEFT - 8}" y="${n(y(share) + 4)}" text-anchor="end">${share * 100} %</text>`,
  );
  const paths = curves.map(({ done }, index) => {
    const points = Array.from({ length: 101 }, (_, percent) => {
      const at = done[Math.max(0, Math.ceil((done.length * percent) / 100) - 1)] ?? 0;
      return `${n(x(at / 3600))} ${n(y(percent / 100))}`;
    });
    return `<path class="curve c${index}" d="M${points.join('L')}"/>`;
  });
  const legend = curves.map(({ name }, index) => {
    const at = TOP + 20 + index * 20;
    return `<path class="curve c${index}" d="M${LEFT + 12} ${at - 4}h24"/><text x="${LEFT + 44}" y="${at}">${name.replace('one boot server, media', 'media')}</text>`;
  });
  const title = `The share of ${grouped(curves[0]?.done.length ?? 0)} machines with all their media, switched on within ${WINDOW / 60} minutes`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${title}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">`,
    `<style>\n${style(0)}\n@media (prefers-color-scheme: dark) {\n${style(1)}\n}\n</style>`,
    ...vertical,
    ...horizontal,
    ...paths,
    ...legend,
    `<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${title}</text>`,
    '</svg>\n',
  ].join('\n');
}

function style(scheme: 0 | 1): string {
  const [ground, text, line] =
    scheme === 0 ? ['#ffffff', '#1f2328', '#d1d9e0'] : ['#0d1117', '#f0f6fc', '#3d444d'];
  return [
    `svg { background: ${ground}; font: 13px Helvetica, Arial, "Liberation Sans", sans-serif; }`,
    `text { fill: ${text}; }`,
    `.line { stroke: ${line}; fill: none; }`,
    '.curve { stroke-width: 2.5; fill: none; }',
    ...COLORS.map((colors, index) => `.c${index} { stroke: ${colors[scheme]}; }`),
  ].join('\n');
}

/** Formats a coordinate. */
function n(value: number): string {
  return value.toFixed(1);
}
