/// Compares lists, sets and maps by what is in them, however deep.
class DeepCollectionEquality {
  const DeepCollectionEquality();

  bool equals(Object? a, Object? b) => switch ((a, b)) {
        (List a, List b) => a.length == b.length &&
            Iterable<int>.generate(a.length).every((index) => equals(a[index], b[index])),
        (Set a, Set b) => a.length == b.length && a.every((value) => b.any((other) => equals(value, other))),
        (Map a, Map b) =>
          a.length == b.length && a.keys.every((key) => b.containsKey(key) && equals(a[key], b[key])),
        _ => a == b,
      };

  int hash(Object? value) => switch (value) {
        List list => Object.hashAll(list.map(hash)),
        Set set => Object.hashAllUnordered(set.map(hash)),
        Map map => Object.hashAllUnordered(map.entries.map((entry) => Object.hash(entry.key, hash(entry.value)))),
        _ => value.hashCode,
      };
}
