import 'dart:io';

import 'package:standin/deep_collection_equality.dart';

var _passed = 0;
var _failed = 0;

/// Checks that two values are equal, in what is in them.
void check(String what, Object? actual, Object? expected) {
  if (const DeepCollectionEquality().equals(actual, expected)) {
    _passed++;
  } else {
    _failed++;
    stderr.writeln('$what:\n  expected $expected\n  found    $actual');
  }
}

/// Checks that something throws an error of a type.
void checkThrows<E>(String what, dynamic Function() action) {
  try {
    final result = action();
    check(what, 'nothing was thrown, but there is $result', '$E');
  } catch (error) {
    check(what, error is E, true);
  }
}

/// Says how it went, and ends the program.
Never finish() {
  stdout.writeln('$_passed checks passed, $_failed failed');
  exit(_failed == 0 && _passed > 0 ? 0 : 1);
}
