import { effectiveRules } from '../alerts/effective.ts';
import { evaluateRules } from '../alerts/engine.ts';
import { valueText } from '../alerts/format.ts';
import type { PreparedRule } from '../alerts/prepare.ts';
import { emptyRuleHistory } from '../alerts/state.ts';
import type { Transition } from '../alerts/transition.ts';
import { catalogOf } from '../collectors/catalog.ts';
import { collectorsOf } from '../collectors/index.ts';
import { LOOPS } from '../config/loop.ts';
import type { Config } from '../config/schema.ts';
import { SendError } from '../notify/channel.ts';
import { messageOf } from '../notify/message.ts';
import { readChannels, readConfig, readTargets } from './config-file.ts';
import { CommandFailure, EXIT, type ExitCode, exitCodeOf } from './exit.ts';
import { printJson, printTable, printText } from './output.ts';
import { passOnce } from './pass-once.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** Every rule as it would run, with its thresholds and where they come from. */
export function alertsListCommand(options: Options): void {
  const rules = rulesOf(readConfig(options.config));
  if (options.json) {
    printJson(rules.map(({ parsed: _, lookbacks: __, metrics: ___, parsedFigures: ____, ...rule }) => rule));
    return;
  }
  printTable(
    ['Rule', 'Loop', 'Fires', 'For', 'From'],
    rules.map((rule) => [
      `${rule.id}${rule.enabled ? '' : ' (off)'}`,
      rule.loop,
      firesText(rule),
      rule.forSeconds ? valueText(rule.forSeconds, 'Seconds') : 'at once',
      rule.origin,
    ]),
  );
}

function rulesOf(config: Config): readonly PreparedRule[] {
  return effectiveRules(config.alerts, catalogOf(collectorsOf(config))).rules;
}

function firesText({ comparison, thresholds, baseline, unit }: PreparedRule): string {
  if (baseline) {
    return `${baseline.severity}: ${baseline.sigmas} σ above the usual, and ${valueText(baseline.atLeast, unit)}`;
  }
  return Object.entries(thresholds)
    .map(([severity, value]) => `${severity} ${comparison} ${valueText(value, unit)}`)
    .join(', ');
}

/** Sends a message that is marked as a test through the channels themselves, and says what each receiver answered. */
export async function alertsTestCommand(
  options: Options & { readonly channel?: string; readonly rule?: string },
): Promise<ExitCode> {
  const config = readConfig(options.config);
  const all = readChannels(config);
  const channels = all.filter(({ name }) => !options.channel || name === options.channel);
  if (channels.length === 0) {
    const known = all.map(({ name }) => name).join(', ');
    throw new CommandFailure(
      EXIT.usage,
      options.channel
        ? `no channel is named ${options.channel}${known ? `: ${known} are configured` : ''}`
        : 'no channels configured: see notifiers in docs/configuration.md',
    );
  }
  const rules = rulesOf(config);
  const rule = rules.find(({ id }) => id === (options.rule ?? 'connection_saturation'));
  if (!rule) throw new CommandFailure(EXIT.usage, `no rule is named ${options.rule}: pgmon alerts list prints all`);
  const message = messageOf(testTransition(rule, config), rule.unit, config.notifiers.page_url);
  const results = await Promise.all(
    channels.map(async (channel) => {
      try {
        return { channel: channel.name, ok: true, answer: await channel.send(message) };
      } catch (error) {
        if (!(error instanceof SendError)) throw error;
        return { channel: channel.name, ok: false, answer: error.message };
      }
    }),
  );
  if (options.json) printJson({ ok: results.every(({ ok }) => ok), results });
  else
    printTable(
      ['', 'Channel', 'Answer'],
      results.map(({ channel, ok, answer }) => [ok ? 'OK' : 'ERROR', channel, answer]),
    );
  return results.every(({ ok }) => ok) ? EXIT.done : EXIT.found;
}

function testTransition(rule: PreparedRule, config: Config): Transition {
  const at = new Date().toISOString();
  return {
    id: `test-${Date.now().toString(36)}`,
    fingerprint: `test-${rule.id}`,
    kind: 'test',
    at,
    cluster: config.targets[0]?.cluster ?? 'test',
    rule: rule.id,
    title: rule.title,
    severity: 'info',
    labels: {},
    since: at,
    headline: `a test of pgmon, nothing is wrong (${rule.title})`,
    message: `This is a test of pgmon: nothing is wrong. A real alert "${rule.title}" looks like this`,
    action: rule.action,
    panel: rule.panel,
  };
}

/** Evaluates every rule once, now, without waiting for its `for`. Rules over a range or a baseline need more than one pass. */
export async function alertsCheckCommand(options: Options): Promise<ExitCode> {
  const config = readTargets(options.config);
  const rules = rulesOf(config).filter(({ enabled }) => enabled);
  const firing: Transition[] = [];
  const faults: { readonly cluster: string; readonly rule: string; readonly reason: string }[] = [];
  const unread: ExitCode[] = [];
  for (const loop of LOOPS) {
    const own = rules.filter((rule) => rule.loop === loop || rule.loop === 'every');
    for (const snapshot of await passOnce(loop, config)) {
      if (snapshot.problem) unread.push(exitCodeOf(snapshot.problem.kind));
      const evaluated = evaluateRules({
        cluster: snapshot.cluster,
        rules: own.map((rule) => ({ ...rule, forSeconds: 0 })),
        samples: snapshot.samples,
        up: snapshot.up,
        problem: snapshot.problem?.message,
        hasData: () => true,
        alerts: {},
        history: emptyRuleHistory,
        at: Date.parse(snapshot.takenAt) / 1_000,
        intervalSeconds: 60,
        repeatSeconds: 3_600,
        suppressedBy: () => undefined,
        acknowledged: () => false,
        offenderOf: () => undefined,
      });
      firing.push(...evaluated.transitions);
      faults.push(...evaluated.faults.map((fault) => ({ cluster: snapshot.cluster, ...fault })));
    }
  }
  const ok = firing.length === 0 && faults.length === 0;
  if (options.json) {
    printJson({ ok, firing, faults });
  } else if (ok) {
    printText('no alerts fire');
  } else {
    printTable(
      ['Severity', 'Target', 'Rule', 'Message'],
      [
        ...firing.map(({ severity, cluster, rule, message, action }) => [
          severity,
          cluster,
          rule,
          `${message}\n→ ${action}`,
        ]),
        ...faults.map(({ cluster, rule, reason }) => ['unknown', cluster, rule, reason]),
      ],
    );
  }
  return unread.reduce<ExitCode>((worst, code) => (code > worst ? code : worst), ok ? EXIT.done : EXIT.found);
}
