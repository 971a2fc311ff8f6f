import { useState } from 'react';
import { Icon } from './icon.tsx';

/** Copies a text, and says for two seconds that it did. @param what is copied, for whoever does not see where the button stands */
export function Copy({ text, what }: { text: string | (() => string); what: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
    setDone(true);
    setTimeout(() => setDone(false), 2_000);
  };
  return (
    <button type="button" className="small" onClick={() => void copy()}>
      <Icon name={done ? 'done' : 'copy'} /> {done ? 'Copied' : 'Copy'}
      <span className="unseen"> {what}</span>
    </button>
  );
}
