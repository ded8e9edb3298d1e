import type { Target } from '../target.ts';
import { bssFiles } from './bss.ts';
import { cloudInitFiles } from './cloud-init-server.ts';
import { smdFiles } from './smd.ts';

/** What OpenCHAMI's BSS, SMD and cloud-init server answer (`server.compat`), as files. */
export const ochami: Target = {
  name: 'ochami',
  *emit(site, render, made) {
    if (!site.server.compat.includes('ochami')) return;
    yield* bssFiles(site, render, made);
    yield* smdFiles(site);
    yield* cloudInitFiles(site);
  },
};
