//! juniper: the other library of this language, whose synchronous executor makes no futures.

use juniper::{EmptyMutation, EmptySubscription, GraphQLInputObject, GraphQLScalar, RootNode, graphql_object};

use crate::company::{self, Company};

pub(crate) type JuniperSchema = RootNode<Query, EmptyMutation<Company>, EmptySubscription<Company>>;

impl juniper::Context for Company {}

pub(crate) fn schema() -> JuniperSchema {
    JuniperSchema::new(Query, EmptyMutation::new(), EmptySubscription::new())
}

/// A 64-bit number as a string.
#[derive(GraphQLScalar)]
#[graphql(transparent)]
struct BigInt(String);

#[derive(GraphQLInputObject)]
struct UserFilter {
    email: String,
}

pub(crate) struct Query;

#[graphql_object]
#[graphql(context = Company)]
impl Query {
    fn users(context: &Company, filter: UserFilter, #[graphql(default = 50)] first: i32) -> Option<UserConnection> {
        let found = context.with_email(&filter.email, size(first)).into_iter();
        Some(UserConnection(found.map(User).collect()))
    }

    fn department(context: &Company, dept_id: BigInt) -> Option<Department> {
        context.department(&dept_id.0).map(Department)
    }
}

struct Department(&'static company::Department);

#[graphql_object]
#[graphql(context = Company)]
impl Department {
    fn dept_id(&self) -> BigInt {
        BigInt(self.0.dept_id.clone())
    }

    fn name(&self) -> &str {
        &self.0.name
    }

    fn children(&self, context: &Company, #[graphql(default = 100)] first: i32) -> Option<DepartmentConnection> {
        let found = context.children(&self.0.dept_id, size(first)).into_iter();
        Some(DepartmentConnection(found.map(Department).collect()))
    }

    fn members(&self, context: &Company, #[graphql(default = 50)] first: i32) -> Option<MembershipConnection> {
        let found = context.members(&self.0.dept_id, size(first)).into_iter();
        Some(MembershipConnection(found.map(Membership).collect()))
    }
}

struct User(&'static company::User);

#[graphql_object]
#[graphql(context = Company)]
impl User {
    fn user_id(&self) -> &str {
        &self.0.user_id
    }

    fn name(&self) -> &str {
        &self.0.name
    }

    fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    fn job_number(&self) -> Option<&str> {
        self.0.job_number.as_deref()
    }

    fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    fn memberships(&self, context: &Company, #[graphql(default = 20)] first: i32) -> Option<MembershipConnection> {
        let found = context.memberships(&self.0.user_id, size(first)).into_iter();
        Some(MembershipConnection(found.map(Membership).collect()))
    }
}

struct Membership(company::Membership);

#[graphql_object]
#[graphql(context = Company)]
impl Membership {
    fn leader(&self) -> Option<bool> {
        self.0.leader
    }

    fn department(&self) -> Department {
        Department(self.0.department)
    }

    fn user(&self) -> User {
        User(self.0.user)
    }
}

struct UserConnection(Vec<User>);

#[graphql_object]
#[graphql(context = Company)]
impl UserConnection {
    fn nodes(&self) -> &[User] {
        &self.0
    }
}

struct DepartmentConnection(Vec<Department>);

#[graphql_object]
#[graphql(context = Company)]
impl DepartmentConnection {
    fn nodes(&self) -> &[Department] {
        &self.0
    }
}

struct MembershipConnection(Vec<Membership>);

#[graphql_object]
#[graphql(context = Company)]
impl MembershipConnection {
    fn nodes(&self) -> &[Membership] {
        &self.0
    }
}

fn size(first: i32) -> usize {
    usize::try_from(first).unwrap_or(0)
}
