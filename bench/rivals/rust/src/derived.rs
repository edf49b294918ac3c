//! The library that the server is built on, as it is used everywhere: resolvers by its macros.

use async_graphql::{
    EmptyMutation, EmptySubscription, InputObject, Object, Scalar, ScalarType, Schema, SchemaBuilder, Value,
};

use crate::company::{self, Company};

pub(crate) type DerivedSchema = Schema<Query, EmptyMutation, EmptySubscription>;

pub(crate) fn builder(company: &'static Company) -> SchemaBuilder<Query, EmptyMutation, EmptySubscription> {
    Schema::build(Query(company), EmptyMutation, EmptySubscription)
}

/// A 64-bit number as a string.
struct BigInt(String);

#[Scalar]
impl ScalarType for BigInt {
    fn parse(value: Value) -> async_graphql::InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(async_graphql::InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[derive(InputObject)]
struct UserFilter {
    email: String,
}

pub(crate) struct Query(&'static Company);

#[Object]
impl Query {
    async fn users(&self, filter: UserFilter, #[graphql(default = 50)] first: i32) -> Option<UserConnection> {
        let found = self.0.with_email(&filter.email, size(first)).into_iter();
        Some(UserConnection(found.map(|user| User(self.0, user)).collect()))
    }

    async fn department(&self, dept_id: BigInt) -> Option<Department> {
        self.0
            .department(&dept_id.0)
            .map(|department| Department(self.0, department))
    }
}

struct Department(&'static Company, &'static company::Department);

#[Object]
impl Department {
    async fn dept_id(&self) -> BigInt {
        BigInt(self.1.dept_id.clone())
    }

    async fn name(&self) -> &str {
        &self.1.name
    }

    async fn children(&self, #[graphql(default = 100)] first: i32) -> Option<DepartmentConnection> {
        let found = self.0.children(&self.1.dept_id, size(first)).into_iter();
        Some(DepartmentConnection(found.map(|child| Self(self.0, child)).collect()))
    }

    async fn members(&self, #[graphql(default = 50)] first: i32) -> Option<MembershipConnection> {
        let found = self.0.members(&self.1.dept_id, size(first)).into_iter();
        Some(MembershipConnection(
            found.map(|place| Membership(self.0, place)).collect(),
        ))
    }
}

struct User(&'static Company, &'static company::User);

#[Object]
impl User {
    async fn user_id(&self) -> &str {
        &self.1.user_id
    }

    async fn name(&self) -> &str {
        &self.1.name
    }

    async fn title(&self) -> Option<&str> {
        self.1.title.as_deref()
    }

    async fn job_number(&self) -> Option<&str> {
        self.1.job_number.as_deref()
    }

    async fn email(&self) -> Option<&str> {
        self.1.email.as_deref()
    }

    async fn memberships(&self, #[graphql(default = 20)] first: i32) -> Option<MembershipConnection> {
        let found = self.0.memberships(&self.1.user_id, size(first)).into_iter();
        Some(MembershipConnection(
            found.map(|place| Membership(self.0, place)).collect(),
        ))
    }
}

struct Membership(&'static Company, company::Membership);

#[Object]
impl Membership {
    async fn leader(&self) -> Option<bool> {
        self.1.leader
    }

    async fn department(&self) -> Department {
        Department(self.0, self.1.department)
    }

    async fn user(&self) -> User {
        User(self.0, self.1.user)
    }
}

struct UserConnection(Vec<User>);

#[Object]
impl UserConnection {
    async fn nodes(&self) -> &[User] {
        &self.0
    }
}

struct DepartmentConnection(Vec<Department>);

#[Object]
impl DepartmentConnection {
    async fn nodes(&self) -> &[Department] {
        &self.0
    }
}

struct MembershipConnection(Vec<Membership>);

#[Object]
impl MembershipConnection {
    async fn nodes(&self) -> &[Membership] {
        &self.0
    }
}

fn size(first: i32) -> usize {
    usize::try_from(first).unwrap_or(0)
}
