//! Who may do what: one pure function over what a key grants.

pub mod session;
mod speaker;
pub mod token;

pub use speaker::Speaker;

use super::Refusal;
use super::codes::codes;
use super::municipality::{LgCode, PrefectureCode};
use super::procedure::Category;
use super::readiness::{Evidence, Source};

codes! {
    /// What the holder of a key is.
    Role, "役割", "role" {
        Admin = "admin", "管理者", "runs the installation; every body, every action", "設置した人。すべての団体のすべての操作ができる";
        Prefecture = "prefecture", "都道府県", "its prefecture's bodies", "都道府県内の団体に届く";
        Municipality = "municipality", "市区町村", "one body", "1つの団体だけに届く";
    }
}

codes! {
    /// What a key may be used for.
    Scope, "鍵の用途", "scope" {
        Write = "readiness:write", "入力", "state and withdraw readiness and applicability", "対応状況と該当性を申告し、取り下げる";
        Import = "import", "取込", "upload, apply and revert files", "ファイルを送り、適用し、元に戻す";
        Admin = "admin", "管理", "keys and the audit log", "鍵と監査記録を扱う";
    }
}

/// The bodies a key reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All.
    Nation,
    /// The bodies of a prefecture, the prefecture itself among them.
    Prefecture(PrefectureCode),
    /// One body.
    Municipality(LgCode),
}

/// What a key grants. It cannot be made with a reach that does not fit its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    role: Role,
    reach: Reach,
    /// Empty: every category.
    categories: Vec<Category>,
    scopes: Vec<Scope>,
}

impl Grant {
    /// A grant of a role over a prefecture or a municipality. Without scopes it has those of its
    /// role: everything for an administrator, stating and importing for others.
    ///
    /// # Errors
    ///
    /// A role without its prefecture or municipality, or with one that is not its own; the scope
    /// `admin` for anyone but an administrator; an administrator limited to categories.
    pub fn new(
        role: Role,
        prefecture: Option<PrefectureCode>,
        municipality: Option<LgCode>,
        categories: Vec<Category>,
        scopes: Vec<Scope>,
    ) -> Result<Self, Refusal> {
        let reach = match (role, prefecture, municipality) {
            (Role::Admin, None, None) => Reach::Nation,
            (Role::Prefecture, Some(prefecture), None) => Reach::Prefecture(prefecture),
            (Role::Municipality, None, Some(municipality)) => Reach::Municipality(municipality),
            _ => return Err(wrong_reach(role)),
        };
        let scopes = match (role, scopes.is_empty()) {
            (Role::Admin, true) => Scope::ALL.to_vec(),
            (_, true) => vec![Scope::Write, Scope::Import],
            (_, false) => scopes,
        };
        if role != Role::Admin && scopes.contains(&Scope::Admin) {
            return Err(Refusal::new(
                "scope_not_allowed",
                Scope::Admin.code(),
                "用途 admin は役割 admin の鍵だけに付けられます",
                "only a key of the role admin can have the scope admin",
            )
            .allowed("readiness:write, import"));
        }
        if role == Role::Admin && !categories.is_empty() {
            return Err(Refusal::new(
                "category_not_allowed",
                categories[0].code(),
                "役割 admin の鍵は分野で限れません",
                "a key of the role admin cannot be limited to categories",
            ));
        }
        let (categories, scopes) = (once_each(categories), once_each(scopes));
        Ok(Self { role, reach, categories, scopes })
    }

