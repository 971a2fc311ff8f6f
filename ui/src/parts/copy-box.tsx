import './copy-box.css';
import { useRef } from 'react';
import { copyText, useCopy } from './use-copy.ts';

/** A statement to run elsewhere, with a button that copies it. */
export function CopyBox({ text, label }: { text: string; label: string }) {
  const code = useRef<HTMLElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { done, copy } = useCopy(button, code);
  return (
    <div className="copy-box">
      <code ref={code}>{text}</code>
      <button ref={button} type="button" onClick={() => void copy(text)} aria-label={`Copy: ${label}`}>
        {copyText(done)}
      </button>
    </div>
  );
}
