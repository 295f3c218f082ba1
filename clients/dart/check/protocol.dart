import 'package:serverpod_auth_client/serverpod_auth_client.dart' as auth;
import 'package:shop_client/shop_client.dart';
import 'package:shop_shared/shop_shared.dart';

import 'check.dart';
import 'models.dart' show describe, travel;
import 'samples.dart';

final _protocol = Protocol();

/// A value goes out under its name, and comes back as what it was.
void _wrapped(String className, Object? value) {
  check('the name of $className', _protocol.getClassNameForObject(value), className);
  final wrapped = travel(_protocol.wrapWithClassName(value));
  final read = _protocol.deserializeByClassName(wrapped);
  check('$className comes back', travel(_protocol.wrapWithClassName(read)), wrapped);
}

/// The protocol: every type by its name and as a type.
void checkProtocol() {
  _wrapped('null', null);
  _wrapped('int', 1);
  _wrapped('double', 1.5);
  _wrapped('String', 'text');
  _wrapped('Gadget', gadget);
  _wrapped('Collections', collections);
  _wrapped('Coordinate', Coordinate(x: 1, y: 2));
  _wrapped('Empty', Empty());
  _wrapped('Animal', Animal(name: 'a'));
  _wrapped('Dog', Dog(name: 'd', tricks: []));
  _wrapped('Circle', circle);
  _wrapped('Polygon', triangle);
  _wrapped('LabelledPolygon', labelled);
  _wrapped('OutOfStock', OutOfStock(gadget: 'g'));
  _wrapped('Size', Size.large);
  _wrapped('State', State.sold);
  _wrapped('Money', const Money(5));
  _wrapped('serverpod_auth.UserInfo', auth.UserInfo(id: 1, userName: 'Ann'));
  _wrapped('List<int>', [1, 2]);
  _wrapped('List<Gadget>', [gadget]);
  _wrapped('List<Gadget?>', [gadget, null]);
  _wrapped('List<Shape>', <Shape>[circle, labelled]);
  _wrapped('Set<String>', {'a'});
  _wrapped('Map<String,Gadget>', {'a': gadget});
  _wrapped('Map<int,List<String>>', {
    1: ['a']
  });
  _wrapped('Map<Size,int>', {Size.small: 1});
  _wrapped('(int,String)', (1, 'one'));
  _wrapped('(int,{String name})', (1, name: 'one'));
  _wrapped('List<(int,String)>', [(1, 'one')]);

  check('a list of its type', _protocol.deserialize<List<int>>([1]), [1]);
  check('a list or null', _protocol.deserialize<List<String>?>(null), null);
  check('a record or null', _protocol.deserialize<(int?,)?>(null), null);
  check('a record of null', _protocol.deserialize<(int?,)?>({'p': [null]}), (null,));
  check('a model or null', _protocol.deserialize<Gadget?>(null), null);
  check('any value', _protocol.deserialize<dynamic>({'className': 'int', 'data': 3}), 3);
  check('a module reads its own', _protocol.deserialize<auth.UserInfo>({'userName': 'Bo'}).userName, 'Bo');
  check('a sealed class is read by what it is', describe(_protocol.deserialize<Shape>(travel(circle))),
      'circle of 1.5');
  check('as is one that may be null', _protocol.deserialize<Shape?>(travel(circle)) is Circle, true);
  check('or is null', _protocol.deserialize<Shape?>(null), null);
  check('a class that is not known is read as what is expected',
      _protocol.deserialize<Animal>({'__className__': 'Bird', 'name': 'Tweety'}).name, 'Tweety');
  check('a record that is null', _protocol.mapRecordToJson(null), null);

  checkThrows<DeserializationTypeNotFoundException>(
      'a type that does not travel', () => _protocol.deserialize<StringBuffer>({}));
  checkThrows<FormatException>(
      'a name that is not known', () => _protocol.deserializeByClassName({'className': 'Nobody', 'data': {}}));
  checkThrows<Exception>('a record that does not travel', () => _protocol.mapRecordToJson((1, 2, 3)));
}
