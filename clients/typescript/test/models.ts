// The conformance server's models, and what unit tests make of them.
import { ExceptionWithData } from "./generated/conformance/index.js";

export { ExceptionWithData, SimpleData, TestEnum, TestEnumStringified, Types, models } from "./generated/conformance/index.js";

export function exceptionWithData(message: string): ExceptionWithData {
  return new ExceptionWithData({ message, creationDate: new Date("2020-01-01T00:00:00.000Z"), errorFields: ["a", "b"] });
}
