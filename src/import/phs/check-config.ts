import { checkSecrets } from '../../inventory/secrets.ts';
import { checkShape } from '../../inventory/shape.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { located, selfPlace, setPlace } from '../../source/origin.ts';
import type { ValueMap } from '../../source/value.ts';
import type { Version } from '../../values/version.ts';

/** What a configuration is checked within; none of it is the file's. */
const AROUND = {
  site: 'site',
  server: { url: 'http://192.0.2.1' },
  networks: { mgmt: { subnet: '192.0.2.0/24' } },
  cluster: { vip: '192.0.2.2' },
};
const NAME = 'machine';

/** Checks the shape of what is left of a configuration, and reports each fault where the file says it. */
export function checkConfig(config: ValueMap, release: Version, report: Report): void {
  const at = selfPlace(config);
  const map = (content: object): ValueMap => {
    const result: ValueMap = located(Object.create(null), at);
    for (const [key, value] of Object.entries(content)) {
      result[key] = typeof value === 'object' && !(value === config) ? map(value) : (value as ValueMap);
      setPlace(result, key, at);
    }
    return result;
  };
  const inventory = map({
    ...AROUND,
    harvester: { version: release.text },
    nodes: { [NAME]: { mac: '52:54:00:00:00:01', ip: '192.0.2.3', config } },
  });
  const found = new Report();
  checkSecrets(config, found);
  checkShape(inventory, found);
  for (const { message, ...diagnostic } of found.sorted())
    report.add({ ...diagnostic, message: message.replaceAll(`nodes.${NAME}.config`, 'config') });
}
