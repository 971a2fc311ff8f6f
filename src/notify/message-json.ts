import { type Message, plainText } from './message.ts';
import { snakeCase } from './snake-case.ts';

/** A message as JSON for programs: the transition, and the texts for people beside it. */
export function messageJson(message: Message): object {
  const { transition, subject, what, when, who, statement, action: _, advice: __, ...rest } = message;
  return {
    ...snakeCase(transition),
    subject,
    lines: plainText(message),
    what,
    when,
    who,
    statement: statement?.text,
    link: rest.link,
    runbook_url: rest.runbookUrl,
    silence_link: rest.silenceLink,
  };
}
