//! Structs as Rust code.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Path, Type};

use crate::attributes::FieldDefault;
use crate::errors::at;
use crate::model::{Kind, Member, Model};
use crate::render_model::{Bodies, is_model, optional, travels};

/// A struct with named fields.
pub(crate) fn class(
    model: &Model,
    kind: Kind,
    extends: Option<&Path>,
    immutable: bool,
    fields: &[Member],
) -> Bodies {
    let p = quote!(::streampod::__private);
    let Model { name, docs, file, server_only, .. } = model;
    let defaults: Vec<_> =
        fields.iter().enumerate().filter_map(|(index, field)| default(index, field)).collect();
    let encoded = fields.iter().map(encode_field);
    let decode = decode_fields(fields, &defaults);
    let described = describe_fields(fields);
    let variant = match kind {
        Kind::Model => quote!(Class),
        Kind::Exception => quote!(Exception),
    };
    let (extends, file) = (parent(extends), optional(file.as_ref()));
    let schema = quote! {{
        #(#defaults)*
        #p::schema::Model::#variant(#p::schema::Class {
            name: #name.into(),
            #docs,
            file: #file,
            extends: #extends,
            sealed: false,
            immutable: #immutable,
            server_only: #server_only,
            fields: #described,
        })
    }};
    let encode = quote! {
        encoder.fields(|fields| {
            #(#encoded)*
            let _ = fields;
        });
    };
    Bodies { encode, decode, schema, has_identity: true, ..Bodies::default() }
}

