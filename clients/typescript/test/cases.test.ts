// The shared table of cases, through the generated client: STREAMPOD_CONFORMANCE_URL=http://localhost:8080/ npm test
// All tests on that server are in this file: files run at the same time, and the server's only user signs out everywhere.
import { describe, test } from "node:test";
import { play } from "./cases/runner.js";
import { revocationTests } from "./cases/revocation.js";
import { playStreaming, readStreamingCases } from "./cases/streaming-endpoints.js";
import { readTable } from "./cases/table.js";

const url = process.env.STREAMPOD_CONFORMANCE_URL;

/** What JavaScript has no room for: a `Date` holds milliseconds, and writes early years with six digits; 1.0 is 1. */
const cannot = ["microseconds", "earlyYears", "fraction", "dynamicTypes"];

const onServer = { skip: !url && "STREAMPOD_CONFORMANCE_URL is not set", timeout: 120_000 };

describe("the shared table of cases", onServer, () => {
  for (const testCase of readTable()) {
    const missing = testCase.needs?.filter((need) => cannot.includes(need)) ?? [];
    const skip = missing.length > 0 && `needs ${missing.join()}`;
    test(testCase.name, { skip, timeout: 20_000 }, () => play(testCase, url!));
  }
});

describe("the shared table of the deprecated streaming endpoints", onServer, () => {
  for (const testCase of readStreamingCases()) test(testCase.name, { timeout: 20_000 }, () => playStreaming(testCase, url!));
});

describe("sign-ins that end", onServer, () => revocationTests(url!));
