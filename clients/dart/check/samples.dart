import 'dart:typed_data';

import 'package:shop_client/shop_client.dart';

/// Values of the models, with something in every field.

final gadget = Gadget(
  id: 7,
  name: 'Lamp',
  price: 10,
  count: 2,
  available: false,
  made: DateTime.utc(2024, 2, 29, 12, 30, 15, 0, 250),
  checked: DateTime.utc(2020),
  token: UuidValue.fromString('6ba7b810-9dad-41d1-80b4-00c04fd430c8'),
  kind: UuidValue.fromString('6ba7b811-9dad-41d1-80b4-00c04fd430c8'),
  label: 'a "lamp"',
  warranty: const Duration(days: 2),
  home: Uri.parse('https://example.com/lamp'),
  serial: BigInt.parse('-98765432109876543210'),
  size: Size.large,
  state: State.sold,
  picture: ByteData.sublistView(Uint8List.fromList([0, 1, 255])),
  note: 'ü',
  oldName: 'Light',
);

final collections = Collections(
  ints: [1, -2, 9007199254740993],
  nested: [
    [gadget, null],
    [],
  ],
  words: {'a', 'b'},
  byName: {'lamp': gadget},
  byNumber: {
    1: ['x'],
    2: [],
  },
  bySize: {Size.small: 3},
  pair: (5, 'five'),
  single: (true,),
  point: (x: 1, y: null),
  mixed: (2, name: 'two'),
  pairs: [(1, 'one'), (2, 'two')],
  anything: gadget,
  everything: [1, 'two', 3.5, null, gadget],
  shape: triangle,
  shapes: [circle, triangle, labelled],
  children: [],
);

final circle = Circle(name: 'c', radius: 1.5);
final triangle = Polygon(name: 't', corners: [Coordinate(x: 0, y: 1, tags: ["top"])], filled: true);
final labelled = LabelledPolygon(name: 'l', corners: [], label: 'here');
