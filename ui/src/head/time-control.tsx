import { Popover } from '@base-ui/react/popover';
import { useState } from 'react';
import { rangeText, shortClock, zoneName } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { useNarrow } from '../parts/narrow.ts';
import { useRoute } from '../route.ts';
import { instantOf, MOST_SECONDS, RANGES, type Time, useTime } from '../time.ts';
import { fromInput, toInput } from './time-input.ts';

/** The one control of the time that the page shows: ranges up to now, any range, any moment. */
export function TimeControl() {
  const time = useTime();
  const { params } = useRoute();
  const [open, setOpen] = useState(false);
  const narrow = useNarrow();
  const label = labelOf(time, params['from'] ?? '-1h');
  const shown = !narrow ? label : time.isNow ? time.from.slice(1) : label.replace('Around ', '');
  return (
    <div className="time-control">
      {!narrow && (
        <button type="button" className="icon-button" aria-label="Earlier" title="Earlier" onClick={time.earlier}>
          <Icon name="earlier" />
        </button>
      )}
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger
          className="icon-text time"
          aria-label={`Time range: ${label}${shown === label ? '' : `, ${shown}`}`}
        >
          <Icon name="clock" />
          <span className="time-label">{shown}</span>
          {!narrow && <Icon name="down" />}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Positioner sideOffset={6} align="end" collisionPadding={8} className="over-head">
            <Popover.Popup className="popup times" aria-label="Time range">
              <Choices time={time} onDone={() => setOpen(false)} />
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
      {!narrow && (
        <button
          type="button"
          className="icon-button"
          aria-label="Later"
          title="Later"
          disabled={time.to === 'now'}
          onClick={time.later}
        >
          <Icon name="later" />
        </button>
      )}
    </div>
  );
}

/** A range up to now by its length, any other by its ends. */
function labelOf({ from, to, isNow, at }: Time, asked: string): string {
  if (isNow) {
    const known = RANGES.find((range) => range.from === from);
    if (known) return `Last ${known.label.replace(/^1 /, '')}`;
  }
  const [start, end, moment] = [instantOf(from), instantOf(to), instantOf(at)];
  if (!start || !end) return asked;
  if (moment && asked.startsWith('-')) return `Around ${shortClock(moment)}`;
  return rangeText(start, end);
}

function Choices({ time, onDone }: { time: Time; onDone: () => void }) {
  const done = (change: () => void) => {
    change();
    onDone();
  };
  return (
    <>
      <fieldset className="ranges">
        <legend>Up to now</legend>
        {RANGES.map(({ from, label }) => (
          <button
            key={from}
            type="button"
            aria-pressed={time.isNow && time.from === from}
            onClick={() => done(() => time.setRange(from, 'now'))}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <RangeForm time={time} onDone={onDone} />
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          const at = fromInput(String(new FormData(event.currentTarget).get('at')));
          if (at) done(() => time.setMoment(at));
        }}
      >
        <label>
          A moment
          <input
            type="datetime-local"
            step="1"
            name="at"
            required
            max={toInput(new Date())}
            defaultValue={toInput(instantOf(time.at) ?? new Date())}
          />
        </label>
        <button type="submit">Show it</button>
      </form>
      <p className="hint">
        Times are {zoneName()}. Drag on any chart to zoom in, double click to return; Back undoes both.
      </p>
    </>
  );
}

function RangeForm({ time, onDone }: { time: Time; onDone: () => void }) {
  const [fault, setFault] = useState<string>();
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const [from, to] = [fromInput(String(form.get('from'))), fromInput(String(form.get('to')))];
        const problem = faultOf(from, to);
        setFault(problem);
        if (problem || !from || !to) return;
        time.setRange(from.toISOString(), to > new Date(Date.now() - 5_000) ? 'now' : to.toISOString());
        onDone();
      }}
    >
      <label>
        From
        <input type="datetime-local" step="1" name="from" required defaultValue={toInput(instantOf(time.from))} />
      </label>
      <label>
        To
        <input type="datetime-local" step="1" name="to" required defaultValue={toInput(instantOf(time.to))} />
      </label>
      <button type="submit">Show</button>
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}

function faultOf(from: Date | undefined, to: Date | undefined): string | undefined {
  if (!from || !to) return 'Give both ends, to the minute or second.';
  if (from >= to) return 'From must be before To.';
  if (from.getTime() > Date.now()) return 'From is in the future.';
  return to.getTime() - from.getTime() > MOST_SECONDS * 1_000 ? 'A range is at most 400 days.' : undefined;
}
