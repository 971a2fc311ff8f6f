import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { SMTPServer } from 'smtp-server';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks that answers as the test sets it. */
export class HttpReceiver {
  readonly received: Received[] = [];
  /** Status of the next answers; 200 where it is empty. */
  status: number | undefined;
  retryAfter: string | undefined;
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const status = this.status ?? 200;
    if (status === 200) {
      this.received.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      });
    } else {
      this.refused += 1;
    }
    response
      .writeHead(status, this.retryAfter ? { 'retry-after': this.retryAfter } : {})
      .end(status === 200 ? 'ok' : 'no');
  });
  refused = 0;

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.url;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** What came, parsed. */
  json(): Record<string, unknown>[] {
    return this.received.map(({ body }) => JSON.parse(body));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** A mail server that takes everything. */
export class MailReceiver {
  readonly mails: { from: string; to: string[]; text: string }[] = [];
  readonly #server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      let text = '';
      stream.on('data', (chunk) => {
        text += chunk;
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        this.mails.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });

  async listen(): Promise<string> {
    const listening = this.#server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const address = listening.address();
    return `smtp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
