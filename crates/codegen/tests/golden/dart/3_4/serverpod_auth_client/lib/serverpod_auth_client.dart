export 'src/protocol/protocol.dart';
export 'package:serverpod_client/serverpod_client.dart';
