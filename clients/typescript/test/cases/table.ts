// The shared table of cases: conformance/cases/README.md says what each key means.
import { readFileSync, readdirSync } from "node:fs";

const folder = "../../conformance/cases/"; // From this package, where `npm test` runs.

export interface Case {
  name: string;
  call: string;
  args?: Record<string, Text>;
  inputs?: Record<string, Item[]>;
  untyped?: boolean;
  /** The scopes with which the caller signs in. */
  signIn?: string[];
  token?: string;
  authorization?: string;
  needs?: string[];
  result?: Text | null;
  elements?: Text[];
  anyOrder?: boolean;
  error?: string;
  exception?: Record<string, unknown>;
  take?: number;
  times?: number;
  network?: "refuse" | "silent" | "cut" | "freeze";
}

/** JSON as text; a large one is told by its parts. */
type Text = string | { before: string; repeat: string; times: number; after: string };

export type Item = Text | { throw: string } | { fail: string } | { open: true };

export function textOf(text: Text): string {
  return typeof text === "string" ? text : text.before + text.repeat.repeat(text.times) + text.after;
}

export function isText(item: Item): item is Text {
  return typeof item === "string" || "repeat" in item;
}

export function readTable(): Case[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.flatMap((name) => JSON.parse(readFileSync(folder + name, "utf8")) as Case[]);
}
