/// What generated code names of `serverpod_client` 3.4, without a network.
library;

export 'package:standin/annotations.dart';
export 'package:standin/client.dart';
export 'package:standin/deep_collection_equality.dart';
export 'package:standin/json.dart';
export 'package:standin/serialization.dart';
export 'package:standin/uuid.dart';
