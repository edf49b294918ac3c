//! Pages of a table along one column.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value, sea_query::Order,
};

use crate::page::PageRequest;

/// The rows that [`Page::from_overfetched`](crate::page::Page::from_overfetched) makes the page of: of a list in
/// `order` of `column`, which tells all rows apart.
pub(super) fn paged<E, C, K>(query: Select<E>, (column, order): (C, Order), page: &PageRequest<K>) -> Select<E>
where
    E: EntityTrait,
    C: ColumnTrait,
    K: Clone + Into<Value>,
{
    query
        .filter(between((column, &order), page))
        .order_by(column, walked(order, page))
        .limit(page.fetched() as u64)
}

/// What lies between the places of `page`.
pub(super) fn between<C, K>((column, order): (C, &Order), page: &PageRequest<K>) -> Condition
where
    C: ColumnTrait,
    K: Clone + Into<Value>,
{
    let (above, below) = if *order == Order::Desc {
        (&page.before, &page.after)
    } else {
        (&page.after, &page.before)
    };
    Condition::all()
        .add_option(above.clone().map(|key| column.gt(key)))
        .add_option(below.clone().map(|key| column.lt(key)))
}

/// The order in which a list in `order` is walked for this page.
pub(super) fn walked<K>(order: Order, page: &PageRequest<K>) -> Order {
    match (page.is_backwards(), order) {
        (true, Order::Desc) => Order::Asc,
        (true, _) => Order::Desc,
        (false, order) => order,
    }
}
