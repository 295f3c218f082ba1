/// Checks what the golden package for the test's schema does, without a server.
library;

import 'check.dart';
import 'endpoints.dart';
import 'models.dart';
import 'protocol.dart';
import 'streams.dart';

Future<void> main() async {
  checkModels();
  checkProtocol();
  await checkEndpoints();
  await checkStreams();
  finish();
}
