import 'dart:typed_data';

import 'package:serverpod_auth_client/serverpod_auth_client.dart' as auth;
import 'package:shop_client/shop_client.dart';
import 'package:shop_shared/shop_shared.dart';

import 'check.dart';
import 'models.dart' show travel;
import 'samples.dart';

/// Calls and what travels for them.
Future<void> checkEndpoints() async {
  final client = Client('http://localhost:8080/', connectionTimeout: const Duration(seconds: 1));
  late RecordedCall last;

  /// Answers the next calls with `json`.
  void answer(dynamic json) {
    client.answer = (call) {
      last = call;
      return json;
    };
  }

  void sent(String method, Map<String, dynamic> arguments) {
    check('the name of the method', last.method, method);
    check('the arguments of $method', last.arguments, arguments);
  }

  check('the endpoints', client.endpointRefLookup.keys.toList(), ['shop', 'liveShop']);
  check('the modules', client.moduleLookup.keys.toList(), ['auth']);
  check('the name of an endpoint', client.shop.name, 'shop');
  check('the protocol', identical(client.protocol, Protocol()), true);

  answer(gadget);
  check('a model as an answer', travel(await client.shop.add(gadget)), travel(gadget));
  check('the endpoint', last.endpoint, 'shop');
  sent('add', {'gadget': travel(gadget)});

  answer(null);
  check('null as an answer', await client.shop.find(3), null);
  sent('find', {'id': 3});

  answer([gadget]);
  final found = await client.shop.search('lamp', sizes: {Size.small}, limit: 5, before: DateTime.utc(2024));
  check('a list as an answer', found.single.name, 'Lamp');
  sent('search', {
    'text': 'lamp',
    'sizes': ['small'],
    'limit': 5,
    'before': '2024-01-01T00:00:00.000Z',
  });

  answer(null);
  // ignore: deprecated_member_use
  await client.shop.removeAll();
  sent('removeAll', {});

  answer(true);
  // ignore: deprecated_member_use
  check('an argument that is left out', await client.shop.remove(1), true);
  sent('remove', {'id': 1, 'reason': null});

  answer({Size.small: 2});
  check('a map as an answer', await client.shop.stock(), {Size.small: 2});

  answer({
    'p': [4],
    'n': {'name': 'four'},
  });
  check('a record as an answer', await client.shop.pair((4, 'four')), (4, name: 'four'));
  sent('pair', {
    'pair': {
      'p': [4, 'four']
    },
  });

  answer({'className': 'String', 'data': 'some'});
  check('any value as an answer', await client.shop.anything(42), 'some');
  sent('anything', {
    'value': {'className': 'int', 'data': 42},
  });
  await client.shop.anything([gadget]);
  check('a list as any value', (last.arguments['value'] as Map)['className'], 'List<Gadget>');

  answer('250');
  check('a custom class', await client.shop.worth(const Money(125)), const Money(250));
  sent('worth', {'money': '125'});

  answer(labelled);
  check('a sealed class', await client.shop.draw(circle) is LabelledPolygon, true);
  check('which names its own', (last.arguments['shape'] as Map)['__className__'], 'Circle');

  answer("decode('AQI=', 'base64')");
  final picture = await client.shop.picture(ByteData(1));
  check('bytes as an answer', Uint8List.sublistView(picture!), [1, 2]);
  sent('picture', {'picture': "decode('AA==', 'base64')"});

  answer({'userName': 'Ann'});
  final auth.UserInfo? user = await client.modules.auth.status.getUserInfo();
  check('the answer of a module', user?.userName, 'Ann');
  check('its endpoint', last.endpoint, 'serverpod_auth.status');
}
