// What a user writes for the fixture's custom class.

/** An amount, as text. */
export class Money {
  static readonly typeName = "Money";

  constructor(readonly amount: string) {}

  static encode(money: Money): string {
    return money.amount;
  }

  static decode(json: unknown): Money {
    return new Money(String(json));
  }
}
