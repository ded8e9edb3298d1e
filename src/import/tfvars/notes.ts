import { nearest } from '../../values/nearest.ts';
import type { Attribute } from '../hcl/value.ts';
import type { ImportNote } from '../kind.ts';
import { quoteVisibly } from '../visibly.ts';
import { VARIABLES, variableCalled } from './variables.ts';

/** Says of each variable that nothing of a site can carry what to do instead. What says nothing is left out. */
export function leftOf(attributes: readonly Attribute[]): ImportNote[] {
  return attributes.flatMap(({ name, at, value }): ImportNote[] => {
    const saysNothing = value.type === 'null' || (value.type === 'string' && value.value === '');
    const variable = variableCalled(name);
    const of = quoteVisibly(name);
    if (!variable) return [{ kind: 'left', at, of, text: strangerText(name) }];
    if (variable.instead === undefined || saysNothing || isOff(name, value)) return [];
    return [{ kind: 'left', at, of, text: variable.instead }];
  });
}

function strangerText(name: string): string {
  const meant = nearest(name, Object.keys(VARIABLES), 0.2);
  return `harvester-cloud has no such variable${meant ? `: did you mean ${meant}? Then its default counts here` : ''}`;
}

/** What is switched off asks for nothing. */
function isOff(name: string, value: Attribute['value']): boolean {
  const isFalse = value.type === 'bool' ? !value.value : value.type === 'string' && value.value === 'false';
  return isFalse && (name === 'rancher_insecure' || name === 'spot_instance' || name.startsWith('create_'));
}
