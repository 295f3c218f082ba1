/// What generated code names of `serverpod_client` 2.9, without a network.
library;

export 'package:standin/annotations.dart' hide immutable;
export 'package:standin/client.dart';
export 'package:standin/json.dart' hide BoolJsonExtension;
export 'package:standin/serialization.dart';
export 'package:standin/uuid.dart';
