// What a user writes: the custom class of the conformance server.

/** A text that travels as itself. */
export class CustomClass {
  static readonly typeName = "CustomClass";

  constructor(readonly value: string) {}

  static encode(custom: CustomClass): string {
    return custom.value;
  }

  static decode(json: unknown): CustomClass {
    return new CustomClass(String(json));
  }
}
