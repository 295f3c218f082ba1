//! One rule each. That all of them together are right is seen by the golden packages.

use super::format;

/// Checks how a member of a class is laid out.
#[track_caller]
fn check(member: &str, expected: &str) {
    let text = format(&format!("class A {{\n{member}\n}}\n"));
    let lines: Vec<String> = expected
        .lines()
        .map(|line| if line.is_empty() { String::new() } else { format!("  {line}") })
        .collect();
    let expected = format!("class A {{\n{}\n}}\n", lines.join("\n"));
    assert!(text == expected, "expected:\n{expected}\nfound:\n{text}");
    assert_eq!(format(&text), text, "what is laid out stays as it is");
}

#[test]
fn what_fits_is_on_one_line() {
    check("int   a ;", "int a;");
    check("static int f( String s,[ int? n ] )=>g(s ,n);", "static int f(String s, [int? n]) => g(s, n);");
}

#[test]
fn a_last_comma_splits_a_list() {
    check("A({this.a, required this.b,});", "A({\n  this.a,\n  required this.b,\n});");
    check("int f(int a, [int? b,]) => 1;", "int f(\n  int a, [\n  int? b,\n]) => 1;");
}

#[test]
fn lists_get_a_comma_when_they_are_split() {
    check(
        "int f() {\nreturn aLongFunction(withOneArgumentThatIsLong, withAnotherOneThatIsEvenLonger);\n}",
        "int f() {\n  return aLongFunction(\n    withOneArgumentThatIsLong,\n    withAnotherOneThatIsEvenLonger,\n  );\n}",
    );
}

#[test]
fn a_collection_with_another_inside_is_split() {
    check("Map get a => {'b': [1]};", "Map get a => {\n  'b': [1],\n};");
    check("Map get a => {'b': []};", "Map get a => {'b': []};");
}

#[test]
fn initializers_are_below_each_other() {
    check(
        "A({int? a, int? b,}) : a = a ?? 1, b = b ?? -2;",
        "A({\n  int? a,\n  int? b,\n}) : a = a ?? 1,\n     b = b ?? -2;",
    );
    check(
        "_ALongNameOfAClassImpl({required String aLongNameOfAField}) : super._(aLongNameOfAField: aLongNameOfAField);",
        "_ALongNameOfAClassImpl({required String aLongNameOfAField})\n  : super._(aLongNameOfAField: aLongNameOfAField);",
    );
}

#[test]
fn operators_end_lines_and_conditions_begin_them() {
    check(
        "int f() {\nreturn aLongNameOfAVariable == null ? anotherNameOfAVariable : theThirdNameOfAVariable;\n}",
        "int f() {\n  return aLongNameOfAVariable == null\n      ? anotherNameOfAVariable\n      : theThirdNameOfAVariable;\n}",
    );
    check(
        "bool f() {\nreturn aLongNameOfAVariable == anotherNameOfAVariable && oneMore == theLastOne;\n}",
        "bool f() {\n  return aLongNameOfAVariable == anotherNameOfAVariable &&\n      oneMore == theLastOne;\n}",
    );
}

#[test]
fn conditions_inside_each_other_are_always_split() {
    check(
        "int f() {\nreturn a is int? ? a : b == null ? null : c;\n}",
        "int f() {\n  return a is int?\n      ? a\n      : b == null\n      ? null\n      : c;\n}",
    );
}

#[test]
fn chains_break_before_their_calls() {
    check(
        "int f() {\nreturn (aLongNameOfAList as List).map((e) => aLongNameOfAFunction<String>(e)).toList() as T;\n}",
        "int f() {\n  return (aLongNameOfAList as List)\n          .map((e) => aLongNameOfAFunction<String>(e))\n          .toList()\n      as T;\n}",
    );
}

#[test]
fn a_body_begins_a_line_rather_than_to_split_what_follows() {
    check(
        "Future<String> aLongNameOfAMethod(int a) => caller.aLongNameOfAFunction<String>(a, b);",
        "Future<String> aLongNameOfAMethod(int a) =>\n    caller.aLongNameOfAFunction<String>(a, b);",
    );
}

#[test]
fn types_of_records_keep_their_commas() {
    check("(int,) a;", "(int,) a;");
    check(
        "(String, Map<String, int>, {bool aLongerFlag, List<SomeLongName> anotherLongName})? aNameOfAField;",
        "(\n  String,\n  Map<String, int>, {\n  bool aLongerFlag,\n  List<SomeLongName> anotherLongName,\n})?\naNameOfAField;",
    );
}

#[test]
fn clauses_of_a_class_are_indented() {
    let text = format(
        "abstract class ALongNameOfAClass extends _i1.AnotherClass implements _i2.SerializableModel {}\n",
    );
    let expected = "abstract class ALongNameOfAClass extends _i1.AnotherClass\n    implements _i2.SerializableModel {}\n";
    assert_eq!(text, expected);
}

#[test]
fn comments_and_empty_lines_are_kept() {
    check(
        "/// One.\n/// Two.\n@override\nint a;\n\n\n// Three.\nint b;",
        "/// One.\n/// Two.\n@override\nint a;\n\n// Three.\nint b;",
    );
}
