//! The type of a value, and its name on the wire.

use std::fmt;
use std::str::FromStr;

/// The longest type name that is read, in bytes.
const NAME_MAX_BYTES: usize = 1024;
/// How deep type arguments may nest.
const NESTING_MAX: u32 = 16;

/// The type of an argument, a stream element or a field.
///
/// Its `Display` form is the class name of the wire protocol: `int`, `List<SimpleData?>`, `Map<String,int>`,
/// `(int,String)`; [`FromStr`] reads that form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// Nothing: what a method without an answer returns.
    Void,
    /// Any value; it travels together with its class name.
    Dynamic,
    /// `bool`
    Bool,
    /// `int`: a 64-bit signed integer.
    Int,
    /// `double`: a 64-bit float.
    Double,
    /// `String`
    String,
    /// `DateTime`: an instant in UTC, to the microsecond.
    DateTime,
    /// `Duration`: milliseconds, possibly negative.
    Duration,
    /// `ByteData`: bytes.
    ByteData,
    /// `UuidValue`
    Uuid,
    /// `Uri`
    Uri,
    /// `BigInt`: an integer of any size.
    BigInt,
    /// `List<T>`
    List(Box<Type>),
    /// `Set<T>`
    Set(Box<Type>),
    /// `Map<K,V>`
    Map(Box<Type>, Box<Type>),
    /// A record: `(int,String)`, `(int,)`, `({int x,int y})`.
    Record {
        /// The positional fields.
        positional: Vec<Type>,
        /// The named fields, by name.
        named: Vec<(String, Type)>,
    },
    /// A model, an exception or an enum, with its module's prefix if it has one: `serverpod_auth.UserInfo`.
    Named(String),
    /// `T?`
    Nullable(Box<Type>),
}

impl Type {
    /// The optional form of this type; a type that already takes null stays as it is.
    #[must_use]
    pub fn nullable(self) -> Self {
        if self.takes_null() { self } else { Self::Nullable(Box::new(self)) }
    }

    /// Whether null is one of this type's values.
    pub fn takes_null(&self) -> bool {
        matches!(self, Self::Nullable(_) | Self::Dynamic | Self::Void)
    }

    /// The class name under which a value of this type, other than null, travels: the type's name without an outer
    /// `?`, but for records, whose class name keeps it.
    pub fn class_name(&self) -> String {
        match self {
            Self::Nullable(inner) if !matches!(**inner, Self::Record { .. }) => inner.to_string(),
            other => other.to_string(),
        }
    }

