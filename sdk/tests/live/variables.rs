//! Variables in both faces, and beside Python.

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::client::models::VariableValue;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::variables::{SetVariableOptions, Variable};
use serde_json::json;

use crate::{python, server};

#[dual(crate::faces)]
async fn aset_get_unset(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    assert_eq!(Variable::aget(client, name).await?, None);
    let new = SetVariableOptions::new().tags(["a", "b"]);
    let set = Variable::aset_with(client, name, "one", &new).await?;
    assert_eq!(set.value, Some(VariableValue::from("one")));
    assert_eq!(set.tags, ["a", "b"]);
    let again = Variable::aset_with(client, name, 2, &new).await;
    assert!(again.unwrap_err().is_already_exists());
    let over = SetVariableOptions::new().overwrite(true);
    let set = Variable::aset_with(client, name, 2, &over).await?;
    assert_eq!(
        (set.value, set.tags.len()),
        (Some(VariableValue::from(2)), 0)
    );
    assert_eq!(
        Variable::aget(client, name).await?,
        Some(VariableValue::from(2))
    );
    assert!(Variable::aunset(client, name).await?);
    assert!(!Variable::aunset(client, name).await?);
    Ok(())
}

#[test]
fn a_variable_is_set_read_overwritten_and_unset() {
    set_get_unset(&server::client(), &server::unique("blocking")).unwrap();
    let client = server::async_client();
    server::run(aset_get_unset(&client, &server::unique("async"))).unwrap();
}

#[test]
fn python_and_rust_read_each_other_s_variables() {
    let (ours, theirs) = (server::unique("rust"), server::unique("python"));
    let client = server::client();
    let value = VariableValue::from(vec![json!(1), json!({"two": null})]);
    Variable::set_with(&client, &ours, value, &SetVariableOptions::new()).unwrap();
    let read = python::run(
        r"
from prefect.variables import Variable
Variable.set(arguments['theirs'], {'answer': 42}, tags=['py'])
answer(Variable.get(arguments['ours']))
",
        &json!({"ours": ours, "theirs": theirs}),
    );
    assert_eq!(read, json!([1, {"two": null}]));
    let read = server::run(Variable::aget(&server::async_client(), &theirs)).unwrap();
    let map = std::collections::BTreeMap::from([("answer".to_owned(), json!(42))]);
    assert_eq!(read, Some(VariableValue::from(map)));
}
