// The conformance server's models, as a generated client declares them.
import { bigInt, bool, bytes, dateTime, double, duration, enumByIndex, enumByName, exception, int, int64, list, map, model, nullable, set, string, uri, uuid } from "../src/index.js";

export class SimpleData extends model("SimpleData", { id: nullable(int), num: int }) {}

export class ExceptionWithData extends exception("ExceptionWithData", {
  message: string,
  creationDate: dateTime,
  errorFields: list(string),
  someNullableField: nullable(int),
}) {}

export const TestEnum = enumByIndex("TestEnum", ["one", "two", "three"]);
export const TestEnumStringified = enumByName("TestEnumStringified", ["one", "two", "three"]);

export class Types extends model("Types", {
  id: nullable(int),
  anInt: nullable(int64),
  aBool: nullable(bool),
  aDouble: nullable(double),
  aDateTime: nullable(dateTime),
  aString: nullable(string),
  aByteData: nullable(bytes),
  aDuration: nullable(duration),
  aUuid: nullable(uuid),
  aUri: nullable(uri),
  aBigInt: nullable(bigInt),
  anEnum: nullable(TestEnum),
  aStringifiedEnum: nullable(TestEnumStringified),
  aList: nullable(list(int)),
  aMap: nullable(map(int, int)),
  aSet: nullable(set(int)),
}) {}

export const models = [SimpleData, ExceptionWithData, TestEnum, TestEnumStringified, Types];

export function exceptionWithData(message: string): ExceptionWithData {
  return new ExceptionWithData({ message, creationDate: new Date("2020-01-01T00:00:00.000Z"), errorFields: ["a", "b"] });
}
