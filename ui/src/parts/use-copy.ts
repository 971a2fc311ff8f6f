import { type RefObject, useEffect, useRef, useState } from 'react';

/** What became of a copy: it is in the clipboard; or it is selected, for the reader to copy; or neither was possible. */
export type Copied = 'copied' | 'selected' | 'failed';

/** How long a button says what became of it. */
const SAID_MS = 3_000;

/**
 * Copies a text. Browsers give pages their clipboard only over https and on loopback: elsewhere it is copied as a selection is, and
 * where that is refused, too, what is shown is left selected.
 *
 * @param shown the element that shows the text, if one does
 * @param near an element beside which another may be put for a moment: a dialog takes the focus from all outside of it
 */
export function useCopy(near: RefObject<HTMLElement | null>, shown?: RefObject<HTMLElement | null>) {
  const [done, setDone] = useState<Copied>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (text: string) => {
    const became = await copied(text, near.current, shown?.current);
    setDone(became);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(undefined), SAID_MS);
  };
  return { done, copy };
}

async function copied(text: string, near: HTMLElement | null, shown: HTMLElement | null | undefined): Promise<Copied> {
  try {
    // Undefined over http, whatever its type says.
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    if (near && copiedAsSelection(text, near)) return 'copied';
    if (!shown) return 'failed';
    window.getSelection()?.selectAllChildren(shown);
    return 'selected';
  }
}

/** The only way that an http page has. It is deprecated, and all browsers still do it. */
function copiedAsSelection(text: string, near: HTMLElement): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.className = 'unseen';
  field.value = text;
  field.readOnly = true;
  near.after(field);
  field.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}

/** What a button says of it. */
export function copyText(done: Copied | undefined): string {
  return { copied: 'Copied', selected: 'Selected', failed: 'Not allowed', none: 'Copy' }[done ?? 'none'];
}
