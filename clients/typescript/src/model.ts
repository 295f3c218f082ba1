import type { Json } from "./json.js";
import type { Protocol } from "./protocol.js";
import { type AnyType, type Fields, type Infer, type ValuesOf, decodeFields, encodeFields, isObject, mismatch, own } from "./type.js";

/**
 * A typed exception, thrown by a method or into a stream; `instanceof` tells them apart. Its classes are made by
 * {@link exception}.
 */
export class SerializableException extends Error {
  static readonly typeName: string = "SerializableException";
  static readonly fields: Fields = {};

  constructor(values: object = {}) {
    super();
    this.name = new.target.typeName;
    fill(this, new.target.fields, values);
  }
}

class Model {
  static readonly fields: Fields = {};

  constructor(values: object) {
    fill(this, new.target.fields, values);
  }
}

type Values<F extends Fields> = { -readonly [K in keyof F]: Infer<F[K]> };

/** What {@link model} and its like return: a base class that is its own {@link Type}. */
export interface ModelClass<F extends Fields, Base = unknown, Instance = Values<F> & Base> {
  new (values: ValuesOf<F>): Instance;
  readonly typeName: string;
  readonly fields: F;
  encode(value: object): Json;
  decode<T>(this: new (values: ValuesOf<F>) => T, json: unknown, protocol: Protocol): T;
}

/**
 * The base of a model class:
 *
 * ```ts
 * class SimpleData extends model("SimpleData", { id: nullable(int), num: int }) {}
 * const data = new SimpleData({ num: 3 }); // id is null
 * ```
 */
export function model<F extends Fields>(typeName: string, fields: F): ModelClass<F> {
  return derive(Model, typeName, fields) as unknown as ModelClass<F>;
}

/** The base of an exception class, declared like a {@link model}. */
export function exception<F extends Fields>(typeName: string, fields: F): ModelClass<F, SerializableException> {
  return derive(SerializableException, typeName, fields) as unknown as ModelClass<F, SerializableException>;
}

type Parent<F extends Fields, I> = { readonly fields: F } & (abstract new (values: never) => I);

/**
 * What a class inherits but for fields. Classes of one sealed hierarchy are told apart by their `$type`, so the type of
 * one is never that of another, although `instanceof` says that it is.
 */
type Inherited<I, Name> = I extends { readonly $type: string }
  ? (I extends SerializableException ? SerializableException : unknown) & { readonly $type: Name }
  : I;

/** The base of a class that extends another one: it has that one's fields, then its own. */
export function extend<P extends Fields, I, const Name extends string, F extends Fields>(
  parent: Parent<P, I>,
  typeName: Name,
  fields: F,
): ModelClass<P & F, Inherited<I, Name>> {
  return derive(parent as never, typeName, { ...parent.fields, ...fields }) as unknown as ModelClass<P & F, Inherited<I, Name>>;
}

/** Makes the fields read-only: `class Point extends immutable(model("Point", { x: int })) {}`. */
export function immutable<F extends Fields, Base>(base: ModelClass<F, Base>): ModelClass<F, Base, Readonly<Values<F>> & Base> {
  return base as ModelClass<F, Base, never>;
}

/** The classes of a sealed hierarchy, of which `T` is the union. */
export type Members<T> = readonly (AnyType & (abstract new (values: never) => T))[];

/** What {@link sealed} returns: the {@link Type} of all members, and the class that they extend. */
export interface SealedClass<F extends Fields, T, Base = unknown> {
  /** None: what the members inherit from. */
  new (values: never): { readonly $type: string } & Base;
  /** What `instanceof` narrows to. */
  readonly prototype: T;
  readonly typeName: string;
  readonly fields: F;
  encode(value: T): Json;
  decode(json: unknown, protocol: Protocol): T;
}

/**
 * A class of which only those that extend it have values. Where a value's static type is the sealed one, the object on
 * the wire says with `__className__` which of them it is; in JavaScript its `$type` does:
 *
 * ```ts
 * const Shape = sealed(model("Shape", { name: string }), (): Members<Shape> => [Circle, Square]);
 * type Shape = Circle | Square;
 * class Circle extends extend(Shape, "Circle", { radius: double }) {}
 * ```
 */
export function sealed<F extends Fields, Base, T>(base: ModelClass<F, Base>, members: () => Members<T>): SealedClass<F, T, Base> {
  const { typeName } = base;
  const member = (name: unknown): AnyType => members().find((type) => type.typeName === name) ?? mismatch(`a class of ${typeName}`, name);
  return class Sealed extends (base as unknown as new () => object) {
    static classNameOf(value: object): string {
      return member((value as { $type?: string } | null)?.$type).typeName;
    }

    static encode(value: object): Json {
      const __className__ = this.classNameOf(value);
      return { __className__, ...(member(__className__).encode(value) as object) };
    }

    static decode(json: unknown, protocol: Protocol): unknown {
      return isObject(json) ? member(own(json, "__className__")).decode(json, protocol) : mismatch(typeName, json);
    }
  } as unknown as SealedClass<F, T, Base>;
}

/** A class with these fields; what it extends has a constructor that sets them. */
function derive(Base: new (values: object) => object, typeName: string, fields: Fields) {
  return class extends Base {
    static readonly typeName = typeName;
    static readonly fields = fields;

    get $type(): string {
      return typeName;
    }

    static classNameOf(): string {
      return typeName;
    }

    static encode(value: object): Json {
      if (!(value instanceof this)) mismatch(`an instance of ${typeName}`, value);
      return encodeFields(fields, value, isNull);
    }

    static decode(json: unknown, protocol: Protocol): object {
      return new this(decodeFields(fields, json, protocol));
    }
  };
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined;
}

function fill(instance: object, fields: Fields, values: object): void {
  for (const [name, type] of Object.entries(fields)) {
    const given = own(values, name);
    // Defined, not assigned: a field may be named like a read-only property of the base class.
    Object.defineProperty(instance, name, { value: given === undefined ? initial(type) : given, writable: true, enumerable: true, configurable: true });
  }
}

/** What a field is that was left out. */
function initial({ field }: AnyType): unknown {
  return typeof field?.default === "function" ? field.default() : (field?.default ?? null);
}
