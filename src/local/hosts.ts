/** Why a request is not answered at all. */
export interface HostFault {
  readonly status: 400 | 421;
  readonly detail: string;
}

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])$/;

/**
 * Whether a request may be answered by the name that it was sent to. A page of another origin whose name resolves to
 * 127.0.0.1 (DNS rebinding) is, to the browser, of the same origin as pgmon and may read and write all that needs no login; its
 * name in `Host` gives it away. RFC 9112, section 3.2: more than one `Host` is refused, whoever asks.
 *
 * @param rawHeaders names and values in turn, as Node has them: it would keep the first of two `Host` headers silently
 * @param target the request's target; its absolute form has a host of its own
 * @param own the address that is listened on, without a login; undefined if a login makes names irrelevant
 */
export function hostFault(
  rawHeaders: readonly string[],
  target: string,
  own: string | undefined,
): HostFault | undefined {
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host');
  if (hosts.length > 1) return { status: 400, detail: `The request has ${hosts.length} Host headers: send one.` };
  if (own === undefined) return undefined;
  const asked = [hosts[0] ?? '', ...(/^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target)?.slice(1) ?? [])];
  const foreign = asked.map(nameOf).find((name) => !LOOPBACK.test(name) && name !== nameOf(own));
  if (foreign === undefined) return undefined;
  return {
    status: 421,
    detail:
      `This pgmon has no login, so it answers only requests to 127.0.0.1, localhost and [::1], not to ${JSON.stringify(foreign.slice(0, 100))}. ` +
      `Open http://127.0.0.1:${own.slice(own.lastIndexOf(':') + 1)}/, or add http.tokens (pgmon token create) to use other names.`,
  };
}

/** Host without its port, as names compare: in lower case. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}
