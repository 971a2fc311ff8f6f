import './copy-box.css';
import { useEffect, useRef, useState } from 'react';

/** A statement to run elsewhere, with a button that copies it. Where the browser does not let a page copy, it is selected. */
export function CopyBox({ text, label }: { text: string; label: string }) {
  const code = useRef<HTMLElement>(null);
  const [done, setDone] = useState<'copied' | 'selected'>();
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(undefined), 3_000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone('copied');
    } catch {
      if (code.current) window.getSelection()?.selectAllChildren(code.current);
      setDone('selected');
    }
  };
  return (
    <div className="copy-box">
      <code ref={code}>{text}</code>
      <button type="button" onClick={() => void copy()} aria-label={`Copy: ${label}`}>
        {done === 'copied' ? 'Copied' : done === 'selected' ? 'Selected' : 'Copy'}
      </button>
    </div>
  );
}
