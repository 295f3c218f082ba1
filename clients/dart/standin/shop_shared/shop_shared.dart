/// An amount, which travels as text: the custom class of the test's schema.
class Money {
  const Money(this.cents);

  factory Money.fromJson(dynamic json) => Money(int.parse(json as String));

  final int cents;

  Money copyWith({int? cents}) => Money(cents ?? this.cents);

  String toJson() => '$cents';

  @override
  bool operator ==(Object other) => other is Money && other.cents == cents;

  @override
  int get hashCode => cents.hashCode;
}
