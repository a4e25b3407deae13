//! The type that runs a function: it has its name, and no values.

use proc_macro2::{Ident, TokenStream as Tokens};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit};

use super::calls::calls;
use super::parts::{fields, local, value_and_error};
use super::settings::Settings;
use super::signature::{Parameter, ParameterDefault, Signature};
use super::written::Written;
use super::{Calls, Face, Kind, run_type};

/// What is written of all functions of one kind and face.
struct Names {
    /// `Flow` or `Task`, and the module that it is in.
    module: Tokens,
    maker: Ident,
    options: Tokens,
    result_options: Tokens,
    run: Tokens,
    /// `flow` or `task`: what gives the flow or task itself.
    getter: Ident,
}

pub(super) fn define(
    kind: Kind,
    written: &Written,
    signature: &Signature,
    settings: &Settings,
) -> Tokens {
    let names = names(kind, signature.face);
    let (ident, visibility) = (&signature.ident, &written.visibility);
    let struct_ident = format_ident!("{}_parameters", ident.unraw(), span = ident.span());
    let parameters = parameters(kind, written, signature, &struct_ident);
    let (value, error) = value_and_error(&signature.output);
    let (module, maker, getter) = (&names.module, &names.maker, &names.getter);
    let whole = quote!(::prefect_sdk::#module::#maker<#struct_ident, #value, #error>);
    let made = made(kind, written, signature, settings, &names, &struct_ident);
    let calls = calls(kind, written, signature);
    let (fields, types) = fields(&signature.parameters);
    let word = kind.word();
    let doc = format!(
        "The {word} [`{}`](fn@{ident}): what runs the function.",
        ident.unraw()
    );
    let getter_doc = format!("The {word} itself, for what is not here.");
    let in_async = in_async(kind, written, signature, &names, &struct_ident);
    quote! {
        #[doc = #doc]
        #[allow(non_camel_case_types)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #visibility enum #ident {}

        const _: () = {
            #parameters

            #[allow(dead_code, clippy::too_many_arguments, clippy::used_underscore_binding)]
            impl #ident {
                #[doc = #getter_doc]
                #[must_use]
                #visibility fn #getter() -> &'static #whole {
                    static MADE: ::std::sync::LazyLock<#whole> = ::std::sync::LazyLock::new(|| #made);
                    &MADE
                }

                #in_async

                /// Its parameters, as one value.
                #[must_use]
                #visibility fn parameters(#(#fields: #types),*) -> #struct_ident {
                    #struct_ident { #(#fields),* }
                }

                #calls
            }
        };
    }
}

/// What gives a blocking one for async flows.
fn in_async(
    kind: Kind,
    written: &Written,
    signature: &Signature,
    names: &Names,
    struct_ident: &Ident,
) -> Tokens {
    if signature.face == Face::Async {
        return quote!();
    }
    let (value, error) = value_and_error(&signature.output);
    let (visibility, module, getter) = (&written.visibility, &names.module, &names.getter);
    let ident = &signature.ident;
    let (maker, for_async) = (
        format_ident!("Async{}", names.maker),
        Calls::OnThreads.getter(kind),
    );
    let whole = quote!(::prefect_sdk::#module::#maker<#struct_ident, #value, #error>);
    let word = kind.word();
    let doc = format!("The {word} for async flows, in which its function runs on threads.");
    quote! {
        ::prefect_sdk::generated::if_async! {
            #[doc = #doc]
            #[must_use]
            #visibility fn #for_async() -> &'static #whole {
                static MADE: ::std::sync::LazyLock<#whole> =
                    ::std::sync::LazyLock::new(|| #ident::#getter().to_async());
                &MADE
            }
        }
    }
}

fn names(kind: Kind, face: Face) -> Names {
    let run = format_ident!("{}", run_type(kind, face));
    let (module, name, options, results) = match kind {
        Kind::Flow => (
            quote!(flows),
            "Flow",
            quote!(FlowOptions),
            quote!(FlowResultOptions),
        ),
        Kind::Task => (
            quote!(tasks),
            "Task",
            quote!(TaskOptions),
            quote!(TaskResultOptions),
        ),
    };
    let maker = match face {
        Face::Blocking => name.to_owned(),
        Face::Async => format!("Async{name}"),
    };
    Names {
        run: quote!(::prefect_sdk::#module::#run),
        maker: format_ident!("{maker}"),
        options: quote!(::prefect_sdk::#module::#options),
        result_options: quote!(::prefect_sdk::results::#results),
        module,
        getter: format_ident!("{}", kind.word()),
    }
}

/// The struct of the parameters: their names are its fields'.
fn parameters(kind: Kind, written: &Written, signature: &Signature, ident: &Ident) -> Tokens {
    let visibility = &written.visibility;
    // A flow's are read, and described to who fills them in. A task's are copied for its retries, and read by a worker where all
    // of them can be.
    let derives = match kind {
        Kind::Flow => quote! {
            #[derive(
                ::prefect_sdk::generated::serde::Serialize,
                ::prefect_sdk::generated::serde::Deserialize,
                ::prefect_sdk::generated::schemars::JsonSchema,
            )]
            #[serde(crate = "::prefect_sdk::generated::serde", deny_unknown_fields)]
            #[schemars(crate = "::prefect_sdk::generated::schemars")]
        },
        Kind::Task => {
            let bound = read_where(&signature.parameters);
            quote! {
                #[derive(
                    ::core::clone::Clone,
                    ::prefect_sdk::generated::serde::Serialize,
                    ::prefect_sdk::generated::serde::Deserialize,
                )]
                #[serde(
                    crate = "::prefect_sdk::generated::serde",
                    deny_unknown_fields,
                    bound(deserialize = #bound),
                )]
            }
        }
    };
    let fields = signature.parameters.iter().map(|parameter| {
        let (name, ty, attributes) = (&parameter.ident, &parameter.ty, &parameter.attributes);
        let default = parameter
            .default
            .as_ref()
            .filter(|_| kind == Kind::Flow)
            .map(|_| {
                let path = format!("{ident}::{}", default_name(name));
                quote!(#[serde(default = #path)])
            });
        quote!(#(#attributes)* #default #visibility #name: #ty)
    });
    let defaults = signature.parameters.iter().filter_map(|parameter| {
        let (name, ty) = (default_name(&parameter.ident), &parameter.ty);
        let value = default_value(parameter.default.as_ref()?);
        Some(quote!(fn #name() -> #ty { #value }))
    });
    quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code, clippy::struct_excessive_bools)]
        #derives
        #visibility struct #ident { #(#fields),* }

        #[allow(dead_code, clippy::unnecessary_wraps)]
        impl #ident { #(#defaults)* }
    }
}

