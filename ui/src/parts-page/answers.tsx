import type { ReactNode } from 'react';
import { type Answer, ApiProblem, type Meta } from '../api.ts';
import { Loaded, Panel } from '../parts/panel.tsx';

const META: Meta = {
  cluster: 'shop',
  at: null,
  taken_at: '2026-11-22T03:12:00Z',
  age_seconds: 4,
  stale: false,
  notes: [],
};

const answer = (meta: Partial<Meta> | undefined, problem?: ApiProblem, pending = false): Answer<Meta> => ({
  data: meta && { ...META, ...meta },
  problem,
  pending,
  reload: () => {},
});

const STATES: readonly { readonly title: string; readonly answer: Answer<Meta> }[] = [
  { title: 'Data', answer: answer({}) },
  { title: 'Loading', answer: answer(undefined) },
  { title: 'Another time is on its way', answer: answer({}, undefined, true) },
  {
    title: 'Failed before there was data',
    answer: answer(undefined, new ApiProblem(0, 'pgmon does not answer. Is it running?')),
  },
  { title: 'Failed after', answer: answer({}, new ApiProblem(500, 'The table does not answer.')) },
  { title: 'A token is needed', answer: answer(undefined, new ApiProblem(401, 'A token is missing.')) },
  { title: 'The first pass is running', answer: answer({ taken_at: null, age_seconds: null }) },
  { title: 'Late', answer: answer({ stale: true, age_seconds: 72 }) },
  {
    title: 'The server does not answer',
    answer: answer({ stale: true, age_seconds: 372, problem: 'connection refused' }),
  },
  { title: 'A moment, of lists kept by the hour', answer: answer({ at: '2026-11-22T03:40:00Z', age_seconds: 1_680 }) },
  {
    title: 'Before the data begins',
    answer: answer({ at: '2026-11-01T00:00:00Z', taken_at: null, age_seconds: null, since: '2026-11-20T08:00:00Z' }),
  },
  {
    title: 'Something is missing',
    answer: answer({
      notes: [
        {
          collector: 'sequences',
          database: 'shop',
          status: 'ok',
          reason: '1 of 1 sequences are unreadable',
          hint: 'GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon;',
        },
      ],
    }),
  },
];

/** A panel in each state of its answer. */
export function Answers(): ReactNode {
  return (
    <div className="columns">
      {STATES.map(({ title, answer: state }) => (
        <Panel key={title} title={title} sql={['activity']}>
          <Loaded answer={state}>{() => <p className="empty good">No session is waiting for a lock.</p>}</Loaded>
        </Panel>
      ))}
    </div>
  );
}
