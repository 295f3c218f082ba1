import 'dart:convert';
import 'dart:typed_data';

import 'uuid.dart';

/// How values that JSON has no words for are read and written.

extension BoolJsonExtension on bool {
  static bool fromJson(dynamic value) => value is num ? value == 1 : value as bool;
}

extension DateTimeJsonExtension on DateTime {
  static DateTime fromJson(dynamic value) => DateTime.parse(value as String);

  String toJson() => toUtc().toIso8601String();
}

extension DurationJsonExtension on Duration {
  static Duration fromJson(dynamic value) => Duration(milliseconds: value as int);

  int toJson() => inMilliseconds;
}

extension UuidValueJsonExtension on UuidValue {
  static UuidValue fromJson(dynamic value) => UuidValue.fromString(value as String);

  String toJson() => uuid;
}

extension UriJsonExtension on Uri {
  static Uri fromJson(dynamic value) => Uri.parse(value as String);

  String toJson() => toString();
}

extension BigIntJsonExtension on BigInt {
  static BigInt fromJson(dynamic value) => BigInt.parse(value as String);

  String toJson() => toString();
}

extension ByteDataJsonExtension on ByteData {
  static const _before = "decode('";
  static const _after = "', 'base64')";

  static ByteData fromJson(dynamic value) {
    final text = value as String;
    final encoded = text.substring(_before.length, text.length - _after.length);
    return ByteData.sublistView(base64Decode(encoded));
  }

  String toJson() => '$_before${base64Encode(Uint8List.sublistView(this))}$_after';

  ByteData clone() => ByteData.sublistView(Uint8List.fromList(Uint8List.sublistView(this)));
}

extension ListJsonExtension<T> on List<T> {
  List<dynamic> toJson({dynamic Function(T)? valueToJson}) => [
        for (final value in this) valueToJson == null ? value : valueToJson(value),
      ];
}

extension SetJsonExtension<T> on Set<T> {
  List<dynamic> toJson({dynamic Function(T)? valueToJson}) => toList().toJson(valueToJson: valueToJson);
}

extension MapJsonExtension<K, V> on Map<K, V> {
  dynamic toJson({dynamic Function(K)? keyToJson, dynamic Function(V)? valueToJson}) {
    dynamic key(K key) => keyToJson == null ? key : keyToJson(key);
    dynamic value(V value) => valueToJson == null ? value : valueToJson(value);
    if (K == String) {
      return {for (final entry in entries) key(entry.key): value(entry.value)};
    }
    return [
      for (final entry in entries) {'k': key(entry.key), 'v': value(entry.value)},
    ];
  }
}
