import { useRef } from 'react';
import { Icon } from './icon.tsx';
import { copyText, useCopy } from './use-copy.ts';

/** Copies a text, and says that it did. @param what is copied, for whoever does not see where the button stands */
export function Copy({ text, what }: { text: string | (() => string); what: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const { done, copy } = useCopy(button);
  return (
    <button
      ref={button}
      type="button"
      className="small"
      onClick={() => void copy(typeof text === 'string' ? text : text())}
      title={done === 'failed' ? 'The browser lets this page not copy: select the text, and copy it.' : undefined}
    >
      <Icon name={done === 'copied' ? 'done' : 'copy'} /> {copyText(done)}
      <span className="unseen"> {what}</span>
    </button>
  );
}
