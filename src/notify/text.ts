const ASCII: Readonly<Record<string, string>> = { '–': '-', '—': '-', '…': '...', µ: 'u', '’': "'" };

/** Printable ASCII alone; what has no counterpart there becomes a question mark. */
export function asciiText(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (one) => ASCII[one] ?? '?');
}

/** Letters that stay of a word that is shortened. */
const STEM = 8;

/** One line of at most so many characters: its longest words, which are names, are shortened, and its numbers stay whole. */
export function shortened(text: string, limit: number): string {
  const words = text.split(' ');
  for (let over = text.length - limit; over > 0; over = words.join(' ').length - limit) {
    const longest = words.reduce((a, word, i) => (word.length > (words[a]?.length ?? 0) ? i : a), 0);
    const word = words[longest] ?? '';
    if (word.length <= STEM + 3) break;
    words[longest] = `${word.slice(0, Math.max(STEM, word.length - over - 2))}..`;
  }
  return words.join(' ').slice(0, limit);
}
