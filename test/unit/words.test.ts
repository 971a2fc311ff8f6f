import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const SELF = join('test', 'unit', 'words.test.ts');

/** Everything that people write: code, comments, tests, SQL, page, documentation. */
const lines = globSync(
  [
    '{src,lib,lambdas,bin,bench,sql,docs}/**/*.{ts,mjs,sql,md}',
    'test/{browser,chaos,e2e,fuzz,infra,integration,support,unit}/**/*.ts',
    'ui/src/**/*.{ts,tsx,css}',
    '*.{md,yaml}',
  ],
  { cwd: ROOT },
)
  .filter((path) => path !== SELF)
  .flatMap((path) =>
    [path, ...readFileSync(join(ROOT, path), 'utf8').split('\n')].map((line, i) => ({ path, line, i })),
  );

/** A word of our own, the field's word for it, and where the first is a public name or plain English. */
const words: readonly [own: RegExp, field: string, allowed?: RegExp][] = [
  [/\btold\b|ToldStore/i, 'notified, delivery receipt'],
  [/\b(owed|unsaved|Outgoing)\b/, 'outbox, outbox entry'],
  [/keeper|\.keep\(/i, 'sink, write'],
  [/\b(Memories|MemoryStore|AlertMemory)\b|\bremember(s|ed)?\b|(alert|keys\.)[mM]emory/i, 'state, loop state'],
  [/\bjudg(e|es|ed|ing)\b/i, 'evaluate'],
  [/\b(stepped|waited|announce)\(/, 'advance, onNoData, transition'],
  [
    /culprit/i,
    'offender, cause',
    /\bculprit: (offender\b|offenderSchema|readable\b|\{)|\.culprit\b|\bculprit, \.\.\.|\{ culprit \}|\['culprit'\]/,
  ],
  [/lateness/i, 'staleness, lag', /pgmon_(hot|loop)_lateness_ratio/],
  [/\bresting\b/i, 'backing off'],
  [
    /degraded/i,
    'backing off',
    /(pgmon_)?collectors?_degraded|\bdegraded[:?,)]|\.degraded\b|\bdegraded \?|\['degraded'\]|\bdegraded \}|!degraded/,
  ],
  [/\bblind(ness)?\b/i, 'limited visibility'],
  [/\b(settle|derive|digest|extract)\(/, 'transform', /\.digest\(|extract\(epoch/],
  [/withheld|\bNoRate\b/, 'no rate, with its reason'],
  [/\bvisit(s|ed|ing)?\b|\bdatabase turn/i, 'database scan'],
  [/\bplace(Key|Of)\b|scope-?place/i, 'scope key'],
  [/\badmit(s|ted)?\b|\bguard(s|ed)?\b/i, 'privilege check'],
  [/\b(Levels|levelOf|levelsOf)\b/, 'severities'],
  [/\bcalm\b/i, 'keep_firing_for'],
  [/telling/i, 'essential', /'telling'|metrics: telling|`telling`|telling: the former name/],
  [/brief-?cache/i, 'micro-cache'],
  [/last-?resort/i, 'exit hooks'],
  [/\bbulky\b/i, 'large'],
  [/\btaken on\b/i, 'acknowledged'],
  [/\bg(iven|ives?|ave|iving) up\b/i, 'expired, timed out'],
  [/\b(Vector)?Element\b/, 'sample, series', /JSX\.Element/],
  [/95 % end|\(an estimate\)/, 'p95 latency (estimated)'],
  [/\bCourse\b/, 'Trend'],
  [/\bLook (further|at|whether|for)\b|>Look</, 'Open, check, investigate'],
  [/Nothing fires/, 'No open alerts.'],
  [/At work now/, 'Running now'],
  [/What lets it/, 'To allow it:'],
  [/\bholds up\b/, 'blocks'],
  [/\bthere twice\b/i, 'duplicate'],
  [/Behind, in seconds/, 'Replay lag'],
  [/Not needed \(/, 'Bloat'],
  [/\bused up\b/i, 'used'],
  [/\bAgent\b|AgentView/, 'Collector health'],
  [/\banew\b|\b(goes|going) on\b|\bgo on (there|from)\b/i, 'restarts, continues, again'],
];

test.each(words)('%s: the field says %s', (own, _, allowed) => {
  const found = lines.filter(({ line }) => own.test(line) && !allowed?.test(line));
  expect(found.map(({ path, line, i }) => `${path}:${i}: ${line.trim()}`)).toEqual([]);
});
