import 'dart:convert';
import 'dart:typed_data';

import 'package:shop_client/shop_client.dart';

import 'check.dart';
import 'samples.dart';

/// Models by themselves: their JSON, copies and equality.
void checkModels() {
  _json();
  _defaults();
  _copies();
  _equality();
  _hierarchies();
  _enums();
}

Map<String, dynamic> travel(dynamic model) => jsonDecode(SerializationManager.encode(model));

void _roundTrip<T>(T model, T Function(Map<String, dynamic>) read) {
  final json = travel(model);
  check('$T comes back', travel(read(json)), json);
}

void _json() {
  _roundTrip(gadget, Gadget.fromJson);
  _roundTrip(collections, Collections.fromJson);
  _roundTrip(Coordinate(x: 1, y: 2, tags: ['a']), Coordinate.fromJson);
  _roundTrip(Coordinate(x: 1, y: 2), Coordinate.fromJson);
  _roundTrip(Empty(), Empty.fromJson);
  _roundTrip(Animal(name: 'a'), Animal.fromJson);
  _roundTrip(Dog(name: 'd', tricks: ['sit']), Dog.fromJson);
  _roundTrip(circle, Circle.fromJson);
  _roundTrip(triangle, Polygon.fromJson);
  _roundTrip(labelled, LabelledPolygon.fromJson);
  _roundTrip(OutOfStock(gadget: 'g', expected: DateTime.utc(2025)), OutOfStock.fromJson);

  final json = travel(gadget);
  check('the key of a field', json['old_name'], 'Light');
  check('a time', json['made'], '2024-02-29T12:30:15.000250Z');
  check('bytes', json['picture'], "decode('AAH/', 'base64')");
  check('an enum by name', json['size'], 'large');
  check('an enum by index', json['state'], 1);
  check('a duration', json['warranty'], 172800000);
  check('a big integer', json['serial'], '-98765432109876543210');
  check('a field that is null is left out', travel(gadget.copyWith(note: null)).containsKey('note'), false);

  final containers = travel(collections);
  check('what is JSON needs no help to be written', jsonDecode(jsonEncode(collections.toJson())), containers);
  final mixed = collections.copyWith(anything: DateTime.utc(2024), everything: [const Duration(seconds: 1), (1, 'one')]);
  check('any value comes back', Collections.fromJson(mixed.toJson()).anything, DateTime.utc(2024));
  check('any values come back', Collections.fromJson(mixed.toJson()).everything, mixed.everything);
  check('a map with keys of its own', containers['byNumber'], [
    {
      'k': 1,
      'v': ['x']
    },
    {'k': 2, 'v': []},
  ]);
  check('a record', containers['pair'], {
    'p': [5, 'five']
  });
  check('a record with names', containers['mixed'], {
    'p': [2],
    'n': {'name': 'two'}
  });
  check('a list of records', containers['pairs'], [
    {
      'p': [1, 'one']
    },
    {
      'p': [2, 'two']
    },
  ]);
  check('a value of any type', (containers['anything'] as Map)['className'], 'Gadget');
  check('values of any type', (containers['everything'] as List).take(4).toList(), [
    {'className': 'int', 'data': 1},
    {'className': 'String', 'data': 'two'},
    {'className': 'double', 'data': 3.5},
    {'className': 'null', 'data': null},
  ]);
  check('a value of a sealed class names its own', (containers['shape'] as Map).keys.first, '__className__');

  final read = Collections.fromJson(containers);
  check('the type of any value', read.anything is Gadget, true);
  check('the classes of sealed values', [for (final shape in read.shapes) describe(shape)],
      ['circle of 1.5', 'polygon with 1', 'polygon called here']);
  check('a record that was read', read.point, (x: 1, y: null));
  check('a set that was read', read.words, {'a', 'b'});
  check('a large integer', read.ints[2], 9007199254740993);
}

