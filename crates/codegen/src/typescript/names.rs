//! Names that JavaScript lets stand where they are needed.

/// Words that cannot name a variable, in modules as they are.
const RESERVED: &str = "arguments async await break case catch class const continue debugger default delete do else enum \
    eval export extends false finally for function if implements import in instanceof interface let new null package \
    private protected public return static super switch this throw true try typeof undefined var void while with yield";

/// What every object has already.
const OBJECT_MEMBERS: &str = "__defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ __proto__ constructor \
    hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf";

/// The name for a variable, parameter or class; one that is taken gets an underscore at its end.
pub(crate) fn variable(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    free(name, |name| is_in(RESERVED, name) || is_taken(name))
}

/// The name for a member of an object: of a model, of an endpoint, of the client.
pub(crate) fn member(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    free(name, |name| is_in(OBJECT_MEMBERS, name) || is_taken(name))
}

fn is_in(words: &str, name: &str) -> bool {
    words.split(' ').any(|word| word == name)
}

fn free(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = name.to_owned();
    while is_taken(&name) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_gets_an_underscore() {
        assert_eq!(variable("shape", |_| false), "shape");
        assert_eq!(variable("delete", |_| false), "delete_");
        assert_eq!(member("delete", |_| false), "delete");
        assert_eq!(member("constructor", |_| false), "constructor_");
        assert_eq!(member("then", |name| name.starts_with("then") && name.len() < 6), "then__");
    }
}
