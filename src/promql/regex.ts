import { RE2JS } from 're2js';

/**
 * A regular expression of RE2 over a whole value, as Prometheus anchors it; since 3.0 its dot is also a line break.
 *
 * @throws Error where it is none: RE2 has no look-around and no references back
 */
export function anchored(text: string): RE2JS {
  return RE2JS.compile(`^(?s:${text})$`);
}
