import type { Place, Source } from '../../../source/origin.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { Said } from '../gathered.ts';
import { type Piece, saidBy } from '../reservations/said.ts';
import type { Directive, Entry, Menu } from './read-menu.ts';

/** What an entry of a menu boots. */
export type Booted =
  /** iPXE, with a script. */
  | {
      readonly of: 'ipxe';
      readonly at: Place;
      readonly script?: Said<string> | undefined;
      readonly label: Said<string>;
    }
  | {
      readonly of: 'linux';
      readonly at: Place;
      readonly kernel: Said<string>;
      readonly initrd?: Said<string> | undefined;
      readonly params?: Said<string> | undefined;
    }
  /** The machine's own disk. */
  | { readonly of: 'disk'; readonly at: Place };

const IPXE = /(?:^|[/:])[gi]pxe[\w.-]*\.(?:lkrn|krn|kkrn|bin)$|(?:^|[/:])(?:undionly|gpxelinux)[\w.-]*$/i;
const MENU = /(?:^|[/:])(?:vesa)?menu(?:\.c32)?$/i;

/** What is no kernel of Linux, by the ends of names. */
const OTHER = /\.(?:c32|com|cbt|bin|bss|bs|0|img)$|(?:^|[/:])memdisk$/i;

/** Gives the entry that a machine boots which nobody touches; undefined for a menu without entries. */
export function chosenEntry({ globals, entries }: Menu): Entry | undefined {
  const value = (keyword: string) => globals.filter((one) => one.keyword === keyword).at(-1)?.value;
  const called = (piece: Piece | undefined): Entry | undefined => {
    const name = piece?.text.split(/\s/, 1)[0]?.toLowerCase() ?? '';
    return entries.find(({ label }) => label.text.toLowerCase() === name);
  };
  const isMenu = value('ui') !== undefined || MENU.test(value('default')?.text.split(/\s/, 1)[0] ?? '');
  const marked = entries.find(({ directives }) =>
    directives.some(({ keyword, value: { text } }) => keyword === 'menu' && /^default\b/i.test(text)),
  );
  const first = called(value('ontimeout')) ?? (isMenu ? marked : called(value('default')));
  return first ?? marked ?? entries[0];
}

/** Gives what a menu without entries boots by its DEFAULT, which may be a kernel with its arguments. */
export function bareDefault({ globals }: Menu): Entry | undefined {
  const found = globals.filter(({ keyword }) => keyword === 'default').at(-1);
  if (!found) return undefined;
  const [, kernel = '', gap = '', args = ''] = /^(\S+)(\s*)(.*)$/.exec(found.value.text) ?? [];
  if (kernel === '' || MENU.test(kernel)) return undefined;
  const { start } = found.value;
  const argsStart = start + kernel.length + gap.length;
  const directive = (keyword: string, text: string, at: number): Directive => ({
    ...found,
    keyword,
    value: { text, start: at, end: at + text.length },
  });
  return {
    label: { text: kernel, start, end: start + kernel.length },
    directives: [
      directive('kernel', kernel, start),
      ...(args === '' ? [] : [directive('append', args, argsStart)]),
    ],
  };
}

/** Gives what an entry boots; what a site has not is noted, and undefined is given. */
export function bootedBy(
  { label, directives }: Entry,
  { globals }: Menu,
  source: Source,
  notes: Notes,
): Booted | undefined {
  const said = (piece: Piece): Said<string> => saidBy(source, piece);
  const find = (...keywords: string[]) =>
    directives.filter(({ keyword }) => keywords.includes(keyword)).at(-1)?.value;
  const at = said(label).at;
  if (find('localboot')) return { of: 'disk', at };
  const kernel = find('kernel', 'linux');
  const other = directives.find(({ keyword }) => OTHERS.has(keyword));
  const own = find('append');
  const append =
    own?.text === '-' ? undefined : (own ?? globals.filter((one) => one.keyword === 'append').at(-1)?.value);
  if (kernel && /(?:^|[/:])chain(?:\.c32)?$/i.test(kernel.text) && /^hd\d|\bhd\d\b/.test(append?.text ?? ''))
    return { of: 'disk', at };
  if (!kernel || OTHER.test(kernel.text.replace(IPXE, ''))) {
    const what = kernel ?? other?.value;
    notes.add(
      'left',
      quoteVisibly(label.text),
      `an entry that boots ${what ? quoteVisibly(what.text) : 'nothing'}: a node boots Linux, a disk or Harvester`,
      at,
    );
    return undefined;
  }
  const initrd = find('initrd') ?? initrdOf(append);
  const [first, ...further] = initrd ? piecesOf(initrd) : [];
  if (IPXE.test(kernel.text)) return { of: 'ipxe', at, script: first && said(first), label: said(label) };
  for (const piece of further)
    notes.add(
      'left',
      quoteVisibly(piece.text),
      'a further initrd: a site has one for each kernel',
      said(piece).at,
    );
  const bits = Number(find('ipappend', 'sysappend')?.text ?? '0');
  if (bits & 1)
    notes.add(
      'changed',
      'IPAPPEND',
      "pxelinux added ip= with the machine's address: harvgen adds what the NIC of the node needs",
      at,
    );
  return {
    of: 'linux',
    at,
    kernel: plainPath(said(kernel)),
    initrd: first && plainPath(said(first)),
    params: append && append.text !== '' ? said(append) : undefined,
  };
}

/** By which an entry boots something else. Source: Syslinux, doc/syslinux.txt. */
const OTHERS: ReadonlySet<string> = new Set(['boot', 'bss', 'pxe', 'fdimage', 'comboot', 'com32', 'config']);

/** The value of initrd= among the arguments. */
function initrdOf(append: Piece | undefined): Piece | undefined {
  const match = /(?:^|\s)initrd=(\S+)/.exec(append?.text ?? '');
  if (!append || !match) return undefined;
  const [whole, text = ''] = match;
  const start = append.start + match.index + whole.length - text.length;
  return { text, start, end: start + text.length };
}

/** Several initrds are parted by commas. */
function piecesOf({ text, start }: Piece): Piece[] {
  return Array.from(text.matchAll(/[^,]+/g), ({ 0: piece, index }) => ({
    text: piece,
    start: start + index,
    end: start + index + piece.length,
  }));
}

/** A path is one below the folder of pxelinux, whatever begins it; `server::path` names another server of TFTP. */
function plainPath({ value, at }: Said<string>): Said<string> {
  if (/^[a-z]+:\/\//i.test(value)) return { value, at };
  return { value: value.replace(/^(?:::)?(?:\.?\/+)*/, ''), at };
}
