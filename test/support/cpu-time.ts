/** Gives how long a call keeps this process at work, in milliseconds: on a busy machine a clock would tell of others' work, too. */
export function cpuTime(call: () => unknown): number {
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
