//! COMMENT ON: the object must be there; what is said of it is not kept, since nothing shows it.

use super::name::{named, table_name};
use super::{Definer, Done, index_exists, relation_exists, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use sqlparser::ast::{CommentObject, ObjectName, ObjectNamePart};

impl Definer<'_> {
    pub(super) fn comment(&self, kind: CommentObject, name: &ObjectName) -> Result<Done> {
        let catalog = self.storage.catalog();
        match kind {
            CommentObject::Table | CommentObject::View | CommentObject::MaterializedView => {
                let named = table_name(name)?;
                if !relation_exists(catalog, &named.name) {
                    return Err(named.missing("relation"));
                }
            }
            CommentObject::Index => {
                let named = table_name(name)?;
                if !index_exists(catalog, &named.name) {
                    return Err(named.missing("relation"));
                }
            }
            CommentObject::Sequence => {
                let named = table_name(name)?;
                if !catalog.sequences.contains_key(&named.name) {
                    return Err(named.missing("relation"));
                }
            }
            CommentObject::Column => {
                let Some((ObjectNamePart::Identifier(column), relation)) = name.0.split_last()
                else {
                    return Err(unsupported("this name of a column", None));
                };
                let relation = table_name(&ObjectName(relation.to_vec()))?;
                let column = named(column);
                let known = match (
                    catalog.table(&relation.name),
                    catalog.views.get(&relation.name),
                ) {
                    (Some(table), _) => table.position(&column.name).is_some(),
                    (None, Some(view)) => view.columns.contains(&column.name),
                    (None, None) => return Err(relation.missing("relation")),
                };
                if !known {
                    return Err(Diagnostic::error(
                        sqlstate::UNDEFINED_COLUMN,
                        format!(
                            "column \"{}\" of relation \"{}\" does not exist",
                            column.name, relation.name
                        ),
                    )
                    .at(column.span));
                }
            }
            CommentObject::Database | CommentObject::Schema => {}
            CommentObject::Collation
            | CommentObject::Domain
            | CommentObject::Extension
            | CommentObject::Function
            | CommentObject::Procedure
            | CommentObject::Role
            | CommentObject::Type
            | CommentObject::User => return Err(unsupported(&format!("COMMENT ON {kind}"), None)),
        }
        Ok(Done::command("COMMENT"))
    }
}
