/**
 * A text as the value of a CloudWatch dimension, which takes printable ASCII alone, not a colon ahead and not blanks alone:
 * all else is percent-encoded as UTF-8, with the percent sign itself, so that two texts are never one value. The names of
 * databases, at most 63 bytes, become 189 characters at most, of the 1,024 that there may be.
 */
export function dimensionValue(text: string): string {
  const encoded = text.toWellFormed().replace(/[^\x20-\x7e]|%|^[: ]| $/gu, percent);
  return encoded === '' ? '%' : encoded;
}

function percent(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
