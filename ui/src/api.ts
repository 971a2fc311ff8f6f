import { useEffect, useState } from 'react';
import type { Answers } from '../../src/api/answers.ts';

const TOKEN = 'pgmon-token';

/** An answer without data: what went wrong, and whether a token would help. */
export class ApiProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function setToken(token: string): void {
  sessionStorage.setItem(TOKEN, token);
}

function headers(): Record<string, string> {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { authorization: `Bearer ${token}` } : {};
}

/** Asks the API. @throws ApiProblem */
export async function ask<T>(path: string, options: { method?: string; body?: object } = {}): Promise<T> {
  const response = await fetch(`/api/v1${path}`, {
    method: options.method,
    headers: options.body ? { ...headers(), 'content-type': 'application/json' } : headers(),
    body: options.body && JSON.stringify(options.body),
  }).catch(() => {
    throw new ApiProblem(0, 'pgmon does not answer. Is it running?');
  });
  const text = await response.text();
  if (!response.ok) {
    const { detail, title } = jsonOf(text) as { detail?: string; title?: string };
    throw new ApiProblem(response.status, detail ?? title ?? `answered ${response.status}`);
  }
  return (text ? JSON.parse(text) : undefined) as T;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

export type Params = Readonly<Record<string, string | number | undefined>>;

function pathOf(path: string, params: Params): string {
  const query = new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  );
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** What an endpoint answers: it follows from the API's own schemas. */
export type { Answers, ListRows, Meta } from '../../src/api/answers.ts';

export interface Answer<T> {
  readonly data: T | undefined;
  readonly problem: ApiProblem | undefined;
  readonly reload: () => void;
}

/** The answer to a question, asked again every so often; the old answer stays until the new one is there. */
export function useApi<P extends keyof Answers>(endpoint: P, params: Params, everyMs = 15_000): Answer<Answers[P]> {
  const path = pathOf(endpoint, params);
  const [state, setState] = useState<{ path?: string; data?: Answers[P]; problem?: ApiProblem }>({});
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round repeats the request
  useEffect(() => {
    let gone = false;
    const load = () =>
      ask<Answers[P]>(path)
        .then((data) => {
          if (!gone) setState({ path, data });
        })
        .catch((error: unknown) => {
          const problem = error instanceof ApiProblem ? error : new ApiProblem(0, 'The answer is unreadable.');
          if (!gone) setState((old) => ({ path, problem, data: old.path === path ? old.data : undefined }));
        });
    void load();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void load();
    }, everyMs);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [path, everyMs, round]);
  const same = state.path === path;
  return {
    data: same ? state.data : undefined,
    problem: same ? state.problem : undefined,
    reload: () => setRound((now) => now + 1),
  };
}
