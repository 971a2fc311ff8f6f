import { useApi } from '../api.ts';

interface RuleSelectProps {
  readonly name?: string;
  readonly all: string;
  readonly value?: string | undefined;
  readonly onChange?: (rule: string | undefined) => void;
}

/** One of the rules by its title, or all. */
export function RuleSelect({ name, all, value, onChange }: RuleSelectProps) {
  const rules = useApi('/alerts/rules', {}, 3_600_000).data?.items ?? [];
  const sorted = rules.toSorted((a, b) => a.title.localeCompare(b.title));
  const isKnown = value === undefined || rules.some(({ rule }) => rule === value);
  return (
    <label>
      Rule{' '}
      <select
        name={name}
        {...(onChange
          ? { value: value ?? '', onChange: (event) => onChange(event.target.value || undefined) }
          : { defaultValue: '' })}
      >
        <option value="">{all}</option>
        {!isKnown && <option value={value}>{value}</option>}
        {sorted.map(({ rule, title }) => (
          <option key={rule} value={rule}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