/// A struct with named fields which travels as a record.
pub(crate) fn record(ident: &Ident, fields: &[Member]) -> TokenStream {
    let p = quote!(::streampod::__private);
    let (positional, named): (Vec<_>, Vec<_>) = fields.iter().partition(|field| field.positional);
    let write = |field: &&Member| {
        let Member { ident, ty, .. } = field;
        quote_spanned!(at(ty)=> &self.#ident as &dyn ::streampod::__private::Encode)
    };
    let positions = (!positional.is_empty()).then(|| {
        let items = positional.iter().map(write);
        quote!(fields.with("p", |encoder| encoder.list([#(#items),*], |encoder, item| item.encode(encoder)));)
    });
    let names = (!named.is_empty()).then(|| {
        let (keys, items) = (named.iter().map(|field| &field.key), named.iter().map(write));
        quote!(fields.with("n", |encoder| encoder.fields(|fields| {
            #(fields.with(#keys, |encoder| (#items).encode(encoder));)*
        }));)
    });
    let encode = quote!(encoder.fields(|fields| { #positions #names }););
    let slots: Vec<_> = slots(fields);
    let slot = |field: &&Member| {
        fields.iter().position(|other| other.ident == field.ident).map(|index| &slots[index])
    };
    let (types, idents) = (fields.iter().map(|field| &field.ty), fields.iter().map(|field| &field.ident));
    let by_position = positional.iter().enumerate().map(|(index, field)| {
        let (name, slot) = (format!("[{index}]"), slot(field));
        quote!(#index => decoder.field(#name, &mut #slot))
    });
    let by_name = named.iter().map(|field| {
        let (key, slot) = (&field.key, slot(field));
        quote!(#key => decoder.field(#key, &mut #slot))
    });
    let keys = fields.iter().map(|field| &field.key);
    let decode = quote! {
        #(let mut #slots = ::std::option::Option::None::<#types>;)*
        decoder.fields(|part, decoder| match part {
            "p" => {
                let mut index = 0_usize;
                decoder.list(|decoder| {
                    index += 1;
                    match index - 1 {
                        #(#by_position,)*
                        _ => decoder.skip(),
                    }
                })
            }
            "n" => decoder.fields(|name, decoder| match name {
                #(#by_name,)*
                _ => decoder.skip(),
            }),
            _ => decoder.skip(),
        })?;
        ::std::result::Result::Ok(Self { #(#idents: #p::required(#keys, #slots)?),* })
    };
    let travels = travels(ident, &encode, &decode);
    let describe = |field: &&Member| {
        let ty = &field.ty;
        quote_spanned!(at(ty)=> <#ty as ::streampod::__private::Model>::describe(catalog))
    };
    let positional = positional.iter().map(describe);
    let named_types = named.iter().map(describe);
    let named_keys = named.iter().map(|field| &field.key);
    quote! {
        #travels

        #[automatically_derived]
        impl #p::Model for #ident {
            const HAS_IDENTITY: bool = true;

            fn describe(catalog: &mut #p::Catalog) -> #p::schema::Type {
                let _ = &catalog;
                #p::schema::Type::Record {
                    positional: ::std::vec![#(#positional),*],
                    named: ::std::vec![#((::std::string::String::from(#named_keys), #named_types)),*],
                }
            }
        }
    }
}

/// A struct that travels as its only field.
pub(crate) fn newtype(model: &Model, ty: &Type) -> Bodies {
    let p = quote!(::streampod::__private);
    let Model { name, docs, .. } = model;
    let is_model = is_model(ty);
    let encode = quote_spanned!(at(ty)=> #is_model <#ty as #p::Encode>::encode(&self.0, encoder));
    let decode = quote_spanned!(at(ty)=> #is_model <#ty as #p::Decode>::decode(decoder).map(Self));
    let schema = quote! {{
        let _ = catalog;
        #p::schema::Model::Custom(#p::schema::Custom { name: #name.into(), #docs })
    }};
    Bodies { encode, decode, schema, has_identity: true, ..Bodies::default() }
}

/// The name of the class that is extended; tells the catalog of it.
pub(crate) fn parent(extends: Option<&Path>) -> TokenStream {
    match extends {
        None => quote!(::std::option::Option::None),
        Some(parent) => quote_spanned! {at(parent)=> {
            <#parent as ::streampod::__private::Model>::describe(catalog);
            ::std::option::Option::Some(<#parent as ::streampod::__private::Class>::NAME.into())
        }},
    }
}

/// A list of the fields as the schema has them.
pub(crate) fn describe_fields(fields: &[Member]) -> TokenStream {
    let p = quote!(::streampod::__private);
    let fields = fields.iter().enumerate().map(|(index, field)| {
        let Member { name, key, docs, ty, required, server_only, .. } = field;
        let described = quote_spanned!(at(ty)=> <#ty as ::streampod::__private::Model>::describe(catalog));
        let key = optional((key != name).then_some(key));
        let default = match &field.default {
            None => quote!(::std::option::Option::None),
            Some(FieldDefault::Value(_)) => {
                let default = default_name(index);
                quote!(::std::option::Option::Some(catalog.default_of(#name, &#default())))
            }
            Some(FieldDefault::Now) => quote!(::std::option::Option::Some(#p::schema::FieldDefault::Now)),
            Some(FieldDefault::RandomUuid) => {
                quote!(::std::option::Option::Some(#p::schema::FieldDefault::RandomUuid))
            }
            Some(FieldDefault::RandomUuidV7) => {
                quote!(::std::option::Option::Some(#p::schema::FieldDefault::RandomUuidV7))
            }
        };
        quote!(#p::schema::Field {
            name: #name.into(),
            key: #key,
            ty: #described,
            #docs,
            required: #required,
            default: #default,
            server_only: #server_only,
        })
    });
    quote!(::std::vec![#(#fields),*])
}

// Each use of a field is placed at its type, where the mistake is if that cannot travel; and asks for `Model` first, in the
// same words, so that the compiler says that once.

fn encode_field(field: &Member) -> TokenStream {
    let Member { ident, key, ty, server_only, .. } = field;
    let mut ident = ident.clone();
    ident.set_span(at(ty));
    let is_model = is_model(ty);
    let write = if *server_only {
        quote_spanned!(at(ty)=> known_server_field)
    } else {
        quote_spanned!(at(ty)=> known_field)
    };
    let key = literal(key);
    quote_spanned!(at(ty)=> #is_model fields.#write(#key, &self.#ident);)
}

/// Reads the fields and makes a `Self` of them.
fn decode_fields(fields: &[Member], defaults: &[TokenStream]) -> TokenStream {
    let slots = slots(fields);
    let types = fields.iter().map(|field| &field.ty);
    let keys = fields.iter().map(|field| literal(&field.key));
    let read = fields.iter().zip(&slots).enumerate().map(|(index, (Member { key, ty, server_only, .. }, slot))| {
        let is_model = is_model(ty);
        let field =
            if *server_only { quote_spanned!(at(ty)=> server_field) } else { quote_spanned!(at(ty)=> field) };
        quote_spanned!(at(ty)=> ::std::option::Option::Some(#index) => { #is_model decoder.#field::<#ty>(#key, &mut #slot) })
    });
    let made = fields.iter().zip(&slots).enumerate().map(|(index, (field, slot))| {
        let Member { ident, key, ty, .. } = field;
        let value = if field.default.is_some() {
            let default = default_name(index);
            quote!(decoder.or_default(#slot, #default))
        } else {
            quote_spanned!(at(ty)=> ::streampod::__private::required::<#ty>(#key, #slot)?)
        };
        quote!(#ident: #value)
    });
    quote! {
        #(#defaults)*
        #(let mut #slots = ::std::option::Option::None::<#types>;)*
        decoder.known_fields(&[#(#keys),*], |field, decoder| match field {
            #(#read,)*
            _ => decoder.skip(),
        })?;
        ::std::result::Result::Ok(Self { #(#made),* })
    }
}

/// A key as JSON has it, between the value before and its own.
fn literal(key: &str) -> String {
    format!(",\"{key}\":")
}

fn slots(fields: &[Member]) -> Vec<Ident> {
    let slots = fields.iter().enumerate();
    slots.map(|(index, field)| format_ident!("field_{index}", span = at(&field.ty))).collect()
}

/// What makes the default of a field.
fn default(index: usize, field: &Member) -> Option<TokenStream> {
    let (name, ty) = (default_name(index), &field.ty);
    let value = match field.default.as_ref()? {
        FieldDefault::Value(value) => quote!(#value),
        FieldDefault::Now => quote_spanned!(at(ty)=> ::streampod::__private::now().into()),
        FieldDefault::RandomUuid => quote_spanned!(at(ty)=> ::streampod::__private::Uuid::new_v4().into()),
        FieldDefault::RandomUuidV7 => quote_spanned!(at(ty)=> ::streampod::__private::Uuid::now_v7().into()),
    };
    Some(quote_spanned!(at(ty)=> let #name = || -> #ty { #value };))
}

fn default_name(index: usize) -> Ident {
    format_ident!("default_{index}")
}
