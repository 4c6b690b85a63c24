import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Sorts the requests that ask for another protocol: Node leaves all of them to whoever handles upgrades, be it that a
 * Java client offers HTTP/2 with each of its requests.
 *
 * @param isWanted which of them are upgrades that are served.
 * @returns an emitter of those alone; it listens nowhere. The others are answered as what they are besides.
 */
export function sortUpgrades(server: Server, isWanted: (request: IncomingMessage) => boolean): Server {
  const wanted = createServer();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isWanted(request)) wanted.emit('upgrade', request, socket, head);
    else answerPlainly(server, request, socket, head);
  });
  return wanted;
}

const ofUpgrades = new Set(['connection', 'upgrade', 'http2-settings']);

/** Has the server read the request again, without what asks for the upgrade. */
function answerPlainly(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]!;
    if (!ofUpgrades.has(name.toLowerCase())) lines.push(`${name}: ${request.rawHeaders[index + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
