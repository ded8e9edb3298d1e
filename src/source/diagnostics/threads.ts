/**
 * Gives a text with the upstream threads in it, such as harvester/harvester#7093, as `show` writes them; it takes the name
 * as it stands there and the address. A bare #4737 belongs to the repository before it.
 */
export function withThreads(text: string, show: (name: string, url: string) => string): string {
  let repository = '';
  return text.replace(/([a-z-]+\/[a-z-]+)?#(\d+)/g, (name, named, number) => {
    repository = named ?? repository;
    return repository ? show(name, `https://github.com/${repository}/issues/${number}`) : name;
  });
}

/** Gives the addresses of the upstream threads that a text names. */
export function threadsIn(text: string): string[] {
  const urls: string[] = [];
  withThreads(text, (name, url) => {
    urls.push(url);
    return name;
  });
  return urls;
}
