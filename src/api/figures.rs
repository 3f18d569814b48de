//! Figures: the value of a definition, grouped, and the rows behind it.

use actix_web::{get, post};

use crate::http::body::Unread;
use crate::http::ctx::{Answer, Ctx};
use crate::query::explain::{Explanation, ExplanationView};
use crate::query::figures::{FigureView, Figures};
use crate::query::list::ListView;
use crate::query::simulation::{Simulation, SimulationBody, SimulationView};
use crate::query::trend::{Trend, TrendView};

/// 指標値
///
/// 定義の規則で計算した値を、分子・分母・範囲・回答率とともに返します。list26_complete は制度なしの扱いごとに1件ずつ返します。by に2つの集計単位を書くと1つめの結果を2つめで分け、compare に書いた定義の値を同じ条件で並べます。
#[utoipa::path(tag = "figures", params(("definition" = String, Path, description = "定義のID", max_length = 40, example = "online_rate"), Figures),
    responses((status = 200, description = "指標値", content((ListView<FigureView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/figures/{definition}")]
pub(super) async fn get_figure(ctx: Ctx) -> Answer {
    ctx.rows::<Figures>().await
}

/// 指標の説明
///
/// 指標値のもとになった行を、数えるかどうか・理由・説明文とともに返します。団体を数える定義では1行が1団体です。
#[utoipa::path(tag = "figures", params(("definition" = String, Path, description = "定義のID", max_length = 40, example = "online_rate"), Explanation),
    responses((status = 200, description = "指標の説明", content((ListView<ExplanationView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/figures/{definition}/explain")]
pub(super) async fn explain_figure(ctx: Ctx) -> Answer {
    ctx.rows::<Explanation>().await
}

/// 指標の推移
///
/// 指標の値を、月・四半期・年度の末日ごとに、最後は as_of の日まで返します。選んだ団体のそれぞれの値の中央値と四分位をそえます（団体が2つ以上で、手続の割合の定義のとき）。1つの市区町村を選ぶと、類似団体の中央値と四分位を横に並べます。件数を数える定義と鮮度は、この形では出せません。
#[utoipa::path(tag = "figures", params(("definition" = String, Path, description = "定義のID", max_length = 40, example = "online_rate"), Trend),
    responses((status = 200, description = "指標の推移", content((ListView<TrendView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/figures/{definition}/trend")]
pub(super) async fn figure_trend(ctx: Ctx) -> Answer {
    ctx.rows::<Trend>().await
}

/// 指標の試算
///
/// 「これらの手続が as_of の日からこうなったら」の指標値を、いまの記録のままの値と並べて返します。何も書き込みません。as_of を省くと今日です。値は、同じ内容をその日付けで実際に申告したあとの指標値と同じになります。
#[utoipa::path(tag = "figures", params(("definition" = String, Path, description = "定義のID", max_length = 40, example = "online_rate"), Simulation),
    request_body = SimulationBody,
    responses((status = 200, description = "試算の結果", body = ListView<SimulationView>)))]
#[post("/figures/{definition}/simulation")]
pub(super) async fn simulate_figure(ctx: Ctx, body: Unread) -> Answer {
    let body = body.json::<SimulationBody>().await?;
    ctx.rows_of::<Simulation>(body.value).await
}
