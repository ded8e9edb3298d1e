import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { define, parse } from './main.ts';
import { unknownNode } from './read-arguments.ts';

const test = suite('reading a command line');

const { commands, globalCommand } = define();
const ALL = commands.flatMap((command) => command.options.map((option) => ({ command, option })));

/** Returns an option as a user types it. */
const typed = (rawName: string) => rawName.replace(/^-\w, /, '').replace(/ .*/, '');

test('an option has the same type in every command', () => {
  const types = new Map<string, boolean>();
  for (const { option } of [...ALL, ...globalCommand.options.map((option) => ({ option }))]) {
    const isBoolean = Boolean(option.isBoolean);
    assert.is(types.get(option.name) ?? isBoolean, isBoolean, option.name);
    types.set(option.name, isBoolean);
  }
  assert.ok(types.size > 10);
});

for (const { command, option } of ALL.filter(({ option }) => option.isBoolean)) {
  const flag = typed(option.rawName);
  test(`${command.name} ${flag} does not consume the next word`, () => {
    for (const words of [['one', 'two', 'three'], ['007'], ['true', 'false', '0x10']]) {
      for (const line of [
        [command.name, flag, ...words],
        [flag, command.name, ...words],
        [command.name, ...words, flag],
      ]) {
        const { matchedCommandName, args, options } = parse(line);
        assert.equal([matchedCommandName, args], [command.name, words], line.join(' '));
        assert.is(options[option.name], !option.negated);
      }
    }
    assert.throws(() => parse([command.name, `${flag}=true`]), `${flag} takes no value`);
  });
}

for (const { command, option } of ALL.filter(({ option }) => !option.isBoolean)) {
  const flag = typed(option.rawName);
  const isRepeatable = ['--as', '--join', '--profile'].includes(flag);
  test(`${command.name} ${flag} has the exact text as its value`, () => {
    for (const value of ['007', '0x10', '1e3', '2024', 'true', 'false', '-', 'a=b', ' ', 'é\n']) {
      for (const pair of [[flag, value], [`${flag}=${value}`]]) {
        const { args, options } = parse([command.name, ...pair, 'one', '2']);
        const expected = isRepeatable ? [value] : value;
        assert.equal([options[option.name], args], [expected, ['one', '2']], pair.join(' '));
      }
    }
    for (const none of [[flag], [flag, ''], [`${flag}=`], [flag, '--help'], [flag, '-h'], [flag, '--']])
      assert.throws(() => parse([command.name, 'one', ...none]), `${flag} has no value`);
    const twice = () => parse([command.name, flag, 'a', `${flag}=b`]);
    if (isRepeatable) assert.equal(twice().options[option.name], ['a', 'b']);
    else assert.throws(twice, `${flag} is given twice`);
  });
}

test('everything after -- is an argument', () => {
  assert.equal(parse(['build', '--force', '--', 'a', '007']).args, ['a', '007']);
  assert.throws(() => parse(['build', '--', 'a', '--force']), '--force begins with -: write ./--force');
});

test('rejects options that no command has', () => {
  for (const option of ['--x', '-x', '-', '--__proto__', '--constructor', '--secrets.a', '--no-x', '-hv'])
    assert.throws(() => parse(['build', option, 'a']), `unknown option ${option}`);
  assert.throws(() => parse(['build', '--no-out', 'a']).runMatchedCommand(), 'value is missing');
});

test('rejects an option with one hyphen instead of two, which would print the help', () => {
  for (const [option, meant] of Object.entries({
    '-check': ': did you mean --check?',
    '-out=a': ': did you mean --out?',
    '-no-templates': ': did you mean --no-templates?',
    '-help': ': did you mean --help?',
    '-hv': '',
    '-vh': '',
    '-fh': '',
  }))
    assert.throws(
      () => parse(['build', option, 'a']),
      ({ message }: Error) => message === `unknown option ${option.replace(/=.*/, '')}${meant}`,
    );
  assert.ok(parse(['build', '-h']).options.help);
});

test.run();

const unknown = suite('a node that is not in the site');

unknown('a range is rejected, and long lists of names are shortened', () => {
  assert.is(
    unknownNode('cg[1-2]', ['cg1', 'cg2'], 'plant').message,
    'plant has no node cg[1-2]: it takes one node. Set values of a whole range at its name in the inventory. Nodes: cg1, cg2',
  );
  const names = Array.from({ length: 10_000 }, (_, index) => `cg${index}`);
  const { message } = unknownNode('head', names, 'plant');
  assert.match(message, /^plant has no node head\. Nodes: cg0, .*, cg19 and 9980 more$/);
});

unknown.run();
