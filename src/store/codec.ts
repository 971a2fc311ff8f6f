import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** Below this many bytes compression saves nothing that is billed: an item is charged by the kilobyte. */
const PLAIN_LIMIT = 1_024;

/** A value as the bytes of one binary attribute: JSON, gzipped above one kilobyte. */
export async function pack(value: unknown): Promise<Uint8Array> {
  const json = Buffer.from(JSON.stringify(value));
  return json.length < PLAIN_LIMIT ? json : await compress(json);
}

/** The value that {@link pack} was given, for the caller's schema to check. */
export async function unpack(bytes: Uint8Array): Promise<unknown> {
  // 1f 8b begins every gzip stream and no JSON text.
  const json = bytes[0] === 0x1f && bytes[1] === 0x8b ? await expand(bytes) : Buffer.from(bytes);
  return JSON.parse(json.toString('utf8')) as unknown;
}
