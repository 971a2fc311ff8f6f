import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EngineInput } from '../../../src/alerts/engine.ts';
import { SEVERITIES, type Severity } from '../../../src/alerts/rule.ts';
import type { Transition } from '../../../src/alerts/transition.ts';
import { correlate } from '../../../src/incidents/correlate.ts';
import type { Incident } from '../../../src/incidents/incident.ts';
import { Passes, ruleOf, sample } from '../alerts/support.ts';

const CHANNELS: Readonly<Record<Severity, string>> = { info: 'all', warning: 'mail', critical: 'pager' };
type ChannelsFor = (clusters: readonly string[], severity: Severity) => readonly string[];
const channelsFor: ChannelsFor = (_, severity) =>
  SEVERITIES.slice(0, SEVERITIES.indexOf(severity) + 1).map((floor) => CHANNELS[floor]);

const blocked = (seconds: number) => [sample('pg_longest_blocked_seconds', seconds)];

/** The engine, and behind it the incidents: what receivers get, pass by pass. */
class Received extends Passes {
  readonly messages: { readonly transition: Transition; readonly channels: readonly string[] }[] = [];
  incidents: readonly Incident[] = [];

  receive(count: number, samples: Parameters<Passes['pass']>[0], options: Partial<EngineInput> = {}, to = channelsFor) {
    for (let i = 0; i < count; i++) {
      const { at } = this;
      const transitions = this.pass(samples, options);
      const result = correlate(this.incidents, transitions, {
        at,
        rules: new Map(this.rules.map((rule) => [rule.id, rule])),
        groupSeconds: 300,
        waitSeconds: 0,
        intervalSeconds: 15,
        repeatSeconds: 3_600,
        paceOf: () => 15,
        channelsFor: to,
        acknowledged: new Map(),
      });
      this.incidents = JSON.parse(JSON.stringify(result.incidents));
      this.messages.push(...result.announcements.map(({ announcement }) => announcement));
    }
  }

  of(channel: string): string[] {
    return this.messages
      .filter(({ channels }) => channels.includes(channel))
      .map(({ transition: { kind, severity } }) => `${kind} ${severity}`);
  }
}

test('[B3] critical, then a warning, then over: the pager hears of the beginning and the end', () => {
  const passes = new Received([ruleOf('blocking_locks')]);
  passes.receive(1, blocked(200));
  passes.receive(12, blocked(60));
  passes.receive(12, blocked(0));
  expect(passes.of('pager')).toEqual(['firing critical', 'resolved critical']);
});

test('[B3] what fell to a lower severity while it cleared, unheard because of a silence, ends unheard', () => {
  const passes = new Received([ruleOf('blocking_locks', { rules: { blocking_locks: { info: 10, for: '20s' } } })]);
  const silent = { suppressedBy: () => 'silence' };
  passes.receive(2, blocked(200), silent);
  passes.receive(1, blocked(40), silent);
  passes.receive(30, blocked(0));
  expect(passes.messages).toEqual([]);
});

test('[B3] a channel whose floor was raised meanwhile hears the end of what it heard; a new one does not', () => {
  const passes = new Received([ruleOf('blocking_locks')]);
  passes.receive(1, blocked(40), {}, () => ['old']);
  passes.receive(20, blocked(0), {}, () => ['new']);
  expect(passes.messages.map(({ channels }) => channels)).toEqual([['old'], ['old']]);
});

test('[B3] over any sequence: firing heard, then resolved heard, exactly once, and none without the other', () => {
  const rule = ruleOf('blocking_locks', { rules: { blocking_locks: { info: 10, for: '20s' } } });
  const step = fc.record({
    value: fc.constantFrom(0, 0, 40, 200, 40, 0),
    passes: fc.constantFrom(1, 2, 3, 9, 30),
    quiet: fc.boolean(),
    sees: fc.constantFrom('data', 'data', 'data', 'nothing', 'down'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const passes = new Received([rule]);
      for (const { value, passes: count, quiet, sees } of steps) {
        passes.receive(count, sees === 'down' ? undefined : blocked(value), {
          hasData: () => sees === 'data',
          suppressedBy: () => (quiet ? 'silence' : undefined),
        });
      }
      // Everything is well again, nobody is silenced, and it stays so for as long as one that came and went waits.
      passes.receive(60, blocked(0));
      for (const channel of Object.values(CHANNELS)) {
        let open = false;
        for (const { transition, channels } of passes.messages) {
          if (!channels.includes(channel)) continue;
          if (transition.kind === 'resolved') expect([channel, open]).toEqual([channel, true]);
          if (transition.kind === 'firing') expect([channel, open]).toEqual([channel, false]);
          open = transition.kind !== 'resolved';
        }
        expect([channel, open]).toEqual([channel, false]);
      }
      expect(passes.incidents).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 60_000);
