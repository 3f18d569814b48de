//! Answers to the questions about a file that was sent.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{post, web};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::imports::{ImportView, done};
use super::responses::NotAsItStands;
use crate::domain::access::Action;
use crate::http::body::{Fields, Json, Unread};
use crate::http::ctx::{Answer, Ctx, number_of_path};
use crate::http::problem::{Kind, Problem};
use crate::http::signed::Signed;
use crate::import::options::{Asked, Given};

/// 質問への答え
///
/// 答えるものだけを書きます。前に答えたものは、書き直すまでそのままです。
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ImportAnswers)]
pub(super) struct AnswersBody {
    /// 記号から意味へ（意味は段階、制度なし、予定、変えない など。コードでも書ける）
    #[schema(example = json!({"ー": "not_applicable"}))]
    marks: BTreeMap<String, String>,
    /// 名前から、団体コードや手続IDへ
    #[schema(example = json!({"り災証明": "hisaisha-01"}))]
    names: BTreeMap<String, String>,
    /// 見出しから、項目・手続・接点・団体へ
    #[schema(example = json!({"状況": "level"}))]
    columns: BTreeMap<String, String>,
    /// 使わない列の見出し
    #[schema(max_items = 500, example = json!(["担当者"]))]
    ignore: Vec<String>,
    /// 接点
    #[schema(max_length = 40, example = "online")]
    channel: Option<String>,
    /// 文字コード
    #[schema(max_length = 20, example = "cp932")]
    encoding: Option<String>,
    /// レイアウト
    #[schema(max_length = 60, example = "form")]
    layout: Option<String>,
    /// シートの名前
    #[schema(max_length = 100, example = "Sheet1")]
    sheet: Option<String>,
    /// 非表示の行と列の扱い
    #[schema(max_length = 20, example = "visible")]
    hidden: Option<String>,
    /// いつからの状況か
    #[schema(max_length = 20, example = "2026-04-01")]
    effective_on: Option<String>,
    /// どの団体の表か
    #[schema(max_length = 6, example = "082333")]
    municipality: Option<String>,
    /// 何年度の件数か（2025 と数で書いてもよい）
    #[schema(max_length = 10, example = "2025")]
    #[serde(deserialize_with = "text_or_number")]
    fiscal_year: Option<String>,
    /// 0 と 1 だけの列の意味
    #[schema(max_length = 10, example = "flag")]
    binary: Option<String>,
    /// 「同上」と、団体や手続の列の空欄を上の値で埋める
    #[schema(example = false)]
    fill: Option<bool>,
    /// 空欄の扱い
    #[schema(max_length = 10, example = "keep")]
    blank: Option<String>,
    /// 使う定義（profile）の名前
    #[schema(max_length = 40, example = "default")]
    profile: Option<String>,
    /// なぜ取り込むか
    #[schema(max_length = 200, example = "令和8年度の調査の回答")]
    reason: Option<String>,
    /// 答えを、この名前の定義（profile）として残す
    #[schema(max_length = 40, example = "our-town")]
    keep: Option<String>,
}

/// A year, be it written as text or as a number.
fn text_or_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    struct Either;
    impl Visitor<'_> for Either {
        type Value = Option<String>;

        fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            to.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    from.deserialize_any(Either)
}

impl AnswersBody {
    fn asked(self) -> Asked {
        Asked {
            layout: self.layout,
            sheet: self.sheet,
            encoding: self.encoding,
            profile: self.profile,
            binary: self.binary,
            channel: self.channel,
            municipality: self.municipality,
            fiscal_year: self.fiscal_year,
            fill: self.fill.map(|fill| fill.to_string()),
            effective_on: self.effective_on,
            blank: self.blank,
            hidden: self.hidden,
            reason: self.reason,
            given: Given { marks: self.marks, columns: self.columns, names: self.names, ignore: self.ignore },
            ..Asked::default()
        }
    }
}

/// 質問への回答
///
/// 取込の質問に答え、保存してあるファイルを同じ番号のまま読み直して確かめます。ファイルを送り直す必要はありません。確認中か確認済みの取込だけが対象で、ほかは 409 です。keep に名前を書くと、答えをその名前の定義（profile）として残します。5,000件からは 202 を返して続けます。
#[utoipa::path(tag = "imports", params(("id" = i64, Path, description = "取込の番号", minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7)),
    request_body = AnswersBody,
    responses((status = 200, description = "確かめ直した取込", body = ImportView), (status = 202, description = "確かめ直している取込", body = ImportView), NotAsItStands), security(("token" = [])))]
#[post("/imports/{id}/answers")]
pub(super) async fn answer_import(ctx: Ctx, origin: Signed, id: web::Path<String>, body: Unread) -> Answer {
    ctx.no_parameters()?;
    let id = number_of_path(&id)?;
    let sender = origin.0.clone();
    // Whoever may not import is told that, whatever they sent.
    ctx.wait(move |service| service.guard(&sender, Action::Import, None)).await?;
    let body: Json<AnswersBody> = body.json().await?;
    let keep = body.value.keep.clone();
    let asked = body.value.asked();
    let answered =
        ctx.wait(move |service| service.answer_import(&origin.0, id, asked, keep.as_deref())).await?;
    match answered {
        Ok(import) => Ok(done(import, StatusCode::OK)),
        Err(refused) => {
            let mut fields = Fields::default();
            for (name, refusal) in refused {
                fields.refuse(name, refusal);
            }
            fields.finish()?;
            Err(Problem::plain(Kind::INTERNAL))
        }
    }
}
