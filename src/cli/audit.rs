//! `todoke audit`: whether the record is whole.

use clap::Subcommand;

use super::database::DatabaseArgs;
use super::output::{Exit, print, say};
use crate::domain::audit::{Fault, hex, parse_hash};
use crate::service::access::Broken;
use crate::store::Missing;

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// 監査記録を最初からたどり、書き換え・削除・差込み・入替えがないか確かめる
    Verify {
        /// 以前に控えた末尾のハッシュ（末尾が切り取られていないかも確かめる）
        #[arg(long, value_name = "ハッシュ")]
        head: Option<String>,
    },
}

pub(super) fn run(database: &DatabaseArgs, command: &AuditCommand) -> anyhow::Result<Exit> {
    let AuditCommand::Verify { head } = command;
    let kept = head.as_deref().map(parse_hash).transpose()?;
    match database.open(Missing::Refuse)?.verify_audit(kept) {
        Ok(head) => {
            say(&format!(
                "監査記録 {}件に異常はありません。末尾のハッシュ（控えておくと、後で切取りも見つかります）:",
                head.seq
            ));
            print(format!("{}\n", hex(&head.hash)).as_bytes())?;
            Ok(Exit::Success)
        }
        Err(Broken::Chain(fault)) => {
            say(&format!("todoke: 監査記録が書き換えられています。{}", told(fault)));
            say(&format!("todoke: the audit log was bent: {fault:?}"));
            Ok(Exit::Refused)
        }
        Err(Broken::Database(error)) => Err(error.into()),
    }
}

fn told(fault: Fault) -> String {
    match fault {
        Fault::Number(seq) => format!("{seq}番の記録がないか、順序が違います。"),
        Fault::Link(seq) => format!("{seq}番の記録が前の記録とつながっていません。"),
        Fault::Entry(seq) => format!("{seq}番の記録の内容が変わっています。"),
        Fault::HeadNotFound => {
            "控えたハッシュが見つかりません。末尾が切り取られたか書き直されています。".to_owned()
        }
    }
}
