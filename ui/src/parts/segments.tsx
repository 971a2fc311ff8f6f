import './segments.css';

interface SegmentsProps<K extends string> {
  readonly label: string;
  readonly options: readonly { readonly key: K; readonly label: string }[];
  readonly chosen: K;
  readonly onChoose: (key: K) => void;
}

/** A choice of one of few, all in sight. */
export function Segments<K extends string>({ label, options, chosen, onChoose }: SegmentsProps<K>) {
  return (
    <fieldset className="segments" aria-label={label}>
      {options.map(({ key, label: name }) => (
        <button key={key} type="button" aria-pressed={key === chosen} onClick={() => onChoose(key)}>
          {name}
        </button>
      ))}
    </fieldset>
  );
}