    /// The names of the models, exceptions and enums in it.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Named(name) => vec![name],
            Self::Nullable(inner) | Self::List(inner) | Self::Set(inner) => inner.names(),
            Self::Map(key, value) => [key.names(), value.names()].concat(),
            Self::Record { positional, named } => {
                let named = named.iter().map(|(_, ty)| ty);
                positional.iter().chain(named).flat_map(Self::names).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a value of type `other` may stand where this type is expected: the same type, or one that differs
    /// only in not taking null where this type does, or an int where a double is expected, because on the web a double
    /// without a fraction cannot be told from an int.
    pub fn accepts(&self, other: &Type) -> bool {
        match (self, other) {
            (Self::Dynamic, _) | (Self::Double, Self::Int) => true,
            (Self::Nullable(a), Self::Nullable(b)) => a.accepts(b),
            (Self::Nullable(a), b) => a.accepts(b),
            (Self::List(a), Self::List(b)) | (Self::Set(a), Self::Set(b)) => a.accepts(b),
            (Self::Map(k, v), Self::Map(ok, ov)) => k.accepts(ok) && v.accepts(ov),
            (Self::Record { positional, named }, Self::Record { positional: op, named: on }) => {
                positional.len() == op.len()
                    && named.len() == on.len()
                    && positional.iter().zip(op).all(|(a, b)| a.accepts(b))
                    && named.iter().zip(on).all(|((name, a), (other, b))| name == other && a.accepts(b))
            }
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(item) => write!(f, "List<{item}>"),
            Self::Set(item) => write!(f, "Set<{item}>"),
            Self::Map(key, value) => write!(f, "Map<{key},{value}>"),
            Self::Nullable(inner) => write!(f, "{inner}?"),
            Self::Named(name) => f.write_str(name),
            Self::Record { positional, named } => {
                f.write_str("(")?;
                for (index, ty) in positional.iter().enumerate() {
                    if index > 0 {
                        f.write_str(",")?;
                    }
                    write!(f, "{ty}")?;
                }
                // A record of one positional field keeps a comma, to tell it from a type in parentheses.
                if positional.len() == 1 || (!positional.is_empty() && !named.is_empty()) {
                    f.write_str(",")?;
                }
                if !named.is_empty() {
                    f.write_str("{")?;
                    for (index, (name, ty)) in named.iter().enumerate() {
                        if index > 0 {
                            f.write_str(",")?;
                        }
                        write!(f, "{ty} {name}")?;
                    }
                    f.write_str("}")?;
                }
                f.write_str(")")
            }
            basic => f.write_str(BASIC.iter().find(|(_, ty)| ty == basic).map_or("", |(name, _)| name)),
        }
    }
}

const BASIC: [(&str, Type); 12] = [
    ("void", Type::Void),
    ("dynamic", Type::Dynamic),
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("double", Type::Double),
    ("String", Type::String),
    ("DateTime", Type::DateTime),
    ("Duration", Type::Duration),
    ("ByteData", Type::ByteData),
    ("UuidValue", Type::Uuid),
    ("Uri", Type::Uri),
    ("BigInt", Type::BigInt),
];

/// A text that is not the name of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a type: expected {expected} at byte {position}")]
pub struct ParseTypeError {
    expected: &'static str,
    position: usize,
}

impl FromStr for Type {
    type Err = ParseTypeError;

    fn from_str(text: &str) -> Result<Self, ParseTypeError> {
        if text.len() > NAME_MAX_BYTES {
            return Err(ParseTypeError { expected: "at most 1024 bytes", position: NAME_MAX_BYTES });
        }
        let mut parser = Parser { text, position: 0, depth: 0 };
        let ty = parser.ty()?;
        if parser.position < text.len() {
            return Err(parser.expected("the end"));
        }
        Ok(ty)
    }
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: u32,
}

impl Parser<'_> {
    fn ty(&mut self) -> Result<Type, ParseTypeError> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(self.expected("at most 16 levels of nesting"));
        }
        self.skip_spaces();
        let mut ty = if self.take('(') { self.record()? } else { self.named()? };
        if self.take('?') {
            ty = Type::Nullable(Box::new(ty));
        }
        self.depth -= 1;
        Ok(ty)
    }

    fn named(&mut self) -> Result<Type, ParseTypeError> {
        let name = self.identifier()?;
        if !self.take('<') {
            return Ok(BASIC
                .iter()
                .find(|(basic, _)| *basic == name)
                .map_or_else(|| Type::Named(name), |(_, ty)| ty.clone()));
        }
        let first = Box::new(self.ty()?);
        let ty = match name.as_str() {
            "List" => Type::List(first),
            "Set" => Type::Set(first),
            "Map" => {
                self.expect(',')?;
                Type::Map(first, Box::new(self.ty()?))
            }
            _ => return Err(self.expected("List, Set or Map before type arguments")),
        };
        self.expect('>')?;
        Ok(ty)
    }

    /// What follows the opening parenthesis of a record.
    fn record(&mut self) -> Result<Type, ParseTypeError> {
        let (mut positional, mut named) = (Vec::new(), Vec::new());
        loop {
            self.skip_spaces();
            if self.take('{') {
                loop {
                    let ty = self.ty()?;
                    self.skip_spaces();
                    named.push((self.identifier()?, ty));
                    if !self.take(',') {
                        break;
                    }
                }
                self.expect('}')?;
                break;
            }
            if self.rest().starts_with(')') {
                break;
            }
            positional.push(self.ty()?);
            if !self.take(',') {
                break;
            }
        }
        self.expect(')')?;
        Ok(Type::Record { positional, named })
    }

    fn identifier(&mut self) -> Result<String, ParseTypeError> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.' || c == '$'))
            .unwrap_or(rest.len());
        if end == 0 {
            return Err(self.expected("a name"));
        }
        let name = rest[..end].to_owned();
        self.position += end;
        Ok(name)
    }

    fn rest(&self) -> &str {
        &self.text[self.position..]
    }

    fn skip_spaces(&mut self) {
        self.position += self.rest().len() - self.rest().trim_start_matches(' ').len();
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.rest().starts_with(c);
        if found {
            self.position += c.len_utf8();
        }
        found
    }

    fn expect(&mut self, c: char) -> Result<(), ParseTypeError> {
        let expected = match c {
            ',' => "`,`",
            '>' => "`>`",
            ')' => "`)`",
            _ => "`}`",
        };
        if self.take(c) { Ok(()) } else { Err(self.expected(expected)) }
    }

    fn expected(&self, expected: &'static str) -> ParseTypeError {
        ParseTypeError { expected, position: self.position }
    }
}

