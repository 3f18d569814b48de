//! `todoke sample`: a small file to try an import with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::output::{Exit, say};
use crate::domain::Refusal;

/// Rows of two towns: means of several kinds, a planned level, a level at least, and a procedure
/// that is not performed. Each says in its note that it is made up.
const ROWS: &str = "\
団体コード,団体名,手続ID,手続名,接点,該当性,段階,システム,URL,担当課,適用日,目標段階,目標日,備考
082333,行方市,hisaisha-01,罹災証明書の発行申請,オンライン（手段不明）,,3+,,,,令和7年度,,,見本
082333,行方市,hisaisha-01,罹災証明書の発行申請,本庁窓口,,1,,,税務課,令和8年4月1日,3,令和9年3月,見本
082333,行方市,kosodate-01,,マイナポータル（ぴったりサービス）,,4,ぴったりサービス,https://example.jp/jido-teate,こども課,2026-04-01,,,見本
082333,行方市,kosodate-01,,本庁窓口,,3,,,こども課,2026-04-01,,,見本
082333,行方市,kaigo-01,,汎用電子申請,,2,電子申請サービス,,介護福祉課,R8.4.1,4,令和8年度,見本
082341,鉾田市,kosodate-01,,マイナポータル（ぴったりサービス）,,4,ぴったりサービス,,,2026-04-01,,,見本
082341,鉾田市,hisaisha-01,罹災証明書の発行申請,本庁窓口,,0,,,税務課,2026-04-01,,,見本
082341,鉾田市,high-volume-01,,,制度なし・該当なし,,,,,2026-04-01,,,
";

#[derive(Debug, Args)]
pub(super) struct SampleArgs {
    /// 書き出すファイル（あるものには上書きしない）
    #[arg(long, short, default_value = "見本.csv", value_name = "ファイル")]
    output: PathBuf,
}

/// The file as Excel opens it: UTF-8 with its mark, lines as Windows ends them.
fn text() -> String {
    format!("\u{FEFF}{}", ROWS.replace('\n', "\r\n"))
}

pub(super) fn run(args: &SampleArgs) -> anyhow::Result<Exit> {
    let path = args.output.display();
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&args.output) {
        Ok(file) => file,
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
            let refusal = Refusal::new(
                "file_exists",
                &path.to_string(),
                format!("{path} はもうあります。-o で別の名前を指定してください"),
                "the file exists; name another one with -o",
            );
            return Err(refusal.into());
        }
        Err(cause) => {
            return Err(cause).with_context(|| format!("ファイルを作れません / cannot write {path}"));
        }
    };
    file.write_all(text().as_bytes())
        .with_context(|| format!("ファイルに書けません / cannot write {path}"))?;
    say(&format!("{path} を作りました（内容は架空です）。"));
    say(&format!("確かめるだけ: todoke check {path}"));
    say(&format!(
        "取り込む: todoke import {path}（表示される番号で元に戻せます: todoke import --revert 番号）"
    ));
    Ok(Exit::Success)
}
