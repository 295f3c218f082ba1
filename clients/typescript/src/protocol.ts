import { CodecError } from "./errors.js";
import { list, map, nullable, record, set } from "./collections.js";
import { dynamic } from "./dynamic.js";
import { bigInt, bool, bytes, dateTime, double, duration, int64, string, uri, uuid } from "./scalars.js";
import { type AnyType, isObject, mismatch } from "./type.js";

const scalars = [bool, int64, double, string, dateTime, duration, bytes, uuid, uri, bigInt, dynamic];

/** The types that a client knows by name: how `dynamic` values and exceptions find their class. */
export class Protocol {
  readonly #types = new Map<string, AnyType>();

  /** @param types the models, exceptions and enums that may arrive in a dynamic place. */
  constructor(types: readonly AnyType[] = []) {
    for (const type of [...scalars, ...types]) this.#types.set(type.typeName, type);
  }

  /** Reads `{"className": …, "data": …}`. */
  unwrap(json: unknown): unknown {
    if (!isObject(json) || typeof json.className !== "string") mismatch("className and data", json);
    if (json.className === "null") return null;
    return this.type(json.className).decode(json.data ?? null, this);
  }

  /** The type of a class name, such as `SimpleData` or `Map<String,List<int?>>`. */
  type(className: string): AnyType {
    return this.#types.get(className) ?? new NameParser(className, this.#types).parse();
  }
}

/** Reads a composed class name. */
class NameParser {
  #at = 0;

  constructor(readonly name: string, readonly types: ReadonlyMap<string, AnyType>) {}

  parse(): AnyType {
    const type = this.#type();
    return this.#at === this.name.length ? type : this.#fail();
  }

  #type(): AnyType {
    const type = this.#takes("(") ? this.#record() : this.#named();
    return this.#takes("?") ? nullable(type) : type;
  }

  #named(): AnyType {
    const word = this.#word();
    const known = this.types.get(word);
    if (known) return known;
    const parameters: AnyType[] = [];
    if (this.#takes("<")) {
      do parameters.push(this.#type());
      while (this.#takes(","));
      if (!this.#takes(">")) this.#fail();
    }
    const [first, second] = parameters;
    if (first && word === "List") return list(first);
    if (first && word === "Set") return set(first);
    if (first && second && word === "Map") return map(first, second);
    return this.#fail();
  }

  /** After the opening parenthesis: `int,String)`, `int,)`, `int,{String name})`. */
  #record(): AnyType {
    const positional: AnyType[] = [];
    let named: Record<string, AnyType> | undefined;
    while (!this.#takes(")")) {
      if (this.#takes("{")) named = this.#namedFields();
      else positional.push(this.#type());
      if (!this.#takes(",") && this.name[this.#at] !== ")") this.#fail();
    }
    return named ? record(positional, named) : record(positional);
  }

  #namedFields(): Record<string, AnyType> {
    const fields: Record<string, AnyType> = {};
    do {
      const type = this.#type();
      fields[this.#word()] = type;
    } while (this.#takes(","));
    return this.#takes("}") ? fields : this.#fail();
  }

  #word(): string {
    const word = /^\s*([\w.]+)/.exec(this.name.slice(this.#at));
    if (!word?.[1]) return this.#fail();
    this.#at += word[0].length;
    return word[1];
  }

  #takes(char: string): boolean {
    while (this.name[this.#at] === " ") this.#at++;
    if (this.name[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #fail(): never {
    throw new CodecError(`unknown class name ${JSON.stringify(this.name.slice(0, 80))}`);
  }
}
