//! The client against a scripted server.

use std::{sync::Arc, time::Duration};

mod codes;
mod messages;
mod reads;
mod tokens;

use super::{
    testing::{Say, Wire},
    *,
};
use crate::{
    clock::Clock,
    directory::{DeptId, UserId},
    settings::Api,
};

const TASK: Say = Say::Json(r#"{"errcode":0,"task_id":256271667526,"request_id":"4jzllmte0wau"}"#);
const USER: Say = Say::Json(r#"{"errcode":0,"result":{"userid":"u","name":"n","dept_id_list":[1]}}"#);
const EXPIRED: Say =
    Say::Json(r#"{"errcode":88,"sub_code":"40014","sub_msg":"不合法的access_token","errmsg":"ding talk error"}"#);
const THROTTLED: Say = Say::Json(r#"{"errcode":88,"sub_code":"90018","sub_msg":"qps","errmsg":"ding talk error"}"#);
const BUSY: Say = Say::Json(r#"{"errcode":-1,"errmsg":"系统繁忙"}"#);

fn user(id: &str) -> UserId {
    UserId::from(id)
}

async fn get_user(wire: &Wire) -> Result<crate::directory::UserFacts, Error> {
    wire.session().user_get(&user("u")).await
}

async fn send(wire: &Wire) -> Result<i64, Error> {
    wire.session()
        .async_send(
            &[user("a"), user("b")],
            r#"{"msgtype":"text","text":{"content":"你好 1.0"}}"#,
        )
        .await
}
