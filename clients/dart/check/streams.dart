import 'package:shop_client/shop_client.dart';

import 'check.dart';
import 'models.dart' show describe, travel;
import 'samples.dart';

/// Streaming methods: what is fed, and what comes back.
Future<void> checkStreams() async {
  final client = Client('http://localhost:8080/');
  // ignore: deprecated_member_use
  final shop = client.liveShop;

  /// Sends back what is fed into the stream of this name.
  void echo(String name) => client.answer = (call) => call.streams[name]!;

  client.answer = (call) => Stream.fromIterable([
        for (var n = call.arguments['from'] as int; n > 0; n--) {'className': 'int', 'data': n}
      ]);
  check('a stream of numbers', await shop.countdown(3).toList(), [3, 2, 1]);

  client.answer = (call) => Stream.value({'className': 'Gadget', 'data': gadget});
  check('a stream of models', travel(await shop.watch().single), travel(gadget));

  echo('values');
  check('any values', await shop.echo(Stream.fromIterable(['Hello', 42, null])).toList(), ['Hello', 42, null]);
  check('a model among them', await shop.echo(Stream.value(circle)).single is Circle, true);
  check('a list among them', await shop.echo(Stream.value([1, 2])).single, [1, 2]);

  client.answer = (call) async* {
    final values = await call.streams['values']!.toList();
    yield {
      'className': 'int',
      'data': values.fold<int>(0, (sum, wrapped) => sum + (wrapped['data'] as int)),
    };
  };
  check('one value of a stream', await shop.sum(Stream.fromIterable([1, 2, 3])), 6);

  final fed = <String, List<dynamic>>{};
  var note = '';
  client.answer = (call) async* {
    note = call.arguments['note'];
    for (final name in call.streams.keys) {
      fed[name] = await call.streams[name]!.toList();
    }
  };
  await shop.collect(Stream.fromIterable([gadget, null]), null, note: 'n');
  check('a named argument beside streams', note, 'n');
  check('a stream that is left out', fed.keys.toList(), ['gadgets']);
  check('what was fed', [for (final wrapped in fed['gadgets']!) wrapped['className']], ['Gadget', 'null']);
  await shop.collect(const Stream.empty(), Stream.value([gadget]), note: '');
  check('lists that were fed', [for (final wrapped in fed['more']!) wrapped['className']], ['List<Gadget>']);

  echo('shapes');
  final shapes = await shop.shapes(Stream.fromIterable([circle, triangle, labelled])).toList();
  check('sealed classes', [for (final shape in shapes) describe(shape!)],
      ['circle of 1.5', 'polygon with 1', 'polygon called here']);

  echo('pairs');
  check('records', await shop.records(Stream.fromIterable([(1,), (null,), null])).toList(), [(1,), (null,), null]);
}
