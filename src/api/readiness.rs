//! Statements: all of them, and the score card of one body.

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::query::list::ListView;
use crate::query::readiness::{Card, ReadinessView, Statements};

/// 対応状況の一覧
///
/// 申告または公表された対応状況を、団体・手続・接点・出所ごとに1行で返します。既定の並びは団体コード、手続、接点の順です。when=planned と all では、適用日がまだ来ていない申告・公表も、適用日ごとに1行で返します（when が planned の行）。updated_since では、その時刻以降に何か変わった団体・手続の行をすべて返し、もう述べられていない行は withdrawn が true の行で知らせます。写しを保つには、応答にある団体・手続の行を応答のものに置き換え、metadata の updated_until を次の updated_since に渡してください（段階などの内容の条件は付けずに）。applicability と set_aside_by は今日の時点のものです。
#[utoipa::path(tag = "readiness", params(Statements),
    responses((status = 200, description = "対応状況", content((ListView<ReadinessView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/readiness")]
pub(super) async fn list_readiness(ctx: Ctx) -> Answer {
    ctx.rows::<Statements>().await
}

/// 団体の対応状況（スコアカード）
///
/// 団体に期待される手続と接点の群ごとに1行、さらに申告・公表のある接点ごとに1行を返します。誰も答えていない行は no_answer（未回答）です。
/// 手続一覧を指定しなければ priority56 の手続（市区町村では51手続×2群＝102行）です。JSON では既定で全行を返します。
#[utoipa::path(tag = "readiness", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), Card),
    responses((status = 200, description = "スコアカード", content((ListView<ReadinessView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/readiness")]
pub(super) async fn list_municipality_readiness(ctx: Ctx) -> Answer {
    ctx.rows::<Card>().await
}