impl serde::Serialize for Type {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Type {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(name: &str, class_name: &str) {
        let ty: Type = name.parse().unwrap();
        assert_eq!(ty.to_string(), name);
        assert_eq!(ty.class_name(), class_name);
    }

    #[test]
    fn names_are_read_and_written() {
        check("int", "int");
        check("int?", "int");
        check("List<Set<SimpleData?>>?", "List<Set<SimpleData?>>");
        check("Map<String,List<int>?>", "Map<String,List<int>?>");
        check("(int,)", "(int,)");
        check("(int?,)?", "(int?,)?");
        check("(int,String)", "(int,String)");
        check("({int x,String? y})", "({int x,String? y})");
        check("(int,{bool z})", "(int,{bool z})");
        check("serverpod_auth.UserInfo", "serverpod_auth.UserInfo");
        assert_eq!("Map<String, int>".parse::<Type>().unwrap().to_string(), "Map<String,int>");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "List<", "List<int", "Map<int>", "Foo<int>", "int??", "(int", "int,", "<int>", "a b"]
        {
            assert!(text.parse::<Type>().is_err(), "{text:?}");
        }
        let deep = "List<".repeat(20) + "int" + &">".repeat(20);
        assert!(deep.parse::<Type>().is_err());
        assert!("x".repeat(2000).parse::<Type>().is_err());
    }

    #[test]
    fn a_wider_type_accepts_a_narrower_one() {
        let accepts = |wide: &str, narrow: &str| {
            wide.parse::<Type>().unwrap().accepts(&narrow.parse::<Type>().unwrap())
        };
        assert!(accepts("List<SimpleData?>", "List<SimpleData>"));
        assert!(!accepts("List<SimpleData>", "List<SimpleData?>"));
        assert!(accepts("(int?,)?", "(int,)"));
        assert!(accepts("dynamic", "Map<int,int>"));
        assert!(accepts("List<double>", "List<int>"));
        assert!(!accepts("int", "double"));
        assert!(!accepts("int", "String"));
    }

    fn any_type() -> impl Strategy<Value = Type> {
        let leaf = prop_oneof![
            proptest::sample::select(BASIC.map(|(_, ty)| ty).to_vec()),
            "[A-Z][a-z]{1,5}x9".prop_map(Type::Named),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                inner.clone().prop_map(|t| Type::List(Box::new(t))),
                inner.clone().prop_map(|t| Type::Set(Box::new(t))),
                (inner.clone(), inner.clone()).prop_map(|(k, v)| Type::Map(Box::new(k), Box::new(v))),
                inner.clone().prop_map(Type::nullable),
                (proptest::collection::vec(inner.clone(), 1..3), proptest::collection::vec(inner, 0..2))
                    .prop_map(|(positional, named)| Type::Record {
                        positional,
                        named: named.into_iter().enumerate().map(|(i, t)| (format!("f{i}"), t)).collect(),
                    }),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_type_survives_its_name(ty in any_type()) {
            prop_assert_eq!(ty.to_string().parse::<Type>().unwrap(), ty);
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = text.parse::<Type>();
        }
    }
}
