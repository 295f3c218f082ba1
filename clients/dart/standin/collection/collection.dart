/// What generated code names of `collection`.
library;

export 'package:standin/deep_collection_equality.dart';