    /// Everything: the command line on the machine itself.
    pub fn everything() -> Self {
        Self { role: Role::Admin, reach: Reach::Nation, categories: Vec::new(), scopes: Scope::ALL.to_vec() }
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The bodies.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The reach as imports and profiles are marked with it: `all`, two digits of a prefecture, six
    /// of a municipality.
    pub fn reach_text(&self) -> String {
        match self.reach {
            Reach::Nation => "all".to_owned(),
            Reach::Prefecture(code) => code.to_string(),
            Reach::Municipality(code) => code.to_string(),
        }
    }

    /// Whether what was marked with a reach is this grant's to see: its own, for a prefecture also
    /// what its municipalities sent, for an administrator everything.
    pub fn sees(&self, reach: &str) -> bool {
        match self.reach {
            Reach::Nation => true,
            Reach::Prefecture(code) => reach.starts_with(&code.to_string()),
            Reach::Municipality(code) => reach == code.as_str(),
        }
    }

    /// The prefecture, for a key of that role.
    pub fn prefecture(&self) -> Option<PrefectureCode> {
        match self.reach {
            Reach::Prefecture(code) => Some(code),
            Reach::Nation | Reach::Municipality(_) => None,
        }
    }

    /// The municipality, for a key of that role.
    pub fn municipality(&self) -> Option<LgCode> {
        match self.reach {
            Reach::Municipality(code) => Some(code),
            Reach::Nation | Reach::Prefecture(_) => None,
        }
    }

    /// The categories it is limited to; empty is no limit.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// What it may be used for.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }
}

/// The same codes, each once, in their order.
fn once_each<T: Ord>(mut codes: Vec<T>) -> Vec<T> {
    codes.sort();
    codes.dedup();
    codes
}

fn wrong_reach(role: Role) -> Refusal {
    let (ja, en) = match role {
        Role::Admin => (
            "役割 admin の鍵には団体も都道府県も付けられません",
            "a key of the role admin has neither municipality nor prefecture",
        ),
        Role::Prefecture => (
            "役割 prefecture の鍵には都道府県（2桁）だけを付けます",
            "a key of the role prefecture needs a prefecture, and nothing else",
        ),
        Role::Municipality => (
            "役割 municipality の鍵には団体コードだけを付けます",
            "a key of the role municipality needs a municipality, and nothing else",
        ),
    };
    Refusal::new("reach_does_not_fit", role.code(), ja, en)
}

/// What is said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Readiness, known in this way.
    Readiness(Evidence),
    /// Applicability, as this source.
    Applicability(Source),
    /// That what this source stated does not hold any more.
    Withdrawal(Source),
    /// How many applications there were.
    Usage,
    /// A figure that the state published.
    PublishedFigure,
    /// What a town keeps of its own beside readiness.
    Material,
}

/// What someone is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// State or withdraw one row.
    State(Statement),
    /// The same by a row of a file.
    ImportRow(Statement),
    /// Upload a file and see what it would do.
    Import,
    /// Take a whole import back.
    RevertImport,
    /// Make, list and revoke keys.
    ManageTokens,
    /// Read the audit log.
    ReadAudit,
    /// See and end one's own sessions.
    OwnSessions,
}

impl Action {
    /// The scope a key needs for it.
    fn scope(self) -> Option<Scope> {
        match self {
            Self::State(_) => Some(Scope::Write),
            Self::ImportRow(_) | Self::Import | Self::RevertImport => Some(Scope::Import),
            Self::ManageTokens | Self::ReadAudit => Some(Scope::Admin),
            Self::OwnSessions => None,
        }
    }
}

/// The body and the category of the procedure an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The body.
    pub municipality: LgCode,
    /// The category of the procedure; none where it is about the body as a whole.
    pub category: Option<Category>,
}

codes! {
    /// Why an action is not allowed.
    Denial, "拒否の理由", "denial" {
        MissingScope = "missing_scope", "この鍵の用途では行えません", "the key does not have the scope for this";
        AdminOnly = "admin_only", "管理者だけが行えます", "only an administrator may do this";
        OtherMunicipality = "other_municipality", "この鍵では自団体のデータだけを変更できます", "the key reaches its own municipality only";
        OtherPrefecture = "other_prefecture", "この鍵では自都道府県の団体のデータだけを変更できます", "the key reaches the bodies of its own prefecture only";
        OtherCategory = "other_category", "この鍵では許された分野の手続だけを変更できます", "the key is limited to other categories";
        EvidenceNotAllowed = "evidence_not_allowed", "この役割ではその根拠で申告できません", "the role may not state with this evidence";
    }
}

impl Denial {
    /// The same in words.
    pub fn refusal(self) -> Refusal {
        Refusal::new(self.code(), "", self.label(), self.meaning())
    }
}

