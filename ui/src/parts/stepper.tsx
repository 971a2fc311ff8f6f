import './stepper.css';
import type { ReactNode } from 'react';

interface StepperProps {
  /** What is stepped through: `pass with waiters`. */
  readonly what: string;
  readonly children: ReactNode;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

/** One step back or on in time; a button without a step is disabled. */
export function Stepper({ what, children, onPrevious, onNext }: StepperProps) {
  return (
    <fieldset className="stepper" aria-label={`Step to another ${what}`}>
      <button type="button" disabled={!onPrevious} onClick={onPrevious} aria-label={`Previous ${what}`}>
        ←
      </button>
      <span>{children}</span>
      <button type="button" disabled={!onNext} onClick={onNext} aria-label={`Next ${what}`}>
        →
      </button>
    </fieldset>
  );
}
