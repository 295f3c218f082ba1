import 'dart:async';
import 'dart:convert';

import 'serialization.dart';

/// Holds the key of whoever is signed in.
abstract class AuthenticationKeyManager {}

/// Which method was called.
class MethodCallContext {
  const MethodCallContext(this.endpointName, this.methodName, this.arguments);

  final String endpointName;
  final String methodName;
  final Map<String, dynamic> arguments;
}

/// A call that was made, as it would travel.
class RecordedCall {
  RecordedCall(this.endpoint, this.method, this.arguments, this.streams);

  final String endpoint;
  final String method;

  /// The arguments as JSON that was written and read again.
  final Map<String, dynamic> arguments;

  /// What was fed into each stream: wrapped values, as JSON that was written and read again.
  final Map<String, Stream<dynamic>> streams;
}

/// What answers a call: the JSON of a value, or a stream of wrapped values.
typedef Answer = dynamic Function(RecordedCall call);

/// Where endpoints send their calls.
abstract class EndpointCaller {
  Future<T> callServerEndpoint<T>(String endpoint, String method, Map<String, dynamic> args);

  dynamic callStreamingServerEndpoint<T, G>(
    String endpoint,
    String method,
    Map<String, dynamic> args,
    Map<String, Stream> streams,
  );
}

/// An endpoint of the server.
abstract class EndpointRef {
  EndpointRef(this.caller);

  final EndpointCaller caller;

  String get name;
}

/// The endpoints of a module.
abstract class ModuleEndpointCaller extends EndpointCaller {
  ModuleEndpointCaller(this.client);

  final ServerpodClientShared client;

  Map<String, EndpointRef> get endpointRefLookup;

  @override
  Future<T> callServerEndpoint<T>(String endpoint, String method, Map<String, dynamic> args) =>
      client.callServerEndpoint<T>(endpoint, method, args);

  @override
  dynamic callStreamingServerEndpoint<T, G>(
    String endpoint,
    String method,
    Map<String, dynamic> args,
    Map<String, Stream> streams,
  ) =>
      client.callStreamingServerEndpoint<T, G>(endpoint, method, args, streams);
}

/// A client without a network: [answer] stands for the server.
abstract class ServerpodClientShared extends EndpointCaller {
  ServerpodClientShared(
    this.host,
    this.protocol, {
    dynamic securityContext,
    AuthenticationKeyManager? authenticationKeyManager,
    Duration? streamingConnectionTimeout,
    Duration? connectionTimeout,
    Function(MethodCallContext, Object, StackTrace)? onFailedCall,
    Function(MethodCallContext)? onSucceededCall,
    bool? disconnectStreamsOnLostInternetConnection,
  });

  final String host;
  final SerializationManager protocol;
  Answer answer = (call) => throw StateError('nobody answers ${call.endpoint}.${call.method}');

  Map<String, EndpointRef> get endpointRefLookup;

  Map<String, ModuleEndpointCaller> get moduleLookup;

  @override
  Future<T> callServerEndpoint<T>(String endpoint, String method, Map<String, dynamic> args) async {
    final json = answer(RecordedCall(endpoint, method, _travel(args), const {}));
    return T == getType<void>() ? null as T : protocol.deserialize<T>(_travel(json));
  }

  @override
  dynamic callStreamingServerEndpoint<T, G>(
    String endpoint,
    String method,
    Map<String, dynamic> args,
    Map<String, Stream> streams,
  ) {
    final fed = {
      for (final MapEntry(:key, :value) in streams.entries)
        key: value.map((element) => _travel(protocol.wrapWithClassName(element))),
    };
    final answers = answer(RecordedCall(endpoint, method, _travel(args), fed)) as Stream;
    final values = answers.map((wrapped) => protocol.deserializeByClassName(_travel(wrapped)));
    if (T == Stream<G>) return values.cast<G>();
    if (G == getType<void>()) return values.drain<void>();
    return values.cast<G>().single;
  }

  static dynamic _travel(dynamic value) => jsonDecode(SerializationManager.encode(value));
}