/// Whether a grant allows an action. Every write asks this, and nothing else decides.
///
/// A municipality may state what it declares or has seen, a prefecture also what it has verified;
/// what the national government published is the administrator's to state and to withdraw.
///
/// # Errors
///
/// The first reason against it.
pub fn decide(grant: &Grant, action: Action, target: Option<Target>) -> Result<(), Denial> {
    if let Some(scope) = action.scope()
        && !grant.scopes.contains(&scope)
    {
        // Whoever is no administrator could not have been given that scope.
        let hopeless = scope == Scope::Admin && grant.role != Role::Admin;
        return Err(if hopeless { Denial::AdminOnly } else { Denial::MissingScope });
    }
    if let Some(target) = target {
        reaches(grant, target)?;
    }
    if grant.role == Role::Admin {
        return Ok(());
    }
    match action {
        Action::State(statement) | Action::ImportRow(statement) => may_say(grant.role, statement),
        Action::ManageTokens | Action::ReadAudit => Err(Denial::AdminOnly),
        Action::Import | Action::RevertImport | Action::OwnSessions => Ok(()),
    }
}

/// Whether a role other than the administrator's may say this, however it says it.
fn may_say(role: Role, statement: Statement) -> Result<(), Denial> {
    match statement {
        Statement::Readiness(Evidence::Published) | Statement::Applicability(Source::Published) => {
            Err(Denial::EvidenceNotAllowed)
        }
        Statement::Readiness(Evidence::Verified) if role == Role::Municipality => {
            Err(Denial::EvidenceNotAllowed)
        }
        Statement::Withdrawal(Source::Published) | Statement::PublishedFigure => Err(Denial::AdminOnly),
        Statement::Usage
        | Statement::Material
        | Statement::Readiness(_)
        | Statement::Applicability(Source::Own)
        | Statement::Withdrawal(Source::Own) => Ok(()),
    }
}

fn reaches(grant: &Grant, target: Target) -> Result<(), Denial> {
    match grant.reach {
        Reach::Nation => {}
        Reach::Prefecture(prefecture) if target.municipality.prefecture() != prefecture => {
            return Err(Denial::OtherPrefecture);
        }
        Reach::Municipality(municipality) if target.municipality != municipality => {
            return Err(Denial::OtherMunicipality);
        }
        Reach::Prefecture(_) | Reach::Municipality(_) => {}
    }
    // Whoever is limited to categories does not speak for the body as a whole.
    let within = |category| grant.categories.contains(&category);
    if !grant.categories.is_empty() && !target.category.is_some_and(within) {
        return Err(Denial::OtherCategory);
    }
    Ok(())
}

