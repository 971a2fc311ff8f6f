import * as z from 'zod';
import { mailUrl } from '../../config/scalars.ts';
import { mailHtml } from '../mail-html.ts';
import { plainText } from '../message.ts';
import { defineChannel } from './define.ts';

/** E-mail by SMTP. All mails of one alert are one thread; one that comes twice has the same Message-ID. */
export const smtp = defineChannel({
  kind: 'smtp',
  help: 'Email through your own mail server.',
  secrets: { url: mailUrl.describe('smtp://user:password@host:587') },
  schema: { from: z.email().describe('Sender.'), to: z.array(z.email()).min(1).describe('Receivers.') },
  example: {
    url: 'smtp://user:password@mail.example.com:587',
    from: 'pgmon@example.com',
    to: ['oncall@example.com'],
  },
  address: ({ to }) => to,
  // Loaded with the first mail: it takes 30 MB and 0.1 s of CPU.
  client: async () => (await import('nodemailer')).createTransport,
  send: async (message, { url, from, to }, createTransport) => {
    const { transition, subject } = message;
    const transport = createTransport({
      url,
      connectionTimeout: 5_000,
      greetingTimeout: 5_000,
      socketTimeout: 10_000,
    });
    const thread = `<${transition.fingerprint}@pgmon>`;
    try {
      const { response } = await transport.sendMail({
        from,
        to,
        subject,
        text: `${plainText(message).join('\n')}\n`,
        html: await mailHtml(message),
        messageId: `<${transition.id}@pgmon>`,
        inReplyTo: thread,
        references: thread,
        headers: { 'X-Pgmon-Severity': transition.severity, 'X-Pgmon-State': transition.kind },
        priority: transition.severity === 'critical' ? 'high' : 'normal',
      });
      return response;
    } finally {
      transport.close();
    }
  },
});
