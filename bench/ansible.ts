import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameFiles, factsOf, type Plant, templatesOf } from './plant.ts';
import { type Command, run } from './run.ts';

/**
 * Creates a playbook for Ansible that writes the two files of each node of a site with its `template` module in a loop, and
 * checks that they are equal. Returns the command that runs it, and its output directory.
 */
export function ansibleOf(plant: Plant): { readonly command: Command; readonly output: string } {
  const folder = join(plant.folder, 'ansible');
  const output = join(folder, 'out');
  mkdirSync(folder, { recursive: true });
  const tag = (fact: string) => `{{ item.${fact} }}`;
  // The first node creates the cluster, and the others join it: two templates for each file.
  for (const [layout, n] of [
    ['create', 1],
    ['join', Math.min(2, plant.nodes)],
  ] as const) {
    const { script, config } = templatesOf(plant, n, tag);
    writeFileSync(join(folder, `${layout}.script.j2`), script);
    writeFileSync(join(folder, `${layout}.config.j2`), config);
  }
  const nodes = Array.from({ length: plant.nodes }, (_, index) => ({
    ...factsOf(index + 1),
    layout: index === 0 ? 'create' : 'join',
  }));
  const task = (type: string) => ({
    name: `the ${type} of each node`,
    'ansible.builtin.template': { src: `{{ item.layout }}.${type}.j2`, dest: `out/{{ item.key }}.${type}` },
    loop: nodes,
  });
  const play = {
    hosts: 'localhost',
    connection: 'local',
    gather_facts: false,
    tasks: [{ 'ansible.builtin.file': { path: 'out', state: 'directory' } }, task('script'), task('config')],
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'play.yaml'), JSON.stringify([play], null, 2));
  const command: Command = {
    words: ['ansible-playbook', '--inventory', 'localhost,', 'play.yaml'],
    folder,
    variables: {
      ANSIBLE_HOME: join(folder, 'home'),
      ANSIBLE_LOCAL_TEMP: join(folder, 'tmp'),
      LC_ALL: 'C.UTF-8',
    },
  };
  run(command);
  assertSameFiles(plant, 'Ansible', ({ key }) => {
    const read = (type: string) => readFileSync(join(output, `${key}.${type}`), 'utf8');
    return { script: read('script'), config: read('config') };
  });
  return { command, output };
}
