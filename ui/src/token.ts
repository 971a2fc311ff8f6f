import { useSyncExternalStore } from 'react';

/**
 * The token of the reader. Each tab keeps it as long as the tab lives, and never on disk beyond that; a new tab asks the other ones
 * of this browser for it, so that a link that is opened in a second tab needs no second log-in. Once the last tab is closed, it is gone.
 */
const KEY = 'pgmon-token';

/** Other tabs answer within a few milliseconds; without one nobody does. */
const ANSWER_MS = 400;

type Message =
  | { readonly kind: 'asked' }
  | { readonly kind: 'given'; readonly token: string }
  | { readonly kind: 'signed out' };

const tabs = new BroadcastChannel(KEY);
const readers = new Set<() => void>();
let onChange = () => {};
let refused = false;

export function token(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** Whether this tab has a token. */
export function useSignedIn(): boolean {
  return useSyncExternalStore(
    (changed) => {
      readers.add(changed);
      return () => readers.delete(changed);
    },
    () => token() !== undefined,
  );
}

/** @param changed called when another tab signs in or out */
export function onTokenChange(changed: () => void): void {
  onChange = changed;
}

/** Whether the last token was refused: it is not sent again, as wrong ones are counted. */
export function isRefused(): boolean {
  return refused;
}

/** Forgets a token that was refused, unless another one came meanwhile. */
export function refuse(text: string): void {
  if (token() !== text) return;
  refused = true;
  keep(undefined);
}

export function signIn(text: string): void {
  refused = false;
  keep(text);
  say({ kind: 'given', token: text });
}

/** Ends the session of all tabs of this browser. */
export function signOut(): void {
  keep(undefined);
  say({ kind: 'signed out' });
  onChange();
}

/** The token of another tab; undefined where none has one. */
export async function tokenOfOtherTab(): Promise<string | undefined> {
  say({ kind: 'asked' });
  return await new Promise((resolve) => {
    const done = (found: string | undefined) => {
      clearTimeout(timer);
      tabs.removeEventListener('message', listen);
      resolve(found);
    };
    const listen = ({ data }: MessageEvent<Message>) => {
      if (data.kind === 'given') done(data.token);
    };
    const timer = setTimeout(() => done(undefined), ANSWER_MS);
    tabs.addEventListener('message', listen);
  });
}

function say(message: Message): void {
  tabs.postMessage(message);
}

function keep(text: string | undefined): void {
  if (text === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, text);
  for (const changed of readers) changed();
}

tabs.addEventListener('message', ({ data }: MessageEvent<Message>) => {
  const own = token();
  if (data.kind === 'asked' && own !== undefined) say({ kind: 'given', token: own });
  if (data.kind === 'given' && own === undefined) {
    keep(data.token);
    onChange();
  }
  if (data.kind === 'signed out') {
    keep(undefined);
    onChange();
  }
});