void _defaults() {
  final plain = Gadget(name: 'Plain', note: null);
  check('a default number', plain.price, 9.5);
  check('a default text', plain.label, 'It\'s "new"');
  check('a default duration',
      plain.warranty, const Duration(days: 1, hours: 2, minutes: 10, seconds: 30, milliseconds: 100));
  check('a default time', plain.checked, DateTime.utc(2024, 1, 15, 10, 30));
  check('a default UUID', plain.kind.toString(), '550e8400-e29b-41d4-a716-446655440000');
  check('a random UUID', plain.token.toString()[14], '4');
  check('random UUIDs differ', plain.token == Gadget(name: '', note: null).token, false);
  check('a default enum', plain.size, Size.medium);
  check('now', DateTime.now().difference(plain.made).inMinutes, 0);
  check('defaults stand in for what is missing', Gadget.fromJson({'name': 'x'}).serial.toString(), '12345678901234567890');
}

void _copies() {
  check('a copy is equal', travel(gadget.copyWith()), travel(gadget));
  check('a copy with null', gadget.copyWith(state: null).state, null);
  check('a copy without anything', gadget.copyWith(name: 'Other').state, State.sold);
  check('a copy with a value', gadget.copyWith(state: State.ordered).state, State.ordered);
  check('a copy of any value with null', collections.copyWith(anything: null).anything, null);
  check('a copy of any value', collections.copyWith().anything is Gadget, true);

  final copy = collections.copyWith();
  copy.ints.add(4);
  copy.byName['lamp']!.name = 'Changed';
  check('a copy shares no list', collections.ints.length, 3);
  check('a copy shares no model', collections.byName['lamp']!.name, 'Lamp');

  final bytes = gadget.copyWith().picture!;
  bytes.setUint8(0, 9);
  check('a copy shares no bytes', gadget.picture!.getUint8(0), 0);
  check('a copy of a record', collections.copyWith(pair: (6, 'six')).pair, (6, 'six'));
  check('bytes as they were', Uint8List.sublistView(gadget.picture!), [0, 1, 255]);
}

void _equality() {
  final place = Coordinate(x: 1, y: 2, tags: ['a']);
  check('what does not change is equal to its like', place == Coordinate(x: 1, y: 2, tags: ['a']), true);
  check('and has its hash', place.hashCode, Coordinate(x: 1, y: 2, tags: ['a']).hashCode);
  check('a list that differs', place == Coordinate(x: 1, y: 2, tags: ['b']), false);
  check('a number that differs', place == Coordinate(x: 1, y: 3, tags: ['a']), false);
  check('it can be a constant', identical(const Coordinate(x: 1, y: 2), const Coordinate(x: 1, y: 2)), true);
  check('others are not equal', Animal(name: 'a') == Animal(name: 'a'), false);
}

/// Does not compile unless the compiler knows all classes below [Shape].
String describe(Shape shape) => switch (shape) {
      Circle(:final radius) => 'circle of $radius',
      LabelledPolygon(:final label) => 'polygon called $label',
      Polygon(:final corners) => 'polygon with ${corners.length}',
    };

void _hierarchies() {
  final Shape copy = (labelled as Shape).copyWith(name: 'other');
  check('a copy keeps its class', describe(copy), 'polygon called here');
  check('and takes what all have', copy.name, 'other');
  check('null in a copy below', labelled.copyWith(label: null).label, null);
  check('a class that extends another', Dog(name: 'Rex', tricks: []) is Animal, true);
  check('its copy', Dog(name: 'Rex', tricks: ['sit']).copyWith(name: 'Max').tricks, ['sit']);
  check('a default below', LabelledPolygon(name: '', corners: []).filled, false);
}

void _enums() {
  check('an enum by its name', Size.fromJson('large'), Size.large);
  check('one that is not known', Size.fromJson('huge'), Size.medium);
  check('an enum by its index', State.fromJson(1), State.sold);
  checkThrows<ArgumentError>('an index that is not known', () => State.fromJson(9));
  check('properties', (State.ordered.title, State.ordered.weight, State.ordered.remark),
      ('Ordered', 10, "it's on its way"));
  check('properties by default', (State.sold.title, State.sold.weight, State.sold.remark), ('Sold', 0, null));
  check('the text of an enum', '${Size.small}', 'small');
}