/// That all of them can be read, as a bound that need not hold: one that speaks of no lifetime would be an error where it doesn't.
fn read_where(parameters: &[Parameter]) -> String {
    let bounds = parameters.iter().map(|parameter| {
        let ty = &parameter.ty;
        quote!(for<'any> #ty: ::prefect_sdk::generated::serde::Deserialize<'any>).to_string()
    });
    bounds.collect::<Vec<_>>().join(", ")
}

fn default_name(parameter: &Ident) -> Ident {
    format_ident!("default_{}", parameter.unraw())
}

fn default_value(default: &ParameterDefault) -> Tokens {
    match default {
        ParameterDefault::Default => quote!(::core::default::Default::default()),
        ParameterDefault::Value(
            text @ Expr::Lit(ExprLit {
                lit: Lit::Str(_), ..
            }),
        ) => {
            quote!(::core::convert::Into::into(#text))
        }
        ParameterDefault::Value(value) => quote!(#value),
    }
}

/// The expression that makes the flow or task.
fn made(
    kind: Kind,
    written: &Written,
    signature: &Signature,
    settings: &Settings,
    names: &Names,
    struct_ident: &Ident,
) -> Tokens {
    let (module, maker, run_type) = (&names.module, &names.maker, &names.run);
    let name = match (&settings.name, kind) {
        (Some(name), _) => quote!(#name),
        // As Python's flows are called by their functions.
        (None, Kind::Flow) => {
            let name = signature.ident.unraw().to_string().replace('_', "-");
            quote!(#name)
        }
        (None, Kind::Task) => {
            let name = signature.ident.unraw().to_string();
            quote!(#name)
        }
    };
    let options = options(written, settings, names);
    let own = settings
        .own
        .iter()
        .map(|(method, value)| quote!(.#method(#value)));
    let described = match kind {
        Kind::Flow => quote!(.describe_parameters()),
        Kind::Task => quote!(),
    };
    let function = function(signature, run_type, struct_ident);
    // Where what the function gives does not fit, that is what is shown.
    let new = quote_spanned!(signature.output.whole.span()=> ::prefect_sdk::#module::#maker::new);
    quote!(#new(#name, #function).with_options(#options) #described #(#own)*)
}

fn options(written: &Written, settings: &Settings, names: &Names) -> Tokens {
    let (options, result_options) = (&names.options, &names.result_options);
    let description = match (&settings.description, written.description()) {
        (Some(given), _) => Some(quote!(.description(#given))),
        (None, Some(docs)) => Some(quote!(.description(#docs))),
        (None, None) => None,
    };
    let set = settings
        .options
        .iter()
        .map(|(method, value)| quote!(.#method(#value)));
    let results = settings
        .results
        .iter()
        .map(|(method, value)| quote!(.#method(#value)));
    let results = (!settings.results.is_empty())
        .then(|| quote!(.results(#result_options::new() #(#results)*)));
    quote!(#options::new() #description #(#set)* #results)
}

/// The function as the builder takes it: of the run and the struct.
fn function(signature: &Signature, run_type: &Tokens, struct_ident: &Ident) -> Tokens {
    let ident = &signature.ident;
    let (fields, _) = fields(&signature.parameters);
    let (run, parameters) = (local("run"), local("parameters"));
    // Where the type of the run is another, that is what is shown.
    let borrowed = quote_spanned!(signature.run.span()=> &#run);
    let taken = if fields.is_empty() {
        quote!(_: #struct_ident)
    } else {
        quote!(#parameters: #struct_ident)
    };
    let called = quote!(#ident(#borrowed #(, #parameters.#fields)*));
    match signature.face {
        Face::Blocking => quote!(|#run: #run_type, #taken| #called),
        Face::Async => quote!(|#run: #run_type, #taken| async move { #called.await }),
    }
}
