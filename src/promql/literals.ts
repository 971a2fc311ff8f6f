const UNIT_SECONDS: Readonly<Record<string, number>> = {
  y: 31_536_000,
  w: 604_800,
  d: 86_400,
  h: 3_600,
  m: 60,
  s: 1,
  ms: 0.001,
};

/** Seconds of `1h30m`, with the units in order and each once, or of a number of seconds; undefined of anything else. */
export function seconds(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m(?!s))?(\d+s)?(\d+ms)?$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/g))
    sum += Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 0);
  return sum;
}

/** A number of PromQL without its sign; undefined where it is none. A length of time is its seconds. */
export function numberOf(text: string): number | undefined {
  if (/^inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  // Prometheus reads 010 as octal: nobody means that.
  if (/^0\d/.test(text)) return undefined;
  if (/^(\d+(_\d+)*(\.\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/i.test(text)) return Number(text.replaceAll('_', ''));
  return seconds(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** The text of a quoted literal, with Go's escapes; in backquotes there are none. Undefined where an escape is none. */
export function unquoted(literal: string): string | undefined {
  const quote = literal[0] ?? '';
  if (literal.length < 2 || !literal.endsWith(quote)) return undefined;
  const text = literal.slice(1, -1);
  if (quote === '`') return text;
  if (text.includes('\n')) return undefined;
  let sound = true;
  const result = text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]?))/g,
    (_, byte?: string, short?: string, long?: string, octal?: string, letter?: string) => {
      const hex = byte ?? short ?? long;
      const code = hex ? Number.parseInt(hex, 16) : octal ? Number.parseInt(octal, 8) : undefined;
      // A byte beyond ASCII is half a character in Go.
      const whole =
        code === undefined || (code < (short || long ? 0x110000 : 0x80) && !(code >= 0xd800 && code < 0xe000));
      const plain = code === undefined ? ESCAPES[letter ?? ''] : whole ? String.fromCodePoint(code) : undefined;
      if (plain === undefined || (code === undefined && (letter === '"' || letter === "'") && letter !== quote))
        sound = false;
      return plain ?? '';
    },
  );
  return sound ? result : undefined;
}
