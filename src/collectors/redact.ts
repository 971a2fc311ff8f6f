/**
 * One alternative per kind of token that a literal could hide in or be mistaken for. What begins like a literal and never
 * ends, because the server cut the text off, is a literal up to its end.
 */
const TOKEN = new RegExp(
  [
    String.raw`--[^\n]*`, // line comment
    String.raw`/\*`, // block comment: nested, so its end is looked for by counting
    '"(?:[^"]|"")*(?:"|$)', // quoted identifier
    String.raw`[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)`, // string with escapes
    "(?:[uU]&|[bBxXnN])?'(?:[^']|'')*(?:'|$)", // string, bit string, unicode string
    String.raw`\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(?:\$\1\$|$)`, // dollar-quoted string
    String.raw`\$\d+`, // parameter
    String.raw`[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*`, // word, which may hold digits
    String.raw`(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?(?:(?![eE]')\w)*`, // number, hexadecimal too; an E before a quote is the string's
    String.raw`[\s\S]`, // anything else stands for itself
  ].join('|'),
  'y',
);

/**
 * A statement's text without what may be data: strings and numbers become `?`, and comments, which may hold anything, go.
 * Identifiers, keywords and parameters stay. No literal of the input survives, wherever the text is cut off.
 */
export function redactSql(text: string): string {
  let result = '';
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0] ?? text.charAt(at);
    at = token === '/*' ? endOfComment(text, at) : at + token.length;
    result += redactToken(token);
  }
  return result;
}

function redactToken(token: string): string {
  if (token.startsWith('--') || token === '/*') return ' ';
  if (token.startsWith('"') || /^\$\d/.test(token)) return token;
  return token.includes("'") || /^\$./.test(token) || /^\.?\d/.test(token) ? '?' : token;
}

function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const two = text.slice(at, at + 2);
    if (two === '/*') depth += 1;
    else if (two === '*/') depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
