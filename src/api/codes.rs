//! The code lists.

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::query::codes::{CodeView, Codes};
use crate::query::list::ListView;

/// コード一覧
///
/// 段階・接点・状態・根拠・該当性・種別などのコードを、名前・セルに書く短い名前と1文字・意味（日本語と英語）とともに返します。mark・mark_online・mark_counter は、取り込むファイルの印を、送り手が何も言わないときにどう読むか（両方の尺度・オンラインだけ・窓口だけ）です。
#[utoipa::path(tag = "catalogue", params(Codes),
    responses((status = 200, description = "コード", content((ListView<CodeView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/codes")]
pub(super) async fn list_codes(ctx: Ctx) -> Answer {
    ctx.rows::<Codes>().await
}
