//! `todoke doctor`: what the program sees of its settings and its database.

use chrono::TimeDelta;

use super::database::{DatabaseArgs, operator};
use super::output::{Exit, print};
use super::serve::ServeArgs;
use crate::domain::access::Role;
use crate::domain::audit::hex;
use crate::service::Service;
use crate::service::access::Broken;
use crate::service::error::Error;
use crate::store::url::DatabaseUrl;
use crate::store::{Missing, conn};

/// More keys of administrators than this are worth a look.
const MAX_ADMINS: usize = 3;
/// A key not used for so long is worth a look.
const UNUSED: TimeDelta = TimeDelta::days(30);

pub(super) fn run(database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let args = ServeArgs::from_settings()?;
    let mut lines = vec![format!("todoke {}", env!("CARGO_PKG_VERSION"))];
    lines.extend(args.told());
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
    let damaged = damage != "ok";
    if damaged {
        lines.push("データベースが壊れています。控えから戻してください。".to_owned());
    }
    let bent = match service.verify_audit(None) {
        Ok(head) => {
            lines.push(format!("監査記録: {}件、末尾 {}", head.seq, hex(&head.hash)));
            false
        }
        Err(Broken::Chain(_)) => {
            lines.push("監査記録が書き換えられています。todoke audit verify で場所が分かります。".to_owned());
            true
        }
        Err(Broken::Database(error)) => return Err(error.into()),
    };
    let weak = [args.weaknesses(), weak_file(&url), weak_server(&url), weak_keys(&service)?].concat();
    lines.extend(weak.iter().map(|weakness| format!("注意: {weakness}")));
    if !damaged && !bent && weak.is_empty() {
        lines.push("問題は見つかりませんでした。".to_owned());
    }
    print(format!("{}\n", lines.join("\n")).as_bytes())?;
    Ok(if damaged || bent { Exit::Failure } else { Exit::Success })
}

/// Others on the machine may read the file, with the hashes of the keys and the audit log.
fn weak_file(url: &DatabaseUrl) -> Vec<String> {
    #[cfg(unix)]
    if let DatabaseUrl::Sqlite(path) = url {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
        if open {
            return vec![format!("{url} をほかの利用者が読み書きできます。chmod 600 {url} で直せます。")];
        }
    }
    Vec::new()
}

/// The driver has no TLS, so the way to the server must be private.
fn weak_server(url: &DatabaseUrl) -> Vec<String> {
    let DatabaseUrl::Postgres(_) = url else { return Vec::new() };
    let shown = url.to_string();
    let host = shown.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    let near = ["", "localhost"].contains(&host)
        || ["127.", "localhost:", "[::1]", "%2F"].iter().any(|start| host.starts_with(start));
    if near {
        return Vec::new();
    }
    vec![format!(
        "PostgreSQL（{host}）への接続は暗号化されません。閉じたネットワークか中継を使ってください。"
    )]
}

/// Keys that reach far or lie about.
fn weak_keys(service: &Service) -> Result<Vec<String>, Error> {
    let now = service.now();
    let tokens = service.tokens(&operator())?;
    let living = || tokens.iter().filter(|token| token.revoked_at.is_none() && token.expires_at > now);
    let mut found = Vec::new();
    let admins = living().filter(|token| token.grant.role() == Role::Admin).count();
    if admins > MAX_ADMINS {
        found.push(format!(
            "管理者の鍵が{admins}個あります。要らないものは todoke token revoke で失効させてください。"
        ));
    }
    for token in living() {
        let last = token.last_used_at.unwrap_or(token.created_at);
        if now - last > UNUSED {
            found.push(format!("鍵 {}（{}）は30日以上使われていません。", token.id, token.name));
        }
    }
    Ok(found)
}
