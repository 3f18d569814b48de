//! One macro for every closed code list, so that code, labels and parse error stand together.

/// Declares an enum whose variants have a code (API, CSV, database), a Japanese label, a meaning in
/// English and, where the label does not say it all, one in Japanese.
macro_rules! codes {
    (@ja $label:literal) => { $label };
    (@ja $label:literal, $meaning_ja:literal) => { $meaning_ja };
    (
        $(#[$meta:meta])*
        $name:ident, $what_ja:literal, $what_en:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $code:literal, $label:literal, $meaning:literal $(, $meaning_ja:literal)?; )+
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                #[doc = $meaning]
                #[serde(rename = $code)]
                $variant,
            )+
        }

        impl $name {
            /// Every value, in the order of the published list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code used in API, CSV and database.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The Japanese label.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// What the code means, in English.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }

            /// What the code means, in Japanese.
            pub const fn meaning_ja(self) -> &'static str {
                match self {
                    $(Self::$variant => $crate::domain::codes::codes!(@ja $label $(, $meaning_ja)?)),+
                }
            }

            /// Position in [`Self::ALL`].
            pub const fn index(self) -> u8 {
                self as u8
            }

            /// The value at a position of [`Self::ALL`].
            pub fn at(index: u8) -> Option<Self> {
                Self::ALL.get(usize::from(index)).copied()
            }
        }

        // By hand: the derive does not see codes that a macro hands to it.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let meanings: Vec<String> = Self::ALL
                    .iter()
                    .map(|value| format!("{} {}", value.code(), value.label()))
                    .collect();
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|value| value.code())))
                    .description(Some(format!("{}: {}", $what_ja, meanings.join("、"))))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::Refusal;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.code() == text).ok_or_else(|| {
                    let known: Vec<&str> = Self::ALL.iter().map(|value| value.code()).collect();
                    $crate::domain::text::unknown_code(text, $what_ja, $what_en, &known)
                })
            }
        }
    };
}

pub(crate) use codes;
