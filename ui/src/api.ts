import { QueryClient, useQuery } from '@tanstack/react-query';
import type { Answers } from '../../src/api/answers.ts';
import { refresh } from './settings.ts';
import { onTokenChange, refuse, token, tokenOfOtherTab } from './token.ts';

/** An answer without data: what went wrong, and whether a token would help. */
export class ApiProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Options {
  readonly method?: string;
  readonly body?: object;
}

/** Asks the API. Where it wants a token and this tab has none, that of another tab is used. @throws ApiProblem */
export async function ask<T>(path: string, options: Options = {}): Promise<T> {
  const own = token();
  let response = await send(path, options, own);
  if (response.status === 401) {
    if (own !== undefined) refuse(own);
    const other = token() ?? (await otherTab());
    if (other !== undefined && other !== own) response = await send(path, options, other);
  }
  const text = await response.text();
  if (!response.ok) {
    const { detail, title } = jsonOf(text) as { detail?: string; title?: string };
    throw new ApiProblem(response.status, detail ?? title ?? `answered ${response.status}`);
  }
  return (text ? JSON.parse(text) : undefined) as T;
}

function send(path: string, { method, body }: Options, own: string | undefined): Promise<Response> {
  const headers = {
    ...(own === undefined ? {} : { authorization: `Bearer ${own}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) }).catch(() => {
    throw new ApiProblem(0, 'pgmon does not answer. Is it running?');
  });
}

let asking: Promise<string | undefined> | undefined;

/** Asked once for all that want it at a time. */
function otherTab(): Promise<string | undefined> {
  asking ??= tokenOfOtherTab().finally(() => {
    asking = undefined;
  });
  return asking;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

export type Params = Readonly<Record<string, string | number | undefined>>;

/** The path with its `{name}` filled in, and the other parameters behind it. */
export function pathOf(endpoint: string, params: Params): string {
  const path = endpoint.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const query = new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) =>
      value === undefined || value === '' || endpoint.includes(`{${name}}`) ? [] : [[name, String(value)]],
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
  /** The data is of the time that was shown before, until the answer for the new one is there. */
  readonly pending: boolean;
  readonly reload: () => void;
}

/** All answers of the page. What failed is asked again at the next interval, not before. */
export const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, networkMode: 'always', staleTime: 2_000 } },
});

// Another reader may see other things: nothing of the one before stays.
onTokenChange(() => void queries.resetQueries());

/**
 * The answer to a question, asked again every so often; of the same target, the old answer stays until the new one is there.
 *
 * @param askFor how it is asked, where several questions become one
 */
export function useApi<P extends keyof Answers>(
  endpoint: P,
  params: Params,
  everyMs = 15_000,
  askFor: () => Promise<Answers[P]> = () => ask(pathOf(endpoint, params)),
): Answer<Answers[P]> {
  const path = pathOf(endpoint, params);
  const paused = refresh.use() === 'paused';
  const scope = [endpoint, params['cluster'], params['db']] as const;
  const { data, error, isPlaceholderData } = useQuery<Answers[keyof Answers]>({
    queryKey: [...scope, path],
    queryFn: askFor,
    refetchInterval: paused || isPast(params) ? false : everyMs,
    refetchOnWindowFocus: !paused,
    refetchOnReconnect: !paused,
    placeholderData: (before, query) => (scope.every((part, i) => query?.queryKey[i] === part) ? before : undefined),
  });
  return {
    // The question says which endpoint's answer it is.
    data: data as Answers[P] | undefined,
    problem: error === null ? undefined : problemOf(error),
    pending: isPlaceholderData,
    reload: () => void queries.invalidateQueries({ refetchType: 'active' }),
  };
}

function problemOf(error: unknown): ApiProblem {
  return error instanceof ApiProblem ? error : new ApiProblem(0, 'The answer is unreadable.');
}

/** What is asked about ended before now: its answer stays what it is. */
function isPast({ at, to }: Params): boolean {
  const end = at ?? to;
  return typeof end === 'string' && Date.parse(end) < Date.now() - 120_000;
}
