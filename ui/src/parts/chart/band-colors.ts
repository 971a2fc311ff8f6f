/** Tokens of what has the same color on every chart, for good. */
const FIXED: Readonly<Record<string, string>> = {
  CPU: '--wait-cpu',
  IO: '--wait-io',
  Lock: '--wait-lock',
  LWLock: '--wait-lwlock',
  BufferPin: '--wait-bufferpin',
  Client: '--wait-client',
  IPC: '--wait-ipc',
  Timeout: '--wait-timeout',
  Extension: '--wait-extension',
  Activity: '--wait-activity',
  active: '--wait-cpu',
  idle: '--wait-client',
  'idle in transaction': '--wait-lwlock',
  'idle in transaction (aborted)': '--wait-lock',
  'fastpath function call': '--wait-ipc',
  'background process': '--wait-activity',
  disabled: '--series-rest',
  unknown: '--series-rest',
};

const OTHERS = 10;

/** Series' tokens that look like one of the above: on one chart only one of the two is used. */
const TWINS: Readonly<Record<string, string>> = {
  '--wait-io': '--series-1',
  '--wait-lwlock': '--series-2',
  '--wait-ipc': '--series-3',
  '--wait-activity': '--series-4',
  '--wait-extension': '--series-5',
  '--wait-bufferpin': '--series-7',
  '--wait-cpu': '--series-8',
  '--wait-timeout': '--series-10',
};

/** Tokens of one wait event type: its own, and two beside it, for its events. */
const SHADES = ['', '-2', '-3'];

/** The same number for the same text, in every browser. */
function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return hash >>> 0;
}

/** The token of each name's color: its own for good; of two with the same one, the later in the alphabet takes the next. */
export function colorTokens(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const tokens = new Map<string, string>();
  for (const name of names) {
    const twin = TWINS[FIXED[name] ?? ''];
    if (twin) taken.add(twin);
  }
  for (const name of [...names].sort()) {
    const [type] = /^\w+(?=: )/.exec(name) ?? [];
    const ofType = type === undefined ? undefined : FIXED[type];
    if (ofType) {
      const start = hashOf(name);
      const shades = SHADES.map((_, i) => `${ofType}${SHADES[(start + i) % SHADES.length]}`);
      const shade = shades.find((one) => !taken.has(one)) ?? shades[0] ?? ofType;
      taken.add(shade);
      tokens.set(name, shade);
      continue;
    }
    const fixed =
      (Object.hasOwn(FIXED, name) ? FIXED[name] : undefined) ??
      (/^\d+ others$/.test(name) || name === '–' ? '--series-rest' : undefined);
    let token = fixed ?? `--series-${(hashOf(name) % OTHERS) + 1}`;
    for (let i = 1; fixed === undefined && taken.has(token) && i < OTHERS; i++) {
      token = `--series-${((hashOf(name) + i) % OTHERS) + 1}`;
    }
    taken.add(token);
    tokens.set(name, token);
  }
  return tokens;
}
