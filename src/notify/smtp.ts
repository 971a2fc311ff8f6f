import { type Channel, type SecretText, SendError } from './channel.ts';

/** E-mail by SMTP. All mails of one alert are one thread; one that comes twice has the same Message-ID. */
export function smtpChannel(
  common: Pick<Channel, 'name' | 'minSeverity' | 'clusters'>,
  options: { readonly url: SecretText; readonly from: string; readonly to: readonly string[] },
): Channel {
  return {
    ...common,
    send: async ({ transition, subject, lines }) => {
      // Loaded with the first mail: it takes 30 MB and 0.1 s of CPU.
      const { createTransport } = await import('nodemailer');
      const transport = createTransport({
        url: await options.url(),
        connectionTimeout: 5_000,
        greetingTimeout: 5_000,
        socketTimeout: 10_000,
      });
      const thread = `<${transition.fingerprint}@pgmon>`;
      try {
        const { response } = await transport.sendMail({
          from: options.from,
          to: [...options.to],
          subject,
          text: `${lines.join('\n')}\n`,
          messageId: `<${transition.id}@pgmon>`,
          inReplyTo: thread,
          references: thread,
          headers: { 'X-Pgmon-Severity': transition.severity, 'X-Pgmon-State': transition.kind },
          priority: transition.severity === 'critical' ? 'high' : 'normal',
        });
        return response;
      } catch (error) {
        throw new SendError(error instanceof Error ? error.message : 'failed');
      } finally {
        transport.close();
      }
    },
  };
}
