/** Time ranges that a reader can choose. */
export const RANGES = [
  { key: '15m', label: '15 min', seconds: 900 },
  { key: '1h', label: '1 hour', seconds: 3_600 },
  { key: '6h', label: '6 hours', seconds: 21_600 },
  { key: '1d', label: '1 day', seconds: 86_400 },
  { key: '7d', label: '7 days', seconds: 604_800 },
  { key: '30d', label: '30 days', seconds: 2_592_000 },
  { key: '90d', label: '90 days', seconds: 7_776_000 },
] as const;

export type Range = (typeof RANGES)[number];

export function rangeOf(key: string | undefined): Range {
  return RANGES.find((range) => range.key === key) ?? RANGES[1];
}
