//! `todoke token`: keys for those who write.

use clap::{Args, Subcommand};

use super::database::{DatabaseArgs, operator};
use super::output::{Exit, print, say};
use crate::domain::Refusal;
use crate::domain::access::token::{DEFAULT_DAYS, MAX_DAYS, Token};
use crate::domain::access::{Grant, Role, Scope};
use crate::domain::dates::in_japan;
use crate::domain::municipality::{LgCode, PrefectureCode};
use crate::domain::procedure::Category;
use crate::service::access::NewToken;
use crate::store::Missing;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// 鍵を作り、一度だけ表示する
    Create(CreateArgs),
    /// 鍵の一覧を表示する（鍵そのものは表示できない）
    List,
    /// 鍵を失効させる
    Revoke {
        /// 鍵の番号
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// だれの何のための鍵か
    #[arg(long, value_name = "名前")]
    name: String,
    /// 役割: admin（管理者）、prefecture（都道府県）、municipality（市区町村）
    #[arg(long, value_name = "役割")]
    role: String,
    /// 都道府県コード（役割 prefecture）
    #[arg(long, value_name = "2桁")]
    prefecture: Option<String>,
    /// 団体コード（役割 municipality）
    #[arg(long, value_name = "コード")]
    municipality: Option<String>,
    /// 分野を限るとき、その分野（カンマ区切り）
    #[arg(long, value_name = "分野", value_delimiter = ',')]
    category: Vec<String>,
    /// 用途を限るとき、その用途（カンマ区切り）: readiness:write、import、admin
    #[arg(long, value_name = "用途", value_delimiter = ',')]
    scope: Vec<String>,
    /// 有効日数
    #[arg(long, default_value_t = DEFAULT_DAYS, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_DAYS)), value_name = "日数")]
    days: u32,
}

pub(super) fn run(database: &DatabaseArgs, command: &TokenCommand) -> anyhow::Result<Exit> {
    match command {
        TokenCommand::Create(args) => create(database, args),
        TokenCommand::List => list(database),
        TokenCommand::Revoke { id } => revoke(database, *id),
    }
}

fn create(database: &DatabaseArgs, args: &CreateArgs) -> anyhow::Result<Exit> {
    let new = NewToken { name: args.name.clone(), grant: grant(args)?, days: Some(args.days) };
    let (token, secret) = database.open(Missing::Create)?.create_token(&operator(), &new)?;
    say(&format!(
        "鍵 {} を作りました。{} まで使えます。",
        token.id,
        in_japan(token.expires_at).format("%Y-%m-%d %H:%M")
    ));
    say("次の1行が鍵です。表示はこの一度だけなので、安全な場所に控えてください。");
    print(format!("{}\n", secret.reveal()).as_bytes())?;
    Ok(Exit::Success)
}

fn grant(args: &CreateArgs) -> Result<Grant, Refusal> {
    Grant::new(
        args.role.parse::<Role>()?,
        args.prefecture.as_deref().map(str::parse::<PrefectureCode>).transpose()?,
        args.municipality.as_deref().map(str::parse::<LgCode>).transpose()?,
        args.category.iter().map(|code| code.parse::<Category>()).collect::<Result<_, _>>()?,
        args.scope.iter().map(|code| code.parse::<Scope>()).collect::<Result<_, _>>()?,
    )
}

fn list(database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let service = database.open(Missing::Refuse)?;
    let now = service.now();
    let mut text = String::from("番号\t鍵\t名前\t役割\t範囲\t分野\t用途\t期限\t最終利用\t状態\n");
    for token in service.tokens(&operator())? {
        text.push_str(&line(&token, now));
    }
    print(text.as_bytes())?;
    Ok(Exit::Success)
}

fn line(token: &Token, now: chrono::DateTime<chrono::Utc>) -> String {
    let grant = &token.grant;
    let day = |at| in_japan(at).format("%Y-%m-%d %H:%M").to_string();
    let reach = grant
        .municipality()
        .map(|code| code.to_string())
        .or(grant.prefecture().map(|code| code.to_string()))
        .unwrap_or_else(|| "全国".to_owned());
    let codes = |codes: Vec<&str>| if codes.is_empty() { "-".to_owned() } else { codes.join(",") };
    let state = match token.revoked_at {
        Some(at) => format!("失効 {}", day(at)),
        None if now >= token.expires_at => "期限切れ".to_owned(),
        None => "有効".to_owned(),
    };
    format!(
        "{}\ttdk_{}…\t{}\t{}\t{reach}\t{}\t{}\t{}\t{}\t{state}\n",
        token.id,
        token.hint,
        token.name,
        grant.role(),
        codes(grant.categories().iter().map(|category| category.code()).collect()),
        codes(grant.scopes().iter().map(|scope| scope.code()).collect()),
        day(token.expires_at),
        token.last_used_at.map_or_else(|| "-".to_owned(), day),
    )
}

fn revoke(database: &DatabaseArgs, id: i64) -> anyhow::Result<Exit> {
    database.open(Missing::Refuse)?.revoke_token(&operator(), id)?;
    say(&format!("鍵 {id} を失効させました。"));
    Ok(Exit::Success)
}
