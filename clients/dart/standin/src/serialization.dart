import 'dart:convert';
import 'dart:typed_data';

import 'json.dart';
import 'uuid.dart';

/// What can be sent.
abstract interface class SerializableModel {
  dynamic toJson();
}

/// What can be thrown across the wire.
abstract interface class SerializableException implements Exception {}

/// There is no way to read a value of this type.
class DeserializationTypeNotFoundException implements Exception {
  DeserializationTypeNotFoundException(this.type);

  final Type? type;

  @override
  String toString() => 'No deserialization found for type $type';
}

/// A type as a value, which may be one that takes null.
Type getType<T>() => T;

/// Knows the types that every client has.
abstract class SerializationManager {
  T deserialize<T>(dynamic data, [Type? t]) {
    t ??= T;
    bool isOf<V>() => t == V || t == getType<V?>();
    if (isOf<int>() || isOf<String>() || isOf<bool>()) return data as T;
    if (isOf<double>()) return (data as num?)?.toDouble() as T;
    final read = <bool Function(), dynamic Function(dynamic)>{
      isOf<DateTime>: DateTimeJsonExtension.fromJson,
      isOf<Duration>: DurationJsonExtension.fromJson,
      isOf<ByteData>: ByteDataJsonExtension.fromJson,
      isOf<UuidValue>: UuidValueJsonExtension.fromJson,
      isOf<Uri>: UriJsonExtension.fromJson,
      isOf<BigInt>: BigIntJsonExtension.fromJson,
    };
    for (final entry in read.entries) {
      if (entry.key()) return (data == null ? null : entry.value(data)) as T;
    }
    throw DeserializationTypeNotFoundException(t);
  }

  String? getClassNameForObject(Object? data) => switch (data) {
        null => 'null',
        int() => 'int',
        double() => 'double',
        String() => 'String',
        bool() => 'bool',
        DateTime() => 'DateTime',
        ByteData() => 'ByteData',
        Duration() => 'Duration',
        UuidValue() => 'UuidValue',
        Uri() => 'Uri',
        BigInt() => 'BigInt',
        _ => null,
      };

  dynamic deserializeByClassName(Map<String, dynamic> data) => switch (data['className']) {
        'null' => null,
        'int' => deserialize<int>(data['data']),
        'double' => deserialize<double>(data['data']),
        'String' => deserialize<String>(data['data']),
        'bool' => deserialize<bool>(data['data']),
        'DateTime' => deserialize<DateTime>(data['data']),
        'ByteData' => deserialize<ByteData>(data['data']),
        'Duration' => deserialize<Duration>(data['data']),
        'UuidValue' => deserialize<UuidValue>(data['data']),
        'Uri' => deserialize<Uri>(data['data']),
        'BigInt' => deserialize<BigInt>(data['data']),
        final name => throw FormatException('No deserialization found for type named $name'),
      };

  Map<String, dynamic> wrapWithClassName(Object? data) {
    final className = getClassNameForObject(data);
    if (className == null) throw ArgumentError('Could not find class name for ${data.runtimeType}');
    return {'className': className, 'data': data};
  }

  /// The JSON of anything that travels, as text.
  static String encode(Object? object) => jsonEncode(
        object,
        toEncodable: (value) => switch (value) {
          DateTime() => value.toJson(),
          Duration() => value.toJson(),
          ByteData() => value.toJson(),
          UuidValue() => value.toJson(),
          Uri() => value.toJson(),
          BigInt() => value.toJson(),
          Set() => value.toList(),
          Map() => [
              for (final entry in value.entries) {'k': entry.key, 'v': entry.value},
            ],
          _ => (value as dynamic).toJson(),
        },
      );
}
