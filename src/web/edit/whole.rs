//! Whether a body performs a procedure, as a form.

use actix_web::http::StatusCode;
use maud::html;

use super::one;
use super::refused::Refused;
use super::rights::may;
use crate::domain::access::Statement;
use crate::domain::applicability::Applicability;
use crate::domain::assertion::Fact;
use crate::domain::readiness::{Source, limits};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::http::spot::Spot;
use crate::http::statement_body::{ApplicabilityBody, Said};
use crate::service::sessions::Session;
use crate::web::form::{Fields, secret};
use crate::web::frame::{Around, page as framed};

/// The fields of the form.
pub(super) const FIELDS: &[&str] = &["tag", "saw", "applicability", "reason", "effective_on"];

/// Reads what was typed.
pub(super) fn said(fields: &Fields) -> Result<Said, Problem> {
    let (effective_on, effective_precision) = one::day(fields, "effective_on")?;
    let body = ApplicabilityBody {
        applicability: fields.get("applicability").unwrap_or_default().to_owned(),
        reason: fields.get("reason").map(str::to_owned),
        source: None,
        effective_on,
        effective_precision,
    };
    body.read()
}

/// The page, with what was typed and why it was not taken.
pub(super) async fn page(
    ctx: &Ctx,
    session: &Session,
    spot: Spot,
    refused: Option<&Refused<'_>>,
    saved: Option<&'static str>,
) -> Answer {
    let place = spot.place(ctx);
    let row = ctx.wait(move |service| service.row(&place, None, None)).await?;
    let catalogue = ctx.service().catalogue();
    let (body, procedure) = (catalogue.body(spot.body), catalogue.procedure(spot.procedure));
    // Nothing is chosen beforehand where nothing was stated: what is sent is stated.
    let (held, reason) = match row.shown.as_ref().map(|shown| &shown.stated.fact) {
        Some(Fact::Applicability { value, reason }) => (Some(value), reason.as_deref().map(str::to_owned)),
        _ => (None, None),
    };
    let typed = refused.and_then(|refused| refused.typed);
    let value = typed.and_then(|fields| fields.get("applicability"));
    let value = value.or(held.map(|held| held.code())).unwrap_or_default().to_owned();
    let reason = typed.map_or(reason, |fields| fields.get("reason").map(str::to_owned));
    let since = typed.and_then(|fields| fields.get("effective_on"));
    let cell = format!("/municipalities/{}/readiness/{}", body.code, procedure.id);
    let status = refused.map_or(StatusCode::OK, |refused| refused.problem.kind.status);
    let main = html! {
        p class="facts" { span { (body.prefecture_name) (body.name) } span { (procedure.name_ja) } }
        @if let Some(done) = saved { div class="void" role="status" { b { (done) } p { a href=(cell) { "この欄のページで見る" } } } }
        @if let Some(refused) = refused { (one::told(refused, &row, said)) }
        @if may(ctx, session, spot, Statement::Applicability(Source::Own)) {
            form method="post" action=(format!("/municipalities/{}/applicability/{}/edit", body.code, procedure.id)) class="sheetlike" {
                (secret(session))
                (one::tag(&row, refused))
                p { "いまの記録: " b { (held.map_or("述べられていません（行っているものとみなします）", |held| held.label())) } @if let Some(reason) = &reason { "（" (reason) "）" } }
                fieldset class="ask" {
                    legend { "この団体は、この手続を" }
                    @for one in Applicability::ALL {
                        @let id = format!("applicability-{}", one.code());
                        div class="tick" {
                            input type="radio" id=(id) name="applicability" value=(one.code()) required checked[one.code() == value];
                            label for=(id) { b { (one.label()) } br; span class="small weak" { (one.meaning_ja()) } }
                        }
                    }
                }
                div { label for="reason" { "理由（例: 対象施設なし）" } input type="text" id="reason" name="reason" maxlength=(limits::NOTE) value=[reason]; }
                div { label for="effective_on" { "いつから（空なら今日。例: 令和8年10月1日）" } input type="text" id="effective_on" name="effective_on" maxlength="40" value=[since]; }
                p { "行っていないとすると、この手続について団体が述べた段階は、その日から終わります。" }
                p class="go" { button type="submit" class="first" { "保存する" } }
            }
            (one::withdrawal(&format!("/municipalities/{}/applicability/{}/edit", body.code, procedure.id), session, &row, "行っているかどうかは、述べられていないことに戻ります（行っているものとみなします）。前に終わった段階は戻りません。記録は消えず、取り下げたことが履歴に残ります。"))
        } @else {
            div class="void warn" { b { "この鍵では、この欄を直せません" } p { "鍵は、それぞれの団体と分野のものです。管理者に確かめてください。" } }
        }
        ul class="acts" { li { a href=(cell) { "この欄のページへ戻る" } } }
    };
    Ok(framed(
        Around::own(ctx.is_demo()),
        status,
        &format!("{} {}を行っているか", body.name, procedure.short_ja),
        &main,
    ))
}