/// Who acts: the name under which it is recorded, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `token:12` or `cli:suzuki`; never the name a key was given.
    pub name: String,
    /// What they may do.
    pub grant: Grant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> LgCode {
        text.parse().unwrap()
    }

    fn town(categories: &[Category]) -> Grant {
        Grant::new(Role::Municipality, None, Some(code("082333")), categories.to_vec(), vec![]).unwrap()
    }

    fn prefecture() -> Grant {
        Grant::new(Role::Prefecture, Some("08".parse().unwrap()), None, vec![], vec![]).unwrap()
    }

    const OWN: fn() -> Option<Target> =
        || Some(Target { municipality: code("082333"), category: Some(Category::Kosodate) });

    fn target(body: &str, category: Category) -> Option<Target> {
        Some(Target { municipality: code(body), category: Some(category) })
    }

    #[test]
    fn a_town_states_its_own_rows_and_nothing_else() {
        let grant = town(&[]);
        let state = Action::State(Statement::Readiness(Evidence::Declared));
        assert_eq!(decide(&grant, state, OWN()), Ok(()));
        assert_eq!(
            decide(&grant, state, target("082023", Category::Kosodate)),
            Err(Denial::OtherMunicipality)
        );
        assert_eq!(
            decide(&grant, state, target("080004", Category::Kosodate)),
            Err(Denial::OtherMunicipality)
        );
        for action in [
            Action::State(Statement::Readiness(Evidence::Verified)),
            Action::State(Statement::Readiness(Evidence::Published)),
        ] {
            assert_eq!(decide(&grant, action, OWN()), Err(Denial::EvidenceNotAllowed));
        }
        assert_eq!(
            decide(&grant, Action::State(Statement::Withdrawal(Source::Published)), OWN()),
            Err(Denial::AdminOnly)
        );
        assert_eq!(decide(&grant, Action::ReadAudit, None), Err(Denial::AdminOnly));
        assert_eq!(decide(&grant, Action::OwnSessions, None), Ok(()));
    }

    #[test]
    fn a_file_says_no_more_than_its_sender_may() {
        let grant = town(&[]);
        for (evidence, allowed) in [
            (Evidence::Declared, true),
            (Evidence::Seen, true),
            (Evidence::Verified, false),
            (Evidence::Published, false),
        ] {
            let statement = Statement::Readiness(evidence);
            assert_eq!(decide(&grant, Action::State(statement), OWN()).is_ok(), allowed, "{evidence}");
            assert_eq!(decide(&grant, Action::ImportRow(statement), OWN()).is_ok(), allowed, "{evidence}");
        }
    }

    #[test]
    fn categories_limit_a_key() {
        let grant = town(&[Category::Kaigo]);
        let state = Action::State(Statement::Readiness(Evidence::Declared));
        assert_eq!(decide(&grant, state, OWN()), Err(Denial::OtherCategory));
        assert_eq!(decide(&grant, state, target("082333", Category::Kaigo)), Ok(()));
    }

    #[test]
    fn a_prefecture_helps_its_bodies() {
        let grant = prefecture();
        for body in ["082333", "082023", "080004"] {
            assert_eq!(
                decide(
                    &grant,
                    Action::State(Statement::Readiness(Evidence::Verified)),
                    target(body, Category::Kaigo)
                ),
                Ok(())
            );
        }
        assert_eq!(
            decide(
                &grant,
                Action::State(Statement::Readiness(Evidence::Seen)),
                target("142042", Category::Kaigo)
            ),
            Err(Denial::OtherPrefecture)
        );
        assert_eq!(
            decide(&grant, Action::State(Statement::Applicability(Source::Published)), OWN()),
            Err(Denial::EvidenceNotAllowed)
        );
    }

    #[test]
    fn a_scope_that_is_missing_is_told() {
        let grant =
            Grant::new(Role::Municipality, None, Some(code("082333")), vec![], vec![Scope::Import]).unwrap();
        assert_eq!(
            decide(&grant, Action::State(Statement::Readiness(Evidence::Declared)), OWN()),
            Err(Denial::MissingScope)
        );
        assert_eq!(decide(&grant, Action::ImportRow(Statement::Withdrawal(Source::Own)), OWN()), Ok(()));
        let reader = Grant::new(Role::Admin, None, None, vec![], vec![Scope::Write]).unwrap();
        assert_eq!(decide(&reader, Action::ManageTokens, None), Err(Denial::MissingScope));
    }

    #[test]
    fn a_grant_fits_its_role() {
        let body = Some(code("082333"));
        let prefecture = Some("08".parse().unwrap());
        for (role, prefecture, body, scopes) in [
            (Role::Admin, None, body, vec![]),
            (Role::Prefecture, None, None, vec![]),
            (Role::Prefecture, prefecture, body, vec![]),
            (Role::Municipality, prefecture, None, vec![]),
            (Role::Municipality, None, body, vec![Scope::Admin]),
        ] {
            assert!(Grant::new(role, prefecture, body, vec![], scopes).is_err());
        }
        assert!(Grant::new(Role::Admin, None, None, vec![Category::Kaigo], vec![]).is_err());
    }

    proptest! {
        #[test]
        fn no_town_reaches_another(body in 1u32..100_000, other in 1u32..100_000) {
            let of = |number: u32| format!("{:02}{:03}", number % 47 + 1, number % 1000).parse::<LgCode>().unwrap();
            let (own, other) = (of(body), of(other));
            let grant = Grant::new(Role::Municipality, None, Some(own), vec![], vec![]).unwrap();
            for action in [
                Action::State(Statement::Readiness(Evidence::Declared)),
                Action::State(Statement::Applicability(Source::Own)),
                Action::State(Statement::Withdrawal(Source::Own)),
                Action::ImportRow(Statement::Withdrawal(Source::Own)),
            ] {
                let target = Some(Target { municipality: other, category: Some(Category::Kaigo) });
                prop_assert_eq!(decide(&grant, action, target).is_ok(), own == other);
            }
        }
    }
}
