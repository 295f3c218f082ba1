import 'dart:math';

/// A UUID, known by its text.
class UuidValue {
  const UuidValue._(this.uuid);

  factory UuidValue.fromString(String text) => UuidValue._(text.toLowerCase());

  final String uuid;

  @override
  bool operator ==(Object other) => other is UuidValue && other.uuid == uuid;

  @override
  int get hashCode => uuid.hashCode;

  @override
  String toString() => uuid;
}

/// Makes UUIDs.
class Uuid {
  const Uuid();

  UuidValue v4obj() => _random('4');

  UuidValue v7obj() => _random('7');

  UuidValue _random(String version) {
    final random = Random();
    final digits = List.generate(32, (_) => random.nextInt(16).toRadixString(16));
    digits[12] = version;
    final text = digits.join();
    final ends = [0, 8, 12, 16, 20, 32];
    return UuidValue._([
      for (var part = 1; part < ends.length; part++) text.substring(ends[part - 1], ends[part])
    ].join('-'));
  }
}
