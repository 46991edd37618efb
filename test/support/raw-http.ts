import { connect } from 'node:net';

/** One response as it came over the socket. */
export interface RawResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * Writes bytes to a server and reads its one response to the end of the connection: for requests no
 * client would send. Ask for `connection: close`, or the server waits for more.
 */
export async function sendRaw(url: string, text: string): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
  const answer = Buffer.concat(chunks).toString('utf8');
  const end = answer.indexOf('\r\n\r\n');
  const [first = '', ...lines] = answer.slice(0, end).split('\r\n');
  return {
    status: Number(first.split(' ')[1]),
    headers: new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    ),
    body: answer.slice(end + 4),
  };
}

/** The text of a GET with these header lines; `Host` is one of them. */
export function getText(path: string, headers: readonly string[]): string {
  return `GET ${path} HTTP/1.1\r\n${[...headers, 'connection: close'].join('\r\n')}\r\n\r\n`;
}
