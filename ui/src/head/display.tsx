import { Popover } from '@base-ui/react/popover';
import type { ReactNode } from 'react';
import { zoneName } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { useNarrow } from '../parts/narrow.ts';
import type { Setting } from '../setting.ts';
import { theme, zone } from '../settings.ts';
import { signOut, useSignedIn } from '../token.ts';

/** The zone of all times, and what else is kept of how the page looks. */
export function Display({ children }: { children?: ReactNode }) {
  const narrow = useNarrow();
  return (
    <Popover.Root>
      <Popover.Trigger className="icon-text" aria-label={`Display: times are ${zoneName()}`}>
        <Icon name="gear" />
        {!narrow && zoneName()}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" collisionPadding={8} className="over-head">
          <Popover.Popup className="popup display">
            {children}
            <ZoneChoice />
            <ThemeChoice />
            <SignOut />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Of all times of the page. */
export function ZoneChoice() {
  const local = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Choice
      title="Time zone"
      setting={zone}
      options={[
        { value: 'local', label: `Local (${local})` },
        { value: 'utc', label: 'UTC' },
      ]}
    />
  );
}

/** Of the whole page. */
export function ThemeChoice() {
  return (
    <Choice
      title="Colors"
      setting={theme}
      options={[
        { value: 'system', label: 'As the system' },
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
      ]}
    />
  );
}

function SignOut() {
  if (!useSignedIn()) return null;
  return (
    <button type="button" onClick={signOut} title="Ends the session of all tabs of this browser">
      Sign out
    </button>
  );
}

interface ChoiceProps<T extends string> {
  readonly title: string;
  readonly setting: Setting<T>;
  readonly options: readonly { readonly value: T; readonly label: string }[];
}

/** One of few, all in sight. */
function Choice<T extends string>({ title, setting, options }: ChoiceProps<T>) {
  const chosen = setting.use();
  return (
    <fieldset className="choice">
      <legend>{title}</legend>
      {options.map(({ value, label }) => (
        <label key={value}>
          <input type="radio" name={title} checked={value === chosen} onChange={() => setting.set(value)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
