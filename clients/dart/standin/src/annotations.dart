/// Marks a class whose fields do not change.
const immutable = _Immutable();

/// Marks a method that is called for its result alone.
const useResult = _UseResult();

class _Immutable {
  const _Immutable();
}

class _UseResult {
  const _UseResult();
}
