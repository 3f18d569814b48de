//! Log lines: one readable line or one JSON object, with the time in Japan.
//!
//! What the protocol layer says of requests that are none is left out unless asked for: anyone could
//! fill a disk with it.

use std::io::Write;

use chrono::{SecondsFormat, Utc};
use clap::{Args, ValueEnum};
use log::kv::{Error, Key, Value, VisitSource};

use crate::domain::dates::in_japan;

#[derive(Debug, Args)]
pub(super) struct LoggingArgs {
    /// 記録の形式（詳しさは環境変数 RUST_LOG）
    #[arg(long, global = true, env = "TODOKE_LOG_FORMAT", default_value = "text", value_name = "形式")]
    log_format: LogFormat,
}

/// Shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// 1件を1行の文で
    Text,
    /// 1件を1つの JSON で
    Json,
}

/// Starts logging to stderr; warnings and above unless `RUST_LOG` says otherwise.
pub(super) fn start(args: &LoggingArgs) {
    let format = args.log_format;
    let mut builder = env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("warn,actix_http=off,todoke=info"),
    );
    builder.format(move |out, record| {
        let time = in_japan(Utc::now()).to_rfc3339_opts(SecondsFormat::Millis, false);
        match format {
            LogFormat::Text => {
                let mut fields = serde_json::Map::new();
                // Collecting into a map does not fail.
                let _ = record.key_values().visit(&mut Fields(&mut fields));
                write!(out, "{time} {:<5} {}", record.level(), one_line(&record.args().to_string()))?;
                for (name, value) in fields {
                    // As JSON, so that no value can begin a line of its own.
                    write!(out, " {name}={value}")?;
                }
                writeln!(out)
            }
            LogFormat::Json => {
                let mut line = serde_json::Map::new();
                line.insert("time".to_owned(), time.into());
                line.insert("level".to_owned(), record.level().as_str().into());
                line.insert("target".to_owned(), record.target().into());
                line.insert("message".to_owned(), record.args().to_string().into());
                // Collecting into a map does not fail.
                let _ = record.key_values().visit(&mut Fields(&mut line));
                writeln!(out, "{}", serde_json::Value::Object(line))
            }
        }
    });
    // A second start (in tests) keeps the first logger.
    let _ = builder.try_init();
}

/// A message cannot begin a line of its own, whatever it repeats.
fn one_line(text: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

struct Fields<'a>(&'a mut serde_json::Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        self.0.insert(key.to_string(), value.to_string().into());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_on_its_line() {
        assert_eq!(one_line("読めません: a\nERROR b\u{1b}[0m"), "読めません: a\\nERROR b\\u{1b}[0m");
    }
}
