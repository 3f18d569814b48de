//! Who is like a body, what it may do next, what became different, and which systems are used.

use actix_web::{HttpResponse, get};

use crate::http::ctx::{Answer, Ctx};
use crate::http::verb::Asked;
use crate::query::ahead::{Ahead, AheadView};
use crate::query::changes::{ChangeView, Changes};
use crate::query::feed::Feed;
use crate::query::format::FeedFormat;
use crate::query::gaps::{GapView, Gaps};
use crate::query::list::ListView;
use crate::query::peers::{PeerView, Peers};
use crate::query::question::Question;
use crate::query::support::{SupportView, Supports};
use crate::query::systems::{SystemView, Systems};

/// 類似団体
///
/// 団体と類似団体を、選んだ指標の値とともに返します。先頭が団体そのもので、あとは人口の近い順です。類似団体は、同じ種別の群（指定都市と中核市、市、特別区、町村）で人口が±30%以内の団体です。12団体に満たなければ人口の対数が近い12団体、40団体を超えれば近い40団体とします。人口は2020年10月1日の国勢調査によります。
#[utoipa::path(tag = "figures", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), Peers),
    responses((status = 200, description = "類似団体", content((ListView<PeerView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/peers")]
pub(super) async fn list_peers(ctx: Ctx) -> Answer {
    ctx.rows::<Peers>().await
}

/// 次にすること
///
/// 団体に足りないこと、二重の手間、確かめることを、類似団体で多く行われているものから順に返します。G1 は26手続でまだのもの、G2 は類似団体の半数以上がオンラインのもの、G3 はオンラインで受け付けているのに使われていないもの、G4 はオンラインが進み窓口が紙のもの、G5 は365日以上確認のないもの、G6 は目標日を過ぎたもの、G7 は国の公表値と申告が違うものです。
#[utoipa::path(tag = "figures", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), Gaps),
    responses((status = 200, description = "次にすること", content((ListView<GapView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/gaps")]
pub(super) async fn list_gaps(ctx: Ctx) -> Answer {
    ctx.rows::<Gaps>().await
}

/// 都道府県の支援
///
/// 都道府県が次にできることを返します。joint は、県内の半数以上の団体でまだオンライン（段階3以上）になっていない手続で、多い順です。accompany は、全国の同じ人口規模の団体の第1四分位を下回る団体で、団体コードの順です（順位ではありません）。未回答も「まだ」に数えます。
#[utoipa::path(tag = "figures", params(("prefecture" = String, Path, description = "都道府県コード（2桁）", max_length = 2, pattern = r"^\d{2}$", example = "08"), Supports),
    responses((status = 200, description = "都道府県の支援", content((ListView<SupportView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/prefectures/{prefecture}/gaps")]
pub(super) async fn list_support(ctx: Ctx) -> Answer {
    ctx.rows::<Supports>().await
}

/// 変化
///
/// from の日から as_of（既定は今日）までに変わったことを、団体・手続・接点ごとに返します。上がった、下がった、新しく申告された、申告がなくなった、行わなくなった、また行うことになった、あらためて確認された、の7種類です。比べるのは優先される申告です。from_known_at を指定すると、前の時点を、そのときまでに記録されたことで見ます。
#[utoipa::path(tag = "figures", params(Changes),
    responses((status = 200, description = "変化", content((ListView<ChangeView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/changes")]
pub(super) async fn list_changes(ctx: Ctx) -> Answer {
    ctx.rows::<Changes>().await
}

/// 変化（Atom フィード）
///
/// 同じ変化を、ニュースリーダーなどで追える Atom フィード（RFC 4287）で、新しく記録されたものから200件まで返します。団体（municipality）、都道府県（prefecture）、手続（procedure）で絞れます。
#[utoipa::path(tag = "figures", params(Feed),
    responses((status = 200, description = "Atom フィード", body = String, content_type = "application/atom+xml")))]
#[get("/changes.atom")]
pub(super) async fn follow_changes(ctx: Ctx) -> Answer {
    let Asked { question, edition, .. } = ctx.ask::<Feed, FeedFormat>(FeedFormat::ALL).await?;
    if let Some(response) = edition.not_modified(FeedFormat::Atom) {
        return Ok(response);
    }
    let country = edition.country::<Feed>(question.needs()).await?;
    let xml = ctx.think::<Feed, _>(move || question.xml(&country)).await?;
    let media_type = "application/atom+xml; charset=utf-8";
    Ok(edition.head(HttpResponse::Ok(), FeedFormat::Atom).content_type(media_type).body(xml))
}

/// 使われているシステム
///
/// 申告に書かれたシステム（製品や共同システム）を、使っている団体の多い順に返します。全角・半角、大文字・小文字、ひらがな・カタカナの違いは1つにまとめ、書き方をそえます。
#[utoipa::path(tag = "figures", params(Systems),
    responses((status = 200, description = "システム", content((ListView<SystemView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/systems")]
pub(super) async fn list_systems(ctx: Ctx) -> Answer {
    ctx.rows::<Systems>().await
}

/// 類似団体が先に行っている手続
///
/// この団体では段階3に届かず、類似団体がオンラインで受け付けている手続を、団体・接点・システム・いつから・担当課とともに、手続の順に返します。
#[utoipa::path(tag = "figures", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), Ahead),
    responses((status = 200, description = "類似団体が先に行っている手続", content((ListView<AheadView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/ahead")]
pub(super) async fn list_ahead(ctx: Ctx) -> Answer {
    ctx.rows::<Ahead>().await
}
