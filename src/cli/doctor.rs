//! `todoke doctor`: what the program sees of its settings and its database.

use super::{DatabaseArgs, Exit, print};
use crate::config::DatabaseUrl;
use crate::error::Error;
use crate::store::conn::{self, Missing};

pub(super) fn run(database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let mut lines = vec![format!("todoke {}", env!("CARGO_PKG_VERSION"))];
    let url: DatabaseUrl = database.database_url.parse()?;
    lines.push(format!("データベース: {url}"));
    let service = database.open(Missing::Refuse)?;
    service.refresh()?;
    let (version, damage) = service
        .db()
        .read(|conn| -> Result<_, Error> { Ok((conn::server_version(conn)?, conn::quick_check(conn)?)) })?;
    let grid = service.grid();
    let catalogue = service.catalogue();
    let prefectures = catalogue.prefectures().count();
    lines.extend([
        format!("データベースの種類: {version}"),
        format!("ファイルの検査: {damage}"),
        format!("データの版: {}", grid.revision()),
        format!("手続: {}件（一覧 {}版）", catalogue.procedures().len(), catalogue.lists().len()),
        format!("団体: {}（うち都道府県 {prefectures}）", catalogue.municipalities().len()),
        format!("対応状況: {}件", grid.statement_count()),
    ]);
    let sound = damage == "ok";
    lines.push(
        if sound {
            "問題は見つかりませんでした。"
        } else {
            "データベースが壊れています。控えから戻してください。"
        }
        .to_owned(),
    );
    print(format!("{}\n", lines.join("\n")).as_bytes())?;
    Ok(if sound { Exit::Success } else { Exit::Failure })
}
