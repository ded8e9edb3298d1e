// Loaded by `node --import` into a build: ends it, as SIGKILL does, instead of its KILL_AT_RENAME-th rename.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { renameSync } = fs;
let left = Number(process.env.KILL_AT_RENAME);
fs.renameSync = (...args) => {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
  return renameSync(...args);
};
syncBuiltinESMExports();
