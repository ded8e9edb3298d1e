import type { CloudInit, CloudInitData } from '../site/model.ts';
import { isYamlTemplate, markYaml } from '../source/mark-yaml.ts';
import { eachMarkedText, markText } from './mark-config.ts';

/** Gives a text of user-data or vendor-data with marks: a template of cloud-config is YAML, if it can be read as such. */
export function markPart(text: string): string {
  return isYamlTemplate(text) ? markYaml(text) : markText(text);
}

/** Calls for each text that cloud-init finds on a node and that refers to a secret, as it is written: with marks. */
export function eachMarkedOfCloudInit(cloudInit: CloudInit, call: (text: string) => void): void {
  const { userData, vendorData, metaData, networkConfig = {} } = cloudInit;
  for (const part of [...userData, ...vendorData]) eachMarkedPart(part, call);
  for (const map of [metaData, networkConfig]) eachMarkedText(map, call);
}

function eachMarkedPart(part: CloudInitData, call: (text: string) => void): void {
  if (typeof part === 'object') eachMarkedText(part, call);
  else if (part.includes('${secret:')) call(markPart(part));
}
