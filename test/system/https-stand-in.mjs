// Runs in a sandbox: serves HTTPS with its only argument (JSON: host, port, key, cert, clients, answers), and prints a
// line for each request. The nth request gets the nth answer, [status, text], or null for no answer; the last one repeats.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const { host, port, key, cert, clients, answers } = JSON.parse(process.argv[2]);
const trust = clients ? { ca: readFileSync(clients), requestCert: true, rejectUnauthorized: true } : {};
let count = 0;
const server = createServer(
  { key: readFileSync(key), cert: readFileSync(cert), ...trust },
  (request, response) => {
    const answer = answers[Math.min(count, answers.length - 1)];
    count += 1;
    process.stdout.write(`${request.url} ${request.headers.host}\n`);
    if (answer) response.writeHead(answer[0]).end(answer[1]);
  },
);
server.listen(port, host, () => process.stdout.write('listening\n'));
