//! What a body planned, what became of it, and when it is done at its own pace.

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::query::list::ListView;
use crate::query::plans::{Forecast, ForecastView, PlanView, Plans};

/// 計画と遅れ
///
/// 団体が述べた目標（段階と目標日）を、手続と接点ごとに、達した日と目標日からの遅れ（日）とともに返します。取りやめた計画は載りません。
#[utoipa::path(tag = "figures", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), Plans),
    responses((status = 200, description = "計画", content((ListView<PlanView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/plans")]
pub(super) async fn list_plans(ctx: Ctx) -> Answer {
    ctx.rows::<Plans>().await
}

/// 見通し
///
/// 団体自身のこれまでのペース（1四半期に増えた手続の数）で、残りの手続がいつそろうかを、幅とともに返します。幅は、続いた4四半期の平均のうち、いちばん速いものといちばん遅いものによります。約束や予測ではなく、同じペースが続いたときの日です。
#[utoipa::path(tag = "figures", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), Forecast),
    responses((status = 200, description = "見通し", body = ForecastView)))]
#[get("/municipalities/{code}/forecast")]
pub(super) async fn get_forecast(ctx: Ctx) -> Answer {
    ctx.object::<Forecast>().await
}
