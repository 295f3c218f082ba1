import { User } from "./client/index.js";
import type { ReadMarks } from "./conversations.js";

/** Who is signed in on this page. */
export interface SignIn {
  token: string;
  user: User;
  /** When, in milliseconds since 1970. */
  at: number;
}

const key = "chat.session";

/**
 * The session is kept for the window, not for the whole browser: reloading stays signed in, and two windows side by side can be
 * two people.
 */
export function storedSession(): SignIn | undefined {
  try {
    const { token, user, at } = JSON.parse(sessionStorage.getItem(key) ?? "") as SignIn;
    return { token, user: new User(user), at };
  } catch {
    return undefined;
  }
}

export function storeSession(session: SignIn | undefined): void {
  if (!session) return sessionStorage.removeItem(key);
  const { token, user, at } = session;
  sessionStorage.setItem(key, JSON.stringify({ token, user: { id: user.id, name: user.name }, at }));
}

/** Until when a user has read what, also after signing in again. */
export function readMarks(user: User): ReadMarks {
  const key = `chat.read.${user.id}`;
  let marks: Record<string, number> = {};
  try {
    marks = JSON.parse(localStorage.getItem(key) ?? "{}") as typeof marks;
  } catch {
    // Then everything is unread.
  }
  return {
    get: (id) => marks[id],
    set(id, until) {
      marks[id] = until;
      try {
        localStorage.setItem(key, JSON.stringify(marks));
      } catch {
        // The browser keeps nothing for this page; it is known until the page is closed.
      }
    },
  };
}

/** What the user knows this device by, such as "Firefox on Linux". */
export function deviceName(agent = navigator.userAgent): string {
  const find = (names: [pattern: RegExp, name: string][], otherwise: string) => names.find(([pattern]) => pattern.test(agent))?.[1] ?? otherwise;
  const browser = find([[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrome\//, "Chrome"], [/Safari\//, "Safari"]], "A browser");
  const system = find([[/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux|X11/, "Linux"]], "an unknown system");
  return `${browser} on ${system}`;
}
