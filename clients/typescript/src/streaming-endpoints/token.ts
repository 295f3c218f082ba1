import { ConnectionFailedError } from "../errors.js";
import { toBase64 } from "../scalars.js";

const basic = "Basic ";
const bearer = "Bearer ";

/**
 * The token in the value of an `Authorization` header: what `Basic` and `Bearer` hold, or the value itself.
 *
 * @throws ConnectionFailedError if `Basic` holds no base64.
 */
export function tokenOf(header: string): string {
  if (header.startsWith(bearer)) return header.slice(bearer.length);
  if (!header.startsWith(basic)) return header;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(header.slice(basic.length)), (char) => char.charCodeAt(0)));
  } catch {
    throw new ConnectionFailedError("expected base64 behind `Basic` in the authentication's header"); // What is there is secret.
  }
}

/** The value of an `Authorization` header with another token, made like the one that is given. */
export function wrapped(token: string, like: string | undefined): string {
  return like?.startsWith(basic) ? basic + toBase64(new TextEncoder().encode(token)) : bearer + token;
}
